"""Orders over HTTP (openapi: order_intake)."""

import json
from typing import Any

import pytest

from tests.worlds.examples import later, purchase_order
from tests.worlds.gateway import ACME, GLOBEX, NOBODY, OPERATOR, sample
from tests.worlds.moto_cloud import Cloud

JSON, PROBLEM = "application/json", "application/problem+json"
ORDER_FIELDS = {
    "order_id", "partner_id", "po_number", "customer", "status", "received_at", "completed_at", "lines",
    "delivery_emails", "deliveries",
}  # fmt: skip


def placed(cloud: Cloud, **other: Any) -> str:
    answer = cloud.call("POST", "/orders", purchase_order(**other))
    assert answer.status == 201, answer.body
    return str(answer.body["order_id"])


def fulfilled(cloud: Cloud, **other: Any) -> str:
    order_id = placed(cloud, **other)
    cloud.call("POST", f"/orders/{order_id}/completion")
    cloud.work()
    return order_id


def test_an_order_is_received(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/orders", purchase_order(), who=ACME)
    assert (answer.status, answer.headers["Content-Type"]) == (201, JSON)
    assert answer.body == {
        "order_id": answer.body["order_id"],
        "partner_id": "acme",
        "po_number": "PO-1",
        "customer": "North Networks",
        "status": "received",
        "received_at": "2026-03-01T12:00:00Z",
        "completed_at": None,
        "lines": [line(1, "AP-1YR-LIC", 4), line(2, "MSP-1YR-LIC", 1)],
        "delivery_emails": ["a@north.example", "b@north.example"],
        "deliveries": [],
    }


def line(number: int, model: str, quantity: int) -> dict[str, Any]:
    return {
        "line": number,
        "license_model": model,
        "quantity": quantity,
        "key_fingerprint": None,
        "key_state": "pending",
        "claimed_by": None,
        "voided_fingerprints": [],
    }


def test_the_same_order_again_is_answered_200(cloud: Cloud) -> None:  # D4
    first = cloud.call("POST", "/orders", purchase_order())
    cloud.now = later(days=1)
    again = cloud.call("POST", "/orders", purchase_order())
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body


def test_the_same_number_with_other_content_names_the_differences(cloud: Cloud) -> None:  # D4
    placed(cloud)
    answer = cloud.call("POST", "/orders", purchase_order(customer="South"))
    assert (answer.status, answer.code) == (409, "order_conflict")
    assert answer.body["changes"] == [{"field": "customer", "was": "North Networks", "is": "South"}]


def test_the_samples_place_and_complete_an_order(cloud: Cloud) -> None:
    placing, completing = (cloud.function("order_intake")(sample(name), None) for name in SAMPLES)
    assert (placing["statusCode"], completing["statusCode"]) == (201, 202)
    assert json.loads(completing["body"])["status"] == "completed"


SAMPLES = ("api_place_order.json", "api_complete_order.json")


def test_completion_queues_a_mail_for_everybody(cloud: Cloud) -> None:  # D5, D7
    order_id = placed(cloud)
    cloud.now = later(hours=1)
    answer = cloud.call("POST", f"/orders/{order_id}/completion", {"completed_at": "2026-02-28T23:00:00+01:00"})
    assert (answer.status, answer.body["status"]) == (202, "completed")
    assert answer.body["completed_at"] == "2026-02-28T22:00:00Z"
    assert answer.body["deliveries"] == [
        {"recipient": who, "status": "queued", "at": "2026-03-01T13:00:00Z", "reason": None}
        for who in ("a@north.example", "b@north.example")
    ]


def test_an_order_is_read_by_its_partner_and_by_an_operator(cloud: Cloud) -> None:
    order_id = placed(cloud)
    read = [cloud.call("GET", f"/orders/{order_id}", who=who) for who in (ACME, OPERATOR)]
    assert [answer.status for answer in read] == [200, 200]
    assert set(read[0].body) == ORDER_FIELDS


def test_a_fulfilled_order_tells_of_its_keys_and_mails(cloud: Cloud) -> None:
    order = cloud.call("GET", f"/orders/{fulfilled(cloud)}").body
    assert order["status"] == "fulfilled"
    assert [one["key_state"] for one in order["lines"]] == ["issued", "issued"]
    assert all(one["key_fingerprint"].endswith("-…-…-…-*****") for one in order["lines"])
    assert [mail["status"] for mail in order["deliveries"]] == ["sent", "sent"]


def test_a_document_is_a_link_of_five_minutes(cloud: Cloud) -> None:
    answer = cloud.call("GET", f"/orders/{fulfilled(cloud)}/lines/2/document", who=ACME)
    assert (answer.status, answer.body) == (302, None)
    location = answer.headers["Location"]
    assert "PO-1-line-2.pdf" in location
    assert "Expires=300" in location
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_document_s_link_can_be_asked_for_by_those_who_cannot_follow_it(cloud: Cloud) -> None:
    order_id = fulfilled(cloud)
    answer = cloud.call("GET", f"/orders/{order_id}/lines/2/document", who=ACME, link="true")
    assert answer.status == 200
    assert "PO-1-line-2.pdf" in answer.body["url"]
    strange = cloud.call("GET", f"/orders/{order_id}/lines/2/document", who=ACME, link="perhaps")
    assert (strange.status, strange.code) == (422, "invalid_request")


@pytest.mark.parametrize("number", ["3", "0", "-1", "one", "1.0", "٣"])
def test_a_line_that_is_none_has_no_document(cloud: Cloud, number: str) -> None:
    answer = cloud.call("GET", f"/orders/{fulfilled(cloud)}/lines/{number}/document")
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_document_that_is_not_printed_yet_is_not_found(cloud: Cloud) -> None:
    answer = cloud.call("GET", f"/orders/{placed(cloud)}/lines/1/document")
    assert (answer.status, answer.code) == (404, "not_found")
    assert "Complete the order" in answer.body["remedy"]


def test_the_mail_is_sent_again_to_a_corrected_address(cloud: Cloud) -> None:  # D7
    order_id = fulfilled(cloud)
    answer = cloud.call("POST", f"/orders/{order_id}/deliveries", {"recipients": ["c@north.example"]}, who=ACME)
    assert answer.status == 202
    assert [mail["status"] for mail in answer.body["deliveries"]] == ["sent", "sent", "queued"]
    cloud.work()
    assert [recipient for recipient, _ in cloud.mails].count("c@north.example") == 1
    assert cloud.call("GET", f"/orders/{order_id}").body["status"] == "fulfilled"


def test_sending_again_without_a_body_is_for_the_whole_list(cloud: Cloud) -> None:  # D7
    order_id = fulfilled(cloud)
    assert cloud.call("POST", f"/orders/{order_id}/deliveries").status == 202
    cloud.work()
    assert sorted(recipient for recipient, _ in cloud.mails) == ["a@north.example"] * 2 + ["b@north.example"] * 2


def test_orders_are_listed_newest_first_and_paged(cloud: Cloud) -> None:
    for n in range(5):
        cloud.now = later(minutes=n)
        placed(cloud, po_number=f"PO-{n}")
    numbers: list[str] = []
    cursor = None
    while numbers == [] or cursor:
        page = cloud.call("GET", "/orders", who=ACME, limit="2", **({"cursor": cursor} if cursor else {}))
        numbers += [order["po_number"] for order in page.body["items"]]
        cursor = page.body["next_cursor"]
    assert numbers == ["PO-4", "PO-3", "PO-2", "PO-1", "PO-0"]


def test_orders_are_found_by_status_and_number(cloud: Cloud) -> None:
    fulfilled(cloud)
    placed(cloud, po_number="PO-2")
    placed(cloud, po_number="PO-1", partner_id="globex")

    def found(**query: str) -> list[str]:
        answer = cloud.call("GET", "/orders", **query)
        return [f"{order['partner_id']} {order['po_number']}" for order in answer.body["items"]]

    assert found(status="fulfilled") == [], "the stream has not told yet"
    assert cloud.follow() == []
    assert found(status="fulfilled") == ["acme PO-1"]
    assert sorted(found(po_number="PO-1")) == ["acme PO-1", "globex PO-1"]
    assert found(partner_id="acme", po_number="PO-2") == ["acme PO-2"]
    assert found(partner_id="acme", po_number="PO-2", status="fulfilled") == []
    assert found(partner_id="acme", po_number="PO-9") == []


def test_a_partner_sees_its_own_orders_only(cloud: Cloud) -> None:
    order_id = placed(cloud)
    placed(cloud, partner_id="globex")
    assert [order["partner_id"] for order in cloud.call("GET", "/orders", who=GLOBEX).body["items"]] == ["globex"]
    for method, path in [
        ("GET", f"/orders/{order_id}"),
        ("GET", f"/orders/{order_id}/lines/1/document"),
        ("POST", f"/orders/{order_id}/completion"),
        ("POST", f"/orders/{order_id}/deliveries"),
    ]:
        theirs = cloud.call(method, path, who=GLOBEX)
        missing = cloud.call(method, path.replace(order_id, "acme.0"), who=GLOBEX)
        assert (theirs.status, theirs.code) == (404, "not_found")
        assert theirs.body == missing.body, "another's order answers just like one that does not exist"


def test_a_partner_can_neither_order_for_another_nor_look_at_its_list(cloud: Cloud) -> None:
    assert cloud.call("POST", "/orders", purchase_order(), who=GLOBEX).status == 404
    assert cloud.call("GET", "/orders", who=GLOBEX, partner_id="acme").status == 404


def test_only_an_operator_completes(cloud: Cloud) -> None:
    answer = cloud.call("POST", f"/orders/{placed(cloud)}/completion", {}, who=ACME)
    assert (answer.status, answer.code) == (403, "forbidden")


def test_who_is_no_partner_has_no_orders(cloud: Cloud) -> None:
    assert cloud.call("GET", "/orders", who=NOBODY).code == "forbidden"
    assert cloud.call("POST", "/orders", purchase_order(), who=NOBODY).code == "forbidden"


def test_without_the_authorizers_word_nobody_is_signed_in(cloud: Cloud) -> None:
    answer = cloud.call("GET", "/license-models", who=None)
    assert (answer.status, answer.code) == (401, "unauthenticated")


def test_everybody_signed_in_sees_the_catalog(cloud: Cloud) -> None:  # D1, D2
    answer = cloud.call("GET", "/license-models", who=NOBODY)
    assert answer.status == 200
    assert answer.body["items"][0]["sku"] == "AP-1YR-LIC"


# --- idempotency, dry run, plan (docs/rules.md, Idempotency, Dry run and plan) ---


def test_the_same_key_and_body_get_the_same_answer_marked_as_such(cloud: Cloud) -> None:
    how: dict[str, Any] = {"who": ACME, "headers": {"Idempotency-Key": "k-1"}}
    first = cloud.call("POST", "/orders", purchase_order(), **how)
    again = cloud.call("POST", "/orders", purchase_order(), **how)
    assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_key_is_good_for_one_body_and_for_one_caller(cloud: Cloud) -> None:
    headers = {"idempotency-key": "k-1"}
    cloud.call("POST", "/orders", purchase_order(), who=ACME, headers=headers)
    other = cloud.call("POST", "/orders", purchase_order(po_number="PO-2"), who=ACME, headers=headers)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    theirs = cloud.call("POST", "/orders", purchase_order(partner_id="globex"), who=GLOBEX, headers=headers)
    assert theirs.status == 201


def test_a_dry_run_answers_and_writes_nothing(cloud: Cloud) -> None:
    shown = cloud.call("POST", "/orders", purchase_order(), dry_run="true")
    assert (shown.status, shown.body["dry_run"], len(shown.body["plan"])) == (201, True, 32)
    assert set(shown.body) == ORDER_FIELDS | {"dry_run", "plan"}
    assert cloud.call("GET", "/orders").body["items"] == []


def test_a_plan_is_carried_out_while_it_is_still_what_would_happen(cloud: Cloud) -> None:
    plan = cloud.call("POST", "/orders", purchase_order(), dry_run="true").body["plan"]
    cloud.now = later(minutes=5)
    assert cloud.call("POST", "/orders", purchase_order(), plan=plan).status == 201
    stale = cloud.call("POST", "/orders", purchase_order(po_number="PO-2"), plan=plan)
    assert (stale.status, stale.code) == (409, "plan_stale")


def test_a_dry_run_of_a_completion_starts_no_work(cloud: Cloud) -> None:
    order_id = placed(cloud)
    shown = cloud.call("POST", f"/orders/{order_id}/completion", dry_run="true")
    cloud.work()
    assert (shown.body["status"], shown.body["dry_run"]) == ("completed", True)
    assert cloud.call("GET", f"/orders/{order_id}").body["status"] == "received"
    assert cloud.mails == []


def test_a_fault_of_ours_is_a_problem_document_that_tells_nothing(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLE_NAME", "gone")
    cloud.forget()
    answer = cloud.call("GET", "/orders")
    assert (answer.status, answer.headers["Content-Type"], answer.code) == (500, PROBLEM, "internal_error")
    assert "gone" not in json.dumps(answer.body)
