"""What a purchase order must be (D3), all faults told at once."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from licensing.domain.core.errors import Refusal
from licensing.domain.ordering.order_ids import order_id_of, partner_of
from licensing.domain.ordering.orders import received, require_same
from licensing.domain.ordering.requests import OrderRequest
from licensing.entry.problems import bad_input
from tests.worlds.examples import NOON, order_request, purchase_order

AP = {"license_model": "AP-1YR-LIC", "quantity": 1}


def refusal_of(**other: Any) -> Refusal:
    with pytest.raises(ValidationError) as caught:
        OrderRequest.model_validate_json(json.dumps(purchase_order(**other)))
    return bad_input(caught.value)


@pytest.mark.parametrize(
    ("other", "field", "message"),
    [
        ({"lines": []}, "lines", "at least 1 entries"),
        ({"lines": [AP | {"quantity": 0}]}, "lines[0].quantity", "must be at least 1"),
        ({"lines": [AP | {"quantity": 100_001}]}, "lines[0].quantity", "must be at most 100000"),
        ({"lines": [AP | {"quantity": "3.5"}]}, "lines[0].quantity", "must be a whole number"),
        ({"lines": [AP | {"quantity": 3.5}]}, "lines[0].quantity", "must be a whole number"),
        ({"lines": [AP | {"quantity": True}]}, "lines[0].quantity", "must be a whole number"),
        ({"lines": [AP] * 101}, "lines", "must have at most 100 entries, and has 101"),
        ({"lines": [AP | {"color": "red"}]}, "lines[0].color", "is no field of this request"),
        ({"lines": "AP-1YR-LIC"}, "lines", "must be a list"),
        ({"delivery_emails": []}, "delivery_emails", "at least 1 entries"),
        ({"delivery_emails": ["nobody"]}, "delivery_emails[0]", "not an e-mail address"),
        ({"delivery_emails": ["a@b.example\nBcc: x@y.example"]}, "delivery_emails[0]", "not an e-mail address"),
        ({"delivery_emails": [f"a{n}@b.example" for n in range(51)]}, "delivery_emails", "at most 50 entries"),
        ({"po_number": "9" * 300}, "po_number", "must have at most 64 characters"),
        ({"po_number": "PO\u0007"}, "po_number", "U+0007 at position 3"),
        ({"po_number": "  "}, "po_number", "must have at least 1 characters"),
        ({"customer": ""}, "customer", "must have at least 1 characters"),
        ({"partner_id": "ACME!"}, "partner_id", "must match"),
        ({"priority": "high"}, "priority", "is no field of this request"),
    ],
)
def test_bad_input_is_told_with_its_field_and_what_would_be_right(
    other: dict[str, Any], field: str, message: str
) -> None:
    refusal = refusal_of(**other)
    assert refusal.code == "invalid_request"
    assert message in {fault.field: fault.message for fault in refusal.faults}[field]


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        OrderRequest.model_validate_json("{}")
    told = {fault.field: fault.message for fault in bad_input(caught.value).faults}
    assert told == dict.fromkeys(["partner_id", "po_number", "customer", "lines", "delivery_emails"], "is required")


def test_an_unknown_model_has_a_code_of_its_own() -> None:
    refusal = refusal_of(lines=[{"license_model": "AP-2YR-LIC", "quantity": 1}])
    assert refusal.code == "unknown_license_model"
    assert refusal.faults[0].field == "lines[0].license_model"


def test_one_model_on_two_lines_has_a_code_of_its_own() -> None:
    refusal = refusal_of(lines=[AP, AP | {"quantity": 2}])
    assert refusal.code == "duplicate_license_model"
    assert refusal.faults[0].field == "lines[1].license_model"
    assert "line 1 already" in refusal.faults[0].message


def test_all_faults_come_in_one_answer() -> None:
    lines = [AP, AP | {"quantity": 0}, {"license_model": "NONE", "quantity": 1}]
    fields = [fault.field for fault in refusal_of(lines=lines, delivery_emails=["x"], customer="").faults]
    assert sorted(fields) == sorted(
        ["customer", "lines[1].quantity", "lines[2].license_model", "lines[1].license_model", "delivery_emails[0]"]
    )


def test_an_address_given_twice_gets_one_mail() -> None:
    assert order_request(delivery_emails=["a@X.example", "a@x.example"]).recipients == ("a@x.example",)


@pytest.mark.parametrize(
    ("one", "other"),
    [("PO-\u00e9", "PO-e\u0301"), ("PO 1", "PO\u00a01"), ("PO 1", "PO  1"), ("PO-\uac00", "PO-\u1100\u1161")],
)
def test_numbers_that_look_the_same_are_one_order(one: str, other: str) -> None:  # D45
    first, second = order_request(po_number=one), order_request(po_number=other)
    assert first.order_id == second.order_id
    assert (first.po_number, second.po_number) == (one, other)  # as typed, for display


def test_a_customer_who_is_spelled_otherwise_is_no_other() -> None:  # D4, D45
    order = received(order_request(customer="Caf\u00e9 Nord"), NOON)
    require_same(order, order_request(customer="Cafe\u0301  Nord"))


def test_the_order_id_is_made_from_the_natural_key_and_names_the_partner() -> None:
    assert order_id_of("acme", "PO-1") == order_id_of("acme", "PO-1") != order_id_of("acme", "PO-2")
    assert partner_of(order_id_of("acme-north", "1.2.3")) == "acme-north"
