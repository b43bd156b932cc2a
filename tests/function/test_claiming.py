"""Claiming over HTTP: preview, claims, lists, moves, tokens, MSP portals, ledgers (openapi: claim, msp_extension)."""

from typing import Any

import pytest

from licensing.domain.people.access import Grant
from tests.worlds.claiming import BLUE, NORTH, SOUTH, issue, key_id, key_record, mint, unissued
from tests.worlds.examples import later
from tests.worlds.gateway import NOBODY, OPERATOR, Answer, person
from tests.worlds.moto_cloud import Cloud
from tests.worlds.people import admit

ADA = person("ada@north.example", *(Grant(role="org_admin", org_id=org) for org in (NORTH, SOUTH)))
BOB = person("bob@north.example", Grant(role="org_viewer", org_id=NORTH))
CYD = person("cyd@south.example", Grant(role="org_admin", org_id=SOUTH))
MIA = person("mia@blue.example", Grant(role="msp_admin", msp_id=BLUE))

ROW_FIELDS = {
    "license_id", "license_model", "category", "type", "state", "term_days", "issued_at", "activation_at",
    "activated", "starts_at", "expires_at", "serial", "associated_at", "undo_until", "key_fingerprint",
}  # fmt: skip


def claim(cloud: Cloud, *keys: str, org: str = NORTH, who: Any = ADA, body: Any = None, **how: Any) -> Answer:
    return cloud.call("POST", f"/orgs/{org}/claims", {"license_keys": keys} | (body or {}), who=who, **how)


def licenses(cloud: Cloud, org: str = NORTH, **query: str) -> Answer:
    return cloud.call("GET", f"/orgs/{org}/licenses", who=ADA, **query)


# --- preview and claim ---


def test_anybody_signed_in_previews_a_key(cloud: Cloud) -> None:
    answer = cloud.call("POST", "/license-keys/preview", {"license_key": issue(cloud.store, 1)}, who=NOBODY)
    assert (answer.status, answer.body["license_model"], answer.body["claimable"]) == (200, "AP-1YR-LIC", True)


def test_a_claim_answers_201_with_the_licenses_it_gave(cloud: Cloud) -> None:
    key = issue(cloud.store, 1, quantity=100_000)
    answer = claim(cloud, key)
    assert answer.status == 201
    assert answer.body == {
        "claims": [
            {
                "key_fingerprint": f"{key[:5]}-…-…-…-*****",
                "outcome": "claimed",
                "license_model": "AP-1YR-LIC",
                "quantity": 100_000,
                "license_ids": {"first": f"{key_id(1)}-000001", "last": f"{key_id(1)}-100000"},
                "associations": [],
            }
        ]
    }
    assert claim(cloud, key).body["claims"][0]["outcome"] == "already_yours"


def test_a_claim_sent_again_with_its_idempotency_key_is_replayed(cloud: Cloud) -> None:
    key, headers = issue(cloud.store, 1), {"Idempotency-Key": "k-1"}
    first, again = (claim(cloud, key, headers=headers) for _ in range(2))
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = claim(cloud, issue(cloud.store, 2), headers=headers)
    assert (other.status, other.code) == (422, "idempotency_key_reused")


def test_a_dry_run_writes_nothing_and_its_plan_can_be_carried_out(cloud: Cloud) -> None:
    key = issue(cloud.store, 1)
    cloud.now = later(hours=1)
    shown = claim(cloud, key, dry_run="true")
    assert shown.body["dry_run"] is True
    assert licenses(cloud).body["items"] == []
    cloud.now = later(hours=2)
    assert claim(cloud, key, plan=shown.body["plan"]).status == 201
    assert claim(cloud, key, plan=shown.body["plan"]).code == "plan_stale"


def test_a_claim_can_be_associated_at_once(cloud: Cloud) -> None:
    device = {"serial": "AP-1", "mac": "88:DC:96:00:00:01", "model": "ECW230S", "category": "ap"}
    cloud.call("POST", f"/orgs/{NORTH}/devices", {"devices": [device]}, who=ADA)
    answer = claim(cloud, issue(cloud.store, 1), body={"auto_associate": True})
    (made,) = answer.body["claims"][0]["associations"]
    assert (made["license_id"], made["serial"], made["undo_until"]) == (
        f"{key_id(1)}-000001",
        "AP-1",
        "2026-03-08T12:00:00Z",
    )
    (row,) = licenses(cloud, serial="AP-1").body["items"]
    assert (row["license_id"], row["state"]) == (made["license_id"], made["state"])


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [(BOB, 403, "forbidden"), (OPERATOR, 403, "forbidden"), (CYD, 404, "not_found"), (MIA, 404, "not_found")],
)
def test_only_the_org_s_admin_claims(cloud: Cloud, who: Any, status: int, code: str) -> None:
    cloud.call("PUT", f"/orgs/{NORTH}", {"name": "North"})
    key = issue(cloud.store, 1)
    answer = claim(cloud, key, who=who)
    assert (answer.status, answer.code) == (status, code)
    assert claim(cloud, key).body["claims"][0]["outcome"] == "claimed"


REFUSED: list[tuple[str, int, str]] = [
    ("malformed", 422, "malformed_key"),
    ("unknown", 404, "unknown_key"),
    ("claimed", 409, "already_claimed"),
    ("msp", 409, "wrong_portal"),
]


@pytest.mark.parametrize(("kind", "status", "code"), REFUSED)
def test_a_key_that_cannot_be_claimed_says_why_and_what_to_do(cloud: Cloud, kind: str, status: int, code: str) -> None:
    keys = {"malformed": "7Q4ZK-ABCDU", "unknown": unissued(1)}
    keys |= {"claimed": issue(cloud.store, 1), "msp": issue(cloud.store, 2, "MSP-1YR-LIC")}
    claim(cloud, keys["claimed"], org=SOUTH)
    answer = claim(cloud, keys[kind])
    assert (answer.status, answer.code) == (status, code)
    assert answer.body["remedy"]
    assert [told["outcome"] for told in answer.body["claims"]] == [code]
    assert keys[kind][6:] not in str(answer.body)
    if kind == "malformed":
        assert answer.faulty == ["license_keys[0]"]
        assert "Group 2" in answer.body["detail"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"license_keys": []}, ["license_keys"]),
        ({"license_keys": [mint(number) for number in range(26)]}, ["license_keys"]),
        ({"license_keys": [mint(1), mint(2), mint(1).lower()]}, ["license_keys[2]"]),
        ({"license_keys": [1]}, ["license_keys[0]"]),
        ({"license_keys": mint(1)}, ["license_keys"]),
        ({"license_keys": [mint(1)], "mode": "some"}, ["mode"]),
        ({"license_key": mint(1)}, ["license_keys", "license_key"]),
    ],
)
def test_a_bad_claim_names_its_fields(cloud: Cloud, body: dict[str, Any], fields: list[str]) -> None:
    answer = cloud.call("POST", f"/orgs/{NORTH}/claims", body, who=ADA)
    assert (answer.status, answer.code, answer.faulty) == (422, "invalid_request", fields)
    assert mint(1)[6:] not in str(answer.body)


def test_whoever_guesses_too_often_is_told_when_to_come_back(cloud: Cloud) -> None:
    for number in range(20):
        assert claim(cloud, unissued(number)).status == 404
    answer = claim(cloud, issue(cloud.store, 1))
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (429, "rate_limited", "3600")
    cloud.now = later(hours=1)
    assert claim(cloud, mint(1)).status == 201


# --- lists and numbers ---


def test_licenses_are_listed_page_by_page_with_a_cursor_of_this_list_only(cloud: Cloud) -> None:
    claim(cloud, issue(cloud.store, 1, quantity=5), issue(cloud.store, 2, "SW-1YR-LIC", 5))
    ids, cursor, pages = [], "", 0
    while pages < 10:
        page = licenses(cloud, limit="4", **({"cursor": cursor} if cursor else {})).body
        ids += [row["license_id"] for row in page["items"]]
        assert all(set(row) == ROW_FIELDS for row in page["items"])
        pages += 1
        if (cursor := page["next_cursor"]) is None:
            break
    assert pages == 3
    assert ids == sorted(f"{key_id(key)}-{number:06}" for key in (1, 2) for number in range(1, 6))
    first = licenses(cloud, limit="4").body["next_cursor"]
    for query in ({"cursor": first, "tab": "pro"}, {"cursor": first[:-3]}, {"cursor": "x"}):
        answer = licenses(cloud, **query)
        assert (answer.status, answer.faulty) == (422, ["cursor"])
    assert licenses(cloud, org=SOUTH, cursor=first).status == 422


def test_the_list_takes_every_filter_and_any_instant(cloud: Cloud) -> None:
    claim(cloud, issue(cloud.store, 1), issue(cloud.store, 2, "SPC-1YR-LIC", 2))
    cloud.now = later(days=1)
    counts = {
        query: len(licenses(cloud, **dict([query.split("=")])).body["items"])
        for query in (
            "tab=secupoint", "tab=co_term", "state=inactive", "state=expired", "license_model=AP-1YR-LIC",
            "serial=AP-1", "unassociated=true", "unassociated=false", "as_of=2026-02-01T00:00:00Z",
        )
    }  # fmt: skip
    assert list(counts.values()) == [2, 0, 6, 0, 4, 0, 6, 0, 0]
    forecast = licenses(cloud, as_of="2027-06-01T00:00:00Z", state="expired").body["items"]
    assert len(forecast) == 6


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"as_of": "yesterday"}, "as_of"),
        ({"as_of": "2026-02-01"}, "as_of"),
        ({"tab": "all"}, "tab"),
        ({"state": "done"}, "state"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"unassociated": "perhaps"}, "unassociated"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_query_names_its_parameter(cloud: Cloud, query: dict[str, str], field: str) -> None:
    answer = licenses(cloud, **query)
    assert (answer.status, answer.faulty) == (422, [field])


def test_the_overview_has_the_contract_s_fields(cloud: Cloud) -> None:
    claim(cloud, issue(cloud.store, 1), issue(cloud.store, 2, "AI-TOKEN-1K-LIC", 2))
    answer = cloud.call("GET", f"/orgs/{NORTH}/licenses/overview", who=BOB)
    assert answer.body == {
        "unmanaged_devices": 0,
        "burning_unassociated": 0,
        "by_model": [
            {"license_model": "AI-TOKEN-1K-LIC", "total": 2, "unassociated": 2, "associated": 0, "active": 2}
            | {"expired": 0},
            {"license_model": "AP-1YR-LIC", "total": 4, "unassociated": 4, "associated": 0, "active": 0}
            | {"expired": 0},
        ],
        "next_forced_activation": {"at": "2026-05-30T12:00:00Z", "count": 4},
        "earliest_expiry": "2027-05-30T12:00:00Z",
        "expired_devices": 0,
        "expiring_devices_30d": 0,
        "ai_tokens": 2000,
    }
    past = cloud.call("GET", f"/orgs/{NORTH}/licenses/overview", who=BOB, as_of="2026-02-01T00:00:00Z")
    assert (past.body["by_model"], past.body["ai_tokens"]) == ([], 0)


# --- moves and tokens ---


def test_licenses_and_tokens_move_to_another_org_of_the_same_admin(cloud: Cloud) -> None:
    claim(cloud, issue(cloud.store, 1, quantity=500), issue(cloud.store, 2, "AI-TOKEN-1K-LIC", 2))
    body = {"to_org_id": SOUTH, "license_model": "AP-1YR-LIC", "quantity": 200}
    moved = cloud.call("POST", f"/orgs/{NORTH}/licenses/move", body, who=ADA)
    assert (moved.status, moved.body) == (200, {"moved": 200})
    assert len(licenses(cloud, org=SOUTH, limit="1000").body["items"]) == 200
    transferred = cloud.call("POST", f"/orgs/{NORTH}/ai-tokens/transfer", {"to_org_id": SOUTH}, who=ADA)
    assert (transferred.status, transferred.body) == (200, {"transferred": 2000})


@pytest.mark.parametrize("path", ["licenses/move", "ai-tokens/transfer"])
def test_the_other_org_has_to_be_the_caller_s_too(cloud: Cloud, path: str) -> None:
    claim(cloud, issue(cloud.store, 1), issue(cloud.store, 2, "AI-TOKEN-1K-LIC"))
    body: dict[str, Any] = {"license_model": "AP-1YR-LIC", "quantity": 1} if path == "licenses/move" else {}
    for target, status in (("org-far", 404), (NORTH, 422)):
        answer = cloud.call("POST", f"/orgs/{NORTH}/{path}", body | {"to_org_id": target}, who=ADA)
        assert answer.status == status
    assert cloud.call("POST", f"/orgs/{NORTH}/{path}", body | {"to_org_id": SOUTH}, who=CYD).status == 404
    assert cloud.call("POST", f"/orgs/{SOUTH}/{path}", body | {"to_org_id": NORTH}, who=CYD).status == 404
    assert cloud.call("POST", f"/orgs/{NORTH}/{path}", body | {"to_org_id": SOUTH}, who=BOB).status == 403


def test_moving_more_than_there_is_says_how_many_there_are(cloud: Cloud) -> None:
    claim(cloud, issue(cloud.store, 1))
    body = {"to_org_id": SOUTH, "license_model": "AP-1YR-LIC", "quantity": 5}
    answer = cloud.call("POST", f"/orgs/{NORTH}/licenses/move", body, who=ADA)
    assert (answer.status, answer.code, answer.body["available"]) == (409, "not_enough_licenses", 4)


# --- MSP portals ---


def test_msp_keys_extend_the_portal_and_show_what_they_paid_for(cloud: Cloud) -> None:
    keys = issue(cloud.store, 1, "MSP-1YR-LIC", 1), issue(cloud.store, 2, "MSP-3YR-LIC", 1)
    answer = cloud.call("POST", f"/msps/{BLUE}/claims", {"license_keys": keys}, who=MIA)
    assert answer.status == 201
    assert set(answer.body) == {"claims", "previous_valid_until", "valid_until", "basis"}
    assert (answer.body["valid_until"], answer.body["basis"]) == ("2030-02-28T12:00:00Z", "started")
    shown = cloud.call("GET", f"/msps/{BLUE}", who=MIA).body
    assert set(shown) == {"msp_id", "valid_from", "valid_until", "valid", "licenses", "licenses_left_out"}
    assert shown["licenses"][1] == {
        "key_fingerprint": key_record(keys[1]).fingerprint,
        "license_model": "MSP-3YR-LIC",
        "quantity": 1,
        "claimed_at": "2026-03-01T12:00:00Z",
        "from": "2027-03-01T12:00:00Z",
        "until": "2030-02-28T12:00:00Z",
    }
    assert cloud.call("GET", f"/msps/{BLUE}", who=MIA, as_of="2026-01-01T00:00:00Z").body["valid"] is False


def test_an_msp_s_portal_is_its_own(cloud: Cloud) -> None:
    key = issue(cloud.store, 1, "MSP-1YR-LIC")
    for who, status in ((ADA, 404), (OPERATOR, 404)):
        assert cloud.call("POST", f"/msps/{BLUE}/claims", {"license_keys": [key]}, who=who).status == status
    cloud.call("PUT", f"/msps/{BLUE}", {"name": "Blue"})
    assert cloud.call("POST", f"/msps/{BLUE}/claims", {"license_keys": [key]}).code == "forbidden"
    assert cloud.call("GET", f"/msps/{BLUE}").status == 200
    assert cloud.call("GET", "/msps/msp-red", who=MIA).status == 404


# --- ledgers ---


def test_ledgers_are_paged_newest_first_and_show_no_hash(cloud: Cloud) -> None:
    keys = [issue(cloud.store, number) for number in range(3)]
    admit(cloud.store, "ada@north.example")
    for day, key in enumerate(keys):
        cloud.now = later(days=day)
        claim(cloud, key)
    first = cloud.call("GET", f"/orgs/{NORTH}/ledger", who=BOB, limit="2").body
    second = cloud.call("GET", f"/orgs/{NORTH}/ledger", who=BOB, limit="2", cursor=first["next_cursor"]).body
    entries = first["items"] + second["items"]
    assert [entry["at"] for entry in entries] == [f"2026-03-0{day}T12:00:00Z" for day in (3, 2, 1)]
    assert set(entries[0]) == {"at", "actor", "action", "summary", "changes"}
    assert (entries[0]["actor"], second["next_cursor"]) == ("ada@north.example", None)
    assert [change["record"] for change in entries[0]["changes"]] == ["key", f"block/{NORTH}/{key_id(2)}"]
    assert all(key_record(key).key_hash not in str(entries) for key in keys)
    assert cloud.call("GET", f"/msps/{BLUE}/ledger", who=MIA).body == {"items": [], "next_cursor": None}
