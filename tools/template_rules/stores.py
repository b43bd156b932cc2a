"""Rules of the house for what keeps data: it can be got back, and nobody else reads it."""

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

PRIVATE = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


class StoresAreKept(CloudFormationLintRule):
    """Tables, buckets, keys, user pools, and queues with what waits in them outlive a stack deleted by mistake."""

    id = "E9121"
    shortdesc = "Store without deletion policy Retain"
    description = "What keeps data is retained when its stack is deleted or replaces it"
    tags = ("dynamodb", "s3", "kms", "cognito", "sqs")

    def match(self, cfn: Template) -> list[RuleMatch]:
        kinds = ["DynamoDB::Table", "S3::Bucket", "KMS::Key", "Cognito::UserPool", "SQS::Queue"]
        return [
            RuleMatch(["Resources", name], f"{name} needs {policy}: Retain")
            for name, resource in cfn.get_resources([f"AWS::{kind}" for kind in kinds]).items()
            for policy in ("DeletionPolicy", "UpdateReplacePolicy")
            if resource.get(policy) != "Retain"
        ]


class TablesCanBeRestored(CloudFormationLintRule):
    """Tables are encrypted, can be restored to any second, and forget what has expired."""

    id = "E9122"
    shortdesc = "Table without restore, encryption or expiry"
    description = "Point-in-time recovery, encryption with KMS and a TTL attribute"
    tags = ("dynamodb",)

    def match(self, cfn: Template) -> list[RuleMatch]:
        found = []
        for name, table in cfn.get_resources(["AWS::DynamoDB::Table"]).items():
            properties = table["Properties"]
            wanted = {
                "point-in-time recovery": ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
                "encryption": ("SSESpecification", "SSEEnabled"),
                "expiry of items": ("TimeToLiveSpecification", "Enabled"),
            }
            found += [
                RuleMatch(["Resources", name], f"{name} has no {what}")
                for what, (part, flag) in wanted.items()
                if properties.get(part, {}).get(flag) is not True
            ]
        return found


class BucketsArePrivate(CloudFormationLintRule):
    """Buckets are encrypted with KMS, versioned, private, and spoken to by TLS only."""

    id = "E9123"
    shortdesc = "Bucket that is not private, encrypted or versioned"
    description = "No public access, SSE-KMS, versions, and a policy that denies everything without TLS"
    tags = ("s3",)

    def match(self, cfn: Template) -> list[RuleMatch]:
        policies = cfn.get_resources(["AWS::S3::BucketPolicy"]).values()
        by_tls = {policy["Properties"]["Bucket"].get("Ref") for policy in policies if denies_plain_http(policy)}
        found = []
        for name, bucket in cfn.get_resources(["AWS::S3::Bucket"]).items():
            properties = bucket["Properties"]
            public = properties.get("PublicAccessBlockConfiguration", {})
            faults = {
                "may be public": not all(public.get(each) is True for each in PRIVATE),
                "is not encrypted with KMS": "aws:kms" not in str(properties.get("BucketEncryption")),
                "keeps no versions": properties.get("VersioningConfiguration", {}).get("Status") != "Enabled",
                "may be read without TLS": name not in by_tls,
            }
            found += [RuleMatch(["Resources", name], f"{name} {fault}") for fault, is_so in faults.items() if is_so]
        return found


def denies_plain_http(policy: dict[str, Any]) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement.get("Action") == "s3:*"
        and statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") in ("false", False)
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    )


class InvitationsGoBySes(CloudFormationLintRule):
    """User pools send their mail by an SES identity of ours: Cognito's own takes 50 mails a day."""

    id = "E9124"
    shortdesc = "User pool whose mail is Cognito's own"
    description = "EmailConfiguration names DEVELOPER and the SES identity that mails go out under"
    tags = ("cognito", "ses")

    def match(self, cfn: Template) -> list[RuleMatch]:
        pools = cfn.get_resources(["AWS::Cognito::UserPool"]).items()
        return [
            RuleMatch(["Resources", name], f"{name} sends 50 mails a day at most")
            for name, pool in pools
            if not sends_by_ses(pool["Properties"].get("EmailConfiguration", {}))
        ]


def sends_by_ses(settings: dict[str, Any]) -> bool:
    return settings.get("EmailSendingAccount") == "DEVELOPER" and "SourceArn" in settings
