"""No list answers more than Lambda can hand over, at any limit and however large its records are."""

import json
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from licensing.domain.core.decisions import Change, created
from licensing.domain.core.ledger import entries
from licensing.domain.core.records import Record
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.orders import Order, OrderLine
from licensing.domain.people.access import Caller, Grant
from licensing.entry import wiring
from licensing.use_cases.ordering.keep_summary import keep_summary
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import NOON, later
from tests.worlds.fakes import MemoryStore
from tests.worlds.gateway import OPERATOR, person
from tests.worlds.moto_cloud import Cloud

# Lambda's bound is 6,291,556 bytes, the body escaped within JSON.
MOST = 5_000_000
ADA = person("ada@north.example", Grant(role="org_admin", org_id=NORTH))
YEARS, DEVICES, A_STEP = 4, 4_500, 45


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """In memory: what the answers hold counts, not how it is stored."""
    store = MemoryStore()
    monkeypatch.setattr(wiring, "store", cache(lambda: store))
    return store


def pages(cloud: Cloud, path: str, who: Caller, limit: int) -> list[list[Any]]:
    """Every page of a list, each weighed as Lambda hands it over."""
    found: list[list[Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = cloud.call("GET", path, who=who, limit=str(limit), **cursor)
        assert answer.status == 200
        assert len(json.dumps({"body": json.dumps(answer.body)})) <= MOST
        found.append(answer.body["items"])
        if answer.body["next_cursor"] is None:
            return found
        cursor = {"cursor": answer.body["next_cursor"]}


@pytest.mark.parametrize(("limit", "many"), [(1, 9), (100, 150), (1_000, YEARS * DEVICES // A_STEP)])
def test_a_ledger_after_four_renewals_of_4500_devices(cloud: Cloud, store: MemoryStore, limit: int, many: int) -> None:
    renewals(store, many)
    found = pages(cloud, f"/orgs/{NORTH}/ledger", ADA, limit)
    told = [entry["summary"] for page in found for entry in page]
    assert told == [f"renewal {number}" for number in reversed(range(many))]
    assert all(len(page) <= limit for page in found)


def renewals(store: MemoryStore, many: int) -> None:
    """Entries as steps of an automatic association leave them: a block, and 45 licenses and their devices."""
    world = World()
    world.register_many(A_STEP)
    world.claim(quantity=A_STEP)
    before = dict(world.store.items)  # type: ignore[attr-defined]
    world.bind_all(later(days=1))
    after: dict[Any, Record] = world.store.items  # type: ignore[attr-defined]
    changes = [Change(before.get(key), each) for key, each in after.items() if each.owner and each != before.get(key)]
    for number in range(many):
        (entry,) = entries(
            changes,
            entry_id=f"{later(hours=number).strftime('%Y-%m-%dT%H:%M:%S.%fZ')}.0000.00000000",
            at=later(hours=number),
            actor="ada@north.example",
            action="licenses.associated",
            summary=f"renewal {number}",
        )
        store.commit([created(entry)])


@pytest.mark.parametrize(("limit", "many"), [(100, 105), (1_000, 250)])
def test_orders_of_29_lines_and_50_people(cloud: Cloud, store: MemoryStore, limit: int, many: int) -> None:
    for number in range(many):
        for record in order(number):
            store.commit([created(record)])
        keep_summary(store, f"acme.{number:020}")
    found = pages(cloud, "/orders", OPERATOR, limit)
    assert [each["po_number"] for page in found for each in page] == [f"PO-{n}" for n in reversed(range(many))]
    assert all(len(each["lines"]) == 29 and len(each["deliveries"]) == 50 for page in found for each in page)


def order(number: int) -> list[Record]:
    """An order as large as one can be, each of its mails bounced, with its keys and deliveries."""
    models = list(catalog())
    assert len(models) == 29
    order_id, at = f"acme.{number:020}", NOON + timedelta(minutes=number)
    keys = [key(number, line, sku) for line, sku in enumerate(models, 1)]
    lines = [OrderLine(line=each.line, license_model=each.license_model, quantity=1).with_key(each) for each in keys]
    people = [f"{'recipient' * 5}-{each}@north.example" for each in range(50)]
    facts: dict[str, Any] = {
        "order_id": order_id,
        "po_number": f"PO-{number}",
        "customer": "北" * 100,
        "partner_id": "acme",
    }
    facts |= {"customer": "北" * 100, "received_at": at, "completed_at": at}
    placed = Order(**facts, lines=tuple(lines), delivery_emails=tuple(people))
    sent: dict[str, Any] = {"send": 1, "queued_at": at, "sent_at": at, "report": "bounced", "reported_at": at}
    return [placed, *keys, *(Delivery(order_id=order_id, recipient=each, reason="x" * 300, **sent) for each in people)]


def key(number: int, line: int, sku: str) -> LicenseKey:
    return LicenseKey(
        key_hash=f"{number:060x}{line:04x}",
        fingerprint="7Q4ZK-…-…-…-*****",
        ciphertext="",
        license_model=sku,
        quantity=1,
        issued_at=NOON,
        order_id=f"acme.{number:020}",
        po_number=f"PO-{number}",
        line=line,
    )
