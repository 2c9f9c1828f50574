//! Who is calling.

use crate::case::{Fact, HELD, cases};
use crate::expect::{done, given, holds};
use crate::stage::Stage;

cases! { Account:
    the_caller_has_an_account_of_twelve_digits_and_an_arn =>
        "STS API Reference, GetCallerIdentity",
}

async fn the_caller_has_an_account_of_twelve_digits_and_an_arn(stage: &Stage<'_>) -> Fact {
    let caller = done("asking who calls", stage.sts.get_caller_identity().send().await)?;

    let account = given("an account", caller.account())?;
    let digits = account.chars().all(|digit| digit.is_ascii_digit());
    holds(digits && account.len() == 12, "the account has twelve digits", account)?;

    let arn = given("an ARN", caller.arn())?;
    let ours = arn.starts_with("arn:aws") && arn.contains(&format!(":{account}:"));
    holds(ours, "the caller's ARN is of the account", arn)?;
    HELD
}
