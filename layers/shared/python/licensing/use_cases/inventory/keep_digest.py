"""Keeping an org's digest after its ledger: counting what it lacks, or counting everything anew.

Whoever reads an overview counts in the same way what the digest lacks by then, and writes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeGuard

from msgspec import Struct

from licensing.domain.core.decisions import Change
from licensing.domain.core.errors import LostRace
from licensing.domain.core.ledger import Entry
from licensing.domain.core.limits import STEP_RECORDS
from licensing.domain.core.records import Record, RecordSet
from licensing.domain.inventory.calendars import by_month
from licensing.domain.inventory.contributions import contribution
from licensing.domain.inventory.counts import ALWAYS, Counts, total
from licensing.domain.inventory.digests import (
    RULE,
    DigestMonth,
    Months,
    OrgDigest,
    counted_anew,
    counted_in,
    months_in,
    settled_by,
)
from licensing.domain.inventory.told import NotTold, as_before, counted_refs, more_by
from licensing.listings import DevicesOf, DigestMonthsOf, LedgerOf, LicensesOf
from licensing.ports import Store

ATTEMPTS = 5


class Torn(Exception):
    """A month was written with a later digest than the one that was read."""


class Lacking(Struct, frozen=True):
    """Entries that a digest has not counted, and what they add to it."""

    entries: Sequence[Entry]
    more: Counts


def keep_digest(store: Store, org_id: str, now: datetime, *, anew: bool = False) -> None:
    """Brings it up to the ledger, or counts it `anew`. May run late, again, and beside itself.

    Raises LostRace when others keep on being quicker.
    """
    for attempt in range(ATTEMPTS):
        digest = store.one(OrgDigest.ref_of(org_id))
        try:
            counted = _counted(store, digest, now) if is_usable(digest) and not anew else None
        except (NotTold, Torn):
            counted = None
        try:
            return _commit(store, recounted(store, digest, org_id, now) if counted is None else counted)
        except LostRace:
            if attempt == ATTEMPTS - 1:
                raise
    return None


def is_usable(digest: OrgDigest | None) -> TypeGuard[OrgDigest]:
    """Whether there is one, counted by today's rule."""
    return digest is not None and digest.rule == RULE


def lacking(store: Store, digest: OrgDigest) -> Lacking:
    """Raises NotTold. One query, when it lacks nothing."""
    known = ledger_since(store, digest.org_id, digest.settled)
    entries = [entry for entry in known if digest.lacks(entry)]
    if not (refs := counted_refs(entries)):
        return Lacking(entries, Counts())
    current = store.get(*refs)
    # What was committed between the two reads is told by now: only to be undone, it is left to the next count.
    known = ledger_since(store, digest.org_id, digest.settled)
    return Lacking(entries, more_by(entries, known, current))


def months_of(store: Store, digest: OrgDigest, months: Iterable[datetime]) -> Months:
    """Those that there are. Raises Torn."""
    refs = {month: DigestMonth.ref_of(digest.org_id, month) for month in months}
    found = store.get(*refs.values()) if refs else RecordSet()
    return _not_torn(digest, {month: part for month, ref in refs.items() if (part := found[ref])})


def recounted(store: Store, before: OrgDigest | None, org_id: str, now: datetime) -> list[Change]:
    """The digest counted from all records: a read unit for each 4 KB of them."""
    settled = settled_by(now)
    counted = {entry.entry_id for entry in ledger_since(store, org_id, settled)}
    records: list[Record] = [*store.every(LicensesOf(org_id)), *store.every(DevicesOf(org_id))]
    # While they were read the org went on: they are taken back to what `counted` led to.
    newer = [entry for entry in ledger_since(store, org_id, settled) if entry.entry_id not in counted]
    counts = total(map(contribution, as_before(records, newer)))
    months = {month.month: month for month in store.every(DigestMonthsOf(org_id))}
    return counted_anew(before, months, org_id, counts, counted, settled)


def kept_counts(store: Store, digest: OrgDigest) -> Counts:
    """A digest's counts, all to the second. Raises Torn, also where its months don't add up to what it has of each."""
    if not digest.by_month:
        return digest.counts
    months = {month.month: month for month in store.every(DigestMonthsOf(digest.org_id))}
    exact = total(month.counts for month in _not_torn(digest, months).values())
    for kind, number in digest.counts.of_always():
        exact.add(kind, ALWAYS, number)
    if by_month(exact) != digest.counts:
        raise Torn
    return exact


def _counted(store: Store, digest: OrgDigest, now: datetime) -> list[Change]:
    found = lacking(store, digest)
    if not found.entries:
        return []
    months: Months = months_of(store, digest, months_in(found.more)) if digest.by_month else {}
    return counted_in(digest, months, found.more, found.entries, now)


def _not_torn(digest: OrgDigest, months: Months) -> Months:
    if any(month.digest_version > digest.version for month in months.values()):
        raise Torn
    return months


def ledger_since(store: Store, org_id: str, since: str) -> list[Entry]:
    return list(store.every(LedgerOf(f"org/{org_id}", since)))


def _commit(store: Store, changes: Sequence[Change]) -> None:
    """The digest's own change is the last: a month written before it shows that it is torn, until it is there."""
    for start in range(0, len(changes), STEP_RECORDS):
        store.commit(changes[start : start + STEP_RECORDS])
