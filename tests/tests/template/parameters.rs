//! Every value that CloudFormation lets through is one that the functions understand.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use fancy_regex::Regex;
use proptest::prelude::*;
use reconcile::name::{Deployment, RESERVED};
use reconcile::settings::Settings;
use tests::policy::section;

use crate::template;

fn read(environment: &BTreeMap<String, String>) -> Result<Settings, String> {
    Settings::read(|name| environment.get(name).cloned()).map_err(|error| error.to_string())
}

#[test]
fn the_environment_is_what_the_settings_ask_for() {
    for function in template(&[]).functions {
        let asked = RefCell::new(BTreeSet::new());
        let settings = Settings::read(|name| {
            asked.borrow_mut().insert(name.to_owned());
            function.environment.get(name).cloned()
        });
        settings.expect("the defaults make sense");
        let ours = function.environment.keys().filter(|name| name.starts_with("TRELLIS_"));
        assert_eq!(ours.cloned().collect::<BTreeSet<_>>(), *asked.borrow(), "{}", function.id);
        for name in asked.into_inner() {
            let mut less = function.environment.clone();
            less.remove(&name);
            assert_eq!(read(&less), Err(format!("{name} is not set")));
            for nonsense in ["§", "-1 or so"] {
                less.insert(name.clone(), nonsense.to_owned());
                let why = read(&less).expect_err("nonsense");
                assert!(why.starts_with(&format!("{name}: ")), "{why}");
            }
        }
    }
}

#[test]
fn the_defaults_are_those_of_the_settings() {
    let deployment = Deployment::new("trellis").expect("a good name");
    let expected = Settings::new(deployment, ["databases".into()]);
    for function in template(&[]).functions {
        assert_eq!(read(&function.environment), Ok(expected.clone()), "{}", function.id);
    }
}

#[test]
fn every_allowed_value_makes_sense_to_the_functions() {
    for (parameter, definition) in section("Parameters") {
        let allowed = definition["AllowedValues"].as_array().cloned().unwrap_or_default();
        let bounds = [&definition["MinValue"], &definition["MaxValue"]];
        let bounds = bounds.into_iter().filter(|bound| bound.is_number()).cloned();
        for value in allowed.into_iter().chain(bounds) {
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            let template = template(&[(&parameter, &value)]);
            for function in template.functions {
                let settings = read(&function.environment);
                assert!(settings.is_ok(), "{parameter}={value}: {settings:?}");
            }
        }
    }
}

/// What CloudFormation takes for this parameter. Its expressions are Java's; what is used of them
/// here is the same.
fn pattern(parameter: &str) -> Regex {
    let pattern = section("Parameters")[parameter]["AllowedPattern"].as_str().map(Regex::new);
    pattern.expect("it has a pattern").expect("it is a regular expression")
}

fn takes(pattern: &Regex, value: &str) -> bool {
    pattern.is_match(value).expect("it takes few steps")
}

/// The settings with this value of a parameter.
fn with(parameter: &str, value: &str) -> Result<Settings, String> {
    read(&template(&[(parameter, value)]).functions.remove(0).environment)
}

#[test]
fn networks_that_cannot_work_are_refused_by_the_template() {
    let pattern = pattern("Networks");
    let (longest, too_long) = ("n".repeat(63), "n".repeat(64));
    for networks in [
        "abc",
        "databases reports",
        "databases+reports",
        "a-1 b-2+c-3",
        "databases@444455556666",
        "databases@444455556666 reports+others@999988887777",
        "offer on-off off-site",
        "data databases data-bases",
        &longest,
    ] {
        assert!(takes(&pattern, networks), "{networks}");
        let settings = with("Networks", networks).expect("they are names");
        assert_eq!(settings.networks.len(), networks.split([' ', '+']).count());
    }
    for networks in [
        "",
        "off",
        "databases off",
        "off+databases",
        "off@444455556666",
        "a--b",
        "-abc",
        "abc-",
        "abc -abc",
        "ab",
        "Databases",
        "databases databases",
        "databases reports databases",
        "reports+databases@444455556666+databases",
        "databases@444455556666 databases@999988887777",
        "databases@",
        "databases@44445555666",
        "databases@4444555566667",
        "databases@444455556666@444455556666",
        "databases  reports",
        " databases",
        "databases ",
        "databases,reports",
        &too_long,
    ] {
        assert!(!takes(&pattern, networks), "{networks}");
    }
}

#[test]
fn a_deployment_whose_names_aws_refuses_is_refused() {
    let pattern = pattern("Deployment");
    for name in ["trellis", "t", "sga", "s", "rgw1", "arcfg", "abcdefghijkl"] {
        assert!(takes(&pattern, name), "{name}");
        assert!(with("Deployment", name).is_ok(), "{name}");
    }
    for name in ["", "Trellis", "1st", "my-own", "abcdefghijklm"].into_iter().chain(RESERVED) {
        assert!(!takes(&pattern, name), "{name}");
        assert!(with("Deployment", name).is_err(), "{name}");
    }
    let says = section("Parameters")["Deployment"]["ConstraintDescription"].to_string();
    assert!(RESERVED.iter().all(|name| says.contains(name)), "{says}");
}

proptest! {
    #[test]
    fn the_template_takes_the_deployments_that_the_functions_take(
        name in "[a-z0-9]{1,13}|[a-zA-Z0-9_-]{0,4}|[0a]?(rcfg|rgw|sg)[0a-]?",
    ) {
        prop_assert_eq!(takes(&pattern("Deployment"), &name), Deployment::new(&name).is_ok());
    }

    #[test]
    fn whatever_networks_the_template_takes_the_functions_understand(
        entries in prop::collection::vec("[ab-]{1,4}|off|(abc|a-b)(@444455556666)?", 1..4),
        joint in "[ +,]",
    ) {
        let networks = entries.join(&joint);
        if takes(&pattern("Networks"), &networks) {
            let settings = with("Networks", &networks);
            prop_assert_eq!(settings.map(|it| it.networks.len()), Ok(entries.len()));
        } else if joint != "," {
            prop_assert!(with("Networks", &networks).is_err(), "{networks}");
        }
    }
}

#[test]
fn every_parameter_is_described_and_used() {
    let text = include_str!("../../../template.yaml");
    for (parameter, definition) in section("Parameters") {
        assert!(definition["Description"].as_str().is_some_and(|it| it.len() > 30), "{parameter}");
        let uses = [format!("!Ref {parameter}"), format!("${{{parameter}}}")];
        assert!(uses.iter().any(|used| text.contains(used)), "nobody uses {parameter}");
    }
}
