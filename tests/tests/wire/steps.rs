//! Steps whose reply is lost, late or says that it failed.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::Side;
use aws::pass::Mode;
use reconcile::key::Key;
use reconcile::outcome::{Outcome, Taken};
use reconcile::report::Subject;
use tests::log::Log;
use tests::wire::Sent;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Ends, built, of, say, tagged};

/// As long as a client token stays the same.
const GENERATION: Duration = Duration::from_secs(600);

/// Longer than the first pauses of what came to nothing, and shorter than the life of a token.
const RETRY: Duration = Duration::from_secs(180);

/// What is sent for one call by two passes.
async fn tokens(ends: &Ends, side: Side, call: &str) -> (usize, BTreeSet<String>) {
    ends.wire.take();
    for _ in 0..2 {
        pass(ends, side).await;
        tokio::time::sleep(RETRY).await;
    }
    let sent = ends.wire.take();
    let sent: Vec<&Sent> = of(&sent, call);
    (sent.len(), sent.iter().filter_map(|one| one.token()).map(str::to_owned).collect())
}

#[test]
fn a_repetition_has_the_same_token_and_a_later_attempt_has_another() {
    const EXPOSE: Side = Side::ExposeDatabase;
    // What AWS would make twice is not made by the first pass of a process.
    for (side, call, passes) in [
        (EXPOSE, "POST servicenetworks", 2),
        (EXPOSE, "POST resourcegateways", 2),
        (EXPOSE, "POST resourceconfigurations", 1),
        (EXPOSE, "POST servicenetworkresourceassociations", 2),
        (Side::ConnectVpc, "CreateVpcEndpoint", 1),
    ] {
        tagged(async |scene, ends| {
            ends.wire.instead(call, 500, "");
            ends.settle().await;
            let into = scene.sim.now().as_second().rem_euclid(GENERATION.as_secs() as i64);
            let next = GENERATION - Duration::from_secs(into as u64);
            tokio::time::sleep(next).await;
            // A process that remembers no failure tries at once.
            let ends = &Ends::new(&scene.sim, &scene.settings);
            ends.wire.instead(call, 500, "");
            let (times, first) = tokens(ends, side, call).await;
            assert_eq!((times, first.len()), (3 * passes, 1), "{call}: three attempts a pass");
            tokio::time::sleep(GENERATION).await;
            let (_, later) = tokens(ends, side, call).await;
            assert!(later.len() == 1 && later != first, "{call}");
        });
    }
}

async fn pass(ends: &Ends, side: Side) -> Outcome {
    ends.side(side).pass(side, Mode::Apply).await.expect("the world can be read")
}

/// DeleteVpcEndpoints answers 200 with the failures in the answer. What is done about each.
#[test]
fn a_removal_that_failed_in_a_200_has_failed() {
    built(async |scene, _| {
        say(scene, "off");
        for (error, is_error) in [
            ("<code>InvalidVpcEndpoint.NotFound</code><message>gone</message>", false),
            ("<code>DependencyViolation</code><message>in use</message>", true),
            ("<code>UnauthorizedOperation</code><message>no</message>", true),
            ("<code>SomethingNew</code><message>?</message>", true),
            ("<message>no code at all</message>", true),
        ] {
            let ends = Ends::new(&scene.sim.fork(), &scene.settings);
            let body = format!(
                r#"<DeleteVpcEndpointsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
                <unsuccessful><item><resourceId>vpce-1</resourceId><error>{error}</error></item>
                </unsuccessful></DeleteVpcEndpointsResponse>"#
            );
            ends.wire.instead("DeleteVpcEndpoints", 200, &body);
            let outcome = pass(&ends, Side::ConnectVpc).await;
            let is_endpoint = |it: &&Taken| matches!(it.key, Key::Endpoint(..));
            let steps: Vec<&Taken> = outcome.steps.iter().filter(is_endpoint).collect();
            let [step] = steps[..] else { panic!("{error}: {outcome:#?}") };
            let said = step.error.as_ref();
            assert_eq!(said.is_some(), is_error, "{error}: {step:?}");
            assert!(said.is_none_or(|said| said.starts_with("DeleteVpcEndpoints")), "{said:?}");
            let vpc = outcome.reports.iter().find(|it| matches!(it.subject, Subject::Vpc(_)));
            let state = vpc.expect("it is on its way out").state().to_string();
            let is_told = said.is_none() || state.contains("DeleteVpcEndpoints: ");
            assert!(is_told, "{error}: {state}");
        }
    });
}

#[test]
fn news_that_was_not_taken_is_reported_and_is_in_nobodys_way() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone());
    let _guard = subscriber.finish().set_default();
    tagged(async |scene, ends| {
        let failed = r#"{"FailedEntryCount": 1, "Entries": [
            {"ErrorCode": "ThrottlingException", "ErrorMessage": "Rate exceeded for the bus"}]}"#;
        ends.wire.instead("PutEvents", 200, failed);
        ends.settle().await;
        assert!(scene.reachable().reachable);
        let sent = ends.wire.take();
        let sent = of(&sent, "PutEvents");
        let counts: Vec<usize> =
            sent.iter().filter_map(|one| one.body["Entries"].as_array().map(Vec::len)).collect();
        assert!(
            !counts.is_empty() && counts.len().is_multiple_of(3),
            "each is tried three times: {counts:?}"
        );
        assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
    });
    let text = log.text();
    let warnings: Vec<&str> = text.lines().filter(|line| line.contains("PutEvents")).collect();
    assert!(!warnings.is_empty(), "{text}");
    for line in warnings {
        assert!(line.contains("WARN") && line.contains("Rate exceeded for the bus"), "{line}");
    }
    assert!(!text.contains("ERROR"), "{text}");
}
