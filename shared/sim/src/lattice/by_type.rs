//! What a new resource configuration is made of, by its type.

use serde::Deserialize;
use serde_json::Value;

use super::check::Checks;
use crate::kernel::{Fault, Tags};

/// The input of `CreateResourceConfiguration`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Create {
    pub(super) name: String,
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
    /// Which members each type takes, by their documentation in the API model.
    ///
    /// ```text
    /// type     gateway   group   definition   ports   protocol   shareable   domain
    /// ------   -------   -----   ----------   -----   --------   ---------   ------
    /// SINGLE   yes       -       dns, ip      yes     TCP        may         custom
    /// GROUP    yes       -       -            yes     TCP        may         group
    /// CHILD    -         yes     dns, ip      yes     -          -           custom
    /// ARN      yes       -       arn          -       -          may         -
    /// CIDR     yes       -       cidr         yes     any        -           -
    /// ```
    pub(super) fn check(&self) -> Result<(), Fault> {
        let mut checks = Checks::default();
        let kind = self.r#type.as_str();
        let mut of = |member: &str, is_given: bool, kinds: &[&str]| {
            let message = format!("is for {} alone", kinds.join(", "));
            checks.expect(!is_given || kinds.contains(&kind), member, &message);
        };
        let (has_gateway, has_group) = (
            self.resource_gateway_identifier.is_some(),
            self.resource_configuration_group_identifier.is_some(),
        );
        of("resourceGatewayIdentifier", has_gateway, &["SINGLE", "GROUP", "ARN", "CIDR"]);
        of("resourceConfigurationGroupIdentifier", has_group, &["CHILD"]);
        let has_ports = !self.port_ranges.is_empty();
        of("portRanges", has_ports, &["SINGLE", "GROUP", "CHILD", "CIDR"]);
        let shareable = self.allow_association_to_shareable_service_network.is_some();
        let member = "allowAssociationToShareableServiceNetwork";
        of(member, shareable, &["SINGLE", "GROUP", "ARN"]);
        of("protocol", self.protocol.is_some(), &["SINGLE", "GROUP", "CIDR"]);
        let is_both = self.protocol.as_deref() == Some("TCP_UDP");
        of("protocol", is_both, &["CIDR"]);
        of("customDomainName", self.custom_domain_name.is_some(), &["SINGLE", "CHILD"]);
        of("groupDomain", self.group_domain.is_some(), &["GROUP"]);

        let is_child = kind == "CHILD";
        let must = "must not be null";
        checks.expect(has_gateway || is_child, "resourceGatewayIdentifier", must);
        checks.expect(has_group || !is_child, "resourceConfigurationGroupIdentifier", must);
        checks.expect(has_ports || kind == "ARN", "portRanges", must);
        self.check_definition(&mut checks);
        checks.pass()
    }

    fn check_definition(&self, checks: &mut Checks) {
        let wanted: &[&str] = match self.r#type.as_str() {
            "ARN" => &["arnResource"],
            "CIDR" => &["cidrResource"],
            "GROUP" => &[],
            _ => &["dnsResource", "ipResource"],
        };
        let member = "resourceConfigurationDefinition";
        let definition = self.resource_configuration_definition.as_ref();
        let fits = match definition.and_then(Value::as_object) {
            Some(union) => union.keys().all(|key| wanted.contains(&key.as_str())),
            None => wanted.is_empty(),
        };
        checks.expect(fits, member, &format!("must be one of: {}", wanted.join(", ")));
        if let Some(arn) = self.arn() {
            let is_database = arn.split(':').nth(2) == Some("rds")
                && matches!(arn.split(':').nth(5), Some("db" | "cluster"));
            checks.expect(is_database, member, "only Amazon RDS databases are supported");
        }
    }

    /// The ARN that it is to stand for.
    pub(super) fn arn(&self) -> Option<&str> {
        self.resource_configuration_definition.as_ref()?.pointer("/arnResource/arn")?.as_str()
    }
}
