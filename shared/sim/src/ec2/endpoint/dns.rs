//! What an endpoint asks of DNS: names that lead to it from within its VPC.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Target;
use crate::ec2::{World, vpc};
use crate::kernel::Fault;
use crate::kernel::call::Flag;

/// `DnsOptions`: its words have been held against the shape.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct DnsOptions {
    #[serde(default)]
    dns_record_ip_type: Option<String>,
    #[serde(default)]
    private_dns_only_for_inbound_resolver_endpoint: Option<Flag>,
    #[serde(default)]
    private_dns_preference: Option<String>,
    #[serde(default, rename = "PrivateDnsSpecifiedDomain")]
    private_dns_specified_domains: Vec<String>,
}

impl DnsOptions {
    /// Which domains get a private zone is asked only where there are private zones: for types
    /// `Resource` and `ServiceNetwork` and with private DNS (EC2 API model,
    /// `DnsOptionsSpecification`).
    pub(crate) fn check(&self, target: &Target, is_private: Option<Flag>) -> Result<(), Fault> {
        let refuse = |message: &str| Err(Fault::new("InvalidParameter", 400, message));
        let is_lattice = matches!(target, Target::Resource(_) | Target::ServiceNetwork(_));
        let names_domains = !self.private_dns_specified_domains.is_empty();
        if (self.private_dns_preference.is_some() || names_domains)
            && !(is_lattice && is_private == Some(Flag(true)))
        {
            return refuse(
                "PrivateDnsPreference and PrivateDnsSpecifiedDomains are only supported when \
                 private DNS is enabled, for types Resource and ServiceNetwork.",
            );
        }
        let specifies = self.private_dns_preference.as_deref().is_some_and(specifies_domains);
        if names_domains && !specifies {
            return refuse(
                "PrivateDnsSpecifiedDomains is only supported when PrivateDnsPreference is \
                 VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS or SPECIFIED_DOMAINS_ONLY.",
            );
        }
        if self.private_dns_only_for_inbound_resolver_endpoint.is_some()
            && !matches!(target, Target::Interface(_))
        {
            return refuse(
                "PrivateDnsOnlyForInboundResolverEndpoint is only supported for interface \
                 endpoints.",
            );
        }
        Ok(())
    }

    /// The options as answers show them.
    pub(crate) fn show(&self) -> Value {
        let only = self.private_dns_only_for_inbound_resolver_endpoint.map(|it| it.0);
        json!({
            "dnsRecordIpType": self.dns_record_ip_type.as_deref().unwrap_or("ipv4"),
            "privateDnsOnlyForInboundResolverEndpoint": only,
            "privateDnsPreference": self.private_dns_preference,
            "privateDnsSpecifiedDomainSet": {"item": self.private_dns_specified_domains},
        })
    }
}

/// Whether the preference has its consumer specify domains.
pub(crate) fn specifies_domains(preference: &str) -> bool {
    matches!(preference, "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS" | "SPECIFIED_DOMAINS_ONLY")
}

/// Private DNS can be enabled: for this type, and in this VPC.
pub(crate) fn check_private(
    world: &World,
    vpc: &str,
    target: &Target,
    is_private: Option<Flag>,
) -> Result<(), Fault> {
    if is_private != Some(Flag(true)) {
        return Ok(());
    }
    let vpc = vpc::find(world, vpc)?;
    let is_gateway = matches!(target, Target::Gateway(_));
    if is_gateway || !vpc.dns_support || !vpc.dns_hostnames {
        let message = format!(
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC \
             attributes set to true for {}",
            vpc.id
        );
        return Err(Fault::new("InvalidParameter", 400, message));
    }
    let mut others = world.ec2.endpoints.values().filter(|it| it.is_here() && it.private_dns);
    if let Target::Interface(service) = target
        && others.any(|other| other.vpc == vpc.id && other.target == *target)
    {
        let message = format!(
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain \
             for {} in the VPC {}",
            service_name(service, &world.region),
            vpc.id
        );
        return Err(Fault::new("InvalidParameter", 400, message));
    }
    Ok(())
}

/// The name of an AWS service in its region: `ssm.us-east-1.amazonaws.com`.
pub(crate) fn service_name(service: &str, region: &str) -> String {
    let short = service.rsplit('.').next().unwrap_or_default();
    format!("{short}.{region}.amazonaws.com")
}
