"""Standing auto-association over HTTP, at claims and in its daily round (D41)."""

from datetime import timedelta
from typing import Any

from tests.function.test_inventory import ADMIN, DEVICES, VIEWER, registered
from tests.worlds.assigning import device_request
from tests.worlds.claiming import issue, mint
from tests.worlds.moto_cloud import Cloud

POLICY = "/orgs/org-north/policies/auto-association"


def fleet(cloud: Cloud, count: int = 3) -> None:
    """Access points whose free period ends on 30 May, and a camera that nothing ever covered."""
    registered(cloud, *(device_request(f"SN-{number}") for number in range(count)), device_request("CAM", "camera"))


def stocked(cloud: Cloud, number: int = 9, model: str = "AP-1YR-LIC", quantity: int = 5) -> None:
    issue(cloud.store, number, model, quantity)
    answer = cloud.call("POST", "/orgs/org-north/claims", {"license_keys": [mint(number)]}, who=ADMIN)
    assert answer.status == 201, answer.body


def put(cloud: Cloud, **policy: Any) -> dict[str, Any]:
    answer = cloud.call("PUT", POLICY, {"enabled": True, "within_days_of_end": 30, **policy}, who=ADMIN)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def a_day(cloud: Cloud) -> None:
    """The daily round, handed out and done."""
    cloud.function("dispatcher")({"round": "policies"}, None)
    while any(cloud.work_off(name, cloud.queues[name]) for name in ("dispatcher", "policies")):
        pass


def licensed(cloud: Cloud) -> list[str]:
    """The serials of devices that a license covers, or will."""
    rows = cloud.call("GET", "/orgs/org-north/licenses", who=VIEWER).body["items"]
    return sorted(row["serial"] for row in rows if row["serial"])


def test_an_organization_has_no_policy_until_its_admin_sets_one(cloud: Cloud) -> None:
    fleet(cloud)
    stocked(cloud)
    assert cloud.call("GET", POLICY, who=VIEWER).body["enabled"] is False
    cloud.now += timedelta(days=80)
    a_day(cloud)
    assert licensed(cloud) == []
    assert cloud.call("PUT", POLICY, {"enabled": True, "within_days_of_end": 30}, who=VIEWER).status == 403


def test_stock_is_bound_to_devices_that_end_within_the_days_of_the_policy(cloud: Cloud) -> None:
    fleet(cloud)
    stocked(cloud)
    put(cloud)
    a_day(cloud)
    assert licensed(cloud) == []
    cloud.now += timedelta(days=60)
    a_day(cloud)
    assert licensed(cloud) == ["SN-0", "SN-1", "SN-2"]
    a_day(cloud)
    assert licensed(cloud) == ["SN-0", "SN-1", "SN-2"]
    entry = cloud.call("GET", "/orgs/org-north/ledger", who=VIEWER).body["items"][0]
    assert (entry["actor"], entry["action"]) == ("policy:auto-association", "licenses.associated")
    # As undoable as any other (D24).
    assert cloud.call("POST", f"{DEVICES}/SN-0/undo", {}, who=ADMIN).status == 200


def test_no_more_than_its_cap_is_bound_a_day_and_the_rest_on_the_next(cloud: Cloud) -> None:
    fleet(cloud)
    put(cloud, within_days_of_end=365, most_a_day=2)
    stocked(cloud)
    assert licensed(cloud) == ["SN-0", "SN-1"]
    a_day(cloud)
    assert licensed(cloud) == ["SN-0", "SN-1"]
    cloud.now += timedelta(days=1)
    a_day(cloud)
    assert licensed(cloud) == ["SN-0", "SN-1", "SN-2"]


def test_a_claim_binds_by_the_policy_in_the_categories_that_it_names(cloud: Cloud) -> None:
    fleet(cloud, 1)
    put(cloud, categories=["camera"], within_days_of_end=365)
    stocked(cloud)
    stocked(cloud, 10, "CAM-1YR-LIC", 1)
    assert licensed(cloud) == ["CAM"]


def test_a_dry_run_shows_what_it_would_bind_today(cloud: Cloud) -> None:
    # D32
    fleet(cloud)
    stocked(cloud)
    body = {"enabled": True, "within_days_of_end": 365, "most_a_day": 2}
    shown = cloud.call("PUT", POLICY, body, who=ADMIN, dry_run="true")
    assert [each["serial"] for each in shown.body["today"]] == ["SN-0", "SN-1"]
    assert cloud.call("GET", POLICY, who=VIEWER).body["enabled"] is False
    done = cloud.call("PUT", POLICY, body, who=ADMIN, plan=shown.body["plan"])
    assert (done.status, done.body["most_a_day"], done.body["today"]) == (200, 2, None)


def test_what_a_renewal_has_planned_is_never_bound_by_the_policy(cloud: Cloud) -> None:
    # D40
    from tests.function.test_planning import drafted, keys_of

    registered(cloud, device_request("SN-0"))
    keys = keys_of(cloud, drafted(cloud, co_term=False)["order"])
    registered(cloud, device_request("LATER"))
    put(cloud, within_days_of_end=365)
    answer = cloud.call("POST", "/orgs/org-north/claims", {"license_keys": keys}, who=ADMIN)
    assert answer.status == 201
    assert licensed(cloud) == []


def test_a_policy_that_could_do_nothing_is_refused(cloud: Cloud) -> None:
    for policy, field in (
        ({"categories": []}, "categories"),
        ({"categories": ["toaster"]}, "categories[0]"),
        ({"most_a_day": 0}, "most_a_day"),
        ({"within_days_of_end": 0}, "within_days_of_end"),
    ):
        body = {"enabled": True, "within_days_of_end": 30, **policy}
        answer = cloud.call("PUT", POLICY, body, who=ADMIN)
        assert (answer.status, answer.faulty) == (422, [field]), policy
