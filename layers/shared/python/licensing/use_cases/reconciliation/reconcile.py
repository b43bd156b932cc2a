"""The reconciler: proves on the live table that the promises hold. It reports, and repairs nothing."""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import astuple

from licensing.domain.assigning.devices import Serial
from licensing.domain.core.ledger import Entry
from licensing.domain.core.limits import SCAN_PAGE
from licensing.domain.core.records import Record, RecordSet
from licensing.domain.people.memberships import Membership
from licensing.domain.reconciliation.devices import device_findings
from licensing.domain.reconciliation.ledger import ledger_findings, lost_licenses, stories
from licensing.domain.reconciliation.orders import order_findings
from licensing.domain.reconciliation.people import people_findings
from licensing.domain.reconciliation.texts import oddly_spelled, text_findings, unreachable
from licensing.domain.reconciliation.units import unit_findings
from licensing.domain.reconciliation.violations import TableSnapshot, Violation, not_as_written_today
from licensing.ports import Scanned, Store


def reconcile(store: Store, now: datetime) -> list[Violation]:
    """What does not hold, sorted by item; empty when all does.

    Reads the whole table once, and again when it found something: a scan is no snapshot, so what was being changed
    while it ran may look broken, but not twice in the same way. Costs a read unit for each 4 KB, and keeps all
    records and ledger entries in memory, some 3 KB for each; what no ledger tells of is dropped as it is read.
    """
    findings = _findings(store, now)
    return sorted(findings & _findings(store, now), key=astuple) if findings else []


def _findings(store: Store, now: datetime) -> set[Violation]:
    records: list[Record] = []
    entries: list[Entry] = []
    stale: list[Violation] = []
    for scanned in everything(store):
        record = scanned.record
        if not scanned.is_current:
            stale.append(not_as_written_today(record))
        if isinstance(record, Entry):
            entries.append(record)
        elif record.owner or isinstance(record, Serial | Membership):
            records.append(record)
    census, known = TableSnapshot(records), stories(entries)
    return {
        *order_findings(census, now),
        *unit_findings(census, lost_licenses(known)),
        *device_findings(census),
        *ledger_findings(census, known),
        *people_findings(census),
        *text_findings(census),
        *_unreachable(store, records),
        *stale,
    }


def _unreachable(store: Store, records: list[Record]) -> Iterator[Violation]:
    odd = list(oddly_spelled(records))
    # As a caller would look: an older release may have put it under a spelling that no canonical form leads to (D45).
    there = store.get(*[record.ref for record in odd]) if odd else RecordSet()
    return (unreachable(record) for record in odd if there[record.ref] is None)


def everything(store: Store) -> Iterator[Scanned]:
    """The whole table, page by page."""
    position = None
    while True:
        page = store.scan(SCAN_PAGE, position)
        yield from page.items
        if (position := page.next) is None:
            return
