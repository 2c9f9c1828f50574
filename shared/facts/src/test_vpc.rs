//! A VPC to put things into, and its security groups and endpoints.

use aws_sdk_ec2::operation::create_security_group::CreateSecurityGroupOutput;
use aws_sdk_ec2::operation::create_security_group::builders::CreateSecurityGroupFluentBuilder;
use aws_sdk_ec2::operation::create_vpc_endpoint::builders::CreateVpcEndpointFluentBuilder;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, IpPermission, Subnet, UserIdGroupPair, VpcEndpoint, VpcEndpointType,
};

use crate::case::Trouble;
use crate::expect::{Refusal, equal, given};
use crate::exposure::Network;
use crate::made::{Made, is_gone};
use crate::stage::{Adjust, Stage};

/// Zones in which VPC Lattice has no resource gateways (VPC Lattice User Guide).
const WITHOUT_LATTICE: [&str; 6] =
    ["use1-az3", "usw1-az2", "apne1-az3", "euw1-az4", "cac1-az3", "ilc1-az2"];

/// A VPC with DNS names on and a /24 subnet in each of two zones.
pub(crate) struct TestVpc {
    pub vpc: String,
    pub subnets: Vec<String>,
    pub zones: Vec<String>,
}

impl Stage<'_> {
    /// A VPC with two subnets. Its addresses are those of every other place: VPC Lattice does not
    /// mind, which is half of its point.
    pub(crate) async fn test_vpc(&self) -> Result<TestVpc, Trouble> {
        let vpc = self.bare_vpc().await?;
        let on = AttributeBooleanValue::builder().value(true).build();
        let modify = self.ec2.modify_vpc_attribute().vpc_id(&vpc);
        modify.enable_dns_hostnames(on).send().await?;
        let zones = self.zones().await?;
        let mut subnets = Vec::new();
        for (number, zone) in zones.iter().enumerate() {
            subnets.push(self.subnet(&vpc, &format!("10.77.{number}.0/24"), zone).await?);
        }
        Ok(TestVpc { vpc, subnets, zones })
    }

    /// A VPC as EC2 makes it, of 10.77.0.0/16.
    pub(crate) async fn bare_vpc(&self) -> Result<String, Trouble> {
        self.vpc_of("10.77.0.0/16").await
    }

    /// A VPC as EC2 makes it, of these addresses.
    pub(crate) async fn vpc_of(&self, block: &str) -> Result<String, Trouble> {
        let made = self.ec2.create_vpc().cidr_block(block).send().await?;
        let vpc = self.keep(Made::Vpc, made.vpc().and_then(|vpc| vpc.vpc_id()))?;
        self.until("the VPC is listed", || async {
            match self.ec2.describe_vpcs().vpc_ids(&vpc).send().await.map_err(Refusal::from) {
                Ok(_) => Ok(Some(())),
                Err(refusal) if is_gone(&refusal.code) => Ok(None),
                Err(refusal) => Err(refusal.into()),
            }
        })
        .await?;
        Ok(vpc)
    }

    pub(crate) async fn subnet(
        &self,
        vpc: &str,
        block: &str,
        zone: &str,
    ) -> Result<String, Trouble> {
        let create = self.ec2.create_subnet().vpc_id(vpc).cidr_block(block);
        let made = create.availability_zone(zone).send().await?;
        self.keep(Made::Subnet, made.subnet().and_then(|subnet| subnet.subnet_id()))
    }

    /// The names of two zones that VPC Lattice knows.
    pub(crate) async fn zones(&self) -> Result<Vec<String>, Trouble> {
        let listed = self.ec2.describe_availability_zones().send().await?;
        let mut zones: Vec<String> = listed
            .availability_zones()
            .iter()
            .filter(|zone| !WITHOUT_LATTICE.contains(&zone.zone_id().unwrap_or_default()))
            .filter_map(|zone| zone.zone_name().map(str::to_owned))
            .collect();
        zones.sort();
        zones.truncate(2);
        equal("the number of zones to use", zones.len(), 2)?;
        Ok(zones)
    }

    pub(crate) async fn look_at_subnet(&self, id: &str) -> Result<Subnet, Trouble> {
        let listed = self.ec2.describe_subnets().subnet_ids(id).send().await?;
        given("the subnet", listed.subnets.unwrap_or_default().into_iter().next())
    }

    /// How many addresses the subnet still has.
    pub(crate) async fn free(&self, subnet: &str) -> Result<i32, Trouble> {
        let subnet = self.look_at_subnet(subnet).await?;
        given("a count of free addresses", subnet.available_ip_address_count())
    }

    /// Creates a security group, with a name of its own unless `adjust` gives it another.
    pub(crate) async fn create_group(
        &self,
        vpc: &str,
        adjust: impl Adjust<CreateSecurityGroupFluentBuilder>,
    ) -> Result<CreateSecurityGroupOutput, Refusal> {
        let create = self.ec2.create_security_group().vpc_id(vpc);
        let create = create.group_name(self.name()).description("a fact about AWS is tried here");
        let made = adjust(create).send().await?;
        let _ = self.keep(Made::Group, made.group_id());
        Ok(made)
    }

    /// A security group.
    pub(crate) async fn group(&self, test_vpc: &TestVpc) -> Result<String, Trouble> {
        let made = self.create_group(&test_vpc.vpc, |create| create).await?;
        given("a group id", made.group_id)
    }

    /// Creates an endpoint to the network in the place's subnets, with private DNS, or as `adjust`
    /// wants it.
    pub(crate) async fn create_endpoint(
        &self,
        test_vpc: &TestVpc,
        network: &Network,
        adjust: impl Adjust<CreateVpcEndpointFluentBuilder>,
    ) -> Result<VpcEndpoint, Refusal> {
        let create = self
            .ec2
            .create_vpc_endpoint()
            .vpc_endpoint_type(VpcEndpointType::ServiceNetwork)
            .vpc_id(&test_vpc.vpc)
            .service_network_arn(&network.arn)
            .set_subnet_ids(Some(test_vpc.subnets.clone()))
            .private_dns_enabled(true)
            .client_token(self.name());
        let made = adjust(create).send().await?.vpc_endpoint;
        let made = made.unwrap_or_else(|| VpcEndpoint::builder().build());
        let _ = self.keep(Made::Endpoint, made.vpc_endpoint_id());
        Ok(made)
    }

    /// An endpoint to the network that is available.
    pub(crate) async fn endpoint(
        &self,
        test_vpc: &TestVpc,
        network: &Network,
    ) -> Result<String, Trouble> {
        let made = self.create_endpoint(test_vpc, network, |create| create).await?;
        let id = given("an endpoint id", made.vpc_endpoint_id)?;
        let settled = self.settled_endpoint(&id).await?;
        equal("the endpoint's state", state(&settled).as_str(), "available")?;
        Ok(id)
    }

    /// The endpoint as it is once it is no longer pending.
    pub(crate) async fn settled_endpoint(&self, id: &str) -> Result<VpcEndpoint, Trouble> {
        self.until("the endpoint settles", || async {
            let seen = self.look_at_endpoint(id).await?;
            Ok(seen.filter(|endpoint| state(endpoint) != "pending"))
        })
        .await
    }

    /// The endpoint as it is listed, or `None` if it is not.
    pub(crate) async fn look_at_endpoint(&self, id: &str) -> Result<Option<VpcEndpoint>, Trouble> {
        let listing = self.ec2.describe_vpc_endpoints().vpc_endpoint_ids(id);
        match listing.send().await.map_err(Refusal::from) {
            Ok(listed) => Ok(listed.vpc_endpoints.unwrap_or_default().into_iter().next()),
            Err(refusal) if is_gone(&refusal.code) => Ok(None),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

/// An endpoint's state in lower case: the API model and the wire differ about the first letter.
pub(crate) fn state(endpoint: &VpcEndpoint) -> String {
    endpoint.state().map(|state| state.as_str().to_ascii_lowercase()).unwrap_or_default()
}

/// TCP on one port, from or to a security group.
pub(crate) fn with_group(port: i32, group: &str) -> IpPermission {
    let pair = UserIdGroupPair::builder().group_id(group).build();
    IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(port)
        .to_port(port)
        .user_id_group_pairs(pair)
        .build()
}
