"""Least privilege, as the template says it: nobody may do everything, nor anything to everything, without a reason."""

from collections.abc import Iterator
from typing import Any

import pytest

from tools.template import load, of_type

TEMPLATE = load()
FUNCTIONS = of_type(TEMPLATE, "AWS::Serverless::Function")

# Wildcards that stay within one thing of ours.
WITHIN = {
    "${Table.Arn}/index/*": "the table's own indexes",
    "${DocumentsBucket.Arn}/*": "the documents of our own bucket",
}
# All others, by the resource that has them.
IDENTITIES = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"
OUR_SENDER = "SES checks the address's identity or its domain's, whichever is verified; a condition allows one sender"
REASONS = {
    ("KeyDelivery", IDENTITIES): OUR_SENDER,
    ("MailEvents", IDENTITIES): OUR_SENDER,
    ("Reminders", IDENTITIES): OUR_SENDER,
    ("Key", "kms:*"): "a key's policy names the key itself; it leaves the account's roles to their own policies",
    ("Key", "*"): "in a key's policy this is the key",
    ("DocumentsBucketPolicy", "*"): "denied to everybody who comes without TLS",
    ("DocumentsBucketPolicy", "s3:*"): "denied to everybody who comes without TLS",
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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_has_a_policy_of_its_own_written_here(name: str) -> None:
    """No managed policy and no ready-made one of SAM: both allow more than they are taken for."""
    properties = FUNCTIONS[name]["Properties"]
    assert "Role" not in properties
    assert all("Statement" in policy for policy in properties["Policies"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sealed_keys_are_opened_by_those_only_that_print_and_mail_them(name: str) -> None:  # D8
    for statement in found_in(FUNCTIONS[name]["Properties"]["Policies"]):
        if "kms:Decrypt" in list(texts_of(statement["Action"])):
            assert name in ("KeyGeneration", "KeyDelivery") or "kms:ViaService" in str(statement["Condition"])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_ledger_is_not_rewritten_by_updates_and_scanned_by_the_reconciler_alone(name: str) -> None:  # D33
    """Records are put whole under the version that was read: no function may update an item in place."""
    actions = {
        text for each in found_in(FUNCTIONS[name]["Properties"]["Policies"]) for text in texts_of(each["Action"])
    }
    assert "dynamodb:UpdateItem" not in actions
    assert ("dynamodb:Scan" in actions) == (name == "Reconciler")
