"""The queue workers: from the ERP's message to the mail in the mailbox, and what a poisoned message does (D5-D8)."""

import io
import json
import re
from typing import Any

import pytest
from pypdf import PdfReader

from licensing.adapters.aws import client
from licensing.domain.licenses import key_codec
from licensing.entry import wiring
from licensing.ports import MailRefused
from tests.worlds.examples import later, purchase_order
from tests.worlds.gateway import sample
from tests.worlds.items import legible, text_of
from tests.worlds.moto_cloud import BUCKET, SENDER, TABLE, Cloud, body_of

KEY = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b")
ORDER_ID = body_of("sqs_order_completed.json")["order_id"]


def erp_message(**other: Any) -> dict[str, Any]:
    return {"type": "order.completed", "order": purchase_order(**other)}


def texts(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def table_text() -> str:
    return json.dumps([legible(item) for item in client("dynamodb").scan(TableName=TABLE)["Items"]])


def sample_order_is_completed(cloud: Cloud) -> None:
    for name in ("api_place_order.json", "api_complete_order.json"):
        assert cloud.function("order_intake")(sample(name), None)["statusCode"] < 300


def test_an_erps_message_becomes_a_mail_with_a_pdf_for_each_line(cloud: Cloud) -> None:
    cloud.publish(erp_message())
    cloud.work()
    assert [recipient for recipient, _ in cloud.mails] == ["a@north.example", "b@north.example"]
    for recipient, mail in cloud.mails:
        assert (mail["To"], mail["From"]) == (recipient, f"EnGenius Cloud <{SENDER}>")
        assert mail.get_body(("plain",)) is not None
        assert mail.get_body(("html",)) is not None
        pdfs = list(mail.iter_attachments())
        assert [pdf.get_filename() for pdf in pdfs] == ["PO-1-line-1.pdf", "PO-1-line-2.pdf"]
        printed = [texts(pdf.get_content()) for pdf in pdfs]
        assert "AP-1YR-LIC" in printed[0]
        assert "MSP-1YR-LIC" in printed[1]
        for text in printed:
            (key,) = {key_codec.parse(found) for found in KEY.findall(text)}
            assert key_codec.pretty(key) in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_key_stands_nowhere_but_in_pdf_and_mail(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:  # D8
    cloud.publish(erp_message())
    cloud.work()
    _, mail = cloud.mails[0]
    keys = KEY.findall(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert len(keys) == 2
    names = [each["Key"] for each in client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
    elsewhere = table_text() + " ".join(names) + capsys.readouterr().out
    for key in keys:
        assert key not in elsewhere
        assert key_codec.parse(key) not in elsewhere


def test_each_sample_is_understood(cloud: Cloud) -> None:
    cloud.now = later(days=300)
    sample_order_is_completed(cloud)
    assert cloud.send("key_generation", body_of("sqs_order_completed.json"), body_of("sqs_erp_order.json")) == []
    assert cloud.send("key_delivery", body_of("sqs_key_delivery.json")) == []
    order = cloud.call("GET", f"/orders/{ORDER_ID}").body
    assert [mail["status"] for mail in order["deliveries"]] == ["sent", "sent"]


def test_a_message_of_the_release_before_that_names_a_recipient_still_has_the_mails_sent(cloud: Cloud) -> None:
    cloud.now = later(days=300)
    sample_order_is_completed(cloud)
    cloud.send("key_generation", body_of("sqs_order_completed.json"))
    old = {**body_of("sqs_key_delivery.json"), "recipient": "licenses@north.example", "send": 1}
    assert cloud.send("key_delivery", old, old) == []
    assert len(cloud.mails) == 2


def test_a_message_that_comes_five_times_makes_one_key_a_line_and_one_mail_a_recipient(cloud: Cloud) -> None:
    for _ in range(5):
        cloud.publish(erp_message())
    cloud.work()
    assert len(cloud.mails) == 2
    assert table_text().count('"KEY#') == 2


POISON = ["not json", "{}", '{"type": "order.cancelled"}', {"type": "order.completed", "order": {"partner_id": "acme"}}]


@pytest.mark.parametrize("poison", POISON, ids=str)
def test_a_poisoned_message_fails_alone(cloud: Cloud, poison: Any) -> None:
    failed = cloud.send("key_generation", erp_message(po_number="A"), poison, erp_message(po_number="B"))
    assert failed == ["message-1"]
    cloud.work()
    assert len(cloud.mails) == 4


def test_a_completed_order_that_contradicts_the_one_received_fails(cloud: Cloud) -> None:  # D4
    cloud.publish(erp_message())
    cloud.work()
    assert cloud.send("key_generation", erp_message(customer="South")) == ["message-0"]


def test_a_completion_in_the_future_is_refused_whole(cloud: Cloud) -> None:
    message = erp_message() | {"completed_at": later(days=1).isoformat()}
    assert cloud.send("key_generation", message) == ["message-0"]
    assert cloud.call("GET", "/orders", partner_id="acme").body["items"] == []


def test_keys_of_an_order_that_is_not_completed_are_refused(cloud: Cloud) -> None:
    order_id = cloud.call("POST", "/orders", purchase_order()).body["order_id"]
    message = {"type": "order.completed", "order_id": order_id}
    assert cloud.send("key_generation", message, {**message, "order_id": "acme.0"}) == ["message-0", "message-1"]


def test_poisoned_messages_of_the_other_queues_fail_alone_too(cloud: Cloud) -> None:
    sample_order_is_completed(cloud)
    cloud.work()
    good = body_of("sqs_key_delivery.json")
    assert cloud.send("key_delivery", "x", good, {**good, "order_id": "acme.0"}) == ["message-0", "message-2"]
    assert cloud.send("mail_events", "x", body_of("sqs_mail_bounce.json"), {}) == ["message-0", "message-2"]


def test_what_fails_leaves_no_content_in_the_log(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:  # D8
    cloud.send("key_generation", {"type": "order.completed", "order": {"customer": "7Q4ZK-SECRET"}}, "7Q4ZK-SECRET")
    cloud.call("POST", "/orders", {"customer": 7, "po_number": "7Q4ZK-SECRET\n"})
    assert "7Q4ZK-SECRET" not in capsys.readouterr().out


def test_a_document_that_was_lost_is_printed_again_for_its_link_and_for_a_mail(cloud: Cloud) -> None:  # D6, D7
    cloud.publish(erp_message(delivery_emails=["a@north.example"]))
    cloud.work()
    (order,) = cloud.call("GET", "/orders").body["items"]
    path = f"/orders/{order['order_id']}"
    for each in client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]:
        client("s3").delete_object(Bucket=BUCKET, Key=each["Key"])
    asked = cloud.call("GET", f"{path}/lines/1/document")
    assert (asked.status, asked.body["code"], asked.headers["Retry-After"]) == (503, "not_ready", "10")
    cloud.call("POST", f"{path}/deliveries", {})
    cloud.work()
    assert cloud.call("GET", f"{path}/lines/1/document").status == 302
    assert [len(list(mail.iter_attachments())) for _, mail in cloud.mails] == [2, 2]


def test_a_sender_that_is_not_verified_is_nobodys_bounce(cloud: Cloud) -> None:  # D7
    sample_order_is_completed(cloud)
    client("ses").delete_identity(Identity=SENDER)
    cloud.work_off("key_generation", cloud.queues["key_generation"])
    assert cloud.send("key_delivery", body_of("sqs_key_delivery.json")) == ["message-0"], "it has to come again"
    assert deliveries(cloud)["it@north.example"][0] == "queued"
    assert cloud.call("GET", f"/orders/{ORDER_ID}").body["status"] == "completed"


def test_a_mail_that_is_refused_for_good_is_counted_for_the_alarm(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # D7
    def refuse(_: bytes, __: str) -> str:
        raise MailRefused("Domain contains illegal character")

    sample_order_is_completed(cloud)
    monkeypatch.setattr(wiring.mailer(), "send", refuse)
    cloud.work()
    assert deliveries(cloud)["it@north.example"][::2] == ("bounced", "Domain contains illegal character")
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "MailsRefused" in line]
    assert [(metric["MailsRefused"], metric["service"]) for metric in printed] == [([1.0], "licensing")] * 2


# --- what became of the mails (D7) ---


def deliveries(cloud: Cloud) -> dict[str, Any]:
    order = cloud.call("GET", f"/orders/{ORDER_ID}").body
    return {mail["recipient"]: (mail["status"], mail["at"], mail["reason"]) for mail in order["deliveries"]}


def test_a_bounce_is_recorded_with_the_receiving_servers_reason(cloud: Cloud) -> None:
    sample_order_is_completed(cloud)
    cloud.work()
    cloud.now = later(days=300)
    assert cloud.send("mail_events", body_of("sqs_mail_bounce.json")) == []
    reason = "smtp; 550 5.1.1 no such mailbox"
    assert deliveries(cloud)["it@north.example"] == ("bounced", "2026-11-24T09:00:04Z", reason)
    assert deliveries(cloud)["licenses@north.example"][0] == "sent"


def test_a_notification_without_headers_is_known_by_its_message_id(cloud: Cloud) -> None:
    sample_order_is_completed(cloud)
    cloud.work()
    cloud.now = later(days=300)
    event = body_of("sqs_mail_delivery_notification.json")
    assert cloud.send("mail_events", event) == ["message-0"], "not recorded yet, so it has to come again"
    event["mail"]["messageId"] = message_id("licenses@north.example")
    assert cloud.send("mail_events", event) == []
    assert deliveries(cloud)["licenses@north.example"] == ("delivered", "2026-11-24T09:00:03Z", None)


def message_id(recipient: str) -> str:
    """By which our records know the mail to this recipient."""
    items = client("dynamodb").scan(TableName=TABLE)["Items"]
    facts = [json.loads(text_of(item)) for item in items if item["kind"]["S"] == "mail"]
    return next(str(fact["message_id"]) for fact in facts if fact["recipient"] == recipient)


def test_a_complaint_outweighs_a_delivery_and_other_events_are_passed_over(cloud: Cloud) -> None:
    sample_order_is_completed(cloud)
    cloud.work()
    bounce = body_of("sqs_mail_bounce.json")
    mail = {"mail": bounce["mail"]}
    complaint = {"eventType": "Complaint", "complaint": {"complaintFeedbackType": "abuse"}, **mail}
    delivery = {"eventType": "Delivery", "delivery": {"timestamp": "2026-03-01T12:00:00Z"}, **mail}
    opened = {"eventType": "Open", "open": {}, **mail}
    assert cloud.send("mail_events", complaint, delivery, opened) == []
    assert deliveries(cloud)["it@north.example"][::2] == ("complained", "abuse")


# --- the sweeper ---


def test_the_sweeper_takes_up_an_order_whose_message_was_lost(cloud: Cloud) -> None:
    sample_order_is_completed(cloud)
    client("sqs").purge_queue(QueueUrl=cloud.queues["key_generation"])
    sweep = cloud.function("sweeper")
    assert sweep(sample("schedule_sweep.json"), None) == {"orders": 0}
    cloud.now = later(minutes=11)
    assert sweep(sample("schedule_sweep.json"), None) == {"orders": 1}
    cloud.work()
    assert cloud.call("GET", f"/orders/{ORDER_ID}").body["status"] == "fulfilled"
