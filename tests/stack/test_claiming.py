"""Claiming seen from outside: the key out of the mail is previewed, claimed, listed, moved (D9-D16)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from licensing.domain.licenses import key_codec
from tests.stack.orders import eventually, keys_of
from tests.worlds.items import text_of
from tools.local.client import Answer
from tools.local.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def keys(stack: Stack) -> dict[str, str]:
    models = {"AP_1YR_LIC": 6, "AI_TOKEN_1K_LIC": 2, "MSP_1YR_LIC": 1, "MSP_3YR_LIC": 1, "SW_1YR_LIC": 3}
    return dict(zip(models, keys_of(stack, **models), strict=True))


def claim(stack: Stack, org_id: str, *keys: str, how: str = "", **more: Any) -> Answer:
    return stack.client("org_admin").call("POST", f"/orgs/{org_id}/claims{how}", {"license_keys": keys, **more})


def rows_of(stack: Stack, org_id: str, key: str) -> list[dict[str, Any]]:
    """The licences of this key that the org has; other tests claim keys of the same models."""
    rows = stack.client("org_admin").must("GET", f"/orgs/{org_id}/licenses?tab=pro&limit=1000")["items"]
    return [row for row in rows if row["key_fingerprint"] == key_codec.fingerprint(key_codec.parse(key))]


def test_a_key_is_previewed_claimed_once_and_for_all_and_unzipped(stack: Stack, keys: dict[str, str]) -> None:
    admin, key = stack.client("org_admin"), keys["AP_1YR_LIC"]
    typed = key.lower().replace("-", " ")
    preview = admin.must("POST", "/license-keys/preview", {"license_key": typed})
    assert (preview["claimable"], preview["portal"], preview["quantity"]) == (True, "organization", 6)
    plan = claim(stack, "org-north", key, how="?dry_run=true").body["plan"]
    claimed = claim(stack, "org-north", key, how=f"?plan={plan}")
    assert claimed.status == 201
    ids = claimed.body["claims"][0]["license_ids"]
    again = claim(stack, "org-north", key).body["claims"][0]
    assert (again["outcome"], again["license_ids"]) == ("already_yours", ids)
    elsewhere = claim(stack, "org-south", key)
    assert (elsewhere.status, elsewhere.body["code"]) == (409, "already_claimed")
    rows = rows_of(stack, "org-north", key)
    assert [rows[0]["license_id"], rows[-1]["license_id"], len(rows)] == [ids["first"], ids["last"], 6]
    assert {row["state"] for row in rows} == {"inactive"}
    assert stack.client("org_viewer").call("GET", "/orgs/org-north/licenses").status == 200


def test_an_overview_is_exact_at_once_and_then_comes_from_the_orgs_digest(stack: Stack) -> None:
    """The table's stream wakes the function that keeps it, under its own role."""
    admin, key = stack.client("org_admin"), keys_of(stack, CAM_3YR_LIC=7)[0]
    assert claim(stack, "org-south", key).status == 201
    counted = admin.must("GET", "/orgs/org-south/licenses/overview")
    assert {each["license_model"]: each["total"] for each in counted["by_model"]}["CAM-3YR-LIC"] == 7
    table = stack.aws.dynamodb

    def digest() -> str:
        key = {"pk": {"S": "DIGEST#org-south"}, "sk": {"S": "DIGEST"}}
        item = table.get_item(TableName=stack.table_name, Key=key, ConsistentRead=True).get("Item", {})
        return text_of(item) if item else ""

    eventually(digest, lambda facts: "CAM-3YR-LIC free" in facts)
    assert admin.must("GET", "/orgs/org-south/licenses/overview")["by_model"] == counted["by_model"]


def test_of_many_who_claim_at_once_one_wins(stack: Stack, keys: dict[str, str]) -> None:  # D11
    key = keys["SW_1YR_LIC"]

    def attempt(number: int) -> Answer:
        return claim(stack, ("org-north", "org-south")[number % 2], key)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(16)))
    winners = {number % 2 for number, answer in enumerate(answers) if answer.status == 201}
    assert len(winners) == 1
    assert {answer.body["code"] for answer in answers if answer.status != 201} == {"already_claimed"}
    assert sorted(len(rows_of(stack, org_id, key)) for org_id in ("org-north", "org-south")) == [0, 3]


def test_a_key_in_the_wrong_portal_is_sent_to_the_right_one(stack: Stack, keys: dict[str, str]) -> None:  # D10
    wrong = claim(stack, "org-north", keys["MSP_1YR_LIC"])
    assert (wrong.status, wrong.body["code"], wrong.body["portal"]) == (409, "wrong_portal", "msp")


def test_msp_keys_start_and_extend_the_portal(stack: Stack, keys: dict[str, str]) -> None:  # D15
    msp = stack.client("msp_admin")
    before = msp.must("GET", "/msps/msp-blue")["valid_until"]
    first = msp.call("POST", "/msps/msp-blue/claims", {"license_keys": [keys["MSP_1YR_LIC"]]})
    second = msp.call("POST", "/msps/msp-blue/claims", {"license_keys": [keys["MSP_3YR_LIC"]]})
    assert (first.status, first.body["previous_valid_until"]) == (201, before)
    assert (first.body["basis"], second.body["basis"]) == ("extended" if before else "started", "extended")
    assert second.body["previous_valid_until"] == first.body["valid_until"]
    portal = msp.must("GET", "/msps/msp-blue")
    assert (portal["valid"], portal["valid_until"]) == (True, second.body["valid_until"])
    assert [stretch["license_model"] for stretch in portal["licenses"][-2:]] == ["MSP-1YR-LIC", "MSP-3YR-LIC"]
    assert not msp.must("GET", "/msps/msp-blue?as_of=2090-01-01T00:00:00Z")["valid"]


def test_tokens_are_pooled_and_handed_over_whole(stack: Stack, keys: dict[str, str]) -> None:  # D14
    admin = stack.client("org_admin")

    def balance(org_id: str) -> int:
        return int(admin.must("GET", f"/orgs/{org_id}/licenses/overview")["ai_tokens"])

    north, south = balance("org-north"), balance("org-south")
    claim(stack, "org-north", keys["AI_TOKEN_1K_LIC"])
    assert balance("org-north") == north + 2000
    moved = admin.must("POST", "/orgs/org-north/ai-tokens/transfer", {"to_org_id": "org-south"})
    assert moved == {"transferred": north + 2000}
    assert (balance("org-north"), balance("org-south")) == (0, south + north + 2000)


def test_licenses_move_between_organizations_of_one_admin(stack: Stack, keys: dict[str, str]) -> None:  # D16
    admin = stack.client("org_admin")
    claim(stack, "org-north", keys["AP_1YR_LIC"])
    body = {"to_org_id": "org-south", "license_model": "AP-1YR-LIC", "quantity": 2}
    assert admin.must("POST", "/orgs/org-north/licenses/move", body) == {"moved": 2}
    too_many = admin.call("POST", "/orgs/org-north/licenses/move", body | {"quantity": 99_999})
    assert (too_many.status, too_many.body["code"]) == (409, "not_enough_licenses")
    foreign = admin.call("POST", "/orgs/org-north/licenses/move", body | {"to_org_id": "org-east"})
    assert foreign.status == 404
    newest = admin.must("GET", "/orgs/org-south/ledger?limit=1")["items"][0]
    assert newest["actor"] == "admin@north.example.com"
