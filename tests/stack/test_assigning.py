"""Assigning seen from outside: devices registered, licences bound both ways, undone, explained (D17-D30)."""

from itertools import pairwise
from typing import Any

import pytest

from tests.stack.orders import keys_of
from tools.local.client import Client
from tools.local.stack import Stack

pytestmark = pytest.mark.stack

NORTH = "/orgs/org-north"
CATEGORIES = ("ap", "switch", "gateway", "pdu", "switch_extender", "camera", "epc")


@pytest.fixture(scope="module")
def admin(stack: Stack) -> Client:
    return stack.client("org_admin")


@pytest.fixture(scope="module", autouse=True)
def devices(admin: Client) -> dict[str, Any]:
    """One of each category, and a second access point that is in a network."""
    given = [
        {"serial": f"T-{category.upper()}", "mac": f"88:DC:96:00:01:{n:02}", "model": "ECX", "category": category}
        for n, category in enumerate([*CATEGORIES, "ap"])
    ]
    given[-1]["serial"] = "T-AP2"
    answer = admin.must("POST", f"{NORTH}/devices", {"devices": given})
    assert {result["outcome"] for result in answer["results"]} == {"registered"}
    again = admin.must("POST", f"{NORTH}/devices", {"devices": given})
    assert {result["outcome"] for result in again["results"]} == {"already_yours"}
    admin.must("PUT", f"{NORTH}/devices/T-AP2/network", {"network_id": "hq"})
    return {device["serial"]: device for device in given}


def end_of(admin: Client, serial: str) -> str:
    return str(admin.must("GET", f"{NORTH}/devices/{serial}")["expires_at"])


def test_a_claim_serves_the_device_that_ends_first(stack: Stack, admin: Client) -> None:  # D25
    (key,) = keys_of(stack, CAM_1YR_LIC=1)
    cameras = admin.must("GET", f"{NORTH}/devices?category=camera&limit=1000")["items"]
    body = {"license_keys": [key], "auto_associate": True}
    shown = admin.must("POST", f"{NORTH}/claims?dry_run=true", body)
    claimed = admin.call("POST", f"{NORTH}/claims?plan={shown['plan']}", body)
    assert claimed.status == 201
    (association,) = claimed.body["claims"][0]["associations"]
    assert association["serial"] == cameras[0]["serial"]
    rows = admin.must("GET", f"{NORTH}/licenses?serial={cameras[0]['serial']}")["items"]
    assert association["license_id"] in {row["license_id"] for row in rows}


def test_a_license_is_bound_from_the_device_and_from_the_license_and_taken_back(stack: Stack, admin: Client) -> None:
    (key,) = keys_of(stack, AP_1YR_LIC=3)
    admin.must("POST", f"{NORTH}/claims", {"license_keys": [key]})
    before = end_of(admin, "T-AP2")
    chosen = admin.call("POST", f"{NORTH}/associations", {"serial": "T-AP2", "term_days": 365})
    assert chosen.status == 201  # D26
    free = admin.must("GET", f"{NORTH}/licenses?unassociated=true&license_model=AP-1YR-LIC")["items"][0]["license_id"]
    pair = {"license_id": free, "serial": "T-AP2"}
    second = admin.must("POST", f"{NORTH}/associations", {"pairs": [pair]})["associations"][0]
    taken = admin.call("POST", f"{NORTH}/associations", {"pairs": [pair]})
    assert (taken.status, taken.body["code"]) == (409, "license_unavailable")
    stretches = admin.must("GET", f"{NORTH}/devices/T-AP2/timeline")["stretches"]
    assert [stretch["source"] for stretch in stretches] == ["free", "license", "license"]
    assert all(one["until"] == two["from"] for one, two in pairwise(stretches))  # D21
    assert stretches[-1]["until"] == second["ends_at"] == end_of(admin, "T-AP2")
    for wanted in (free, chosen.body["associations"][0]["license_id"]):  # last in, first out (D24)
        assert admin.must("POST", f"{NORTH}/devices/T-AP2/undo", {})["license_id"] == wanted
    assert end_of(admin, "T-AP2") == before


def test_what_does_not_fit_is_refused_with_the_reason(stack: Stack, admin: Client) -> None:  # D17
    free = admin.must("GET", f"{NORTH}/licenses?unassociated=true&license_model=AP-1YR-LIC")["items"][0]["license_id"]
    answer = admin.call("POST", f"{NORTH}/associations", {"pairs": [{"license_id": free, "serial": "T-SWITCH"}]})
    assert (answer.status, answer.body["code"]) == (422, "not_matching")
    assert answer.body["remedy"]
    assert stack.client("org_viewer").call("POST", f"{NORTH}/associations/automatic", {}).status == 403


def test_a_gateway_gets_seats_and_shares_them(stack: Stack, admin: Client) -> None:  # D22
    (key,) = keys_of(stack, SPC_1YR_200_LIC=1)
    claimed = admin.must("POST", f"{NORTH}/claims", {"license_keys": [key]})["claims"][0]
    admin.must("PUT", f"{NORTH}/devices/T-GATEWAY/network", {"network_id": "hq"})
    body = {"license_id": claimed["license_ids"]["first"], "serials": ["T-GATEWAY"]}
    admin.must("POST", f"{NORTH}/seat-shares", body)
    assert admin.must("GET", f"{NORTH}/devices/T-GATEWAY")["vpn_seats"] == 202


def test_a_device_is_replaced_parked_and_restored_with_its_coverage(stack: Stack, admin: Client) -> None:  # D27
    (key,) = keys_of(stack, SW_1YR_LIC=1)
    admin.must("POST", f"{NORTH}/claims", {"license_keys": [key]})
    admin.must("POST", f"{NORTH}/associations", {"serial": "T-SWITCH", "term_days": 365})
    end = end_of(admin, "T-SWITCH")
    admin.must("POST", f"{NORTH}/devices/T-SWITCH/replacement", {"new_serial": "T-SWITCH2"})
    assert end_of(admin, "T-SWITCH2") == end
    assert admin.call("GET", f"{NORTH}/devices/T-SWITCH").status == 404
    parked = admin.must("DELETE", f"{NORTH}/devices/T-SWITCH2")
    assert parked["parked_licenses"] == 1
    device = {"serial": "T-SWITCH2", "mac": "88:DC:96:00:01:01", "model": "ECX", "category": "switch"}
    admin.must("POST", f"{NORTH}/devices", {"devices": [device]})
    assert end_of(admin, "T-SWITCH2") == end


def test_a_network_is_brought_to_one_end(stack: Stack, admin: Client) -> None:  # D28
    (key,) = keys_of(stack, CO_TERM_LIC=5000)
    admin.must("POST", f"{NORTH}/claims", {"license_keys": [key]})
    body = {"until": "2029-01-01T00:00:00Z", "serials": ["T-PDU", "T-EPC"]}
    shown = admin.must("POST", f"{NORTH}/co-term?dry_run=true", body)
    assert shown["units"] == sum(device["units"] for device in shown["devices"])
    applied = admin.must("POST", f"{NORTH}/co-term?plan={shown['plan']}", body)
    assert applied["devices"] == shown["devices"]
    last = admin.must("GET", f"{NORTH}/devices/T-PDU/timeline")["stretches"][-1]
    assert (last["license_model"], last["until"][:10]) == ("CO-TERM-LIC", end_of(admin, "T-PDU")[:10])


def test_the_device_list_is_sorted_by_end_and_forecasts(admin: Client) -> None:
    listed = admin.must("GET", f"{NORTH}/devices?limit=1000")["items"]
    ends = [device["expires_at"] or "" for device in listed]
    assert ends == sorted(ends)
    then = admin.must("GET", f"{NORTH}/devices/T-AP2?as_of=2035-01-01T00:00:00Z")
    assert (then["managed"], then["license_state"]) == (False, "expired")  # D30


def test_a_serial_elsewhere_is_not_given_away(stack: Stack, admin: Client) -> None:  # D18
    device = {"serial": "T-AP", "mac": "88:DC:96:00:01:00", "model": "ECX", "category": "ap"}
    (result,) = admin.must("POST", "/orgs/org-south/devices", {"devices": [device]})["results"]
    assert result["outcome"] == "device_elsewhere"
    assert "org-north" not in str(result)
    assert stack.client("msp_admin").call("GET", f"{NORTH}/devices/T-AP").status in (200, 404)
