//! The way out: what Trellis made, as import blocks for Terraform.
//!
//! ```text
//! import {
//!   to = aws_vpclattice_resource_gateway.gateway_vpc_0a1b2c3d4e5f60718
//!   id = "rgw-0a1b2c3d4e5f60718"
//! }
//! ```
//!
//! `terraform plan -generate-config-out=trellis.tf` writes the resources for them (Terraform,
//! "Import: generating configuration"), and the plan that follows changes nothing.

use std::collections::BTreeSet;
use std::fmt::Write;

use aws::Side;
use aws::own::Own;
use reconcile::key::Key;

use crate::account::{explained, reader};

/// Import blocks for everything of a deployment in the account of the environment.
///
/// # Errors
///
/// One sentence about the account.
pub async fn run(deployment: &str) -> Result<String, String> {
    let aws = reader(deployment).await?;
    let mut own = Vec::new();
    for side in [Side::ExposeDatabase, Side::ConnectVpc] {
        own.extend(Box::pin(aws.own(side)).await.map_err(|error| explained(&error))?);
    }
    Ok(imports(&own))
}

/// The blocks for these.
fn imports(own: &[Own]) -> String {
    let mut text = String::new();
    let mut names = BTreeSet::new();
    for (key, ids) in own {
        for id in ids {
            let name = free_name(&key.to_string(), &mut names);
            let kind = resource_type(key);
            let _ = writeln!(text, "import {{\n  to = {kind}.{name}\n  id = \"{id}\"\n}}\n");
        }
    }
    text
}

/// A name that Terraform takes and that nothing else has.
fn free_name(key: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = key.chars().map(plain).collect();
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut free = std::iter::once(name.clone()).chain(numbered);
    let name = free.find(|name| !taken.contains(name)).unwrap_or(name);
    taken.insert(name.clone());
    name
}

/// The AWS provider's resource for what has this key.
fn resource_type(key: &Key) -> &'static str {
    match key {
        Key::Network(_) => "aws_vpclattice_service_network",
        Key::Gateway(_) => "aws_vpclattice_resource_gateway",
        Key::Configuration(_) => "aws_vpclattice_resource_configuration",
        Key::Association(..) => "aws_vpclattice_service_network_resource_association",
        Key::GatewayGroup(..) | Key::ClientGroup(..) | Key::EndpointGroup(..) => {
            "aws_security_group"
        }
        Key::GatewayRule(..) | Key::ClientRule(..) => "aws_vpc_security_group_egress_rule",
        Key::DatabaseRule(..) | Key::EndpointRule(..) => "aws_vpc_security_group_ingress_rule",
        Key::Endpoint(..) => "aws_vpc_endpoint",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_imported_once_under_a_name_of_its_own() {
        let one = Key::Endpoint("vpc-1".into(), "a-b".into());
        let other = Key::Endpoint("vpc-1".into(), "a_b".into());
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let text = imports(&[(one, ids(&["vpce-1", "vpce-2"])), (other, ids(&["vpce-3"]))]);
        let lines = text.lines().filter(|line| line.contains(" = "));
        let lines: Vec<&str> = lines.map(str::trim).collect();
        assert_eq!(
            lines,
            [
                "to = aws_vpc_endpoint.endpoint_vpc_1_a_b",
                "id = \"vpce-1\"",
                "to = aws_vpc_endpoint.endpoint_vpc_1_a_b_2",
                "id = \"vpce-2\"",
                "to = aws_vpc_endpoint.endpoint_vpc_1_a_b_3",
                "id = \"vpce-3\"",
            ]
        );
    }
}
