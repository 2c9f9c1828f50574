"""Applies the SAM transform to template.yaml: what CloudFormation makes of it.

Usage: transform.py [BUCKET PREFIX] > plain.json

With a bucket and a prefix the functions' code is `PREFIX/<function>.zip` in it, as a release has it.
StackSets' default execution role takes no transforms, and policies are to be judged as they are
deployed: SAM adds some of its own to a function without a role.
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


def transformed(bucket="", prefix=""):
    """The plain template, as a tree."""
    text = Path(__file__).parent.parent.joinpath("template.yaml").read_text(encoding="utf-8")
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            binary = resource["Metadata"]["BuildProperties"]["Binary"]
            key = f"{prefix}/{binary}.zip".lstrip("/")
            resource["Properties"]["CodeUri"] = {"Bucket": bucket or "code", "Key": key}
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
    template = transformed(*sys.argv[1:])
    found = list(wrong(template))
    for line in found:
        print(line, file=sys.stderr)
    json.dump(template, sys.stdout, indent=2)
    print()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
