//! What a new resource configuration is made of, by its type.

use serde::Deserialize;
use serde_json::Value;

use super::check::Checks;
use crate::{Fault, Tags};

/// The input of `CreateResourceConfiguration`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Create {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) port_ranges: Vec<String>,
    pub(super) protocol: Option<String>,
    pub(super) resource_gateway_identifier: Option<String>,
    pub(super) resource_configuration_group_identifier: Option<String>,
    pub(super) resource_configuration_definition: Option<Value>,
    pub(super) allow_association_to_shareable_service_network: Option<bool>,
    pub(super) custom_domain_name: Option<String>,
    pub(super) group_domain: Option<String>,
    pub(super) client_token: Option<String>,
    #[serde(default)]
    pub(super) tags: Tags,
}

impl Create {
    /// Which members each type takes.
    ///
    /// ```text
    /// type     gateway   group   definition   ports   protocol
    /// ------   -------   -----   ----------   -----   --------
    /// SINGLE   yes       -       dns, ip      yes     may
    /// GROUP    yes       -       -            yes     may
    /// CHILD    -         yes     dns, ip      yes     -
    /// ARN      yes       -       arn          -       -
    /// CIDR     yes       -       cidr         yes     may
    /// ```
    pub(super) fn check(&self) -> Result<(), Fault> {
        let mut checks = Checks::default();
        checks.name(&self.name, 40, "rcfg-");
        let kind = self.r#type.as_str();
        checks.one_of("type", Some(kind), &["GROUP", "CHILD", "SINGLE", "ARN", "CIDR"]);
        let is_child = kind == "CHILD";
        let (has_gateway, has_group) = (
            self.resource_gateway_identifier.is_some(),
            self.resource_configuration_group_identifier.is_some(),
        );
        checks.expect(has_gateway != is_child, "resourceGatewayIdentifier", "of all but CHILD");
        checks.expect(
            has_group == is_child,
            "resourceConfigurationGroupIdentifier",
            "of CHILD alone",
        );
        let wanted: &[&str] = match kind {
            "ARN" => &["arnResource"],
            "CIDR" => &["cidrResource"],
            "GROUP" => &[],
            _ => &["dnsResource", "ipResource"],
        };
        let member = "resourceConfigurationDefinition";
        let fits = match self.resource_configuration_definition.as_ref().and_then(Value::as_object)
        {
            Some(union) => {
                union.len() == 1 && union.keys().all(|key| wanted.contains(&key.as_str()))
            }
            None => wanted.is_empty(),
        };
        checks.expect(fits, member, &format!("must be one of: {}", wanted.join(", ")));
        let is_arn = kind == "ARN";
        checks.expect(self.port_ranges.is_empty() == is_arn, "portRanges", "of all but ARN");
        checks.port_ranges(&self.port_ranges);
        let may = !is_arn && !is_child;
        checks.expect(may || self.protocol.is_none(), "protocol", "not of ARN or CHILD");
        checks.one_of("protocol", self.protocol.as_deref(), &["TCP", "TCP_UDP"]);
        checks.token(self.client_token.as_deref());
        checks.tags(&self.tags);
        checks.pass()
    }
}
