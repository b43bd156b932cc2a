"""The function that follows the table's stream: counts, and next due dates."""

import pytest

from licensing.domain.core.decisions import Change, created
from licensing.domain.core.instants import to_text
from licensing.domain.inventory.digests import OrgDigest
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.domain.people.access import Grant
from licensing.domain.people.tenants import Org
from licensing.domain.planning.due import NextDue
from licensing.listings import DueOwners
from licensing.use_cases.inventory import keep_digest as keeping
from tests.worlds.assigning import NORTH, SOUTH, World
from tests.worlds.examples import NOON, later, purchase_order
from tests.worlds.gateway import ACME, OPERATOR, person, sample
from tests.worlds.moto_cloud import Cloud


def test_a_ledger_entry_as_the_stream_brings_it_makes_a_digest(cloud: Cloud) -> None:
    assert cloud.function("digests")(sample("dynamodb_ledger_entry.json"), None) == {"batchItemFailures": []}
    assert cloud.store.one(OrgDigest.ref_of(NORTH)) is not None


def test_owners_are_found_by_what_is_due_next(cloud: Cloud) -> None:  # D34
    World(cloud.store).claim()
    assert cloud.follow() == []
    # Thirty days before they start by themselves, which is ninety days after they were issued.
    assert cloud.store.page(DueOwners(to_text(later(days=59))), 10).items == ()
    (due,) = cloud.store.page(DueOwners(to_text(later(days=60))), 10).items
    assert (due.about, due.at) == (f"org/{NORTH}", later(days=60))


def test_an_msp_is_found_by_the_end_of_its_portal(cloud: Cloud) -> None:  # D34
    World(cloud.store).write(created(MspPortal(msp_id="msp-blue", keys=1, run_from=NOON, run_days=365)))
    assert cloud.follow() == []
    due = cloud.store.one(NextDue.ref_of("msp/msp-blue"))
    assert due is not None
    assert due.at == later(days=305)


def test_one_owners_trouble_is_not_the_others(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(cloud.store)
    world.claim(org_id=SOUTH)
    world.claim(org_id=NORTH, issued_at=later(seconds=1))
    usual = keeping.recounted

    def troubled(store: object, before: object, org_id: str, now: object) -> object:
        if org_id == SOUTH:
            raise ConnectionError
        return usual(store, before, org_id, now)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "recounted", troubled)
    # From the first that failed on all come again.
    assert cloud.follow() == ["0"]
    assert cloud.store.one(OrgDigest.ref_of(NORTH)) is not None


def listed_lines(cloud: Cloud) -> list[str]:
    (order,) = cloud.call("GET", "/orders", who=ACME).body["items"]
    return [line["key_state"] for line in order["lines"]]


def test_a_list_of_orders_shows_what_became_of_keys_and_mails(cloud: Cloud) -> None:
    """Placed, an order is listed at once; what follows, the stream tells."""
    order = cloud.call("POST", "/orders", purchase_order(), who=ACME).body
    assert listed_lines(cloud) == ["pending", "pending"]
    cloud.call("POST", f"/orders/{order['order_id']}/completion", {}, who=OPERATOR)
    cloud.work()
    assert cloud.follow() == []
    assert listed_lines(cloud) == ["issued", "issued"]
    keys = [each.record for each in cloud.store.scan(100).items if isinstance(each.record, LicenseKey)]
    ap_key = next(key for key in keys if key.license_model == "AP-1YR-LIC")
    claimed = ap_key.evolve(claimed_by=f"org/{NORTH}", claimed_at=NOON)
    World(cloud.store).write(Change(ap_key, claimed))
    assert cloud.follow() == []
    assert sorted(listed_lines(cloud)) == ["claimed", "issued"]
    shown = cloud.call("GET", "/orders", who=ACME).body["items"]
    assert shown == [cloud.call("GET", f"/orders/{order['order_id']}", who=ACME).body]


def test_an_msp_sees_its_organizations_in_numbers_page_by_page(cloud: Cloud) -> None:
    orgs = [Org(org_id=org_id, name=org_id.title(), msp_id="msp-blue") for org_id in (NORTH, SOUTH)]
    World(cloud.store).write(*map(created, [*orgs, Org(org_id="org-other", name="Other")]))
    World(cloud.store).claim(quantity=3)
    assert cloud.follow() == []
    blue = person("eve@blue.example", Grant(role="msp_viewer", msp_id="msp-blue"))
    first = cloud.call("GET", "/msps/msp-blue/overviews", who=blue, limit="1").body
    second = cloud.call("GET", "/msps/msp-blue/overviews", who=blue, limit="1", cursor=first["next_cursor"]).body
    assert [row["org_id"] for row in (*first["items"], *second["items"])] == [NORTH, SOUTH]
    assert second["next_cursor"] is None
    alone = cloud.call("GET", f"/orgs/{NORTH}/licenses/overview", who=blue).body
    assert first["items"] == [alone | {"org_id": NORTH, "name": "Org-North"}]
    assert alone["by_model"][0]["total"] == 3


def test_who_sees_an_msps_organizations_reads_the_page_asked_for(cloud: Cloud) -> None:
    names = [f"org-{number}" for number in range(5)]
    orgs = [Org(org_id=name, name=name, msp_id="msp-blue") for name in names]
    World(cloud.store).write(*map(created, [*orgs, Org(org_id="org-2b", name="Granted")]))
    grants = (Grant(role="msp_viewer", msp_id="msp-blue"), Grant(role="org_admin", org_id="org-2b"))
    seen, cursor = list[str](), None
    while not seen or cursor:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = cloud.call("GET", "/orgs", who=person("eve@blue.example", *grants), **query).body
        seen += [org["org_id"] for org in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted([*names, "org-2b"])
