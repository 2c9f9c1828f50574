"""Holds the functions' policies against what cloudsplaining finds in them.

Usage: audit.py PLAIN_TEMPLATE

What it finds stands here with the reason, and what stands here is found: neither more nor less.
"""

import json
import sys

from cloudsplaining.scan.policy_document import PolicyDocument

INTERFACES = (
    "VPC Lattice makes a gateway's interfaces in the caller's name, untagged, and AWS offers no "
    "condition for that (VPC Lattice User Guide, API permissions)"
)
EXPLAINED = {
    "ExposeDatabaseRole": {
        "ec2:AssignIpv6Addresses": INTERFACES,
        "ec2:AssignPrivateIpAddresses": INTERFACES,
        "ec2:CreateNetworkInterface": INTERFACES,
        "ec2:CreateNetworkInterfacePermission": INTERFACES,
        "ec2:DeleteNetworkInterface": INTERFACES,
        "ec2:ModifyNetworkInterfaceAttribute": INTERFACES,
        "ec2:UnassignPrivateIpAddresses": INTERFACES,
    },
    "ConnectVpcRole": {
        "route53:AssociateVPCWithHostedZone": (
            "EC2 associates the zones of an endpoint's private names in the caller's name; they "
            "belong to AWS (AWS PrivateLink Guide, Access service networks)"
        ),
    },
}
FINDINGS = (
    "allows_data_exfiltration_actions",
    "allows_privilege_escalation",
    "credentials_exposure",
    "infrastructure_modification",
    "permissions_management_without_constraints",
    "service_wildcard",
    "tagging_actions_without_constraints",
    "write_actions_without_constraints",
)
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "111122223333",
    "Deployment": "trellis",
}


def resolved(value):
    """The value as CloudFormation would resolve it, with every condition true."""
    if isinstance(value, list):
        return [resolved(one) for one in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Fn::If", branches)]:
            return resolved(branches[1])
        case [("Fn::Sub", text)]:
            for name, text_of in PSEUDO.items():
                text = text.replace("${" + name + "}", text_of)
            return text
        case [("Fn::GetAtt", _)] | [("Ref", _)]:
            name = value.get("Ref") or ".".join(value["Fn::GetAtt"])
            return PSEUDO.get(name, f"arn:aws:any:us-east-1:111122223333:{name}")
    return {key: resolved(one) for key, one in value.items()}


def found(role):
    """The actions that cloudsplaining names."""
    for policy in role["Properties"]["Policies"]:
        document = PolicyDocument(resolved(policy["PolicyDocument"]))
        for finding in FINDINGS:
            yield from getattr(document, finding)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        resources = json.load(file)["Resources"]
    wrong = []
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            here, explained = set(found(resource)), set(EXPLAINED.get(name, {}))
            wrong += [f"{name}: {action} is not explained" for action in here - explained]
            wrong += [f"{name}: {action} is not found any more" for action in explained - here]
    print("\n".join(wrong) or "every finding of cloudsplaining is explained")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
