//! What the functions' environment may say, and what it may not.

use jiff::SignedDuration;

use crate::id::NetworkName;
use crate::name::Deployment;
use crate::settings::{
    Brake, Mode, NetworkSettings, Settings, SettingsError, StatusTags, Wrong, networks,
};

#[test]
fn a_list_names_each_network_once_and_no_network_that_cannot_be() {
    let names = |list| networks(list).map(|it| it.len());
    assert_eq!(names("databases"), Ok(1));
    assert_eq!(names("databases+reports@111122223333 a-b"), Ok(3));
    for list in ["off", "a--b", "-ab", "databases@1", "databases@", "databases@12345678901x"] {
        assert!(names(list).is_err(), "{list}");
    }
    assert!(names("databases+databases").is_err());
    assert!(names("databases+databases@111122223333").is_err());
}

#[test]
fn a_tag_means_the_one_network_of_its_name() {
    let deployment = Deployment::new("trellis").expect("a good name");
    let shared = NetworkName::from("databases@111122223333");
    let settings = Settings::new(deployment, [shared.clone(), "reports".into()]);
    assert_eq!(settings.allowed(&"databases".into()), Some(&shared));
    assert_eq!(settings.allowed(&"others".into()), None);
    assert!(!settings.makes(&shared));
    assert!(settings.makes(&"reports".into()));
}

#[test]
fn a_network_may_have_a_grace_period_of_its_own() {
    let deployment = Deployment::new("trellis").expect("a good name");
    let mut settings = Settings::new(deployment, ["databases".into(), "reports".into()]);
    let day = SignedDuration::from_hours(24);
    settings.networks.insert("reports".into(), NetworkSettings { grace: Some(day) });
    assert_eq!(settings.grace_on(&"reports".into()), day);
    for other in ["databases", "no-longer-allowed"] {
        assert_eq!(settings.grace_on(&other.into()), settings.grace, "{other}");
    }
}

/// The template's variables, with one of them another, or (`None`) not set.
fn read(name: &str, value: Option<&str>) -> Result<Settings, SettingsError> {
    Settings::read(|variable| {
        let found = match variable {
            _ if variable == name => value,
            "TRELLIS_DEPLOYMENT" => Some("trellis"),
            "TRELLIS_NETWORKS" => Some("databases"),
            "TRELLIS_MODE" => Some("apply"),
            "TRELLIS_STATUS_TAGS" => Some("all"),
            "TRELLIS_ADDRESSES_PER_INTERFACE" => Some("2"),
            "TRELLIS_GRACE_MINUTES" => Some("15"),
            "TRELLIS_OVERDUE_MINUTES" => Some("60"),
            "TRELLIS_HOLD_OFF_MINUTES" => Some("15"),
            "TRELLIS_BRAKE_COUNT" => Some("3"),
            "TRELLIS_BRAKE_PERCENT" => Some("20"),
            "TRELLIS_CONNECTION_PARAMETERS" | "TRELLIS_EXPOSE_RESTORED" => Some("false"),
            _ => Some("true"),
        };
        found.map(str::to_owned)
    })
}

#[test]
fn the_defaults_of_the_template_are_those_of_the_crate() {
    let deployment = Deployment::new("trellis").expect("a good name");
    assert_eq!(read("", None), Ok(Settings::new(deployment, ["databases".into()])));
}

#[test]
fn every_variable_says_what_it_sets() {
    let with = |name, value| read(name, Some(value)).expect("it is one of its values");
    assert_eq!(with("TRELLIS_MODE", "create-only").mode, Mode::CreateOnly);
    assert_eq!(with("TRELLIS_MODE", "plan").mode, Mode::Plan);
    assert_eq!(with("TRELLIS_ADDRESSES_PER_INTERFACE", "1").addresses_per_interface, 1);
    assert_eq!(with("TRELLIS_ADDRESSES_PER_INTERFACE", "62").addresses_per_interface, 62);
    assert_eq!(with("TRELLIS_GRACE_MINUTES", "0").grace, SignedDuration::ZERO);
    let hour = SignedDuration::from_hours(1);
    assert_eq!(with("TRELLIS_HOLD_OFF_MINUTES", "60").hold_off, hour);
    assert_eq!(with("TRELLIS_BRAKE_COUNT", "5").brake, Brake { count: 5, percent: 20 });
    assert_eq!(with("TRELLIS_BRAKE_PERCENT", "7").brake, Brake { count: 3, percent: 7 });
    assert!(!with("TRELLIS_CREATE_NETWORKS", "false").create_networks);
    assert!(!with("TRELLIS_DATABASE_RULES", "off").database_rules);
    assert_eq!(with("TRELLIS_STATUS_TAGS", "ours").status_tags, StatusTags::Ours);
    assert_eq!(with("TRELLIS_STATUS_TAGS", "off").status_tags, StatusTags::Off);
    assert!(with("TRELLIS_CONNECTION_PARAMETERS", "on").parameters);
    assert!(with("TRELLIS_EXPOSE_RESTORED", "on").expose_restored);
}

#[test]
fn a_variable_that_is_missing_or_wrong_is_named() {
    for (variable, value) in [
        ("TRELLIS_DEPLOYMENT", "Trellis"),
        ("TRELLIS_NETWORKS", "a--b"),
        ("TRELLIS_MODE", "dry-run"),
        ("TRELLIS_ADDRESSES_PER_INTERFACE", "0"),
        ("TRELLIS_ADDRESSES_PER_INTERFACE", "63"),
        ("TRELLIS_GRACE_MINUTES", "-1"),
        ("TRELLIS_BRAKE_COUNT", "some"),
        ("TRELLIS_STATUS_TAGS", "yes"),
    ] {
        let why = read(variable, Some(value)).expect_err(value).to_string();
        assert!(why.starts_with(&format!("{variable}: ")), "{why}");
        for missing in [None, Some("")] {
            let error = SettingsError { variable, wrong: Wrong::Missing };
            assert_eq!(error.to_string(), format!("{variable} is not set"));
            assert_eq!(read(variable, missing), Err(error));
        }
    }
}

#[test]
fn a_network_of_our_own_account_is_made_unless_the_deployment_makes_none() {
    let deployment = Deployment::new("trellis").expect("a good name");
    let mut settings = Settings::new(deployment, ["reports".into()]);
    settings.create_networks = false;
    assert!(!settings.makes(&"reports".into()));
}
