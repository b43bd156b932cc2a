"""Rules of the house for messages on their way: nobody else reads them."""

from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

# What holds messages, its policy, how that names it, and what is denied to whoever comes without TLS.
HOLDERS = (
    ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues", "sqs:*"),
    ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
)


class TopicsAreEncrypted(CloudFormationLintRule):
    """Topics are encrypted with a key of ours: SES and CloudWatch can't publish under Amazon's own."""

    id = "E9131"
    shortdesc = "Topic that is not encrypted with our own key"
    description = "Topics carry orders and addresses: KmsMasterKeyId names a key of the template"
    tags = ("sns", "kms")

    def match(self, cfn: Template) -> list[RuleMatch]:
        keys = cfn.get_resources(["AWS::KMS::Key"])
        return [
            RuleMatch(["Resources", name], f"{name} is not encrypted with a key of ours")
            for name, topic in cfn.get_resources(["AWS::SNS::Topic"]).items()
            if named_by(topic.get("Properties", {}).get("KmsMasterKeyId")) not in keys
        ]


class MessagesGoByTls(CloudFormationLintRule):
    """Queues and topics refuse whoever comes without TLS."""

    id = "E9132"
    shortdesc = "Queue or topic that takes plain HTTP"
    description = "A policy denies everything without TLS"
    tags = ("sns", "sqs")

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            RuleMatch(["Resources", name], f"{name} takes plain HTTP")
            for kind, policy, names, action in HOLDERS
            for name in cfn.get_resources([kind])
            if name not in by_tls(cfn, policy, names, action)
        ]


def by_tls(cfn: Template, kind: str, names: str, action: str) -> set[str | None]:
    """Those for which such a policy denies this without TLS."""
    return {
        named_by(holder)
        for policy in cfn.get_resources([kind]).values()
        for holder in policy["Properties"][names]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if denies_plain_http(statement, action) and named_by(holder) in covered(statement, holder)
    }


def denies_plain_http(statement: dict[str, Any], action: str) -> bool:
    plain = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    everybody = statement["Effect"] == "Deny" and statement.get("Principal") == "*"
    return everybody and statement.get("Action") == action and plain in ("false", False)


def covered(statement: dict[str, Any], holder: Any) -> set[str | None]:
    """Whom the statement is about: `*` in the policy of a queue is that queue."""
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    return {named_by(holder) if each == "*" else named_by(each) for each in resources}


def named_by(value: Any) -> str | None:
    """The logical id in a `Ref` or a `Fn::GetAtt`."""
    if not isinstance(value, dict):
        return None
    return str(value["Ref"]) if "Ref" in value else str(value["Fn::GetAtt"][0]) if "Fn::GetAtt" in value else None
