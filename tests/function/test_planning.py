"""Forecasts over HTTP (openapi: planning)."""

from datetime import timedelta
from typing import Any

from licensing.domain.people.access import Grant
from tests.function.test_inventory import ADMIN, DEVICES, VIEWER, registered
from tests.function.test_workers import KEY
from tests.worlds.assigning import device_request
from tests.worlds.claiming import issue, mint
from tests.worlds.gateway import ACME, GLOBEX, OPERATOR, person
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
        "renewal_id": "org-north.1",
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


PARTNER = {"partner_id": "acme", "customer": "North", "delivery_emails": ["it@north.example"]}
UNTIL = "2028-06-30T12:00:00Z"


def drafted(cloud: Cloud, **request: Any) -> dict[str, Any]:
    answer = cloud.call("POST", RENEWALS, {"until": UNTIL, **PARTNER, **request}, who=ADMIN)
    assert answer.status == 201, answer.body
    return dict(answer.body)


def keys_of(cloud: Cloud, order: dict[str, Any]) -> list[str]:
    """The keys that come by mail once the order is completed, in the order of its lines."""
    placed = cloud.call("POST", "/orders", order, who=ACME)
    assert placed.status == 201, placed.body
    assert cloud.call("POST", f"/orders/{placed.body['order_id']}/completion", {}, who=OPERATOR).status == 202
    cloud.work()
    text = cloud.mails[-1][1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return list(dict.fromkeys(KEY.findall(text)))


def claimed(cloud: Cloud, *keys: str, auto_associate: bool = True) -> None:
    body = {"license_keys": list(keys), "auto_associate": auto_associate}
    answer = cloud.call("POST", "/orgs/org-north/claims", body, who=ADMIN)
    assert answer.status == 201, answer.body


def renewal(cloud: Cloud) -> dict[str, Any]:
    return dict(cloud.call("GET", f"{RENEWALS}/org-north.1", who=VIEWER).body)


def ends(cloud: Cloud) -> dict[str, str]:
    return {each["serial"]: each["expires_at"] for each in cloud.call("GET", DEVICES, who=VIEWER).body["items"]}


def fleet(cloud: Cloud) -> None:
    """Three access points in a network, so that units can end them to the day."""
    registered(cloud, *(device_request(f"SN-{number}") for number in range(3)))
    for number in range(3):
        cloud.call("PUT", f"{DEVICES}/SN-{number}/network", {"network_id": "net-1"}, who=ADMIN)


def test_an_ordered_renewal_covers_every_device_until_then_once_its_keys_are_claimed(cloud: Cloud) -> None:
    """D40: from the draft over order, mail and claim to the second that was promised."""
    fleet(cloud)
    draft = drafted(cloud)
    keys = keys_of(cloud, draft["order"])
    assert renewal(cloud)["status"] == "ordered"
    claimed(cloud, *keys)
    assert renewal(cloud)["status"] == "applied"
    assert ends(cloud) == dict.fromkeys(("SN-0", "SN-1", "SN-2"), UNTIL)


def test_keys_that_come_in_part_and_in_any_order_are_bound_as_planned(cloud: Cloud) -> None:
    fleet(cloud)
    draft = drafted(cloud)
    assert [each["license_model"] for each in draft["lines"]] == ["AP-1YR-LIC", "CO-TERM-LIC"]
    years, units = keys_of(cloud, draft["order"])
    # Units fill what terms leave: so they wait for them.
    claimed(cloud, units)
    assert set(ends(cloud).values()) == {"2026-05-30T12:00:00Z"}
    claimed(cloud, years, auto_associate=False)
    assert renewal(cloud)["status"] == "ready"
    answer = cloud.call("POST", f"{RENEWALS}/org-north.1/application", {}, who=ADMIN)
    assert (answer.status, answer.body["status"]) == (200, "applied")
    assert set(ends(cloud).values()) == {UNTIL}
    assert cloud.call("POST", f"{RENEWALS}/org-north.1/application", {}, who=ADMIN).status == 200


def test_a_device_that_changed_meanwhile_is_left_out_with_the_reason(cloud: Cloud) -> None:
    fleet(cloud)
    keys = keys_of(cloud, drafted(cloud)["order"])
    cloud.call("DELETE", f"{DEVICES}/SN-0", who=ADMIN)
    issue(cloud.store, 9, "AP-1YR-LIC", 1)
    body = {"license_keys": [mint(9)]}
    license_id = cloud.call("POST", "/orgs/org-north/claims", body, who=ADMIN).body["claims"][0]["license_ids"]["first"]
    pair = {"pairs": [{"license_id": license_id, "serial": "SN-1"}]}
    assert cloud.call("POST", "/orgs/org-north/associations", pair, who=ADMIN).status == 201
    claimed(cloud, *keys)
    told = {each["serial"]: each["left_out"] for each in renewal(cloud)["devices"]}
    assert told == {
        "SN-0": "It is no longer in the inventory.",
        "SN-1": "It got or lost a license since it was planned.",
        "SN-2": None,
    }
    assert renewal(cloud)["left_out_count"] == 2
    assert ends(cloud) == {"SN-1": "2027-05-30T12:00:00Z", "SN-2": UNTIL}
    # Automatic association leaves what was planned where it is.
    assert [each["serial"] for each in cloud.call("GET", "/orgs/org-north/licenses", who=VIEWER).body["items"]].count(
        None
    ) > 0


def test_a_renewal_is_ordered_once_in_time_and_with_its_own_lines(cloud: Cloud) -> None:
    fleet(cloud)
    order = drafted(cloud)["order"]
    other = order | {"lines": [{"license_model": "AP-1YR-LIC", "quantity": 1}]}
    assert cloud.call("POST", "/orders", other, who=ACME).faulty == ["lines"]
    foreign = order | {"partner_id": "globex"}
    assert cloud.call("POST", "/orders", foreign, who=GLOBEX).faulty == ["renewal_id"]
    cloud.now += timedelta(days=30)
    assert cloud.call("POST", "/orders", order, who=ACME).code == "renewal_expired"
    assert renewal(cloud)["status"] == "expired"
    late = cloud.call("POST", f"{RENEWALS}/org-north.1/application", {}, who=ADMIN)
    assert (late.status, late.code) == (409, "renewal_expired")
    cloud.now -= timedelta(days=29)
    assert cloud.call("POST", "/orders", order, who=ACME).status == 201
    assert cloud.call("POST", "/orders", order, who=ACME).status == 200
    again = cloud.call("POST", "/orders", order | {"po_number": "PO-2"}, who=ACME)
    assert (again.status, again.code) == (409, "order_conflict")


def test_what_stock_allows_is_bound_without_an_order(cloud: Cloud) -> None:
    fleet(cloud)
    issue(cloud.store, 9, "AP-3YR-LIC", 3)
    cloud.call("POST", "/orgs/org-north/claims", {"license_keys": [mint(9)]}, who=ADMIN)
    draft = drafted(cloud)
    assert (draft["lines"], draft["total"], draft["order"], draft["missing"]) == ([], "0.00", None, [])
    answer = cloud.call("POST", f"{RENEWALS}/org-north.1/application", {}, who=ADMIN)
    assert answer.body["status"] == "applied"
    assert set(ends(cloud).values()) == {"2029-05-29T12:00:00Z"}


def test_a_draft_can_be_thrown_away_and_an_ordered_renewal_cannot(cloud: Cloud) -> None:
    fleet(cloud)
    drafted(cloud)
    shown = cloud.call("DELETE", f"{RENEWALS}/org-north.1", who=ADMIN, dry_run="true")
    assert (shown.status, shown.body["dry_run"]) == (200, True)
    assert cloud.call("DELETE", f"{RENEWALS}/org-north.1", who=ADMIN).status == 204
    assert cloud.call("GET", f"{RENEWALS}/org-north.1", who=VIEWER).status == 404
    assert cloud.call("DELETE", f"{RENEWALS}/org-north.1", who=ADMIN).status == 404
    # Its number is given to no other.
    order = drafted(cloud)["order"]
    assert order["renewal_id"] == "org-north.2"
    assert cloud.call("POST", "/orders", order, who=ACME).status == 201
    kept = cloud.call("DELETE", f"{RENEWALS}/org-north.2", who=ADMIN)
    assert (kept.status, kept.code) == (409, "conflict")
