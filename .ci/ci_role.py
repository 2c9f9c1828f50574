"""Holds examples/ci-role.yaml against the template that it is to deploy.

- The execution role may do what each kind of resource in the template needs, as AWS says in the
  schemas that cfn-lint brings, but for what is listed here with the reason.
- Whoever plans reads what the functions read, and nothing else.
"""

import sys
from pathlib import Path

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from samtranslator.yaml_helper import yaml_parse

from transform import transformed

# What a handler may do for properties that template.yaml does not have.
NOT_NEEDED = {
    "functions in a VPC, with file systems, layers or signing": {
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "elasticfilesystem:DescribeMountTargets",
        "lambda:DeleteFunctionCodeSigningConfig",
        "lambda:GetCodeSigningConfig",
        "lambda:GetLayerVersion",
        "lambda:PutFunctionCodeSigningConfig",
        "s3files:ListMountTargets",
    },
    "functions with reserved concurrency, versions, capacity or a runtime held back": {
        "lambda:AssociateRuntimeAlias",
        "lambda:DeleteFunctionConcurrency",
        "lambda:PassCapacityProvider",
        "lambda:PublishVersion",
        "lambda:PutFunctionConcurrency",
        "lambda:PutFunctionRecursionConfig",
        "lambda:PutFunctionScalingConfig",
        "lambda:PutRuntimeManagementConfig",
    },
    "log groups with data protection, indexes, deliveries or tokens": {
        "firehose:TagDeliveryStream",
        "logs:CreateLogDelivery",
        "logs:DeleteDataProtectionPolicy",
        "logs:DeleteIndexPolicy",
        "logs:DeleteResourcePolicy",
        "logs:PutBearerTokenAuthentication",
        "logs:PutDataProtectionPolicy",
        "logs:PutIndexPolicy",
        "logs:PutLogGroupDeletionProtection",
        "logs:PutResourcePolicy",
        "s3:REST.PUT.OBJECT",
    },
    "policies of AWS on a role, which ours do without": {
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
    },
}


def statements(template, name):
    """The statements of a role's or policy's own documents, those under a condition too."""
    properties = template["Resources"][name]["Properties"]
    for policy in properties.get("Policies", [properties]):
        for statement in policy["PolicyDocument"]["Statement"]:
            branches = statement.get("Fn::If", [None, statement])[1:]
            yield from (branch for branch in branches if "Action" in branch)


def actions(template, name, sid=None):
    """What the statements allow, or the one of that name."""
    for statement in statements(template, name):
        if sid in (None, statement["Sid"]):
            action = statement["Action"]
            yield from [action] if isinstance(action, str) else action


def needed(kind):
    """What AWS says that making, reading, changing and deleting such a resource takes."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    for name, handler in schema["handlers"].items():
        if name != "list":
            yield from handler["permissions"]
    yield from schema.get("tagging", {}).get("permissions", [])


def wrong(plain, role):
    """What does not fit together, one line each."""
    allowed = set(actions(role, "ExecutionRole"))
    spared = set().union(*NOT_NEEDED.values())
    asked = set()
    for kind in sorted({resource["Type"] for resource in plain["Resources"].values()}):
        asked |= set(needed(kind))
        for action in sorted(set(needed(kind)) - allowed - spared):
            yield f"the execution role lacks {action}, which {kind} needs"
    for action in sorted(spared - asked):
        yield f"no resource asks for {action}: it need not be listed"
    for action in sorted(allowed - asked):
        yield f"the execution role has {action}, which nothing needs"

    reads = {
        action
        for name, resource in plain["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
        for action in actions(plain, name, "Read")
    }
    planned = set(actions(role, "Look", "Read"))
    for action in sorted(reads - planned):
        yield f"the plan cannot read: {action}"
    for action in sorted(planned - reads):
        yield f"the plan reads more than the functions: {action}"


def main():
    path = Path(__file__).parent.parent / "examples" / "ci-role.yaml"
    role = yaml_parse(path.read_text(encoding="utf-8"))
    found = list(wrong(transformed("v0"), role))
    for line in found:
        print(line)
    if not found:
        print("the execution role makes what the template has, and the plan reads what it reads")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
