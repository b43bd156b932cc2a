"""What operators do at the terminal, on the running stack: first operator, redrive, reconcile, restore."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.stack.orders import complete, eventually, fulfilled, mails_to, place
from tools.local.client import Client
from tools.local.demo import sign_in
from tools.local.deploy import STACK
from tools.local.stack import Stack
from tools.paths import ROOT

pytestmark = pytest.mark.stack


def operate(stack: Stack, command: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """The command as `make` runs it, on the stack by name."""
    environment = {
        **stack.aws.environment,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers/shared/python'}",
    }
    words = [sys.executable, "-m", f"tools.operations.{command}", "--stack", STACK, *options]
    return subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def order(stack: Stack) -> dict[str, Any]:
    placed = place(stack)
    complete(stack, placed["order_id"])
    return fulfilled(stack, placed["order_id"])


def test_the_first_operator_is_made_at_the_terminal(stack: Stack) -> None:
    for _ in range(2):
        assert operate(stack, "admin", "--email", "First@engenius.example").returncode == 0
    api = Client(stack.api_url, sign_in(stack.aws, stack.outputs, "first@engenius.example"))
    assert api.must("GET", "/me")["grants"] == [{"role": "operator"}]


def test_the_reconciler_finds_the_stack_in_order(stack: Stack, order: dict[str, Any]) -> None:  # noqa: ARG001
    told = operate(stack, "reconcile")
    assert (told.returncode, told.stdout) == (0, "licensing: every promise is kept\n"), told.stdout + told.stderr


def test_every_dead_letter_queue_is_redriven(stack: Stack, order: dict[str, Any]) -> None:
    dead = {
        "KeyGeneration": {"type": "order.completed", "order_id": order["order_id"]},
        "KeyDelivery": {"order_id": order["order_id"]},
        "MailEvents": {"eventType": "Send", "mail": {"messageId": "any"}},
    }
    for queue, message in dead.items():
        failures = stack.outputs[f"{queue}FailuresUrl"]
        assert waiting(stack, failures) == 0, "nothing dies in what other tests did"
        stack.aws.sqs.send_message(QueueUrl=failures, MessageBody=json.dumps(message))
        told = operate(stack, "redrive", "--queue", queue)
        assert told.stdout == "1 messages put back\n", told.stderr
        for url in (failures, stack.outputs[f"{queue}QueueUrl"]):
            eventually(lambda url=url: waiting(stack, url), lambda count: count == 0)  # type: ignore[misc]
    told = operate(stack, "redrive", "--queue", "Nothing")
    assert (told.returncode, "KeyDelivery" in told.stderr) == (1, True)


def waiting(stack: Stack, url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    counts = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, counts.values()))


def test_a_bounce_is_told_to_the_partner_once(stack: Stack) -> None:
    bounced = "bounce@simulator.amazonses.com"
    placed = place(stack, delivery_emails=[bounced])
    complete(stack, placed["order_id"])

    def status() -> Any:
        return stack.client("partner").must("GET", f"/orders/{placed['order_id']}")["deliveries"][0]["status"]

    eventually(status, lambda found: found == "bounced")
    told = eventually(
        lambda: [mail for mail in mails_to(stack, "orders@acme.example.com") if placed["order_id"] in mail.as_string()],
        bool,
    )
    assert len(told) == 1
    body = told[0].get_content()
    assert bounced in body
    assert placed["po_number"] in body


def test_lost_items_and_documents_are_restored_and_the_reconciler_agrees(stack: Stack, order: dict[str, Any]) -> None:
    aws, table, bucket = stack.aws, stack.outputs["TableName"], stack.outputs["DocumentsBucket"]
    path = f"/orders/{order['order_id']}"
    before = eventually(  # nothing is on its way any more
        lambda: stack.client("partner").must("GET", path),
        lambda found: {each["status"] for each in found["deliveries"]} == {"delivered"},
    )
    backup = aws.dynamodb.create_backup(TableName=table, BackupName="drill")["BackupDetails"]["BackupArn"]
    lost = aws.dynamodb.scan(TableName=table)["Items"]
    for item in lost:
        aws.dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    documents = [each["Key"] for each in aws.s3.list_objects_v2(Bucket=bucket)["Contents"]]
    for name in documents:
        aws.s3.delete_object(Bucket=bucket, Key=name)
    assert stack.client("partner").call("GET", path).status != 200
    told = operate(stack, "restore", "--backup", backup)
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{len(lost)} items brought back\n{len(documents)} documents brought back" in told.stdout
    assert stack.client("partner").must("GET", path) == before
    assert {each["Key"] for each in aws.s3.list_objects_v2(Bucket=bucket)["Contents"]} == set(documents)
    restored = told.stdout.partition("restored as table ")[2].partition(";")[0]
    aws.dynamodb.delete_table(TableName=restored)
