"""What each record adds to its org's counts: a pure function of the record alone, without a clock.

So counts follow from one record's change by adding what it gives after and taking away what it gave before. They hold
from the record's latest fact on; of a moment before that the record as it was then tells.

Kinds are written `AP-1YR-LIC free ends`. Of licences there are `free` and `bound` ones, each with those that have
started and ended; and `waits`, those that are inactive until they start (D23). A licence counts `PARTS`, shared out
over the gateways that have it (D22). Of devices, parked ones left out (D27), there are all, and those whose Pro cover
has begun, lapsed and ended (D30).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from licensing.domain.assigning.coverage import Stretch, coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import Record
from licensing.domain.inventory.counts import ALWAYS, Counts
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import PRO, runs_parallel

# Divided evenly by as many gateways as may share a licence.
PARTS = 12

DEVICES = "devices"


def contribution(record: Record) -> Counts:
    """What it adds; nothing for a record of another kind."""
    counts = Counts()
    match record:
        case Block() if record.free:
            _add_free(counts, record.license(next(iter(record.free))), len(record.free))
        case License() if record.is_free:
            _add_free(counts, record, 1)
        case License():
            counts.add(f"{record.license_model} bound", ALWAYS, PARTS)
        case Device():
            _add_device(counts, record)
    return counts


def _add_free(counts: Counts, one: License, many: int) -> None:
    sku, number = one.license_model, many * PARTS
    counts.add(f"{sku} free", ALWAYS, number)
    start, end = one.burns_from, one.burns_until
    if one.model.term is None:
        counts.add(f"{sku} free starts", ALWAYS, number)
    elif start and end:
        # One that has nothing left keeps its end, and never starts again (D21).
        counts.add(f"{sku} free starts", min(start, end), number)
        counts.add(f"{sku} free ends", end, number)
        if start < end:
            counts.add(f"{sku} waits", start, number)


def _add_device(counts: Counts, device: Device) -> None:
    coverage = coverage_of(device)
    for stretch in coverage.stretches:
        # Units of a co-termination are no licences any more.
        if stretch.by and not stretch.undone_at and stretch.by.units is None:
            _add_bound(counts, stretch, stretch.by, coverage[stretch.by.chain])
    if device.parked_at is None:
        counts.add(DEVICES, ALWAYS, 1)
        end = coverage.end(PRO)
        if end:
            counts.add(f"{DEVICES} end", end, 1)
        for since, until in _covered(device, coverage[PRO]):
            counts.add(f"{DEVICES} begin", since, 1)
            if until != end:
                counts.add(f"{DEVICES} lapse", until, 1)


def _add_bound(counts: Counts, stretch: Stretch, by: Association, chain: Sequence[Stretch]) -> None:
    sku, number = by.license_model, PARTS // by.gateways
    known = _known(by)
    counts.add(f"{sku} bound starts", stretch.since if stretch.since > known else ALWAYS, number)
    counts.add(f"{sku} bound ends", stretch.until, number)
    covered = _covered_before(stretch, chain)
    if stretch.starts_at and stretch.since > known and covered < stretch.since:
        # Until then the device is covered, and the licence merges (D23).
        after = f" {to_text(covered)}" if covered > known else ""
        counts.add(f"{sku} waits{after}", stretch.since, number)


def _known(by: Association) -> datetime:
    """An instant that has passed, by what the association tells."""
    return max(by.associated_at, by.networked_at or by.associated_at)


def _covered_before(stretch: Stretch, chain: Sequence[Stretch]) -> datetime:
    """Until when the chain covers the device before the stretch starts."""
    assert stretch.by is not None, "the free period waits for nothing"
    before = () if runs_parallel(stretch.by.chain) else (each for each in chain if each.starts_at)
    return max((min(each.until, stretch.since) for each in before if each.since < stretch.since), default=ALWAYS)


def _covered(device: Device, chain: Sequence[Stretch]) -> Iterator[tuple[datetime, datetime]]:
    """From when to when, stretches that touch or overlap made one."""
    begun, until = ALWAYS, ALWAYS
    for each in (stretch for stretch in chain if stretch.starts_at):
        if each.since > until:
            if until > ALWAYS:
                yield begun, until
            known = _known(each.by) if each.by else device.registered_at
            begun = each.since if each.since > known else ALWAYS
        until = max(until, each.until)
    if until > ALWAYS:
        yield begun, until
