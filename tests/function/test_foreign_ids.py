"""Another's ids where a caller may write them: in bodies, queries, cursors and idempotency keys.

Each is answered exactly like an id that nobody has, and nothing changes.
"""

import base64
import json
from typing import Any

import pytest

from tests.worlds.claiming import BLUE, NORTH, SOUTH, issue, mint
from tests.worlds.examples import purchase_order
from tests.worlds.gateway import ACME, GLOBEX, NOBODY, OPERATOR, Answer
from tests.worlds.tenants import BLUE_ADMIN, CALLERS, NORTH_ADMIN, NOWHERE, RED_ADMIN, SOUTH_ADMIN, Tenants

NO_LICENSE, NO_SERIAL = "00000000000000000000-000001", "XX99"
FOREVER = "2027-03-01T00:00:00Z"


def but_instance(answer: Answer) -> object:
    return answer.status, {name: value for name, value in answer.body.items() if name != "instance"}


def bodies(tenants: Tenants, org_id: str, license_id: str, serial: str, fingerprint: str) -> list[tuple[str, Any]]:
    """Calls of org-north that name an org, a license, a device or a key."""
    own = tenants.north
    return [
        ("licenses/move", {"to_org_id": org_id, "license_ids": [own.license_id]}),
        ("licenses/move", {"to_org_id": org_id, "license_model": "AP-1YR-LIC", "quantity": 1}),
        ("devices/move", {"to_org_id": org_id, "serials": [own.point]}),
        ("ai-tokens/transfer", {"to_org_id": org_id}),
        ("associations", {"pairs": [{"license_id": license_id, "serial": own.point}]}),
        ("associations", {"pairs": [{"license_id": own.license_id, "serial": serial}]}),
        ("associations", {"serial": serial, "term_days": 365}),
        ("associations/automatic", {"serials": [serial]}),
        ("associations/automatic", {"key_fingerprint": fingerprint, "serials": [own.gateway]}),
        ("co-term", {"until": FOREVER, "serials": [serial]}),
        ("seat-shares", {"license_id": license_id, "serials": [own.gateway]}),
        ("seat-shares", {"license_id": own.license_id, "serials": [serial]}),
        (f"devices/{serial}/undo", {}),
        (f"devices/{serial}/replacement", {"new_serial": "NEW1"}),
    ]


def test_ids_of_another_organization_in_a_body_answer_like_missing_ones(tenants: Tenants) -> None:
    """Where the answer tells what was asked for, it tells no more than that."""
    other, before = tenants.south, tenants.records()
    foreign = bodies(tenants, SOUTH, other.license_id, other.point, other.fingerprint)
    missing = bodies(tenants, NOWHERE, NO_LICENSE, NO_SERIAL, "ZZZZZ-…-…-…-*****")
    names = {other.license_id: NO_LICENSE, other.point: NO_SERIAL}
    for (path, body), (nowhere, nobodys) in zip(foreign, missing, strict=True):
        one = tenants.call("POST", f"/orgs/{NORTH}/{path}", body, who=NORTH_ADMIN)
        two = tenants.call("POST", f"/orgs/{NORTH}/{nowhere}", nobodys, who=NORTH_ADMIN)
        assert renamed(but_instance(one), names) == renamed(but_instance(two), {}), path
        assert one.status in (404, 409, 422) or path == "associations/automatic", path
    assert tenants.records() == before


def renamed(answer: object, names: dict[str, str]) -> Any:
    text = json.dumps(answer)
    for old, new in names.items():
        text = text.replace(old, new)
    return json.loads(text)


def test_licenses_of_another_organization_can_not_be_moved_here(tenants: Tenants) -> None:
    """Not even by somebody who may do all in the organization they would go to."""
    before = tenants.records()
    body = {"to_org_id": NORTH, "license_ids": [tenants.south.license_id]}
    answer = tenants.call("POST", f"/orgs/{SOUTH}/licenses/move", body, who=NORTH_ADMIN)
    assert (answer.status, answer.code) == (404, "not_found")
    assert tenants.records() == before


def test_another_partners_orders_can_neither_be_asked_for_nor_placed(tenants: Tenants) -> None:
    for partner_id in ("globex", NOWHERE):
        asked = tenants.call("GET", "/orders", who=ACME, partner_id=partner_id)
        placed = tenants.call("POST", "/orders", purchase_order(partner_id=partner_id), who=ACME)
        for answer in (asked, placed):
            assert (answer.status, answer.body["detail"]) == (404, "There is no such partner.")
    seen = tenants.call("GET", "/orders", who=ACME, po_number="PO-1").body["items"]
    assert [order["order_id"] for order in seen] == [tenants.acme_order]


def test_lists_show_each_caller_its_own_and_nothing_else(tenants: Tenants) -> None:
    seen = {
        name: {one["org_id"] for one in tenants.call("GET", "/orgs", who=caller).body["items"]}
        for name, caller in CALLERS.items()
    }
    assert seen.pop("operator") == seen.pop("operator's token") == {NORTH, SOUTH}
    north = {"north admin", "north admin's token", "north viewer", "blue admin", "blue viewer"}
    south = {"south", "red"}
    for name, orgs in seen.items():
        wanted = {NORTH} if name in north else {SOUTH} if name.split()[0] in south else set()
        assert orgs == wanted, name
    assert tenants.call("GET", "/msps", who=BLUE_ADMIN).body["items"][0]["msp_id"] == BLUE
    assert tenants.call("GET", "/msps", who=NOBODY).body["items"] == []


LISTS = ["licenses", "devices", "ledger"]


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_one_organization_is_none_of_another(tenants: Tenants, path: str) -> None:
    cursor = tenants.call("GET", f"/orgs/{SOUTH}/{path}", who=SOUTH_ADMIN, limit="1").body["next_cursor"]
    assert tenants.call("GET", f"/orgs/{SOUTH}/{path}", who=SOUTH_ADMIN, cursor=cursor).status == 200
    for who in (NORTH_ADMIN, OPERATOR):
        answer = tenants.call("GET", f"/orgs/{NORTH}/{path}", who=who, cursor=cursor)
        assert (answer.status, answer.faulty) == (422, ["cursor"])


def test_a_cursor_over_all_orders_is_none_of_one_partners(tenants: Tenants) -> None:
    cursor = tenants.call("GET", "/orders", limit="1").body["next_cursor"]
    assert cursor
    for who in (ACME, GLOBEX):
        answer = tenants.call("GET", "/orders", who=who, cursor=cursor)
        assert (answer.status, answer.faulty) == (422, ["cursor"])


def test_a_cursor_that_somebody_turned_to_another_organization_is_refused(tenants: Tenants) -> None:
    """The mark in a cursor is no secret: what it points to is checked against the list all the same."""

    def read(text: str) -> Any:
        return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))

    def cursor(org_id: str, who: Any) -> Any:
        return read(tenants.call("GET", f"/orgs/{org_id}/ledger", who=who, limit="1").body["next_cursor"])

    forged = [cursor(NORTH, NORTH_ADMIN)[0], cursor(SOUTH, SOUTH_ADMIN)[1]]
    text = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    answer = tenants.call("GET", f"/orgs/{NORTH}/ledger", who=NORTH_ADMIN, cursor=text)
    assert (answer.status, answer.faulty) == (422, ["cursor"])


def test_another_callers_idempotency_key_says_nothing_and_is_not_used_up(tenants: Tenants) -> None:
    headers = {"Idempotency-Key": "shared"}
    issue(tenants.cloud.store, 50)
    body = {"license_keys": [mint(50)]}
    mine = tenants.call("POST", f"/orgs/{NORTH}/claims", body, who=NORTH_ADMIN, headers=headers)
    assert mine.status == 201
    others = tenants.call("POST", f"/orgs/{NORTH}/claims", body, who=SOUTH_ADMIN, headers=headers)
    theirs = tenants.call("POST", f"/orgs/{SOUTH}/claims", body, who=SOUTH_ADMIN, headers=headers)
    assert (others.status, others.code) == (404, "not_found")
    assert (theirs.status, theirs.code) == (409, "already_claimed")
    assert all("Idempotency-Replayed" not in answer.headers for answer in (others, theirs))
    again = tenants.call("POST", f"/orgs/{NORTH}/claims", body, who=NORTH_ADMIN, headers=headers)
    assert (again.body, again.headers["Idempotency-Replayed"]) == (mine.body, "true")


def test_who_claimed_a_key_is_told_to_nobody_else(tenants: Tenants) -> None:
    """Whoever holds a claimed key learns that it is claimed, not by whom."""
    body = {"license_key": mint(20)}
    for who in (NORTH_ADMIN, RED_ADMIN, NOBODY, ACME):
        answer = tenants.call("POST", "/license-keys/preview", body, who=who)
        assert (answer.status, answer.body["claimable"], answer.body["reason"]) == (200, False, "already_claimed")
        assert SOUTH not in str(answer.body)
    refused = tenants.call("POST", f"/orgs/{NORTH}/claims", {"license_keys": [mint(20)]}, who=NORTH_ADMIN)
    assert refused.status == 409
    assert SOUTH not in str(refused.body)


def test_an_api_token_passes_on_no_grant_its_maker_does_not_hold(tenants: Tenants) -> None:
    asked = {"name": "erp", "expires_at": "2026-06-01T00:00:00Z", "licenses_per_day": 10}
    for grant in ({"role": "org_admin", "org_id": SOUTH}, {"role": "org_admin", "org_id": NOWHERE}):
        answer = tenants.call("POST", "/api-tokens", asked | {"grants": [grant]}, who=NORTH_ADMIN)
        assert (answer.status, answer.faulty) == (422, ["grants[0]"])
    theirs = asked | {"grants": [{"role": "org_viewer", "org_id": SOUTH}]}
    tenants.call("PUT", f"/people/{SOUTH_ADMIN.email}", {"grants": [{"role": "org_admin", "org_id": SOUTH}]})
    made = tenants.call("POST", "/api-tokens", theirs, who=tenants.cloud.signed_in(SOUTH_ADMIN)).body["token_id"]
    foreign = tenants.call("DELETE", f"/api-tokens/{made}", who=NORTH_ADMIN)
    missing = tenants.call("DELETE", "/api-tokens/0123456789abcdef", who=NORTH_ADMIN)
    assert but_instance(foreign) == but_instance(missing)
    assert foreign.status == 404
    assert tenants.call("GET", "/api-tokens", who=NORTH_ADMIN).body["items"] == []
