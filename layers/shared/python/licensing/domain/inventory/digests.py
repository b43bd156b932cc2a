"""An org's digest: its counts, kept beside the records, so that an overview costs the same whatever the org has.

Kept after the commands, by the table's stream, from the ledger: each entry is counted once, whatever it changed. A
digest names what it has counted: all entries before `settled`, and of those after it the ones in `counted`. So whoever
reads it can add what it lacks, and counting may come late, twice, or out of order.

While there are few, counts are kept to the second in the digest itself; later it keeps them by month, and a record for
each month keeps them to the second.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from licensing.domain.core.decisions import Change
from licensing.domain.core.instants import Instant
from licensing.domain.core.ledger import Entry, moment_of
from licensing.domain.core.limits import DIGEST_ROWS, SETTLED
from licensing.domain.core.records import Record, Ref
from licensing.domain.inventory.calendars import by_month, month_of
from licensing.domain.inventory.counts import ALWAYS, Counts, PackedCounts, total

# Of `contributions.py`: a digest that was counted by another rule is counted anew.
RULE = 1


class OrgDigest(Record):
    """`settled` is a moment as entries are named; `by_month`: whether months are kept in records of their own."""

    kind: ClassVar[str] = "digest"
    org_id: str
    rule: int = RULE
    settled: str
    counted: tuple[str, ...] = ()
    counts: PackedCounts = Counts()
    by_month: bool = False

    @property
    def ref(self) -> Ref["OrgDigest"]:
        return OrgDigest.ref_of(self.org_id)

    @staticmethod
    def ref_of(org_id: str) -> Ref["OrgDigest"]:
        return Ref(OrgDigest, (org_id,))

    def lacks(self, entry: Entry) -> bool:
        """Whether it has not counted the entry."""
        return entry.entry_id >= self.settled and entry.entry_id not in self.counted


class DigestMonth(Record):
    """The counts of one month to the second. `digest_version`: that of the digest it was written with."""

    kind: ClassVar[str] = "digest_month"
    org_id: str
    month: Instant
    counts: PackedCounts = Counts()
    digest_version: int

    @property
    def ref(self) -> Ref["DigestMonth"]:
        return DigestMonth.ref_of(self.org_id, self.month)

    @staticmethod
    def ref_of(org_id: str, month: datetime) -> Ref["DigestMonth"]:
        return Ref(DigestMonth, (org_id, month.strftime("%Y-%m")))


Months = Mapping[datetime, DigestMonth]


def settled_by(now: datetime) -> str:
    """Before this moment no entry appears any more."""
    return moment_of(now - SETTLED)


def counted_anew(
    before: OrgDigest | None, months: Months, org_id: str, counts: Counts, counted: Iterable[str], settled: str
) -> list[Change]:
    """A digest that is counted anew, in place of `before`, whose months were `months`; it comes last."""
    fresh = OrgDigest(org_id=org_id, settled=settled, counted=tuple(sorted(counted)), counts=counts)
    return _kept(before, months, fresh, counts, replaces=True)


def counted_in(
    digest: OrgDigest, months: Months, more: Counts, entries: Iterable[Entry], now: datetime
) -> list[Change]:
    """The digest once it has counted `entries` too, which add `more`; it comes last. `months` are those that `more` is
    about, where it is kept by month."""
    settled = max(digest.settled, settled_by(now))
    names = {*digest.counted, *(entry.entry_id for entry in entries)}
    recent = tuple(sorted(name for name in names if name >= settled))
    if digest.by_month:
        after = digest.evolve(settled=settled, counted=recent, counts=total((digest.counts, by_month(more))))
        return _kept(digest, months, after, more, replaces=False)
    counts = total((digest.counts, more))
    return _kept(digest, months, digest.evolve(settled=settled, counted=recent, counts=counts), counts, replaces=True)


def months_in(counts: Counts) -> dict[datetime, Counts]:
    """By the month; of what always counts there is none."""
    parts: dict[datetime, Counts] = {}
    for kind, at, number in counts:
        if at > ALWAYS:
            parts.setdefault(month_of(at), Counts()).add(kind, at, number)
    return parts


def _kept(
    before: OrgDigest | None, months: Months, after: OrgDigest, counts: Counts, *, replaces: bool
) -> list[Change]:
    """`counts` to the second are the whole, or come on top of what `months` have."""
    if not after.by_month and len(counts) > DIGEST_ROWS:
        after = after.evolve(by_month=True, counts=by_month(counts))
    version = (before.version if before else 0) + 1
    parts = months_in(counts) if after.by_month else {}
    changes = []
    # Where the whole is told, months it has nothing in are emptied.
    for month in sorted({*parts, *(months if replaces else ())}):
        there = months.get(month)
        old = there.counts if there and not replaces else Counts()
        now = total((old, parts.get(month, Counts())))
        changes.append(Change(there, DigestMonth(org_id=after.org_id, month=month, counts=now, digest_version=version)))
    return [*changes, Change(before, after)]
