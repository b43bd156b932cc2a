"""What bad input gets: the field, and what would be right, all faults in one answer (D3; contract: Errors)."""

import base64
import json
from typing import Any

import pytest

from licensing.domain.licenses.key_codec import mint
from licensing.entry.bounds import bounds_of
from licensing.entry.problems import LONGEST_NAME
from tests.worlds.examples import purchase_order
from tests.worlds.gateway import answer_of, api_event
from tests.worlds.moto_cloud import Cloud
from tests.worlds.tenants import NORTH_ADMIN
from tools.build.openapi import routes

LINE = {"license_model": "AP-1YR-LIC", "quantity": 4}
MEMBERS = {"type", "title", "status", "detail", "code", "remedy", "instance", "errors"}


def quantity(value: Any) -> dict[str, Any]:
    return {"lines": [{"license_model": "AP-1YR-LIC", "quantity": value}]}


def addresses(count: int) -> dict[str, Any]:
    return {"delivery_emails": [f"a{n}@north.example" for n in range(count)]}


FAULTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"lines": [{**LINE, "license_model": "AP-9YR-LIC"}]}, "unknown_license_model", "lines[0].license_model", "is no"),
    ({"lines": [LINE, LINE]}, "duplicate_license_model", "lines[1].license_model", "stands in line 1"),
    (quantity(0), "invalid_request", "lines[0].quantity", "must be at least 1"),
    (quantity(100_001), "invalid_request", "lines[0].quantity", "must be at most 100000"),
    (quantity("3.5"), "invalid_request", "lines[0].quantity", "must be a whole number"),
    (quantity(3.5), "invalid_request", "lines[0].quantity", "must be a whole number"),
    (quantity(True), "invalid_request", "lines[0].quantity", "must be a whole number"),
    (quantity(None), "invalid_request", "lines[0].quantity", "must be a whole number"),
    ({"lines": []}, "invalid_request", "lines", "must have at least 1 entries"),
    ({"lines": [LINE] * 101}, "invalid_request", "lines", "must have at most 100 entries"),
    ({"lines": "AP-1YR-LIC"}, "invalid_request", "lines", "must be a list"),
    ({"lines": ["AP-1YR-LIC"]}, "invalid_request", "lines[0]", "must be an object"),
    ({"lines": [{"quantity": 1}]}, "invalid_request", "lines[0].license_model", "is required"),
    ({"delivery_emails": []}, "invalid_request", "delivery_emails", "must have at least 1 entries"),
    ({"delivery_emails": None}, "invalid_request", "delivery_emails", "must be a list"),
    ({"delivery_emails": ["a@north.example", "north"]}, "invalid_request", "delivery_emails[1]", "name@example.com"),
    (addresses(51), "invalid_request", "delivery_emails", "must have at most 50 entries"),
    ({"po_number": "P" * 300}, "invalid_request", "po_number", "must have at most 64 characters"),
    ({"po_number": "PO\x001"}, "invalid_request", "po_number", "U+0000 at position 3"),
    ({"po_number": " "}, "invalid_request", "po_number", "must have at least 1 characters"),
    ({"po_number": 17}, "invalid_request", "po_number", "must be text"),
    ({"partner_id": "ACME!"}, "invalid_request", "partner_id", "must match"),
    ({"customer": "a\nb"}, "invalid_request", "customer", "U+000A at position 2"),
    ({"locale": "polski język"}, "invalid_request", "locale", "must match"),
    ({"rush": True}, "invalid_request", "rush", "is no field of this request"),
    ({"lines": [{**LINE, "price": 1}]}, "invalid_request", "lines[0].price", "is no field of this request"),
]

UNKNOWN = "acme.0123456789abcdef0123"


@pytest.mark.parametrize(("other", "code", "field", "message"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_bad_order_is_refused_with_the_field_and_what_would_be_right(
    cloud: Cloud, other: dict[str, Any], code: str, field: str, message: str
) -> None:
    answer = cloud.call("POST", "/orders", purchase_order(**other))
    assert (answer.status, answer.code) == (422, code)
    assert set(answer.body) == MEMBERS
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = {error["field"]: error["message"] for error in answer.body["errors"]}
    assert message in told[field]


@pytest.mark.parametrize("moment", ["-25447", "1795510800", "1795510800.5", 1795510800, 0, True, "2026-11-24T09:00:00"])
def test_an_instant_is_written_out_and_no_number(cloud: Cloud, moment: Any) -> None:
    order_id = cloud.call("POST", "/orders", purchase_order()).body["order_id"]
    completion = cloud.call("POST", f"/orders/{order_id}/completion", {"completed_at": moment})
    overview = cloud.call("GET", "/orgs/org-north/licenses/overview", who=NORTH_ADMIN, as_of=str(moment))
    for answer, field in ((completion, "completed_at"), (overview, "as_of")):
        assert (answer.status, answer.code) == (422, "invalid_request")
        message = "must be an instant in UTC, such as 2026-11-24T09:00:00Z"
        assert answer.body["errors"] == [{"field": field, "message": message}]


def test_all_faults_stand_in_one_answer(cloud: Cloud) -> None:
    bad = purchase_order(po_number="", delivery_emails=["x"], **quantity(0), rush=1)
    answer = cloud.call("POST", "/orders", bad)
    assert sorted(answer.faulty) == ["delivery_emails[0]", "lines[0].quantity", "po_number", "rush"]


def test_a_missing_field_is_named(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/orders", {})
    assert answer.faulty == ["partner_id", "po_number", "customer", "lines", "delivery_emails"]


@pytest.mark.parametrize("body", ["{", "PO-1", "{'a': 1}", '{"po_number": "\\ud800"}', "[" * 5000, "NaN,"])
def test_what_is_not_json_is_a_bad_request(cloud: Cloud, body: str) -> None:
    answer = cloud.call("POST", "/orders", body)
    assert (answer.status, answer.code) == (400, "invalid_request")
    assert "not JSON" in answer.body["detail"]


@pytest.mark.parametrize("body", ["[]", "null", "17", '"PO-1"'])
def test_json_that_is_no_object_is_refused(cloud: Cloud, body: str) -> None:
    answer = cloud.call("POST", "/orders", body)
    assert (answer.status, answer.body["errors"]) == (422, [{"field": "body", "message": "must be an object"}])


def test_bytes_that_are_no_text_are_a_bad_request(cloud: Cloud) -> None:
    event = api_event("POST", "/orders", "eyJwb19udW1iZXIiOiAi/yJ9") | {"isBase64Encoded": True}
    assert cloud.function("order_intake")(event, None)["statusCode"] == 400


def test_a_body_over_a_megabyte_is_too_large(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/orders", purchase_order(customer="ż" * 500_001))
    assert (answer.status, answer.code) == (413, "invalid_request")


@pytest.mark.parametrize("completed_at", ["2026-03-01T12:00:01Z", "1999-12-31T23:59:59Z"])
def test_a_completion_in_the_future_or_before_2000_is_refused(cloud: Cloud, completed_at: str) -> None:  # D5
    order_id = cloud.call("POST", "/orders", purchase_order()).body["order_id"]
    answer = cloud.call("POST", f"/orders/{order_id}/completion", {"completed_at": completed_at})
    assert (answer.status, answer.faulty) == (422, ["completed_at"])


@pytest.mark.parametrize("completed_at", ["yesterday", "2026-02-30T00:00:00Z", "2026-02-20", "2026-02-20T12:00:00"])
def test_a_completion_takes_an_instant_in_utc(cloud: Cloud, completed_at: str) -> None:
    order_id = cloud.call("POST", "/orders", purchase_order()).body["order_id"]
    answer = cloud.call("POST", f"/orders/{order_id}/completion", {"completed_at": completed_at})
    assert (answer.status, answer.faulty) == (422, ["completed_at"])
    assert "2026-11-24T09:00:00Z" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize(
    "instant",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", "3000-01-01T00:00:00Z", "1969-12-31T23:59:59Z"],
)
def test_an_instant_near_the_ends_of_the_calendar_is_refused(cloud: Cloud, instant: str) -> None:
    """Days are added to them, and time zones taken away: nothing may overflow."""
    order_id = cloud.call("POST", "/orders", purchase_order()).body["order_id"]
    answer = cloud.call("POST", f"/orders/{order_id}/completion", {"completed_at": instant})
    assert (answer.status, answer.faulty) == (422, ["completed_at"])


def test_a_key_in_the_place_of_a_name_is_not_repeated(cloud: Cloud) -> None:  # D8
    key = mint()
    answers = [
        cloud.call("POST", "/license-keys/preview", {"license_key": key, key: key}),
        cloud.call("POST", "/orders", {key: 1}),
        cloud.call("POST", "/orders", purchase_order(), **{key: "1"}),
        cloud.call("GET", "/orders", **{key: "1"}),
    ]
    for answer in answers:
        assert answer.status == 422
        assert key not in str(answer.body)
        assert f"{key[:5]}…" in answer.faulty


def test_no_name_of_ours_is_as_long_as_a_key() -> None:
    """Else it would be cut short where it is at fault."""
    models = (model for _, route in routes() for model in (route.takes, route.gives) if model)
    assert max(len(name) for model in models for name in model.model_fields) <= LONGEST_NAME


def test_nothing_is_mailed_before_completion(cloud: Cloud) -> None:
    order_id = cloud.call("POST", "/orders", purchase_order()).body["order_id"]
    answer = cloud.call("POST", f"/orders/{order_id}/deliveries")
    assert (answer.status, answer.code) == (409, "conflict")


@pytest.mark.parametrize("recipients", [[], ["x"], addresses(51)["delivery_emails"]])
def test_mail_is_sent_again_to_addresses_only(cloud: Cloud, recipients: list[str]) -> None:
    order_id = cloud.call("POST", "/orders", purchase_order()).body["order_id"]
    answer = cloud.call("POST", f"/orders/{order_id}/deliveries", {"recipients": recipients})
    assert (answer.status, answer.faulty[0].split("[")[0]) == (422, "recipients")


@pytest.mark.parametrize(
    "path", ["/orders", f"/orders/{UNKNOWN}", f"/orders/{UNKNOWN}/lines/1/document", "/license-models"]
)
def test_a_query_parameter_no_call_knows_is_refused(cloud: Cloud, path: str) -> None:
    answer = cloud.call("GET", path, bogus="1")
    assert (answer.status, answer.faulty) == (422, ["bogus"])


@pytest.mark.parametrize("name", ["bogus", "limit"])
def test_a_command_takes_what_steers_it_and_no_other_parameter(cloud: Cloud, name: str) -> None:
    answer = cloud.call("POST", "/orders", purchase_order(), **{name: "1"})
    assert (answer.status, answer.faulty) == (422, [name])


@pytest.mark.parametrize(
    ("name", "value"),
    [("status", "bogus"), ("limit", "0"), ("limit", "1001"), ("limit", "many"), ("cursor", "x"), ("cursor", "🗝"),
     ("cursor", "bnVsbA"), ("cursor", "W10"), ("cursor", "A" * 5000)],
)  # fmt: skip
def test_a_list_names_the_parameter_it_does_not_understand(cloud: Cloud, name: str, value: str) -> None:
    answer = cloud.call("GET", "/orders", **{name: value})
    assert (answer.status, answer.code, answer.faulty) == (422, "invalid_request", [name])


def test_a_cursor_of_another_list_is_refused(cloud: Cloud) -> None:
    for n in range(2):
        cloud.call("POST", "/orders", purchase_order(po_number=f"PO-{n}"))
    cursor = cloud.call("GET", "/orders", limit="1").body["next_cursor"]
    answer = cloud.call("GET", "/orders", partner_id="acme", cursor=cursor)
    assert (answer.status, answer.faulty) == (422, ["cursor"])


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_an_idempotency_key_has_1_to_255_characters(cloud: Cloud, key: str) -> None:
    answer = cloud.call("POST", "/orders", purchase_order(), headers={"Idempotency-Key": key})
    assert (answer.status, answer.faulty) == (422, ["Idempotency-Key"])


def test_dry_run_is_true_or_false(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/orders", purchase_order(), dry_run="yes")
    assert (answer.status, answer.faulty) == (422, ["dry_run"])


def test_every_refusal_can_be_read_by_machines_and_people(cloud: Cloud) -> None:
    answer = cloud.call("GET", f"/orders/{UNKNOWN}")
    assert answer.body == {
        "type": "urn:engenius:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such order.",
        "code": "not_found",
        "remedy": "Check the order's id, and that it is yours.",
        "instance": api_event("GET", f"/orders/{UNKNOWN}")["requestContext"]["requestId"],
    }
    assert "\n" not in json.dumps(answer.body)


# --- bounds: a refusal costs no more than what is refused ---


@pytest.mark.parametrize("field", ["lines", "delivery_emails"])
def test_a_list_that_is_too_long_is_refused_before_its_entries_are_read(cloud: Cloud, field: str) -> None:
    answer = cloud.call("POST", "/orders", purchase_order(**{field: [{}] * 240_000}))
    assert (answer.status, answer.faulty) == (422, [field])  # not one fault for each entry
    assert answer.body["errors"][0]["message"].endswith("and has 240000")


def test_a_flood_of_fields_is_refused_before_they_are_read(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/orders", {f"f{n}": n for n in range(60_000)})
    assert (answer.status, answer.faulty) == (422, ["body"])


def test_no_answer_tells_more_than_a_hundred_faults(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/orders", {f"f{n}": n for n in range(9_000)})
    assert len(answer.body["errors"]) == 100
    assert answer.body["errors_left_out"] == 9_000 + len(purchase_order()) - 100
    assert answer.body["detail"].endswith("; and 9000 more")
    assert len(json.dumps(answer.body)) < 10_000


def test_every_list_that_a_body_takes_has_a_bound() -> None:
    for takes in (route.takes for _, route in routes() if route.takes):
        for name, schema in takes.model_json_schema().get("properties", {}).items():
            for option in schema.get("anyOf", [schema]):
                if option.get("type") == "array":
                    assert bounds_of(takes)[name].as_job == option["maxItems"]


@pytest.mark.parametrize("body", ['{"customer": "Caf\ufffd"}', b'{"customer": "Caf\xe9"}'], ids=["replaced", "latin-1"])
def test_a_body_that_is_not_in_utf_8_is_refused_and_not_repaired(cloud: Cloud, body: str | bytes) -> None:
    event = api_event("POST", "/orders", body if isinstance(body, str) else "")
    if isinstance(body, bytes):
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert cloud.function("order_intake")(event, None)["statusCode"] == 400


def test_an_idempotency_key_given_twice_is_refused(cloud: Cloud) -> None:
    event = api_event("POST", "/orders", purchase_order(), headers={"Idempotency-Key": "b"})
    event["multiValueHeaders"] = {"idempotency-key": ["a", "b"]}
    answer = answer_of(cloud.function("order_intake")(event, None))
    assert (answer.status, answer.faulty) == (422, ["Idempotency-Key"])
