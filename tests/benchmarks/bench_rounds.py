"""Rounds in numbers: reminders of many organizations of which few are due, proofs in memory that does not grow.

python -m tests.benchmarks.bench_rounds
"""

import os
import time
import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import count

from licensing.adapters.dynamodb.rows import row_class
from licensing.adapters.dynamodb.store import DynamoStore
from licensing.adapters.reminder import compose_reminder
from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.core.decisions import Change, created
from licensing.domain.core.ledger import entries
from licensing.domain.core.records import Record
from licensing.domain.licenses.licenses import Block
from licensing.domain.people.access import Grant, Person
from licensing.domain.people.addresses import PersonAddress
from licensing.domain.people.memberships import memberships_of
from licensing.domain.people.tenants import Org
from licensing.domain.planning.due import NextDue
from licensing.domain.planning.reminders import Reminder, Thresholds
from licensing.use_cases.core.rounds import hand_out
from licensing.use_cases.core.send_once import Mailing
from licensing.use_cases.planning.remind import owner_of, remind, whoever_is_due
from licensing.use_cases.reconciliation.reconcile import reconcile
from tests.benchmarks.harness import AWS, say, table
from tests.benchmarks.metering import MeteredStore
from tests.worlds.assigning import key_of
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import Outbox
from tools.local.ministack import ministack

TABLES = count()
DAYS: Thresholds = {"expires": (60, 30, 3), "starts": (30, 7)}
OF_ALL = 1_000_000
WORKERS = 20
# us-east-1, on demand: a million read units and write units, a GB-second on arm64, a million SQS requests.
READS, WRITES, GB_SECOND, QUEUE = 0.125, 0.625, 0.0000133334, 0.40
MEMORY_GB, VCPU, CALL_SECONDS = 1769 / 1024, 1.0, 0.006


def fresh(endpoint: str) -> MeteredStore:
    store = MeteredStore(f"bench-{os.getpid()}-{next(TABLES)}", endpoint)
    store.rows.create_table(wait=True)
    return store


def filled(store: MeteredStore, changes: Iterable[Change]) -> None:
    left = list(changes)
    for start in range(0, len(left), 90):
        store.commit(left[start : start + 90])


def orgs(many: int) -> Iterator[Change]:
    """Each with an admin and 20 licences that start by themselves on day 90; one in fifty is due on day 60."""
    for number in range(many):
        org_id = f"org-{number:06}"
        yield created(Org(org_id=org_id, name=org_id))
        yield created(Block.of(key_of("AP-1YR-LIC", 20, NOON, number), org_id, NOON))
        yield created(NextDue(about=f"org/{org_id}", since=NOON, at=later(days=60 if number % 50 == 0 else 200)))
        yield from map(created, admin_of(number, org_id))


def admin_of(number: int, org_id: str) -> list[Record]:
    person = Person(person_id=f"person-{number:06}", grants=(Grant(role="org_admin", org_id=org_id),))
    address = PersonAddress(person_id=person.person_id, email=f"admin-{number}@x.example")
    return [person, address, *memberships_of(person)]


def reminders(endpoint: str, many: int) -> list[tuple[str, str]]:
    store, outbox, names = fresh(endpoint), Outbox(), list[str]()
    filled(store, orgs(many))
    mailing = Mailing[Reminder](compose_reminder, outbox, "us@x.example", "https://x.example", timedelta(minutes=5))
    with store.metered() as handing:
        hand_out(whoever_is_due(store, later(days=60)), names.extend, None, lambda: True)
    cpu = time.process_time()
    with store.metered() as telling:
        for name in names:
            owner = owner_of(store, name)
            assert owner
            remind(store, mailing, DAYS, at(later(days=60)), owner)
        cpu = time.process_time() - cpu
    assert len(outbox.sent) == len(names) == many // 50
    each = OF_ALL / 50
    calls, seconds = telling.calls / len(names), cpu / len(names)
    wall = seconds / VCPU + calls * CALL_SECONDS
    money = (
        each * (telling.read_units / len(names) * READS + telling.write_units / len(names) * WRITES) / 1e6
        + each * wall * MEMORY_GB * GB_SECOND
        + each / 25 * 3 * QUEUE / 1e6
    )
    return [
        (f"handing out {len(names)} of {many:,}", f"{handing.calls} calls, {handing.read_units} RCU"),
        ("reminding one", f"{calls:.1f} calls, {telling.read_units / len(names):.1f} RCU"),
        ("", f"{telling.write_units / len(names):.1f} WCU, {seconds * 1e3:.1f} ms CPU"),
        (f"reckoned for {OF_ALL:,}, {WORKERS} workers", f"{each * wall / WORKERS / 60:.1f} min, ${money:.2f}"),
    ]


def inventories(many: int, devices: int = 50) -> Iterator[list[Change]]:
    for number in range(many):
        org_id = f"org-{number:06}"
        changes = [created(Org(org_id=org_id, name=org_id))]
        for n in range(devices):
            serial = f"S{number:06}X{n:03}"
            unit = {"model": "ECW230S", "category": "ap", "registered_at": NOON, "free_since": NOON, "free_days": 90}
            changes.append(created(Device(org_id=org_id, serial=serial, **unit)))  # type: ignore[arg-type]
            changes.append(created(Serial(serial=serial, org_id=org_id, first_registered_at=NOON, free_days=90)))
        entry_id = f"2026-03-01T12:00:00.{number:06}Z.0000.00000000"
        told = entries(changes, entry_id=entry_id, at=NOON, actor="ada", action="devices.registered", summary="made")
        yield [*changes, *map(created, told)]


def proofs(endpoint: str, many: int) -> list[tuple[str, str]]:
    store, items = fresh(endpoint), 0
    for changes in inventories(many):
        filled(store, changes)
        items += len(changes)
    cpu = time.process_time()
    with store.metered() as meter:
        assert reconcile(store, later(days=1)) == []
        cpu = time.process_time() - cpu
    # By a store of its own connection: the meter keeps all that was read until it is weighed.
    row_class.cache_clear()
    tracemalloc.start()
    assert reconcile(DynamoStore(store.table, endpoint), later(days=1)) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return [
        (f"{items:,} items of {many} organizations", f"peak {peak / 1e6:.1f} MB"),
        ("", f"{meter.calls / items * 1e3:.1f} calls, {meter.read_units / items * 1e3:.0f} RCU per 1,000 items"),
        ("", f"{cpu / items * 1e6:.0f} µs CPU an item"),
    ]


def main() -> None:
    os.environ |= AWS
    with ministack("dynamodb") as endpoint:
        for many in (1_000, 10_000):
            table(f"reminders, {many:,} organizations, 2 % due", reminders(endpoint, many))
        for many in (25, 100, 400):
            table("a proof of everything", proofs(endpoint, many))
    say()


if __name__ == "__main__":
    main()
