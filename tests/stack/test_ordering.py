"""Ordering seen from outside: HTTP in, mail out, on the deployed template (D3-D8)."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from licensing.domain.licenses import key_codec
from tests.stack.orders import complete, eventually, fulfilled, keys_in, mails_to, place, purchase_order
from tools.local.client import Answer
from tools.local.mailbox import wait_for_mails
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


def test_an_order_becomes_keys_in_documents_in_a_real_mailbox(stack: Stack) -> None:
    order = place(stack)
    assert complete(stack, order["order_id"]).status == 202
    started = time.monotonic()
    done = fulfilled(stack, order["order_id"])
    assert time.monotonic() - started < 60
    assert [line["key_state"] for line in done["lines"]] == ["issued"] * 3
    for recipient in done["delivery_emails"]:
        (mail,) = wait_for_mails(stack.mail_dir, lambda mail, to=recipient: mail["To"] == to, 1)  # type: ignore[misc]
        keys = keys_in(mail)
        documents = [part.get_content() for part in mail.iter_attachments()]
        assert len(set(keys)) == len(documents) == 3
        for key, line, document in zip(keys, done["lines"], documents, strict=True):
            symbols = key_codec.parse(key)
            assert line["key_fingerprint"] == key_codec.fingerprint(symbols)
            (page,) = PdfReader(BytesIO(document)).pages
            text = page.extract_text()
            assert key in text
            assert line["license_model"] in text
            assert "Łódź 株式会社" in text


def test_delivery_events_arrive_and_a_bounced_address_is_corrected(stack: Stack) -> None:
    order_id = place(stack, delivery_emails=["bounce@simulator.amazonses.com"])["order_id"]
    complete(stack, order_id)
    partner = stack.client("partner")

    def statuses() -> Any:
        return {mail["recipient"]: mail for mail in partner.must("GET", f"/orders/{order_id}")["deliveries"]}

    bounced = eventually(statuses, lambda all_: all_["bounce@simulator.amazonses.com"]["status"] == "bounced")
    assert "user unknown" in bounced["bounce@simulator.amazonses.com"]["reason"]
    fixed = f"{order_id}@north.example"
    assert partner.call("POST", f"/orders/{order_id}/deliveries", {"recipients": [fixed]}).status == 202
    eventually(statuses, lambda all_: all_[fixed]["status"] == "delivered")
    assert len(mails_to(stack, fixed)) == 1


def test_fifty_identical_orders_at_once_are_one_order(stack: Stack) -> None:  # D4
    body = purchase_order()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: stack.client("partner").call("POST", "/orders", body), range(50)))
    assert sorted(answer.status for answer in answers) == [200] * 49 + [201]
    assert len({json.dumps(answer.body, sort_keys=True) for answer in answers}) == 1


def test_one_idempotency_key_sent_ten_times_at_once_has_one_effect(stack: Stack) -> None:
    body = purchase_order()

    def send(_: int) -> Answer:
        return stack.client("partner").call("POST", "/orders", body, Idempotency_Key=body["po_number"])

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({json.dumps(answer.body, sort_keys=True) for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 9
    other = stack.client("partner").call("POST", "/orders", purchase_order(), Idempotency_Key=body["po_number"])
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")


def test_completed_five_times_with_duplicate_messages_makes_one_key_a_line_and_one_mail_each(stack: Stack) -> None:
    order_id = place(stack)["order_id"]
    message = json.dumps({"type": "order.completed", "order_id": order_id})
    for _ in range(5):
        complete(stack, order_id)
        stack.aws.sns.publish(TopicArn=stack.orders_topic_arn, Message=message)
    done = fulfilled(stack, order_id)
    eventually(lambda: queued_messages(stack), lambda number: number == 0)
    again = stack.client("partner").must("GET", f"/orders/{order_id}")
    assert [line["key_fingerprint"] for line in again["lines"]] == [line["key_fingerprint"] for line in done["lines"]]
    assert [len(mails_to(stack, recipient)) for recipient in done["delivery_emails"]] == [1, 1]


def queued_messages(stack: Stack) -> int:
    """Waiting or being worked on, in all queues but the dead-letter ones."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    urls = [url for url in stack.aws.sqs.list_queues()["QueueUrls"] if "Failures" not in url]
    found = [stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
    return sum(int(attributes[name]) for attributes in found for name in names)


def test_an_erp_orders_and_completes_in_one_message(stack: Stack) -> None:
    body = purchase_order()
    message = {"type": "order.completed", "completed_at": "2026-01-31T10:00:00Z", "order": body}
    stack.aws.sns.publish(TopicArn=stack.orders_topic_arn, Message=json.dumps(message))
    partner = stack.client("partner")

    def find() -> Any:
        return partner.must("GET", f"/orders?po_number={body['po_number']}&status=fulfilled")["items"]

    (order,) = eventually(find, bool)
    assert order["completed_at"] == "2026-01-31T10:00:00Z"


def test_the_document_is_a_link_of_five_minutes(stack: Stack) -> None:
    order_id = place(stack)["order_id"]
    complete(stack, order_id)
    fulfilled(stack, order_id)
    answer = stack.client("partner").call("GET", f"/orders/{order_id}/lines/1/document")
    assert answer.body.startswith(b"%PDF")  # the client followed the 302
    missing = stack.client("partner").call("GET", f"/orders/{order_id}/lines/9/document")
    assert (missing.status, missing.body["code"]) == (404, "not_found")


def test_other_tenants_orders_look_like_missing_ones(stack: Stack) -> None:
    order_id = place(stack)["order_id"]
    for role in ("org_admin", "msp_admin", "org_viewer"):
        foreign = stack.client(role).call("GET", f"/orders/{order_id}")
        missing = stack.client(role).call("GET", f"/orders/{order_id}x")
        hide = {"instance": ""}
        assert foreign.status == missing.status == 404
        assert foreign.body | hide == missing.body | hide
    assert stack.client("partner").call("POST", f"/orders/{order_id}/completion").status == 403


def test_nobody_without_a_token_gets_in(stack: Stack) -> None:
    for token in (None, "nonsense", "a.b.c"):
        client = stack.client("partner")
        client.token = token
        answer = client.call("GET", "/me")
        assert (answer.status, answer.body["code"]) == (401, "unauthenticated")
        assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_poisoned_message_ends_whole_in_the_dead_letter_queue(stack: Stack) -> None:
    poison = json.dumps({"type": "order.completed", "order": {"po_number": "poison"}})
    stack.aws.sns.publish(TopicArn=stack.orders_topic_arn, Message=poison)
    (dead,) = [url for url in stack.aws.sqs.list_queues()["QueueUrls"] if "KeyGenerationFailures" in url]

    def received() -> Any:
        return stack.aws.sqs.receive_message(QueueUrl=dead, VisibilityTimeout=1).get("Messages", [])

    (message,) = eventually(received, bool, seconds=120)
    assert message["Body"] == poison
    stack.aws.sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
