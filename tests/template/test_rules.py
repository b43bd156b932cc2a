"""Our own cfn-lint rules (tools/template_rules/): the template keeps them, and each notices when it does not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.rules import CloudFormationLintRule, RulesCollection

from tools.template import Template, load
from tools.template_rules.functions import FunctionsKeepApart, RightsAreNamed
from tools.template_rules.messages import MessagesGoByTls, TopicsAreEncrypted
from tools.template_rules.queues import AttemptsEnd, HandingOverFails, QueuesAreWatched, RetriesWait
from tools.template_rules.stores import BucketsArePrivate, InvitationsGoBySes, StoresAreKept, TablesCanBeRestored
from tools.template_rules.streams import StreamsAreFollowed
from tools.template_rules.traces import MetricsAreOfStages, TracesAreSampled

RULES = (
    AttemptsEnd,
    InvitationsGoBySes,
    QueuesAreWatched,
    RetriesWait,
    HandingOverFails,
    StreamsAreFollowed,
    TopicsAreEncrypted,
    MessagesGoByTls,
    FunctionsKeepApart,
    RightsAreNamed,
    StoresAreKept,
    TablesCanBeRestored,
    BucketsArePrivate,
    TracesAreSampled,
    MetricsAreOfStages,
)
Harm = Callable[[dict[str, Any]], object]


def found(template: Template, *rules: type[CloudFormationLintRule]) -> list[str]:
    collection = RulesCollection()
    collection.extend([rule() for rule in rules])
    return [match.message for match in lint(json.dumps(template), collection, ["eu-central-1"])]


def properties(resources: dict[str, Any], name: str) -> dict[str, Any]:
    every: dict[str, Any] = resources[name]["Properties"]
    return every


def allowed(resources: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The statements of a policy, or of a role's only one."""
    holder = properties(resources, name)
    document = holder.get("PolicyDocument") or holder["Policies"][0]["PolicyDocument"]
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


def schedule(resources: dict[str, Any], name: str) -> dict[str, Any]:
    """The settings of a function's only event."""
    (event,) = properties(resources, name)["Events"].values()
    settings: dict[str, Any] = event["Properties"]
    return settings


def test_the_template_keeps_every_rule() -> None:
    assert found(load(), *RULES) == []


@pytest.mark.parametrize(
    ("rule", "harm", "message"),
    [
        (QueuesAreWatched, lambda r: properties(r, "KeyGenerationQueue").pop("RedrivePolicy"), "no dead-letter queue"),
        (QueuesAreWatched, lambda r: r.pop("KeyDeliveryFailed"), "no alarm on ApproximateNumberOfMessagesVisible"),
        (QueuesAreWatched, lambda r: properties(r, "MailEventsLate").pop("AlarmActions"), "no alarm on ApproximateAge"),
        (
            QueuesAreWatched,
            lambda r: properties(r, "MailEventsFailures").update(MessageRetentionPeriod=345_600),
            "keep what failed for 14 days",
        ),
        (RetriesWait, lambda r: properties(r, "KeyGeneration").update(Timeout=61), "less than 6 times 61 s"),
        (
            RetriesWait,
            lambda r: properties(r, "MailEvents")["Events"]["MailEvent"]["Properties"].pop("FunctionResponseTypes"),
            "must report which messages",
        ),
        (FunctionsKeepApart, lambda r: properties(r, "Sweeper").pop("LoggingConfig"), "no log group of its own"),
        (FunctionsKeepApart, lambda r: properties(r, "SweeperLog").pop("RetentionInDays"), "for ever"),
        (
            FunctionsKeepApart,
            lambda r: properties(r, "Sweeper").update(Role=properties(r, "Authorizer")["Role"]),
            "shares its role",
        ),
        (FunctionsKeepApart, lambda r: properties(r, "Sweeper").pop("Role"), "no role that is written out"),
        (HandingOverFails, lambda r: properties(r, "OrdersToKeyGeneration").pop("RedrivePolicy"), "loses what sns"),
        (HandingOverFails, lambda r: schedule(r, "Sweeper").pop("DeadLetterConfig"), "loses what events"),
        (HandingOverFails, lambda r: allowed(r, "QueuePolicy").pop(0), "takes nothing from sns"),
        (HandingOverFails, lambda r: allowed(r, "QueuePolicy").pop(2), "takes nothing from events"),
        (StreamsAreFollowed, lambda r: r.pop("DigestsFailures"), "loses what it gives up"),
        (StreamsAreFollowed, lambda r: r.pop("DigestsLate"), "no alarm on IteratorAge"),
        (StreamsAreFollowed, lambda r: schedule(r, "Digests").pop("BisectBatchOnFunctionError"), "bisect batches"),
        (StreamsAreFollowed, lambda r: schedule(r, "Digests").pop("MaximumRetryAttempts"), "tries for ever"),
        (QueuesAreWatched, lambda r: r.pop("DigestsFailed"), "no alarm on ApproximateNumberOfMessagesVisible"),
        (TopicsAreEncrypted, lambda r: properties(r, "MailEventsTopic").pop("KmsMasterKeyId"), "not encrypted"),
        (
            TopicsAreEncrypted,
            lambda r: properties(r, "AlertsTopic").update(KmsMasterKeyId="alias/aws/sns"),
            "not encrypted with a key of ours",
        ),
        (MessagesGoByTls, lambda r: properties(r, "QueuePolicy")["Queues"].pop(), "DigestsFailures takes plain"),
        (MessagesGoByTls, lambda r: allowed(r, "QueuePolicy").pop(), "KeyDeliveryQueue takes plain"),
        (MessagesGoByTls, lambda r: allowed(r, "AlertsTopicPolicy").pop(), "AlertsTopic takes plain"),
        (
            MessagesGoByTls,
            lambda r: allowed(r, "OrdersTopicPolicy")[0].update(Resource={"Ref": "AlertsTopic"}),
            "OrdersTopic takes plain",
        ),
        (
            RightsAreNamed,
            lambda r: allowed(r, "AuthorizerRole")[0].update(Resource="*"),
            "every resource",
        ),
        (
            RightsAreNamed,
            lambda r: allowed(r, "AuthorizerRole")[0].update(Action="dynamodb:*"),
            "everything of a service",
        ),
        (RightsAreNamed, lambda r: r["TracingPolicy"].pop("Metadata"), "every resource"),
        (StoresAreKept, lambda r: r["UserPool"].pop("DeletionPolicy"), "UserPool needs DeletionPolicy"),
        (
            StoresAreKept,
            lambda r: r["KeyDeliveryFailures"].pop("UpdateReplacePolicy"),
            "KeyDeliveryFailures needs UpdateReplacePolicy",
        ),
        (TablesCanBeRestored, lambda r: properties(r, "Records").pop("TimeToLiveSpecification"), "no expiry"),
        (
            TablesCanBeRestored,
            lambda r: properties(r, "Records").pop("PointInTimeRecoverySpecification"),
            "no point-in-time recovery",
        ),
        (TracesAreSampled, lambda r: r.pop("TraceSampling"), "no rule says how many"),
        (
            TracesAreSampled,
            lambda r: properties(r, "TraceSampling")["SamplingRule"].update(ReservoirSize=1),
            "traces more than 5%",
        ),
        (
            TracesAreSampled,
            lambda r: properties(r, "TraceSampling")["SamplingRule"].update(FixedRate=0.06),
            "traces more than 5%",
        ),
        (TracesAreSampled, lambda r: properties(r, "Claim").update(Tracing="Active"), "Claim chooses by itself"),
        (
            MetricsAreOfStages,
            lambda r: properties(r, "Api")["MethodSettings"][0].update(MetricsEnabled=True),
            "measures each of its methods",
        ),
        (InvitationsGoBySes, lambda r: properties(r, "UserPool").pop("EmailConfiguration"), "50 mails a day"),
        (
            InvitationsGoBySes,
            lambda r: properties(r, "UserPool")["EmailConfiguration"].update(EmailSendingAccount="COGNITO_DEFAULT"),
            "50 mails a day",
        ),
        (
            AttemptsEnd,
            lambda r: properties(r, "KeyDeliveryQueue").update(VisibilityTimeout=600),
            "KeyDeliveryQueue tries for 3000 s",
        ),
        (BucketsArePrivate, lambda r: r.pop("DocumentsBucketPolicy"), "without TLS"),
        (BucketsArePrivate, lambda r: properties(r, "DocumentsBucket").pop("VersioningConfiguration"), "no versions"),
        (BucketsArePrivate, lambda r: properties(r, "DocumentsBucket").pop("BucketEncryption"), "not encrypted"),
        (
            BucketsArePrivate,
            lambda r: properties(r, "DocumentsBucket")["PublicAccessBlockConfiguration"].pop("BlockPublicAcls"),
            "may be public",
        ),
    ],
)
def test_a_rule_notices(rule: type[CloudFormationLintRule], harm: Harm, message: str) -> None:
    template = load()
    harm(template["Resources"])
    assert any(message in each for each in found(template, rule))
