"""Least privilege, in the template as SAM transforms it: nobody may do everything, nor anything to everything, without
a reason."""

from collections.abc import Iterator
from typing import Any

import pytest

from tools.local.transformed import transformed
from tools.template import of_type

TEMPLATE = transformed()
FUNCTIONS = of_type(TEMPLATE, "AWS::Lambda::Function")
ROLES = of_type(TEMPLATE, "AWS::IAM::Role")

# Wildcards that stay within one thing of ours.
WITHIN = {
    "${Records.Arn}/index/*": "the table's own indexes",
    "${DocumentsBucket.Arn}/*": "the documents of our own bucket",
    "${DocumentsBucket.Arn}/jobs/*": "those of them that jobs are about",
}
# All others, by the resource that has them.
IDENTITIES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"
OUR_SENDER = "SES checks the address's identity or its domain's, whichever is verified; a condition allows one sender"
OUR_KEY = "a key's policy names the key itself; it leaves the account's roles to their own policies"
NO_TLS = "denied to everybody who comes without TLS"
REASONS = {
    ("KeyDeliveryRole", IDENTITIES): OUR_SENDER,
    ("MailEventsRole", IDENTITIES): OUR_SENDER,
    ("RemindersRole", IDENTITIES): OUR_SENDER,
    ("Key", "kms:*"): OUR_KEY,
    ("Key", "*"): OUR_KEY,
    ("TopicsKey", "kms:*"): OUR_KEY,
    ("TopicsKey", "kms:GenerateDataKey*"): "with and without the plain key: as services ask for it",
    ("TopicsKey", "*"): OUR_KEY,
    ("TracingPolicy", "*"): "traces have no resource to name",
    ("DocumentsBucketPolicy", "*"): NO_TLS,
    ("DocumentsBucketPolicy", "s3:*"): NO_TLS,
    ("QueuePolicy", "*"): NO_TLS,
    ("QueuePolicy", "sqs:*"): NO_TLS,
    ("OrdersTopicPolicy", "*"): NO_TLS,
    ("MailEventsTopicPolicy", "*"): NO_TLS,
    ("AlertsTopicPolicy", "*"): NO_TLS,
}


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every policy statement of the template, with the resource that has it."""
    for name, resource in TEMPLATE["Resources"].items():
        yield from ((name, statement) for statement in found_in(resource.get("Properties", {})))


def found_in(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if "Effect" in part:
            yield part
        else:
            for value in part.values():
                yield from found_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from found_in(value)


def texts_of(value: Any) -> Iterator[str]:
    """The texts of a statement's part; of `!Sub` its pattern, of `!Ref` and `!GetAtt` nothing: they name one thing."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts_of(each)
    elif isinstance(value, dict):
        yield from texts_of([each for name, each in value.items() if name not in ("Ref", "Fn::GetAtt")])


def wildcards() -> set[tuple[str, str]]:
    return {
        (name, text)
        for name, statement in statements()
        for part in ("Action", "NotAction", "Resource", "NotResource", "Principal")
        for text in texts_of(statement.get(part))
        if "*" in text and text not in WITHIN
    }


def test_every_wildcard_has_its_reason_and_no_reason_is_left_over() -> None:
    assert wildcards() == set(REASONS)


def test_nothing_is_allowed_by_exception() -> None:
    for name, statement in statements():
        assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement), name


def test_mail_goes_out_under_our_sender_alone() -> None:
    for _, statement in statements():
        if IDENTITIES in texts_of(statement.get("Resource")):
            assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "SenderAddress"}}}


def test_nobody_has_a_policy_that_somebody_else_writes() -> None:
    """Amazon's ready-made ones allow more than they are taken for: to receive from any queue of the account."""
    managed = {name: role["Properties"].get("ManagedPolicyArns", []) for name, role in ROLES.items()}
    gateway = managed.pop("ApiLoggingRole")
    assert "AmazonAPIGatewayPushToCloudWatchLogs" in str(gateway), "the gateway takes no other"
    assert all(policies == [{"Ref": "TracingPolicy"}] for policies in managed.values())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_a_role_of_its_own_and_writes_its_own_log_alone(name: str) -> None:
    assert FUNCTIONS[name]["Properties"]["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
    logs = [each for each in found_in(ROLES[f"{name}Role"]) if "logs:PutLogEvents" in texts_of(each["Action"])]
    assert [each["Resource"] for each in logs] == [{"Fn::GetAtt": [f"{name}Log", "Arn"]}]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_receives_only_from_the_queue_or_stream_that_it_works_off(name: str) -> None:
    sources = [
        mapping["Properties"]["EventSourceArn"]
        for mapping in of_type(TEMPLATE, "AWS::Lambda::EventSourceMapping").values()
        if mapping["Properties"]["FunctionName"] == {"Ref": name}
    ]
    received = [
        each["Resource"]
        for each in found_in(ROLES[f"{name}Role"])
        if {"sqs:ReceiveMessage", "dynamodb:GetRecords"} & set(texts_of(each["Action"]))
    ]
    assert received == sources


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sealed_keys_are_opened_by_those_only_that_print_and_mail_them(name: str) -> None:  # D8
    for statement in found_in(ROLES[f"{name}Role"]):
        if "kms:Decrypt" in list(texts_of(statement["Action"])):
            assert name in ("KeyGeneration", "KeyDelivery") or "kms:ViaService" in str(statement["Condition"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_ledger_is_not_rewritten_by_updates_and_scanned_by_the_reconciler_alone(name: str) -> None:  # D33
    """Records are put whole under the version that was read: no function may update an item in place."""
    actions = {text for each in found_in(ROLES[f"{name}Role"]) for text in texts_of(each["Action"])}
    assert "dynamodb:UpdateItem" not in actions
    assert ("dynamodb:Scan" in actions) == (name == "Reconciler")


def test_nobody_writes_the_address_that_he_is_known_by() -> None:
    """The pool asks for the new address's code besides, so that not even an admin's change counts before that."""
    assert "email" not in TEMPLATE["Resources"]["UserPoolClient"]["Properties"]["WriteAttributes"]
    pool = TEMPLATE["Resources"]["UserPool"]["Properties"]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
