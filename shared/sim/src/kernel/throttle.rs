//! The token buckets that throttle calls.
//!
//! EC2's are published per action, account and region (Amazon EC2 Developer Guide, "Request
//! throttling for the Amazon EC2 API"). VPC Lattice, RDS, EventBridge and STS publish none; theirs
//! are generous guesses.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::kernel::{Call, Fault, Service, World};

/// How full every bucket is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets(BTreeMap<(Service, String), Bucket>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

impl World {
    /// Takes a token for this call, or refuses it.
    pub(crate) fn throttle(&mut self, call: &Call) -> Result<(), Fault> {
        if !self.switches.throttling {
            return Ok(());
        }
        let now = self.now();
        let (size, refill) = limits(call);
        let bucket = self
            .buckets
            .0
            .entry((call.service, call.action.clone()))
            .or_insert(Bucket { tokens: size, at: now });
        let passed = now.duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * refill).min(size);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return Err(Fault::throttled(call.service));
        }
        bucket.tokens -= 1.0;
        Ok(())
    }
}

/// The bucket's size and its refill per second.
fn limits(call: &Call) -> (f64, f64) {
    if call.service != Service::Ec2 {
        return (200.0, 50.0);
    }
    match call.action.as_str() {
        "CreateVpcEndpoint" | "DeleteVpcEndpoints" | "ModifyVpcEndpoint" => (4.0, 0.3),
        "DescribeSecurityGroups" | "DescribeNetworkInterfaces" if lists_everything(call) => {
            (50.0, 10.0)
        }
        "CreateTags" | "DeleteTags" => (100.0, 10.0),
        "CreateNetworkInterface" => (100.0, 5.0),
        action if action.starts_with("Describe") => (100.0, 20.0),
        _ => (50.0, 5.0),
    }
}

/// Whether a call is neither filtered nor paginated.
fn lists_everything(call: &Call) -> bool {
    call.members.as_object().is_none_or(|members| members.is_empty())
}
