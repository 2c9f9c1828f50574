//! The simulated AWS and the functions, staying up for any AWS client.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::lab::{Lab, LabError, Options};
use crate::show::{BOLD, Screen};
use crate::{ACCOUNT, REGION};

/// How often the screen is brought up to date.
const FRAME: Duration = Duration::from_millis(100);

/// Serves until it is interrupted.
///
/// # Errors
///
/// The port is taken.
pub async fn run(options: Options) -> Result<(), LabError> {
    let speed = options.speed;
    let lab = Lab::start(options).await?;
    greet(&lab, speed);
    let mut screen = Screen::new(&lab);
    let mut interrupt = signal(SignalKind::interrupt()).ok();
    let mut terminate = signal(SignalKind::terminate()).ok();
    loop {
        screen.refresh(&lab);
        tokio::select! {
            () = comes(&mut interrupt) => break,
            () = comes(&mut terminate) => break,
            () = tokio::time::sleep(FRAME) => {}
        }
    }
    lab.stop().await;
    Ok(())
}

/// Waits for a signal; forever, if it cannot be listened to.
async fn comes(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// What to type, with what is there.
fn greet(lab: &Lab, speed: f64) {
    let endpoint = lab.endpoint();
    anstream::println!(
        "{BOLD}AWS at {endpoint}{BOLD:#}: account {ACCOUNT}, region {REGION}, any credentials, \
         {speed} times faster than real time.\n\n  export AWS_ENDPOINT_URL={endpoint} \
         AWS_DEFAULT_REGION={REGION} AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=me\n  \
         alias aws='aws --endpoint-url {endpoint}'"
    );
    if let Some(two_vpcs) = &lab.two_vpcs {
        let (vpc, group) = (&two_vpcs.consumer_vpc, &two_vpcs.client_group);
        let (arn, database) = (&two_vpcs.database_arn, &two_vpcs.database);
        anstream::println!(
            "  aws rds add-tags-to-resource --resource-name {arn} \
             --tags Key=trellis:expose,Value=databases\n  \
             aws ec2 create-tags --resources {vpc} --tags Key=trellis:consume,Value=databases\n  \
             aws ec2 create-tags --resources {group} --tags Key=trellis:client,Value=databases\n  \
             curl '{endpoint}/_trellis/reachable?from={group}&to={database}'"
        );
    }
    anstream::println!();
}
