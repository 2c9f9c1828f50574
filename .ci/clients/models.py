"""Holds every input against AWS's own model of it.

Each required member is left out once, and each that is an id or has a pattern, a range, a length or
an enum gets a value that the model does not allow. All else is well formed and is not there. AWS says that
the request is wrong, and not that it found nothing: it looks at a request before it looks anything
up.
"""

import re

from botocore.exceptions import ClientError

# How each service says that a request is wrong by itself.
SAID = {
    "ec2": r"MissingParameter|UnknownParameter|InvalidParameterValue|InvalidID|.*\.?Malformed"
           r"|InvalidPolicyDocument|InvalidPaginationToken",
    "rds": r"MissingParameter|InvalidParameterValue",
    "vpc-lattice": r"ValidationException",
}

DIGITS = "0a1b2c3d4e5f6a7b8"

# Well-formed values, by the name of the member or of its shape.
VALUES = {
    "ResourceGatewayIdentifier": f"rgw-{DIGITS}",
    "ResourceConfigurationIdentifier": f"rcfg-{DIGITS}",
    "ServiceNetworkIdentifier": f"sn-{DIGITS}",
    "ServiceNetworkIdentifierWithoutRegex": f"sn-{DIGITS}",
    "ServiceNetworkResourceAssociationIdentifier": f"snra-{DIGITS}",
    "ServiceNetworkVpcAssociationIdentifier": f"snva-{DIGITS}",
    "Arn": f"arn:aws:vpc-lattice:us-east-1:111122223333:servicenetwork/sn-{DIGITS}",
    "VpcId": f"vpc-{DIGITS}", "SubnetId": f"subnet-{DIGITS}", "GroupId": f"sg-{DIGITS}",
    "VpcEndpointId": f"vpce-{DIGITS}", "VpcEndpointIds": f"vpce-{DIGITS}",
    "NetworkInterfaceId": f"eni-{DIGITS}", "RouteTableId": f"rtb-{DIGITS}",
    "AssociationId": f"rtbassoc-{DIGITS}", "Resources": f"vpc-{DIGITS}",
    "DatabaseArn": "arn:aws:rds:us-east-1:111122223333:db:nobody",
    "ResourceName": "arn:aws:rds:us-east-1:111122223333:db:nobody",
    "DBInstanceClass": "db.t4g.micro", "Engine": "postgres", "Attribute": "enableDnsSupport",
    "subnetIds": f"subnet-{DIGITS}", "TagMap": {"stage": "test"},
}


def run(report, lab, operations):
    """Every one of these operations, of the services that have things."""
    for service, said in SAID.items():
        client = lab.client(service, parameter_validation=False)
        tried = {}
        with report.check(f"{service}: what the model does not allow is told first"):
            for operation in sorted(name for of, name in operations if of == service):
                model = client.meta.service_model.operation_model(operation)
                for what, members in wrong(model.input_shape):
                    if "VpcEndpoint" in operation:
                        lab.post("advance", {"seconds": 4})  # AWS throttles these
                    tried[f"{operation}: {what}"] = refusal(client, operation, members)
            bad = {what: code for what, code in tried.items() if not re.fullmatch(said, code)}
            assert not bad, f"{len(bad)} of {len(tried)}: {bad}"
            assert len(tried) > 40, tried


def refusal(client, operation, members):
    """The code that the call is refused with."""
    try:
        client._make_api_call(operation, members)  # which is what every method of a client does
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "nothing"


def wrong(shape):
    """Inputs that the model does not allow, each with what is wrong about it."""
    if shape is None:
        return
    right = structure(shape)
    for name in shape.required_members:
        # What stands in the path cannot be left out.
        if shape.members[name].serialization.get("location") != "uri":
            yield f"no {name}", {each: right[each] for each in right if each != name}
    for name, member in shape.members.items():
        for value in not_allowed(member):
            yield f"{name}={str(value)[:40]!r}", {**right, name: value}


def structure(shape):
    """What is required of a structure, well formed."""
    return {name: value(name, shape.members[name]) for name in shape.required_members}


def value(name, shape):
    """A value that the model allows."""
    known = VALUES.get(name, VALUES.get(shape.name))
    if shape.type_name == "list":
        return [known or value(name, shape.member)]
    if known:
        return known
    if shape.type_name == "structure":
        return structure(shape) or {"Key": "stage", "Value": "test"}
    if getattr(shape, "enum", None):
        return shape.enum[0]
    return {"integer": 1, "boolean": True}.get(shape.type_name, "orders")


def not_allowed(shape):
    """Values that the model does not allow, of a type that can be written on the wire."""
    limits = shape.metadata
    if shape.type_name == "list":
        yield from ([each] for each in not_allowed(shape.member))
        if limits.get("max", 1000) < 100:
            yield [value("", shape.member)] * (limits["max"] + 1)
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from ({**structure(shape), name: each} for each in not_allowed(member))
        for name in shape.required_members:
            less = {each: it for each, it in structure(shape).items() if each != name}
            if less:  # nothing at all cannot be written in a query
                yield less
    elif shape.type_name == "string":
        if getattr(shape, "enum", None) or "pattern" in limits or shape.name.endswith("Id"):
            yield "no such value!" if shape.name != "ClientToken" else "\u00e9"
        if limits.get("min", 0) > 1:
            yield "a" * (limits["min"] - 1)
        if "max" in limits:
            yield "a" * (limits["max"] + 1)
    elif shape.type_name in ("integer", "long"):
        yield from ([limits["min"] - 1] if "min" in limits else [])
        yield from ([limits["max"] + 1] if "max" in limits else [])
    elif shape.type_name == "map":
        yield {"a" * 129: "too long"}
