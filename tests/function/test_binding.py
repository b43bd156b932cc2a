"""Licences and devices over HTTP (openapi: binding)."""

from typing import Any

import pytest

from licensing.domain.people.access import Grant
from tests.worlds.assigning import device_request
from tests.worlds.claiming import issue
from tests.worlds.examples import later
from tests.worlds.gateway import answer_of, api_event, person
from tests.worlds.moto_cloud import Cloud

ADMIN = person("ada@north.example", Grant(role="org_admin", org_id="org-north"))
VIEWER = person("vic@north.example", Grant(role="org_viewer", org_id="org-north"))
ORG = "/orgs/org-north"
ASSOCIATION_FIELDS = {
    "license_id", "serial", "state", "starts_at", "ends_at", "undo_until", "device_end_before", "device_end_after",
}  # fmt: skip


def device(cloud: Cloud, serial: str, category: str = "ap", *, network: bool = True) -> str:
    cloud.call("POST", f"{ORG}/devices", {"devices": [device_request(serial, category)]}, who=ADMIN)
    if network:
        cloud.call("PUT", f"{ORG}/devices/{serial}/network", {"network_id": "net-1"}, who=ADMIN)
    return serial


def claimed(cloud: Cloud, number: int, model: str, quantity: int = 1, **how: Any) -> list[str]:
    """The licence ids of a key that was claimed over HTTP."""
    key = issue(cloud.store, number, model, quantity)
    answer = cloud.call("POST", f"{ORG}/claims", {"license_keys": [key], **how}, who=ADMIN)
    assert answer.status == 201, answer.body
    first = answer.body["claims"][0]["license_ids"]["first"].rpartition("-")[0]
    return [f"{first}-{each:06}" for each in range(1, quantity + 1)]


def post(cloud: Cloud, path: str, body: Any, **query: str) -> Any:
    answer = cloud.call("POST", ORG + path, body, who=ADMIN, **query)
    assert answer.status in (200, 201), answer.body
    return answer.body


def test_a_pair_is_associated_listed_explained_and_undone(cloud: Cloud) -> None:
    [license_id] = claimed(cloud, 1, "CAM-1YR-LIC")
    device(cloud, "C-1", "camera")
    pairs = [{"license_id": license_id, "serial": "C-1"}]
    answer = cloud.call("POST", f"{ORG}/associations", {"pairs": pairs}, who=ADMIN)
    assert (answer.status, set(answer.body["associations"][0])) == (201, ASSOCIATION_FIELDS)
    [row] = cloud.call("GET", f"{ORG}/licenses", who=VIEWER, serial="C-1").body["items"]
    assert (row["license_id"], row["state"], row["expires_at"]) == (license_id, "active", "2027-03-01T12:00:00Z")
    [stretch] = cloud.call("GET", f"{ORG}/devices/C-1/timeline", who=VIEWER).body["stretches"]
    assert (stretch["from"], stretch["until"], stretch["license_id"], stretch["po_number"], stretch["line"]) == (
        "2026-03-01T12:00:00Z",
        "2027-03-01T12:00:00Z",
        license_id,
        "PO-1",
        1,
    )
    assert set(stretch) == {
        "from", "until", "source", "license_id", "license_model", "key_fingerprint", "po_number", "line", "why",
    }  # fmt: skip
    cloud.now = later(days=1)
    assert post(cloud, "/devices/C-1/undo", {}) == {"license_id": license_id}
    [undone] = cloud.call("GET", f"{ORG}/devices/C-1/timeline", who=VIEWER).body["stretches"]
    assert (undone["from"], undone["until"]) == ("2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z")  # D24
    assert "undone at 2026-03-02T12:00:00Z" in undone["why"]
    [row] = [
        each
        for each in cloud.call("GET", f"{ORG}/licenses", who=VIEWER).body["items"]
        if each["license_id"] == license_id
    ]
    assert (row["state"], row["activated"], row["activation_at"]) == ("inactive", True, "2026-03-01T12:00:00Z")


def test_a_device_and_a_duration_are_enough(cloud: Cloud) -> None:  # D26
    claimed(cloud, 1, "CAM-3YR-LIC")
    device(cloud, "C-1", "camera")
    answer = cloud.call("POST", f"{ORG}/associations", {"serial": "C-1", "term_days": 365}, who=ADMIN)
    assert (answer.status, answer.code) == (409, "not_enough_licenses")
    assert post(cloud, "/associations", {"serial": "C-1", "term_days": 1095})["associations"][0]["serial"] == "C-1"


def test_automatic_association_is_shown_before_it_is_confirmed(cloud: Cloud) -> None:  # D25
    claimed(cloud, 1, "AP-1YR-LIC", 3)
    device(cloud, "AP-1")
    cloud.now = later(days=1)
    device(cloud, "AP-2")
    shown = post(cloud, "/associations/automatic", {}, dry_run="true")
    assert [each["serial"] for each in shown["associations"]] == ["AP-1", "AP-2"]
    assert shown["associations"][0]["device_end_before"] == "2026-05-30T12:00:00Z"
    cloud.now = later(days=1, minutes=3)
    made = post(cloud, "/associations/automatic", {}, plan=shown["plan"])
    assert ([each["serial"] for each in made["associations"]], made["left_over"]) == (["AP-1", "AP-2"], 1)
    stale = cloud.call("POST", f"{ORG}/associations/automatic", {}, who=ADMIN, plan=shown["plan"])
    assert (stale.status, stale.code) == (409, "plan_stale")


def test_a_claim_can_associate_at_once(cloud: Cloud) -> None:  # D25
    device(cloud, "AP-1")
    license_id, _ = claimed(cloud, 1, "AP-1YR-LIC", 2, auto_associate=True)
    [row] = cloud.call("GET", f"{ORG}/licenses", who=VIEWER, unassociated="false").body["items"]
    assert (row["license_id"], row["serial"], row["state"]) == (license_id, "AP-1", "merging")
    overview = cloud.call("GET", f"{ORG}/licenses/overview", who=VIEWER).body
    assert overview["by_model"][0] == {
        "license_model": "AP-1YR-LIC",
        "total": 2,
        "unassociated": 1,
        "associated": 1,
        "active": 0,
        "expired": 0,
    }


def test_the_same_idempotency_key_binds_once(cloud: Cloud) -> None:
    ids = claimed(cloud, 1, "AP-1YR-LIC", 2)
    device(cloud, "AP-1")
    body, headers = {"pairs": [{"license_id": ids[0], "serial": "AP-1"}]}, {"Idempotency-Key": "once"}
    first = cloud.call("POST", f"{ORG}/associations", body, who=ADMIN, headers=headers)
    again = cloud.call("POST", f"{ORG}/associations", body, who=ADMIN, headers=headers)
    assert (first.status, first.body) == (again.status, again.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = {"pairs": [{"license_id": ids[1], "serial": "AP-1"}]}
    assert cloud.call("POST", f"{ORG}/associations", other, who=ADMIN, headers=headers).code == "idempotency_key_reused"


def test_what_one_request_has_no_time_for_is_done_by_the_same_request_again(cloud: Cloud) -> None:  # D25
    """Lambda says how long the function may go on; it answers before it would be killed."""
    ids = claimed(cloud, 1, "AP-1YR-LIC", 60)
    for start in (0, 30):
        devices = [device_request(f"AP-{number:02}") for number in range(start, start + 30)]
        cloud.call("POST", f"{ORG}/devices", {"devices": devices}, who=ADMIN)
    path, headers = f"{ORG}/associations/automatic", {"Idempotency-Key": "once"}
    event = api_event("POST", path, {}, who=ADMIN, headers=headers)
    stopped = answer_of(cloud.function("binding")(event, Hurried()))
    assert (stopped.status, stopped.body["code"], stopped.headers["Retry-After"]) == (503, "unfinished", "1")
    assert "the same Idempotency-Key" in stopped.body["remedy"]
    some = cloud.call("GET", f"{ORG}/licenses", who=VIEWER, unassociated="true").body["items"]
    assert 0 < len(some) < 60
    done, again = (cloud.call("POST", path, {}, who=ADMIN, headers=headers) for _ in range(2))
    assert (done.status, [each["license_id"] for each in done.body["associations"]]) == (201, ids)
    assert (again.body, again.headers["Idempotency-Replayed"]) == (done.body, "true")


class Hurried:
    """What Lambda hands a function whose time is nearly up."""

    def get_remaining_time_in_millis(self) -> int:
        return 1


def test_a_network_is_co_terminated(cloud: Cloud) -> None:  # D28
    device(cloud, "AP-1")
    device(cloud, "C-1", "camera")
    body = {"until": "2026-06-09T12:00:00Z", "network_id": "net-1"}
    shown = post(cloud, "/co-term", body, dry_run="true")
    assert ([each["units"] for each in shown["devices"]], shown["units"], shown["available"]) == ([100, 10], 110, 0)
    assert cloud.call("POST", f"{ORG}/co-term", body, who=ADMIN).code == "not_enough_licenses"
    claimed(cloud, 1, "CO-TERM-LIC", 110)
    assert post(cloud, "/co-term", body)["available"] == 110
    ends = {each["expires_at"] for each in cloud.call("GET", f"{ORG}/devices", who=VIEWER).body["items"]}
    assert ends == {"2026-06-09T12:00:00Z"}


def test_seats_are_shared(cloud: Cloud) -> None:  # D22
    [license_id] = claimed(cloud, 1, "SPC-1YR-200-LIC")
    for serial in ("G-1", "G-2"):
        device(cloud, serial, "gateway")
    body = {"license_id": license_id, "serials": ["G-1", "G-2"]}
    assert post(cloud, "/seat-shares", body) == body
    shown = cloud.call("GET", f"{ORG}/devices/G-2", who=VIEWER).body
    assert (shown["vpn_seats"], shown["shared_seats"]) == (2, 200)
    assert shown["beside"] == [{"chain": "secupoint", "covered": True, "ends_at": "2027-03-01T12:00:00Z"}]


def test_a_device_that_waits_for_a_network_is_not_co_terminated_yet(cloud: Cloud) -> None:  # D28
    [license_id] = claimed(cloud, 1, "CAM-1YR-LIC")
    device(cloud, "C-1", "camera")
    cloud.call("DELETE", f"{ORG}/devices/C-1/network", who=ADMIN)
    post(cloud, "/associations", {"pairs": [{"license_id": license_id, "serial": "C-1"}]})
    body = {"until": "2028-02-12T00:00:00Z", "serials": ["C-1"]}
    answer = cloud.call("POST", f"{ORG}/co-term", body, who=ADMIN, dry_run="true")
    assert (answer.status, answer.code, answer.body["serials"]) == (409, "not_started", ["C-1"])
    assert "into a network" in answer.body["remedy"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/associations", {}),
        ("/associations", {"serial": "A"}),
        ("/associations", {"pairs": [], "serial": "A", "term_days": 365}),
        ("/associations", {"pairs": []}),
        ("/associations", {"pairs": [{"license_id": "42", "serial": "A"}]}),
        ("/associations/automatic", {"max": 0}),
        ("/associations/automatic", {"max": 10_001}),
        ("/associations/automatic", {"serials": ["A", "A"]}),
        ("/co-term", {"until": "2027-01-01T00:00:00Z"}),
        ("/co-term", {"until": "2027-01-01", "network_id": "n"}),
        ("/co-term", {"until": "2027-01-01T00:00:00Z", "network_id": "n", "serials": ["A"]}),
        ("/co-term", {"until": "2020-01-01T00:00:00Z", "serials": ["A-1"]}),
        ("/seat-shares", {"license_id": "x", "serials": ["A"]}),
        ("/devices/A-1/undo", {"type": "co_term"}),
    ],
)
def test_bad_input_is_refused_with_a_remedy(cloud: Cloud, path: str, body: Any) -> None:
    device(cloud, "A-1")
    answer = cloud.call("POST", ORG + path, body, who=ADMIN)
    assert (answer.status, answer.code) == (422, "invalid_request"), answer.body
    assert answer.body["remedy"]
    assert answer.body["errors"]


def test_a_pair_that_does_not_fit_says_why_not(cloud: Cloud) -> None:
    [license_id] = claimed(cloud, 1, "SW-1YR-LIC")
    device(cloud, "A-1")
    pairs = [{"license_id": license_id, "serial": "A-1"}]
    answer = cloud.call("POST", f"{ORG}/associations", {"pairs": pairs}, who=ADMIN)
    assert (answer.status, answer.code) == (422, "not_matching")
    assert answer.body["pairs"][0]["reasons"] == [{"aspect": "category", "license": "switch", "device": "ap"}]


def test_a_viewer_binds_nothing(cloud: Cloud) -> None:
    assert cloud.call("POST", f"{ORG}/associations/automatic", {}, who=VIEWER).status == 403
