"""Forecasts over HTTP (openapi: planning)."""

from licensing.domain.people.access import Grant
from tests.function.test_inventory import ADMIN, VIEWER, registered
from tests.worlds.assigning import device_request
from tests.worlds.gateway import OPERATOR, person
from tests.worlds.moto_cloud import Cloud

MSP = person("mia@blue.example", Grant(role="msp_viewer", msp_id="msp-blue"))
MONTH = {"month", "devices", "managed_if_nothing_is_done", "managed_with_stock", "ending", "forced_activations"}


def test_a_forecast_tells_month_by_month_how_many_devices_stay_managed(cloud: Cloud) -> None:
    # D37; an access point is free for 90 days from 1 March, a camera not at all.
    registered(cloud, device_request("SN-1"), device_request("SN-2", "camera"))
    answer = cloud.call("GET", "/orgs/org-north/forecast", who=VIEWER, months="4")
    assert (answer.status, set(answer.body)) == (200, {"as_of", "months", "at_risk"})
    assert set(answer.body["months"][0]) == MONTH
    told = [(each["month"], each["managed_if_nothing_is_done"], each["ending"]) for each in answer.body["months"]]
    assert told == [("2026-03", 1, 0), ("2026-04", 1, 0), ("2026-05", 0, 1), ("2026-06", 0, 0)]
    assert answer.body["at_risk"] == {"licenses": 0, "days_a_day": 0, "amount_a_day": "0.00"}


def test_an_msp_sees_the_sum_of_its_organizations(cloud: Cloud) -> None:
    cloud.call("PUT", "/msps/msp-blue", {"name": "Blue"}, who=OPERATOR)
    for org_id in ("org-north", "org-south"):
        cloud.call("PUT", f"/orgs/{org_id}", {"name": org_id, "msp_id": "msp-blue"}, who=OPERATOR)
        body = {"devices": [device_request(f"SN-{org_id}")]}
        assert cloud.call("POST", f"/orgs/{org_id}/devices", body, who=ADMIN).status == 200
    answer = cloud.call("GET", "/msps/msp-blue/forecast", who=MSP, months="1")
    assert answer.status == 200
    assert answer.body["months"][0] == {
        "month": "2026-03",
        "devices": 2,
        "managed_if_nothing_is_done": 2,
        "managed_with_stock": 2,
        "ending": 0,
        "forced_activations": 0,
    }


def test_an_msp_without_organizations_has_nothing_to_foresee(cloud: Cloud) -> None:
    cloud.call("PUT", "/msps/msp-blue", {"name": "Blue"}, who=OPERATOR)
    answer = cloud.call("GET", "/msps/msp-blue/forecast", who=MSP, months="2")
    assert [each["devices"] for each in answer.body["months"]] == [0, 0]


def test_a_number_of_months_out_of_range_is_refused_by_name(cloud: Cloud) -> None:
    for months in ("0", "121", "many"):
        answer = cloud.call("GET", "/orgs/org-north/forecast", who=VIEWER, months=months)
        assert (answer.status, answer.faulty) == (422, ["months"]), months


def test_a_forecast_of_the_past_is_made_of_what_was_there_then(cloud: Cloud) -> None:
    # D31
    registered(cloud, device_request("SN-1"))
    answer = cloud.call("GET", "/orgs/org-north/forecast", who=VIEWER, months="1", as_of="2026-02-01T00:00:00Z")
    assert (answer.body["months"][0]["month"], answer.body["months"][0]["devices"]) == ("2026-02", 0)
