"""Our own cfn-lint rules (tools/template_rules/): the template keeps them, and each notices when it does not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.rules import CloudFormationLintRule, RulesCollection

from tools.template import Template, load
from tools.template_rules.functions import FunctionsKeepApart, RightsAreNamed
from tools.template_rules.queues import QueuesAreWatched, RetriesWait
from tools.template_rules.stores import BucketsArePrivate, StoresAreKept, TablesCanBeRestored

RULES = (
    QueuesAreWatched,
    RetriesWait,
    FunctionsKeepApart,
    RightsAreNamed,
    StoresAreKept,
    TablesCanBeRestored,
    BucketsArePrivate,
)
Harm = Callable[[dict[str, Any]], object]


def found(template: Template, *rules: type[CloudFormationLintRule]) -> list[str]:
    collection = RulesCollection()
    collection.extend([rule() for rule in rules])
    return [match.message for match in lint(json.dumps(template), collection, ["eu-central-1"])]


def properties(resources: dict[str, Any], name: str) -> dict[str, Any]:
    every: dict[str, Any] = resources[name]["Properties"]
    return every


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
            lambda r: [properties(r, n).update(Role={"Ref": "R"}) for n in ("Sweeper", "Authorizer")],
            "shares its role",
        ),
        (
            RightsAreNamed,
            lambda r: properties(r, "Authorizer")["Policies"][0]["Statement"][0].update(Resource="*"),
            "every resource",
        ),
        (
            RightsAreNamed,
            lambda r: properties(r, "Authorizer")["Policies"][0]["Statement"][0].update(Action="dynamodb:*"),
            "everything of a service",
        ),
        (StoresAreKept, lambda r: r["UserPool"].pop("DeletionPolicy"), "UserPool needs DeletionPolicy"),
        (TablesCanBeRestored, lambda r: properties(r, "Table").pop("TimeToLiveSpecification"), "no expiry"),
        (
            TablesCanBeRestored,
            lambda r: properties(r, "Table").pop("PointInTimeRecoverySpecification"),
            "no point-in-time recovery",
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
