"""Amazon VPC Lattice and VPC endpoints, as boto3 sees them."""

import json

from ec2 import by, group, network, tagged
from rds import available, gone, instance
from report import names, pages, refused

ABSENT = "ResourceNotFoundException"
BUSY = "ConflictException"
INVALID = "ValidationException"
DENIED = "AccessDeniedException"


class World:
    """What the checks below build on one another, by name."""


def active(lab, get, **identifier):
    """Waits until the thing is active. Returns it."""
    def look():
        found = getattr(lab.lattice, get)(**identifier)
        assert not found["status"].endswith("FAILED"), found
        return found["status"] == "ACTIVE" and found
    return lab.until(f"{identifier} is active", look)


def ended(lab, get, **identifier):
    """Waits until the thing is gone."""
    def look():
        try:
            getattr(lab.lattice, get)(**identifier)
        except lab.lattice.exceptions.ResourceNotFoundException:
            return True
        return False
    lab.until(f"{identifier} is gone", look)


def run(report, lab):
    """Every operation of VPC Lattice, and EC2's of endpoints."""
    world = World()
    world.provider, world.subnets = network(lab, "lattice-provider")
    world.consumer, world.consumer_subnets = network(lab, "lattice-consumer")
    world.group = group(lab, "gateway", world.provider)
    world.endpoint_group = group(lab, "endpoint", world.consumer)
    lab.rds.create_db_subnet_group(DBSubnetGroupName="lattice", DBSubnetGroupDescription="two",
                                   SubnetIds=world.subnets)
    instance(lab, "exposed", DBSubnetGroupName="lattice", VpcSecurityGroupIds=[world.group])
    world.database = available(lab, "exposed")
    networks(report, lab, world)
    gateways(report, lab, world)
    configurations(report, lab, world)
    associations(report, lab, world)
    endpoints(report, lab, world)
    tags(report, lab, world)
    end(report, lab, world)


def networks(report, lab, world):
    """Service networks."""
    lattice = lab.lattice
    with report.check("vpc-lattice: service networks are made, listed in pages and changed"):
        made = [lattice.create_service_network(name=f"network-{number}") for number in range(7)]
        world.network, world.network_arn = made[0]["id"], made[0]["arn"]
        found, count = pages(lattice, "list_service_networks", "items", 3)
        assert count == 3 and names(found, "id") == names(made, "id"), (count, found)
        lattice.update_service_network(serviceNetworkIdentifier=made[1]["id"], authType="AWS_IAM")
        one = lattice.get_service_network(serviceNetworkIdentifier=made[1]["arn"])
        assert one["authType"] == "AWS_IAM" and one["name"] == "network-1", one
        for each in made[1:]:
            lattice.delete_service_network(serviceNetworkIdentifier=each["id"])
    with report.check("vpc-lattice: an auth policy is kept"):
        of = {"resourceIdentifier": world.network_arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        assert lattice.put_auth_policy(policy=policy, **of)["state"] == "Inactive"
        assert lattice.get_auth_policy(**of)["policy"] == policy
        with refused(lattice, INVALID, INVALID):
            lattice.put_auth_policy(policy="allow everybody", **of)
        lattice.delete_auth_policy(**of)
        assert "policy" not in lattice.get_auth_policy(**of)
    with report.check("vpc-lattice: names are unique, tokens repeat, and refusals say why"):
        same = {"name": "network-8", "clientToken": "token-1"}
        first, again = [lattice.create_service_network(**same) for _ in range(2)]
        assert first["id"] == again["id"], (first, again)
        with refused(lattice, BUSY, BUSY, lambda error: error.response["resourceId"]):
            lattice.create_service_network(name="network-8", clientToken="token-2")
        lattice.delete_service_network(serviceNetworkIdentifier=first["id"])
        is_absent = lambda error: error.response["resourceType"] == "SERVICE_NETWORK"
        with refused(lattice, ABSENT, ABSENT, is_absent):
            lattice.get_service_network(serviceNetworkIdentifier=first["id"])
        names_it = lambda error: error.response["fieldList"][0]["name"] == "name"
        with refused(lattice, INVALID, INVALID, names_it):
            lattice.create_service_network(name="No Such Name")


def gateways(report, lab, world):
    """Resource gateways."""
    lattice = lab.lattice
    with report.check("vpc-lattice: a gateway takes its time and then addresses"):
        common = {"vpcIdentifier": world.provider, "subnetIds": world.subnets}
        made = lattice.create_resource_gateway(
            name="gateway-1", ipv4AddressesPerEni=2, securityGroupIds=[world.group], **common)
        world.gateway, world.gateway_arn = made["id"], made["arn"]
        assert made["status"] == "CREATE_IN_PROGRESS", made
        with refused(lattice, BUSY, BUSY):
            lattice.delete_resource_gateway(resourceGatewayIdentifier=made["id"])
        found = active(lab, "get_resource_gateway", resourceGatewayIdentifier=made["id"])
        assert found["ipv4AddressesPerEni"] == 2, found
        lattice.update_resource_gateway(
            resourceGatewayIdentifier=made["id"], securityGroupIds=[world.group])
        active(lab, "get_resource_gateway", resourceGatewayIdentifier=made["id"])
        more = lattice.create_resource_gateway(name="gateway-2", **common)
        found, count = pages(lattice, "list_resource_gateways", "items", 1)
        assert count == 2 and names(found, "name") == ["gateway-1", "gateway-2"], found
        with refused(lattice, BUSY, BUSY):
            lattice.create_resource_gateway(name="gateway-1", **common)
        with refused(lattice, INVALID, INVALID):
            lattice.create_resource_gateway(name="gateway-3", ipv4AddressesPerEni=63, **common)
        active(lab, "get_resource_gateway", resourceGatewayIdentifier=more["id"])
        lattice.delete_resource_gateway(resourceGatewayIdentifier=more["id"])
        ended(lab, "get_resource_gateway", resourceGatewayIdentifier=more["id"])


def configurations(report, lab, world):
    """Resource configurations."""
    lattice = lab.lattice
    arn = {"arnResource": {"arn": world.database["DBInstanceArn"]}}
    with report.check("vpc-lattice: a configuration of a database has a managed child"):
        common = {"type": "ARN", "resourceConfigurationDefinition": arn,
                  "resourceGatewayIdentifier": world.gateway}
        made = lattice.create_resource_configuration(name="database-1", **common)
        world.configuration = made["id"]
        found = active(lab, "get_resource_configuration",
                       resourceConfigurationIdentifier=made["id"])
        assert found["resourceConfigurationDefinition"] == arn, found
        rows, count = pages(lattice, "list_resource_configurations", "items", 1)
        child = [row for row in rows if row["type"] == "CHILD"]
        assert count == 2 and child[0]["amazonManaged"] is True, rows
        with refused(lattice, DENIED, DENIED):
            lattice.delete_resource_configuration(
                resourceConfigurationIdentifier=child[0]["id"])
        lattice.update_resource_configuration(
            resourceConfigurationIdentifier=made["id"],
            allowAssociationToShareableServiceNetwork=True)
        active(lab, "get_resource_configuration", resourceConfigurationIdentifier=made["id"])
        with refused(lattice, BUSY, BUSY):
            lattice.delete_resource_gateway(resourceGatewayIdentifier=world.gateway)
        with refused(lattice, INVALID, INVALID):
            lattice.create_resource_configuration(name="database-2", portRanges=["1"], **common)
        with refused(lattice, ABSENT, ABSENT):
            lattice.get_resource_configuration(
                resourceConfigurationIdentifier="rcfg-00000000000000000")


def associations(report, lab, world):
    """Associations of a network with resources and with VPCs."""
    lattice = lab.lattice
    with report.check("vpc-lattice: network and configuration are associated"):
        pair = {"serviceNetworkIdentifier": world.network,
                "resourceConfigurationIdentifier": world.configuration}
        made = lattice.create_service_network_resource_association(**pair)
        world.association = made["id"]
        with refused(lattice, BUSY, BUSY):
            lattice.create_service_network_resource_association(**pair)
        found = active(lab, "get_service_network_resource_association",
                       serviceNetworkResourceAssociationIdentifier=made["id"])
        private = found["privateDnsEntry"]["domainName"]
        assert private == world.database["Endpoint"]["Address"], found
        rows = lattice.list_service_network_resource_associations(
            serviceNetworkIdentifier=world.network)["items"]
        assert names(rows, "id") == [made["id"]], rows
        rows, count = pages(lattice, "list_service_network_resource_associations", "items", 1,
                            serviceNetworkIdentifier=world.network, includeChildren=True)
        assert count == 2 and sum(row["isManagedAssociation"] for row in rows) == 1, rows
        with refused(lattice, BUSY, BUSY):
            lattice.delete_service_network(serviceNetworkIdentifier=world.network)
    with report.check("vpc-lattice: a VPC has one network at most"):
        made = lattice.create_service_network_vpc_association(
            serviceNetworkIdentifier=world.network, vpcIdentifier=world.consumer,
            securityGroupIds=[world.endpoint_group])
        which = {"serviceNetworkVpcAssociationIdentifier": made["id"]}
        found = active(lab, "get_service_network_vpc_association", **which)
        assert found["vpcId"] == world.consumer, found
        with refused(lattice, BUSY, BUSY):
            lattice.create_service_network_vpc_association(
                serviceNetworkIdentifier=world.network, vpcIdentifier=world.consumer)
        lattice.update_service_network_vpc_association(
            securityGroupIds=[world.endpoint_group], **which)
        active(lab, "get_service_network_vpc_association", **which)
        rows, _ = pages(lattice, "list_service_network_vpc_associations", "items", 1,
                        vpcIdentifier=world.consumer)
        assert names(rows, "id") == [made["id"]], rows
        lattice.delete_service_network_vpc_association(**which)
        ended(lab, "get_service_network_vpc_association", **which)


def endpoints(report, lab, world):
    """VPC endpoints, and how VPC Lattice shows them."""
    ec2, lattice = lab.ec2, lab.lattice
    with report.check("ec2: an endpoint to a service network reaches its databases"):
        made = ec2.create_vpc_endpoint(
            VpcId=world.consumer, VpcEndpointType="ServiceNetwork", PrivateDnsEnabled=True,
            ServiceNetworkArn=world.network_arn, SubnetIds=world.consumer_subnets,
            SecurityGroupIds=[world.endpoint_group],
            TagSpecifications=tagged("vpc-endpoint", who="me"))["VpcEndpoint"]
        world.endpoint = made["VpcEndpointId"]
        assert made["State"] == "pending" and len(made["NetworkInterfaceIds"]) == 2, made
        state = lambda: ec2.describe_vpc_endpoints(
            VpcEndpointIds=[world.endpoint])["VpcEndpoints"][0]["State"]
        lab.until("the endpoint is available", lambda: state() == "available")
        reaches = lambda: [
            link["PrivateDnsEntry"]["DnsName"]
            for link in ec2.describe_vpc_endpoint_associations(
                VpcEndpointIds=[world.endpoint])["VpcEndpointAssociations"]
            if link["AssociatedResourceAccessibility"] == "Accessible"]
        lab.until("it is accessible",
                  lambda: world.database["Endpoint"]["Address"] in reaches())
        rows = lattice.list_service_network_vpc_endpoint_associations(
            serviceNetworkIdentifier=world.network)["items"]
        assert names(rows, "vpcEndpointId") == [world.endpoint], rows
        ec2.modify_vpc_endpoint(VpcEndpointId=world.endpoint,
                                AddSecurityGroupIds=[group(lab, "more", world.consumer)])
        found, _ = pages(ec2, "describe_vpc_endpoints", "VpcEndpoints", 1,
                         Filters=by(vpc_id=world.consumer))
        assert len(found[0]["Groups"]) == 2, found
    with report.check("ec2: an endpoint to one configuration, and its association"):
        arn = lattice.get_resource_configuration(
            resourceConfigurationIdentifier=world.configuration)["arn"]
        other, subnets = network(lab, "of-one-resource")
        made = ec2.create_vpc_endpoint(
            VpcId=other, VpcEndpointType="Resource", SubnetIds=subnets,
            ResourceConfigurationArn=arn)["VpcEndpoint"]["VpcEndpointId"]
        rows = lattice.list_resource_endpoint_associations(
            resourceConfigurationIdentifier=world.configuration)["items"]
        assert names(rows, "vpcEndpointId") == [made], rows
        with refused(lattice, BUSY, BUSY):
            lattice.delete_resource_configuration(
                resourceConfigurationIdentifier=world.configuration)
        assert ec2.delete_vpc_endpoints(VpcEndpointIds=[made])["Unsuccessful"] == []
        lab.until("it is gone", lambda: not lattice.list_resource_endpoint_associations(
            resourceConfigurationIdentifier=world.configuration)["items"])
    with report.check("ec2: endpoints are refused with EC2's codes"):
        absent = world.network_arn[:-17] + "0" * 17
        common = {"VpcId": world.consumer, "SubnetIds": world.consumer_subnets}
        with refused(ec2, "InvalidServiceNetworkArn.NotFound"):
            ec2.create_vpc_endpoint(
                VpcEndpointType="ServiceNetwork", ServiceNetworkArn=absent, **common)
        with refused(ec2, "InvalidVpcEndpointId.NotFound"):
            ec2.describe_vpc_endpoints(VpcEndpointIds=["vpce-00000000000000000"])
        failed = ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-00000000000000000"])
        code = failed["Unsuccessful"][0]["Error"]["Code"]
        assert code.startswith("InvalidVpcEndpoint"), failed


def tags(report, lab, world):
    """Tags of VPC Lattice."""
    lattice = lab.lattice
    with report.check("vpc-lattice: tags are written, listed and removed, by ARN"):
        arn = world.gateway_arn
        lattice.tag_resource(resourceArn=arn, tags={"trellis:who": "a b", "more": ""})
        found = lattice.list_tags_for_resource(resourceArn=arn)["tags"]
        assert found == {"trellis:who": "a b", "more": ""}, found
        lattice.untag_resource(resourceArn=arn, tagKeys=["more", "trellis:who"])
        assert lattice.list_tags_for_resource(resourceArn=arn)["tags"] == {}
        with refused(lattice, ABSENT, ABSENT):
            lattice.list_tags_for_resource(resourceArn=arn[:-17] + "0" * 17)


def end(report, lab, world):
    """Everything goes, in the order that AWS demands."""
    ec2, lattice = lab.ec2, lab.lattice
    with report.check("vpc-lattice: everything goes, last first"):
        ec2.delete_vpc_endpoints(VpcEndpointIds=[world.endpoint])
        listed = lambda: lattice.list_service_network_vpc_endpoint_associations(
            serviceNetworkIdentifier=world.network)["items"]
        lab.until("the endpoint is gone", lambda: not listed())
        which = {"serviceNetworkResourceAssociationIdentifier": world.association}
        lattice.delete_service_network_resource_association(**which)
        ended(lab, "get_service_network_resource_association", **which)
        which = {"resourceConfigurationIdentifier": world.configuration}
        lattice.delete_resource_configuration(**which)
        ended(lab, "get_resource_configuration", **which)
        which = {"resourceGatewayIdentifier": world.gateway}
        lattice.delete_resource_gateway(**which)
        ended(lab, "get_resource_gateway", **which)
        lattice.delete_service_network(serviceNetworkIdentifier=world.network)
        assert lattice.list_service_networks()["items"] == []
        gone(lab, "exposed")
        found = ec2.describe_network_interfaces(Filters=by(vpc_id=world.provider))
        assert found["NetworkInterfaces"] == [], found
