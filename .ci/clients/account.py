"""AWS STS, Amazon EventBridge, and what is no AWS that the simulator knows."""

import json
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import ClientError

from report import refused


def run(report, lab):
    """Who calls, events of one's own, and refusals before any service."""
    with report.check("sts: any credentials are taken, and say who calls"):
        found = lab.sts.get_caller_identity()
        assert found["Account"] == "111122223333" and ":user/me" in found["Arn"], found
        other = lab.client("sts", aws_access_key_id="AKIDSOMEBODY").get_caller_identity()
        assert "AKIDSOMEBODY" in other["Arn"], other
        with refused(lab.sts, "InvalidAction"):
            lab.sts.get_session_token()
    with report.check("events: each entry is judged by itself"):
        entry = {"Source": "shop", "DetailType": "Order Placed", "Detail": json.dumps({"a": 1})}
        bad = [{**entry, "Source": "aws.rds"}, {**entry, "Detail": "[1]"}]
        found = lab.events.put_events(Entries=[entry, *bad])
        assert found["FailedEntryCount"] == 2 and found["Entries"][0]["EventId"], found
        codes = [each.get("ErrorCode") for each in found["Entries"]]
        assert codes == [None, "NotAuthorizedForSourceException", "MalformedDetail"], codes
        with refused(lab.events, "ValidationException"):
            lab.events.put_events(Entries=[entry] * 11)
        with refused(lab.events, "UnknownOperationException"):
            lab.events.list_rules()
    with report.check("a region is a world of its own"):
        vpc = lab.ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
        elsewhere = lab.client("ec2", region_name="eu-west-1")
        assert elsewhere.describe_vpcs()["Vpcs"] == []
        zones = elsewhere.describe_availability_zones()["AvailabilityZones"]
        assert all(zone["RegionName"] == "eu-west-1" for zone in zones), zones
        lab.ec2.delete_vpc(VpcId=vpc)
    with report.check("a service that is not simulated is refused, not imitated"):
        bucket = boto3.client("sqs", endpoint_url=lab.endpoint, region_name="us-east-1",
                              aws_access_key_id="me", aws_secret_access_key="any")
        try:
            bucket.list_queues()
        except ClientError as error:
            assert "sqs" in str(error), error
        else:
            raise AssertionError("it answered")
    with report.check("a request without a signature is refused"):
        url = f"{lab.endpoint}/servicenetworks"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                raise AssertionError(f"it answered {response.status}")
        except urllib.error.HTTPError as error:
            assert error.code == 403 and "message" in json.load(error), error.code
