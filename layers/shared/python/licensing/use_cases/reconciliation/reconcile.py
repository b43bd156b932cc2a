"""The reconciler over the whole table: proves owner by owner that the promises hold. Reports, and repairs nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import astuple

from licensing.domain.core.limits import SCAN_PAGE, SEGMENTS
from licensing.domain.reconciliation.violations import Violation
from licensing.ports import Page, Position, Scanned, Segment, Store
from licensing.use_cases.core.context import Context
from licensing.use_cases.reconciliation.prove import prove
from licensing.use_cases.reconciliation.strays import owners_met, stray_findings


class Look(Struct):
    """What one reading of the table found. `traced`: it has noted what another look has to know."""

    findings: set[Violation] = field(default_factory=set)
    traced: bool = False


def reconcile(store: Store, now: datetime) -> list[Violation]:
    """What does not hold, sorted by item; empty when all does.

    Reads the whole table once, and again while it finds something: reading is no snapshot, so what was being changed
    meanwhile may look broken, but not twice in the same way. Keeps in memory what one owner has, and the names of the
    owners of one segment.
    """
    look, settled = _look(store, now), False
    while look.findings or look.traced:
        # What is held of a key, and by whom, is known to every proof of a look that met nobody new.
        before, settled = look, settled or not look.traced
        look = _look(store, now)
        if settled:
            return sorted(before.findings & look.findings, key=astuple)
    return []


def _look(store: Store, now: datetime) -> Look:
    look, context = Look(), Context("reconciler", now)
    for number in range(SEGMENTS):
        known = set[str]()
        for page in pages(store, Segment(number, SEGMENTS)):
            look.findings |= stray_findings(store, page.items)
            for owner in owners_met(store, (each.record for each in page.items), known):
                proof = prove(store, owner, context, unknown_for=timedelta())
                look.findings |= proof.findings
                look.traced |= proof.traced
    return look


def pages(store: Store, segment: Segment | None = None, start: Position | None = None) -> Iterator[Page[Scanned]]:
    """Of the whole table, or a segment of it."""
    while True:
        page = store.scan(SCAN_PAGE, start, segment)
        yield page
        if (start := page.next) is None:
            return


def everything(store: Store) -> Iterator[Scanned]:
    """The whole table, page by page."""
    return (scanned for page in pages(store) for scanned in page.items)
