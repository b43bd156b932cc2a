"""What stack tests do again and again: order, complete, wait, read the mail."""

import json
import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from itertools import count
from typing import Any, cast

from tools.local.client import Answer
from tools.local.mailbox import mails, wait_for_mails
from tools.local.stack import Stack

KEY = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}")
NUMBERS = count(1)


def purchase_order(**other: Any) -> dict[str, Any]:
    number = next(NUMBERS)
    return {
        "partner_id": "acme",
        "po_number": f"STACK-{number}",
        "customer": "Łódź 株式会社",
        "lines": [
            {"license_model": "AP-1YR-LIC", "quantity": 4},
            {"license_model": "SPC-1YR-200-LIC", "quantity": 1},
            {"license_model": "MSP-1YR-LIC", "quantity": 1},
        ],
        "delivery_emails": [f"a{number}@north.example", f"b{number}@north.example"],
    } | other


def eventually(read: Callable[[], Any], wanted: Callable[[Any], bool], seconds: float = 60) -> Any:
    """What `read` answers once it is as wanted."""
    deadline = time.monotonic() + seconds
    while not wanted(answer := read()):
        assert time.monotonic() < deadline, f"still {answer}"
        time.sleep(0.2)
    return answer


def place(stack: Stack, **other: Any) -> dict[str, Any]:
    return cast(dict[str, Any], stack.client("partner").must("POST", "/orders", purchase_order(**other)))


def complete(stack: Stack, order_id: str) -> Answer:
    return stack.client("operator").call("POST", f"/orders/{order_id}/completion")


def fulfilled(stack: Stack, order_id: str) -> dict[str, Any]:
    def read() -> Any:
        return stack.client("partner").must("GET", f"/orders/{order_id}")

    return cast(dict[str, Any], eventually(read, lambda order: order["status"] == "fulfilled"))


def mails_to(stack: Stack, recipient: str) -> list[EmailMessage]:
    return [mail for mail in mails(stack.mail_dir) if mail["To"] == recipient]


def keys_in(mail: EmailMessage) -> list[str]:
    body = mail.get_body(("plain",))
    assert body is not None
    return KEY.findall(body.get_content())


def keys_of(stack: Stack, **quantities: int) -> list[str]:
    """The keys of a fulfilled order with these models (`AP_1YR_LIC=4`), in the clear, as the mail has them."""
    lines = [{"license_model": sku.replace("_", "-"), "quantity": n} for sku, n in quantities.items()]
    order = place(stack, lines=lines)
    complete(stack, order["order_id"])
    recipient = order["delivery_emails"][0]
    return keys_in(wait_for_mails(stack.mail_dir, lambda mail: mail["To"] == recipient, 1)[0])


def begin(stack: Stack, name: str) -> None:
    """A round, as its schedule does."""
    names = [each["FunctionName"] for each in stack.aws.lambda_.list_functions(MaxItems=50)["Functions"]]
    (function,) = [name for name in names if "Dispatcher" in name]
    answer = stack.aws.lambda_.invoke(FunctionName=function, Payload=json.dumps({"round": name}).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()


def messages_in(stack: Stack, queue: str) -> int:
    """Those that wait, and those that are being worked on."""
    counted = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    asked = {"QueueUrl": stack.outputs[f"{queue}QueueUrl"], "AttributeNames": counted}
    told = stack.aws.sqs.get_queue_attributes(**asked)["Attributes"]
    return sum(int(told[name]) for name in counted)
