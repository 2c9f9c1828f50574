"""Amazon EC2, as boto3 sees it."""

from report import names, pages, refused


def tagged(kind, **tags):
    """`TagSpecifications` for one type of resource."""
    tags = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": kind, "Tags": tags}]


def by(**filters):
    """`Filters`; an underscore is a hyphen."""
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]


def network(lab, name, subnets=2):
    """A VPC with private DNS and a subnet in each of some zones. Returns the ids."""
    vpc = lab.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc", Name=name))
    vpc = vpc["Vpc"]["VpcId"]
    lab.ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    found = []
    for number, zone in zip(range(subnets), "abcdef"):
        made = lab.ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
        found.append(made["Subnet"]["SubnetId"])
    return vpc, found


def group(lab, name, vpc):
    """A security group's id."""
    made = lab.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)
    return made["GroupId"]


def from_group(peer, port, protocol="tcp"):
    """`IpPermissions` of one rule."""
    return [{"IpProtocol": protocol, "FromPort": port, "ToPort": port,
             "UserIdGroupPairs": [{"GroupId": peer, "Description": "of a check"}]}]


def run(report, lab):
    """Every operation of EC2 but those of endpoints."""
    ec2 = lab.ec2
    vpc, subnets = network(lab, "checked")
    with report.check("ec2: a VPC is made, described, changed"):
        found = ec2.describe_vpcs(Filters=by(vpc_id=vpc))["Vpcs"][0]
        assert found["State"] == "available" and found["CidrBlock"] == "10.0.0.0/16", found
        assert found["Tags"] == [{"Key": "Name", "Value": "checked"}], found
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            answer = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
            assert answer[attribute[0].upper() + attribute[1:]]["Value"] is True, answer
        acl = ec2.describe_network_acls(Filters=by(vpc_id=vpc))["NetworkAcls"]
        assert len(acl) == 1 and acl[0]["IsDefault"], acl
        ec2.describe_account_attributes()
    with report.check("ec2: zones have names and ids"):
        zones = ec2.describe_availability_zones()["AvailabilityZones"]
        assert len({zone["ZoneId"] for zone in zones}) == len(zones) >= 3, zones
    with report.check("ec2: listings come in pages, and every thing once"):
        small = [network(lab, f"page-{number}", subnets=1)[0] for number in range(8)]
        all_of_them, count = pages(ec2, "describe_vpcs", "Vpcs", 5)
        assert count >= 2 and {*small, vpc} <= set(names(all_of_them, "VpcId")), count
        assert len(set(names(all_of_them, "VpcId"))) == len(all_of_them), all_of_them
        _, count = pages(ec2, "describe_subnets", "Subnets", 5)
        assert count >= 2, count
    with report.check("ec2: a subnet counts its addresses"):
        found = ec2.describe_subnets(SubnetIds=subnets[:1])["Subnets"][0]
        assert found["AvailableIpAddressCount"] == 251, found
        made = ec2.create_network_interface(SubnetId=subnets[0], Description="a check")
        interface = made["NetworkInterface"]["NetworkInterfaceId"]
        found = ec2.describe_subnets(SubnetIds=subnets[:1])["Subnets"][0]
        assert found["AvailableIpAddressCount"] == 250, found
        found = ec2.describe_network_interfaces(Filters=by(subnet_id=subnets[0]))
        assert names(found["NetworkInterfaces"], "NetworkInterfaceId") == [interface], found
        with refused(ec2, "DependencyViolation"):
            ec2.delete_subnet(SubnetId=subnets[0])
        ec2.delete_network_interface(NetworkInterfaceId=interface)
        with refused(ec2, "InvalidNetworkInterfaceID.NotFound"):
            ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])
    tables(report, lab, vpc, subnets)
    groups(report, lab, vpc)
    with report.check("ec2: tags are written, found and removed"):
        tags = [{"Key": "a:b", "Value": "x y+z"}, {"Key": "empty", "Value": ""}]
        ec2.create_tags(Resources=[vpc, subnets[0]], Tags=tags)
        found = ec2.describe_tags(Filters=by(resource_id=vpc))["Tags"]
        assert {tag["Key"]: tag["Value"] for tag in found} == {
            "Name": "checked", "a:b": "x y+z", "empty": ""}, found
        assert found[0]["ResourceType"] == "vpc", found
        found = ec2.describe_vpcs(Filters=[{"Name": "tag:a:b", "Values": ["x*"]}])["Vpcs"]
        assert names(found, "VpcId") == [vpc], found
        ec2.delete_tags(Resources=[vpc], Tags=[{"Key": "empty"}, {"Key": "a:b", "Value": "no"}])
        found = ec2.describe_tags(Filters=by(resource_id=vpc))["Tags"]
        assert names(found, "Key") == ["Name", "a:b"], found
        with refused(ec2, "InvalidParameterValue"):
            ec2.create_tags(Resources=[vpc], Tags=[{"Key": "aws:mine", "Value": "no"}])
    with report.check("ec2: a dry run does nothing, and says that it would"):
        with refused(ec2, "DryRunOperation"):
            ec2.delete_vpc(VpcId=vpc, DryRun=True)
    with report.check("ec2: a member that is not imitated is refused, not ignored"):
        with refused(ec2, "UnknownParameter"):
            ec2.create_vpc(CidrBlock="10.9.0.0/16", Ipv6Pool="ipv6pool-1")
    with report.check("ec2: refusals have EC2's codes"):
        for code, call in {
            "InvalidVpcID.NotFound": lambda: ec2.describe_vpcs(VpcIds=["vpc-00000000000000000"]),
            "InvalidSubnetID.NotFound": lambda: ec2.describe_subnets(
                SubnetIds=["subnet-00000000000000000"]),
            "InvalidGroup.NotFound": lambda: ec2.describe_security_groups(
                GroupIds=["sg-00000000000000000"]),
            "InvalidVpcID.Malformed": lambda: ec2.delete_vpc(VpcId="vpc-0"),
            "InvalidSubnetID.Malformed": lambda: ec2.describe_subnets(SubnetIds=["subnet-0"]),
            "InvalidGroupId.Malformed": lambda: ec2.delete_security_group(GroupId="sg-0"),
            "InvalidVpcEndpointId.Malformed": lambda: ec2.describe_vpc_endpoints(
                VpcEndpointIds=["vpce-0"]),
            "FilterLimitExceeded": lambda: ec2.describe_vpcs(
                Filters=[{"Name": "vpc-id", "Values": ["vpc-0"] * 201}]),
            "InvalidVpc.Range": lambda: ec2.create_vpc(CidrBlock="10.0.0.0/8"),
            "InvalidSubnet.Conflict": lambda: ec2.create_subnet(
                VpcId=vpc, CidrBlock="10.0.0.0/20"),
            "InvalidSubnet.Range": lambda: ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24"),
            "InvalidParameterValue": lambda: ec2.describe_vpcs(Filters=by(colour="red")),
            "DependencyViolation": lambda: ec2.delete_vpc(VpcId=vpc),
            "InvalidAction": ec2.describe_instances,
        }.items():
            with refused(ec2, code):
                call()
    with report.check("ec2: VPCs and subnets go"):
        for each in small:
            for subnet in ec2.describe_subnets(Filters=by(vpc_id=each))["Subnets"]:
                ec2.delete_subnet(SubnetId=subnet["SubnetId"])
            ec2.delete_vpc(VpcId=each)
        with refused(ec2, "InvalidVpcID.NotFound"):
            ec2.describe_vpcs(VpcIds=small[:1])


def tables(report, lab, vpc, subnets):
    """Route tables, prefix lists, and the default VPC."""
    ec2 = lab.ec2
    with report.check("ec2: a subnet has the main route table, or another"):
        main = ec2.describe_route_tables(Filters=by(vpc_id=vpc))["RouteTables"]
        assert len(main) == 1 and main[0]["Associations"][0]["Main"], main
        table = ec2.create_route_table(
            VpcId=vpc, TagSpecifications=tagged("route-table", Name="own"))["RouteTable"]
        table, tags = table["RouteTableId"], table["Tags"]
        assert tags == [{"Key": "Name", "Value": "own"}], tags
        made = ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
        made = ec2.replace_route_table_association(
            AssociationId=made["AssociationId"], RouteTableId=table)
        own = [{"Name": "association.subnet-id", "Values": [subnets[0]]}]
        found = ec2.describe_route_tables(Filters=own)["RouteTables"]
        assert names(found, "RouteTableId") == [table], found
        with refused(ec2, "DependencyViolation"):
            ec2.delete_route_table(RouteTableId=table)
        ec2.disassociate_route_table(AssociationId=made["NewAssociationId"])
    with report.check("ec2: prefix lists have the addresses of services, for routes and rules"):
        found = ec2.describe_prefix_lists(
            Filters=by(prefix_list_name="com.amazonaws.us-east-1.s3"))["PrefixLists"]
        assert len(found) == 1 and found[0]["Cidrs"], found
        managed = ec2.describe_managed_prefix_lists()["PrefixLists"]
        listed = found[0]["PrefixListId"]
        assert listed in names(managed, "PrefixListId"), managed
        entries = ec2.get_managed_prefix_list_entries(PrefixListId=listed)["Entries"]
        assert sorted(found[0]["Cidrs"]) == names(entries, "Cidr"), entries
        interface = ec2.create_network_interface(SubnetId=subnets[0])["NetworkInterface"]
        interface = interface["NetworkInterfaceId"]
        where = {"RouteTableId": table, "DestinationCidrBlock": "192.168.0.0/16"}
        ec2.create_route(NetworkInterfaceId=interface, **where)
        with refused(ec2, "RouteAlreadyExists"):
            ec2.create_route(NetworkInterfaceId=interface, **where)
        ec2.delete_route(**where)
        with refused(ec2, "InvalidRoute.NotFound"):
            ec2.delete_route(**where)
        ec2.delete_network_interface(NetworkInterfaceId=interface)
        ec2.delete_route_table(RouteTableId=table)
    with report.check("ec2: a default VPC is made once, and goes"):
        made = ec2.create_default_vpc()["Vpc"]
        assert made["IsDefault"], made
        with refused(ec2, "DefaultVpcAlreadyExists"):
            ec2.create_default_vpc()
        default = made["VpcId"]
        in_it = ec2.describe_subnets(Filters=by(vpc_id=default))["Subnets"]
        assert all(subnet["DefaultForAz"] for subnet in in_it) and len(in_it) >= 3, in_it
        for subnet in in_it:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        ec2.delete_vpc(VpcId=default)


def groups(report, lab, vpc):
    """Security groups and their rules."""
    ec2 = lab.ec2
    with report.check("ec2: groups and rules come and go"):
        first, second = group(lab, "first", vpc), group(lab, "second", vpc)
        found = ec2.describe_security_groups(GroupIds=[first])["SecurityGroups"][0]
        assert found["IpPermissionsEgress"][0]["IpRanges"] == [{"CidrIp": "0.0.0.0/0"}], found
        ec2.revoke_security_group_egress(
            GroupId=first, IpPermissions=found["IpPermissionsEgress"])
        made = ec2.authorize_security_group_ingress(
            GroupId=first, IpPermissions=from_group(second, 5432),
            TagSpecifications=tagged("security-group-rule", who="me"),
        )["SecurityGroupRules"]
        assert made[0]["ReferencedGroupInfo"]["GroupId"] == second, made
        assert made[0]["Tags"] == [{"Key": "who", "Value": "me"}], made
        ec2.authorize_security_group_egress(GroupId=second, IpPermissions=from_group(first, 5432))
        rules = ec2.describe_security_group_rules(Filters=by(group_id=first))
        assert len(rules["SecurityGroupRules"]) == 1, rules
        with refused(ec2, "InvalidPermission.Duplicate"):
            ec2.authorize_security_group_ingress(
                GroupId=first, IpPermissions=from_group(second, 5432))
        with refused(ec2, "DependencyViolation"):
            ec2.delete_security_group(GroupId=first)
        ec2.revoke_security_group_ingress(
            GroupId=first, SecurityGroupRuleIds=[made[0]["SecurityGroupRuleId"]])
        with refused(ec2, "InvalidPermission.NotFound"):
            ec2.revoke_security_group_ingress(
                GroupId=first, IpPermissions=from_group(second, 5432))
        ec2.revoke_security_group_egress(GroupId=second, IpPermissions=from_group(first, 5432))
        for each in (first, second):
            ec2.delete_security_group(GroupId=each)
    with report.check("ec2: groups have names of their own, and pages"):
        made = [group(lab, f"many-{number}", vpc) for number in range(11)]
        with refused(ec2, "InvalidGroup.Duplicate"):
            group(lab, "MANY-1", vpc)
        found, count = pages(
            ec2, "describe_security_groups", "SecurityGroups", 5, Filters=by(vpc_id=vpc))
        assert count == 3 and set(made) < set(names(found, "GroupId")), (count, len(found))
        _, count = pages(ec2, "describe_security_group_rules", "SecurityGroupRules", 5)
        assert count >= 3, count
        for each in made:
            ec2.delete_security_group(GroupId=each)
