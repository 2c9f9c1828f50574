"""Applies the SAM transform to template.yaml: what CloudFormation makes of it.

Usage: transform.py VERSION > plain.json

The plain template has a parameter more, the bucket with the functions' code; the rest of the place
is fixed: that version, and the architecture that the functions run on. So no other can be deployed
than was built. StackSets' default execution role takes no transforms, and policies are to be judged
as they are deployed: SAM adds some of its own to a function without a role.
"""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """What SAM would look up the policies of AWS in: none is ours."""

    def load(self):
        return {}


BUCKET = {
    "Type": "String",
    "AllowedPattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    "ConstraintDescription": "the name of a bucket",
    "Description": (
        "The bucket that the zips of the release lie in, each under trellis/VERSION/ and its own "
        "name. It must be in the region of the stack."
    ),
}


def transformed(version):
    """The plain template, as a tree."""
    text = Path(__file__).parent.parent.joinpath("template.yaml").read_text(encoding="utf-8")
    template = yaml_parse(text)
    template["Parameters"]["CodeBucket"] = BUCKET
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    groups[-1]["Parameters"].insert(0, "CodeBucket")
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # How it is built is no longer of interest.
            binary = resource.pop("Metadata")["BuildProperties"]["Binary"]
            key = f"trellis/{version}/{binary}-${{Architecture}}.zip"
            resource["Properties"]["CodeUri"] = {
                "Bucket": {"Ref": "CodeBucket"},
                "Key": {"Fn::Sub": key},
            }
    return transform(template, {}, NoManagedPolicies())


def wrong(template):
    """What a role has that template.yaml does not say, one line each."""
    for name, resource in template["Resources"].items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::IAM::Role":
            if properties.get("ManagedPolicyArns"):
                yield f"{name} has policies of AWS: {properties['ManagedPolicyArns']}"
            for policy in properties.get("Policies", []):
                if policy["PolicyName"] != "trellis":
                    yield f"{name} has a policy that is not ours: {policy['PolicyName']}"
        if resource["Type"].startswith("AWS::Serverless::"):
            yield f"{name} is not transformed"


def main():
    template = transformed(sys.argv[1])
    found = list(wrong(template))
    for line in found:
        print(line, file=sys.stderr)
    json.dump(template, sys.stdout, indent=2)
    print()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
