"""Devices over HTTP (openapi: inventory)."""

from typing import Any

import pytest

from licensing.domain.people.access import Grant
from tests.worlds.assigning import device_request
from tests.worlds.examples import later
from tests.worlds.gateway import NOBODY, person
from tests.worlds.moto_cloud import Cloud

DEVICE_FIELDS = {
    "serial", "mac", "model", "category", "series", "name", "network_id", "registered_at", "license_state",
    "expires_at", "managed", "vpn_seats", "shared_seats", "beside",
}  # fmt: skip
ADMIN = person(
    "ada@north.example", Grant(role="org_admin", org_id="org-north"), Grant(role="org_admin", org_id="org-south")
)
ONLY_NORTH = person("bo@north.example", Grant(role="org_admin", org_id="org-north"))
VIEWER = person("vic@north.example", Grant(role="org_viewer", org_id="org-north"))
DEVICES = "/orgs/org-north/devices"


def registered(cloud: Cloud, *devices: dict[str, Any]) -> None:
    answer = cloud.call("POST", DEVICES, {"devices": devices}, who=ADMIN)
    assert answer.status == 200, answer.body
    assert {each["outcome"] for each in answer.body["results"]} == {"registered"}


def listed(cloud: Cloud, **query: str) -> list[str]:
    """The serials of all pages."""
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = cloud.call("GET", DEVICES, who=VIEWER, **query, **cursor)
        assert answer.status == 200, answer.body
        found += [each["serial"] for each in answer.body["items"]]
        if answer.body["next_cursor"] is None:
            return found
        cursor = {"cursor": answer.body["next_cursor"]}


def test_a_device_is_registered_and_shown_with_the_fields_of_the_contract(cloud: Cloud) -> None:
    registered(cloud, device_request("SN-1", mac="88dc96000001", name="Hall"), device_request("SN-2", "gateway"))
    answer = cloud.call("GET", f"{DEVICES}/SN-1", who=VIEWER)
    assert (answer.status, set(answer.body)) == (200, DEVICE_FIELDS)
    assert answer.body == {
        "serial": "SN-1",
        "mac": "88:DC:96:00:00:01",
        "model": "ECW230S",
        "category": "ap",
        "series": "standard",
        "name": "Hall",
        "network_id": None,
        "registered_at": "2026-03-01T12:00:00Z",
        "license_state": "active",
        "expires_at": "2026-05-30T12:00:00Z",
        "managed": True,
        "vpn_seats": None,
        "shared_seats": None,
        "beside": [],
    }
    assert cloud.call("GET", f"{DEVICES}/SN-2", who=VIEWER).body["vpn_seats"] == 2


def test_what_can_be_assigned_to_a_device_is_offered(cloud: Cloud) -> None:  # D26
    registered(cloud, device_request("SN-1"))
    assert cloud.call("GET", f"{DEVICES}/SN-1/offers", who=VIEWER).body == {"offers": []}
    assert cloud.call("GET", f"{DEVICES}/SN-2/offers", who=VIEWER).status == 404


def test_lists_are_sorted_by_end_filtered_and_paged(cloud: Cloud) -> None:
    registered(cloud, *(device_request(f"AP-{number}") for number in range(3)), device_request("CAM-1", "camera"))
    cloud.now = later(days=80)
    registered(cloud, device_request("SW-1", "switch"))
    cloud.now = later(days=100)
    assert listed(cloud, limit="2") == ["CAM-1", "AP-0", "AP-1", "AP-2", "SW-1"]
    assert listed(cloud, expired="true", limit="2") == ["AP-0", "AP-1", "AP-2"]
    assert listed(cloud, expired="false") == ["CAM-1", "SW-1"]
    assert listed(cloud, expiring_days="70") == ["SW-1"]
    assert listed(cloud, expiring_days="69") == []
    assert listed(cloud, category="camera") == ["CAM-1"]


def test_lists_look_back_and_ahead(cloud: Cloud) -> None:  # D31
    registered(cloud, device_request("AP-1"))
    cloud.now = later(days=10)
    registered(cloud, device_request("AP-2"))
    assert listed(cloud, as_of="2026-03-02T00:00:00Z") == ["AP-1"]
    assert listed(cloud, as_of="2026-05-31T00:00:00Z", expired="true") == ["AP-1"]
    assert cloud.call("GET", f"{DEVICES}/AP-2", who=VIEWER, as_of="2026-03-02T00:00:00Z").status == 404


def test_a_network_is_entered_and_left(cloud: Cloud) -> None:
    registered(cloud, device_request("SN-1"))
    path = f"{DEVICES}/SN-1/network"
    assert cloud.call("PUT", path, {"network_id": "net-1"}, who=ADMIN).body["network_id"] == "net-1"
    assert cloud.call("DELETE", path, who=ADMIN).body["network_id"] is None
    answer = cloud.call("DELETE", path, who=ADMIN)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_device_is_parked_moved_and_replaced(cloud: Cloud) -> None:  # D27
    registered(cloud, device_request("SN-1"), device_request("SN-2"))
    parked = cloud.call("DELETE", f"{DEVICES}/SN-1", who=ADMIN)
    assert (parked.status, parked.body) == (200, {"parked_licenses": 0, "parked_until": "2026-03-31T12:00:00Z"})
    replaced = cloud.call("POST", f"{DEVICES}/SN-2/replacement", {"new_serial": "SN-3"}, who=ADMIN)
    assert (replaced.status, replaced.body["serial"], set(replaced.body)) == (200, "SN-3", DEVICE_FIELDS)
    move = {"to_org_id": "org-south", "serials": ["SN-3"]}
    assert cloud.call("POST", f"{DEVICES}/move", move, who=ADMIN).body == {"moved": 1}
    assert cloud.call("GET", "/orgs/org-south/devices/SN-3", who=ADMIN).status == 200


def test_nobody_moves_devices_to_an_org_that_is_not_theirs(cloud: Cloud) -> None:
    registered(cloud, device_request("SN-1"))
    move = {"to_org_id": "org-south", "serials": ["SN-1"]}
    answer = cloud.call("POST", f"{DEVICES}/move", move, who=ONLY_NORTH)
    assert (answer.status, answer.code) == (404, "not_found")


def test_a_device_registered_elsewhere_does_not_say_where(cloud: Cloud) -> None:
    registered(cloud, device_request("SN-1"))
    body = {"devices": [device_request("SN-1"), device_request("SN-2")]}
    answer = cloud.call("POST", "/orgs/org-south/devices", body, who=ADMIN)
    assert [each["outcome"] for each in answer.body["results"]] == ["device_elsewhere", "registered"]
    assert "north" not in str(answer.body)


@pytest.mark.parametrize(
    ("devices", "field"),
    [
        ([device_request("SN-1", mac="none")], "devices[0].mac"),
        ([device_request("SN-1"), device_request("SN-1")], "devices"),
        ([device_request(f"SN-{number}") for number in range(101)], "devices"),
        ([device_request("SN-1", series="heavy")], "devices[0].series"),
        ([], "devices"),
    ],
)
def test_bad_devices_are_refused_with_the_field(cloud: Cloud, devices: list[Any], field: str) -> None:
    answer = cloud.call("POST", DEVICES, {"devices": devices}, who=ADMIN)
    assert (answer.status, answer.code, answer.faulty) == (422, "invalid_request", [field])


def test_a_dry_run_registers_nothing(cloud: Cloud) -> None:
    body = {"devices": [device_request("SN-1")]}
    answer = cloud.call("POST", DEVICES, body, who=ADMIN, dry_run="true")
    assert (answer.body["dry_run"], answer.body["results"][0]["outcome"]) == (True, "registered")
    assert listed(cloud) == []
    assert cloud.call("POST", DEVICES, body, who=ADMIN, plan=answer.body["plan"]).status == 200


def test_viewers_read_and_strangers_see_nothing(cloud: Cloud) -> None:
    body = {"devices": [device_request("SN-1")]}
    assert cloud.call("POST", DEVICES, body, who=VIEWER).status == 403
    assert cloud.call("GET", DEVICES, who=NOBODY).status == 404
