"""template.yaml itself, deployed to MiniStack through CloudFormation."""

import copy
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from tools.local.aws import Aws
from tools.local.ministack import StackError
from tools.local.packages import SOURCE_OF, package
from tools.template import Template, load, of_type

STACK = "licensing"
ARTIFACTS = "artifacts"
DEPLOY_SECONDS = 120
DIGEST = "digest"  # tells at the next start whether anything changed
HALF_MADE = ("CREATE_IN_PROGRESS", "CREATE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE")
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")

RESOURCE_POLICIES = ("AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")

Outputs = dict[str, str]


def deploy(aws: Aws, build: Path, parameters: Mapping[str, str]) -> Outputs:
    """Create the stack, or update what changed in it, and give its outputs."""
    template = load()
    zips = package(template, build)
    body = json.dumps(packaged(template, zips)).encode()
    digest = hashlib.sha256(body + json.dumps(parameters, sort_keys=True).encode()).hexdigest()
    before = without_half_made(aws, state_of(aws))
    if before and before["StackStatus"] in DONE and digest == tag_of(before):
        return outputs_of(aws) or {}
    upload(aws, {"template.json": body} | {path.name: path.read_bytes() for path in zips.values()})
    request: dict[str, Any] = {
        "StackName": STACK,
        "TemplateURL": f"{aws.endpoint}/{ARTIFACTS}/template.json",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Tags": [{"Key": DIGEST, "Value": digest}],
    }
    if before is None:
        aws.cloudformation.create_stack(**request)
    else:
        aws.cloudformation.update_stack(**request)
    outputs = finished(aws)
    answer_as_the_gateway(aws, template, outputs["ApiId"])
    forget_uploads(aws)
    return outputs


def without_half_made(aws: Aws, stack: dict[str, Any] | None) -> dict[str, Any] | None:
    """A stack whose making was cut short can't be updated, and holds nothing yet: it is made anew."""
    if stack is None or stack["StackStatus"] not in HALF_MADE:
        return stack
    aws.cloudformation.delete_stack(StackName=STACK)
    deadline = time.monotonic() + DEPLOY_SECONDS
    while state_of(aws) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    return None


def packaged(template: Template, zips: Mapping[str, Path]) -> Template:
    """The template with its local paths replaced by what is uploaded for them."""
    body = as_ministack_reads_it(copy.deepcopy(template))
    for name, path in zips.items():
        resource = body["Resources"][name]
        resource["Properties"][SOURCE_OF[resource["Type"]]] = {"Bucket": ARTIFACTS, "Key": path.name}
    return body


def upload(aws: Aws, files: Mapping[str, bytes]) -> None:
    if ARTIFACTS not in [each["Name"] for each in aws.s3.list_buckets()["Buckets"]]:
        aws.s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": aws.region})
    for name, content in files.items():
        aws.s3.put_object(Bucket=ARTIFACTS, Key=name, Body=content)


def forget_uploads(aws: Aws) -> None:
    """MiniStack keeps them in memory, and once more in the functions and layers made from them."""
    for each in aws.s3.list_objects_v2(Bucket=ARTIFACTS).get("Contents", ()):
        aws.s3.delete_object(Bucket=ARTIFACTS, Key=each["Key"])


def as_ministack_reads_it(template: Template) -> Template:
    """Where MiniStack checks a right otherwise than AWS: one to send a message covers a batch of them there, mail is
    sent by an identity, and there is no TLS to insist on.
    """
    for role in of_type(template, "AWS::IAM::Role").values():
        for policy in role["Properties"].get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                if statement["Action"] == "sqs:SendMessage":
                    statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]
                if statement["Action"] == "ses:SendRawEmail":
                    statement |= {"Resource": "*", "Condition": {}}
    for name, policy in of_type(template, *RESOURCE_POLICIES).items():
        document = policy["Properties"]["PolicyDocument"]
        document["Statement"] = [each for each in document["Statement"] if "aws:SecureTransport" not in str(each)]
        if not document["Statement"]:
            del template["Resources"][name]
    return template


def outputs_of(aws: Aws) -> Outputs | None:
    """The outputs of the stack as it is; None if there is none yet."""
    stack = state_of(aws)
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]} if stack else None


def tag_of(stack: dict[str, Any]) -> str | None:
    """The digest of what was deployed."""
    return {each["Key"]: each["Value"] for each in stack["Tags"]}.get(DIGEST)


def state_of(aws: Aws) -> dict[str, Any] | None:
    try:
        stack: dict[str, Any] = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError:
        return None
    return stack


def finished(aws: Aws) -> Outputs:
    deadline = time.monotonic() + DEPLOY_SECONDS
    while time.monotonic() < deadline:
        stack = state_of(aws)
        status = stack["StackStatus"] if stack else "missing"
        if status in DONE:
            return outputs_of(aws) or {}
        if "IN_PROGRESS" not in status:
            raise StackError(f"the stack ended as {status}:\n{failures(aws)}")
        time.sleep(0.1)
    raise StackError(f"the stack is not up after {DEPLOY_SECONDS} s")


def failures(aws: Aws) -> str:
    events = aws.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    return "\n".join(
        f"  {each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}"
        for each in events
        if each["ResourceStatus"].endswith("FAILED")
    )


def answer_as_the_gateway(aws: Aws, template: Template, api_id: str) -> None:
    """Hand over the API's gateway responses: MiniStack imports an API's body, but not these from it."""
    (api,) = of_type(template, "AWS::Serverless::Api").values()
    present = aws.apigateway.get_gateway_responses(restApiId=api_id)["items"]
    done = {each["responseType"]: each.get("responseTemplates") for each in present}
    wanted = api["Properties"]["GatewayResponses"]
    if all(done.get(kind) == response["ResponseTemplates"] for kind, response in wanted.items()):
        return
    for kind, response in wanted.items():
        headers = response["ResponseParameters"]["Headers"].items()
        aws.apigateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            statusCode=str(response["StatusCode"]),
            responseParameters={f"gatewayresponse.header.{name}": value for name, value in headers},
            responseTemplates=response["ResponseTemplates"],
        )
    aws.apigateway.create_deployment(restApiId=api_id, stageName=api["Properties"]["StageName"])
