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


RENEWALS = "/orgs/org-north/renewals"
RENEWAL = {
    "renewal_id", "status", "created_at", "until", "strategy", "device_count", "left_out_count", "lines", "total",
    "partner_id", "order_id", "missing", "valid_until", "devices", "more_devices", "order",
}  # fmt: skip


def test_a_renewal_says_what_to_buy_so_that_all_devices_are_covered_until_then(cloud: Cloud) -> None:
    # D39: an access point whose free period ends on 30 May, and a camera that nothing ever covered.
    registered(cloud, device_request("SN-1"), device_request("SN-2", "camera"))
    answer = cloud.call("POST", RENEWALS, {"until": "2027-05-30T12:00:00Z", "co_term": False}, who=ADMIN)
    assert (answer.status, set(answer.body)) == (201, RENEWAL), answer.body
    assert answer.body["renewal_id"] == "org-north.1"
    assert answer.body["lines"] == [
        {"license_model": "AP-1YR-LIC", "quantity": 1, "list_price": "50.00", "amount": "50.00"},
        {"license_model": "CAM-1YR-LIC", "quantity": 2, "list_price": "45.00", "amount": "90.00"},
    ]
    assert answer.body["total"] == "140.00"
    camera, ap = answer.body["devices"]
    assert (camera["serial"], camera["current_end"], camera["surplus_days"]) == ("SN-2", None, 275)
    assert (ap["current_end"], ap["new_end"], ap["surplus_days"]) == (
        "2026-05-30T12:00:00Z",
        "2027-05-30T12:00:00Z",
        0,
    )
    assert ap["chains"][0]["steps"] == ["Ends 30 May 2026.", "1 × AP-1YR-LIC to buy brings it to 30 May 2027."]
    assert (answer.body["order"], answer.body["missing"]) == (None, ["partner_id", "customer", "delivery_emails"])
    assert cloud.call("GET", f"{RENEWALS}/org-north.1", who=VIEWER).body == answer.body
    (listed,) = cloud.call("GET", RENEWALS, who=VIEWER).body["items"]
    assert listed == {
        name: value for name, value in answer.body.items() if name not in ("devices", "more_devices", "order")
    }


def test_a_complete_draft_is_the_body_of_an_order(cloud: Cloud) -> None:
    registered(cloud, device_request("SN-1"))
    more = {"partner_id": "acme", "customer": "North", "delivery_emails": ["it@north.example"]}
    answer = cloud.call("POST", RENEWALS, {"until": "2028-01-01T00:00:00Z", **more}, who=ADMIN)
    assert answer.body["order"] == {
        "partner_id": "acme",
        "po_number": "org-north.1",
        "customer": "North",
        "locale": None,
        "lines": [
            {"license_model": each["license_model"], "quantity": each["quantity"]} for each in answer.body["lines"]
        ],
        "delivery_emails": ["it@north.example"],
    }


def test_what_cannot_be_renewed_is_refused_with_the_place(cloud: Cloud) -> None:
    registered(cloud, device_request("SN-1"))
    until = "2027-05-30T12:00:00Z"
    for body, field in (
        ({"until": "2026-01-01T00:00:00Z"}, "until"),
        ({"until": "2036-03-03T00:00:00Z"}, "until"),
        ({"until": until, "serials": []}, "serials"),
        ({"until": until, "serials": [f"S{n}" for n in range(10_001)]}, "serials"),
        ({"until": until, "network_id": "nowhere"}, "network_id"),
        ({"until": until, "category": "gateway"}, "category"),
        ({"until": until, "ending_before": "2026-01-02T00:00:00Z"}, "ending_before"),
        ({"until": until, "strategy": "cheap"}, "strategy"),
    ):
        answer = cloud.call("POST", RENEWALS, body, who=ADMIN)
        assert (answer.status, answer.faulty) == (422, [field]), body
    assert cloud.call("POST", RENEWALS, {"until": until, "serials": ["SN-9"]}, who=ADMIN).status == 404
    both = cloud.call("POST", RENEWALS, {"until": until, "serials": ["SN-1"], "category": "ap"}, who=ADMIN)
    assert both.faulty == ["serials", "category"]
    assert cloud.call("GET", RENEWALS, who=VIEWER).body["items"] == []
    assert cloud.call("POST", RENEWALS, {"until": until}, who=VIEWER).status == 403
    assert cloud.call("GET", f"{RENEWALS}/org-south.1", who=VIEWER).status == 404


def test_a_dry_run_of_a_renewal_is_carried_out_as_it_was_shown(cloud: Cloud) -> None:
    # D32
    registered(cloud, device_request("SN-1"))
    body = {"until": "2027-05-30T12:00:00Z"}
    shown = cloud.call("POST", RENEWALS, body, who=ADMIN, dry_run="true")
    assert cloud.call("GET", RENEWALS, who=VIEWER).body["items"] == []
    done = cloud.call("POST", RENEWALS, body, who=ADMIN, plan=shown.body["plan"])
    assert (done.status, done.body["lines"]) == (201, shown.body["lines"])
