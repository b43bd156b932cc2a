"""After all that the other stack tests did: no clear key lies where none may lie (D8). It runs last, by its name."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.stack.orders import begin, keys_in, keys_of
from tests.worlds.items import legible
from tools.local.mailbox import mails
from tools.local.stack import Stack

pytestmark = pytest.mark.stack

LEDGERS = ("/orgs/org-north/ledger", "/orgs/org-south/ledger", "/msps/msp-blue/ledger")


def test_no_clear_key_lies_anywhere_but_in_mails_and_documents(stack: Stack) -> None:
    reconciled(stack)
    problems = [json.dumps(problem) for problem in refusals_of(stack, *keys_of(stack, AP_1YR_LIC=2, MSP_1YR_LIC=1))]
    places = {
        "problem documents": "\n".join(problems),
        "table": json.dumps(whole_table(stack)),
        "names of documents": json.dumps(names_of_documents(stack)),
        "logs": json.dumps(whole_log(stack)),
        "ledgers": "\n".join(told for path in LEDGERS for told in whole_ledger(stack, path)),
        "orders": json.dumps(stack.client("operator").must("GET", "/orders?limit=1000")),
        "queues": json.dumps(list(queued_messages(stack))),
        "metrics": json.dumps(stack.aws.cloudwatch.list_metrics()["Metrics"], default=str),
    }
    keys = {key for mail in mails(stack.mail_dir) for key in keys_in(mail)}
    assert keys
    filled = ("problem documents", "table", "names of documents", "logs", "orders", "metrics")
    assert all(places[name] for name in filled)
    assert "OldestProofDays" in places["logs"], "functions write their own metrics into their logs"
    forms = [form for key in keys for form in (key, key.replace("-", ""), key.lower(), quote(key.replace("-", " ")))]
    assert not [(name, form[:5]) for name, content in places.items() for form in forms if form in content]


def reconciled(stack: Stack) -> None:
    """A round of proofs was begun: it writes a metric of its own."""
    begin(stack, "proofs")


def refusals_of(stack: Stack, key: str, msp_key: str) -> Iterator[Any]:
    """Every way to be told no about a key, and keys put where they don't belong."""
    admin, msp = stack.client("org_admin"), stack.client("msp_admin")
    stack.client("org_admin").must("POST", "/license-keys/preview", {"license_key": key})
    admin.must("POST", "/orgs/org-north/claims", {"license_keys": [key]})
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    asked: list[tuple[Any, str, str, Any]] = [
        (admin, "POST", "/orgs/org-south/claims", {"license_keys": [key]}),
        (admin, "POST", "/orgs/org-north/claims", {"license_keys": [msp_key]}),
        (msp, "POST", "/msps/msp-blue/claims", {"license_keys": [key]}),
        (admin, "POST", "/orgs/org-north/claims", {"license_keys": [wrong]}),
        (admin, "POST", "/orgs/org-north/claims", {"license_keys": [key, key], "mode": key}),
        (admin, "POST", "/license-keys/preview", {"license_key": key, key: key}),
        (admin, "POST", "/license-keys/preview", f'{{"license_key": "{key}"'.encode()),
        (admin, "GET", f"/orgs/{key}/licenses", None),
        (admin, "GET", f"/orgs/org-north/licenses?tab={key}&cursor={key}", None),
        (admin, "GET", f"/orders/{key}", None),
    ]
    for who, method, path, body in asked:
        answer = who.call(method, path, body)
        assert 400 <= answer.status < 500, path
        yield answer.body


def whole_table(stack: Stack) -> list[Any]:
    pages = stack.aws.dynamodb.get_paginator("scan").paginate(TableName=stack.table_name)
    return [legible(item) for page in pages for item in page["Items"]]


def names_of_documents(stack: Stack) -> list[str]:
    pages = stack.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=stack.outputs["DocumentsBucket"])
    return [one["Key"] for page in pages for one in page.get("Contents", [])]


def whole_log(stack: Stack) -> list[str]:
    told: list[str] = []
    for group in stack.aws.logs.describe_log_groups()["logGroups"]:
        pages = stack.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        told += [event["message"] for page in pages for event in page["events"]]
    return told


def whole_ledger(stack: Stack, path: str) -> Iterator[str]:
    cursor: str | None = ""
    while cursor is not None:
        page = stack.client("operator").must("GET", f"{path}?limit=1000{cursor}")
        yield json.dumps(page["items"])
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None


def queued_messages(stack: Stack) -> Iterator[str]:
    """The queues' names, and what lies in those of failed messages; it stays there."""
    for url in stack.aws.sqs.list_queues()["QueueUrls"]:
        yield url
        if "Failures" in url:
            found = stack.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
            yield from (message["Body"] for message in found.get("Messages", []))
