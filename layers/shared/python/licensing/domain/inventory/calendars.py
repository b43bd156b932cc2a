"""Counts by month, and to the second where it is asked for: what an overview is worked out from."""

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from licensing.domain.inventory.counts import ALWAYS, Counts, Kind

Wanted = Callable[[Kind], bool]


def month_of(at: datetime) -> datetime:
    """The first second of its calendar month in UTC."""
    return at.replace(day=1, hour=0, minute=0, second=0)


def by_month(counts: Counts) -> Counts:
    """The same, each instant that of its month."""
    months = Counts()
    for kind, at, number in counts:
        months.add(kind, month_of(at), number)
    return months


class Calendar(Struct, frozen=True):
    """`months` has all counts, by month; `month` gives those of one, to the second."""

    months: Counts
    month: Callable[[datetime], Counts]

    @classmethod
    def of(cls, counts: Counts) -> "Calendar":
        """Of counts that are all there to the second."""
        parts: dict[datetime, Counts] = {}
        for kind, at, number in counts:
            parts.setdefault(month_of(at), Counts()).add(kind, at, number)
        return cls(by_month(counts), lambda month: parts.get(month, Counts()))

    @property
    def kinds(self) -> list[Kind]:
        return sorted(self.months.numbers)

    def until(self, kind: Kind, at: datetime) -> int:
        """How many there are up to the second `at`."""
        month = month_of(at)
        whole = sum(number for each, number in self.months.of(kind) if each < month or each == ALWAYS)
        return whole + sum(number for each, number in self.month(month).of(kind) if ALWAYS < each <= at)

    def after(self, at: datetime, wanted: Wanted) -> tuple[datetime, int] | None:
        """The first instant after `at` with any of the wanted kinds, and how many there are of them then."""
        for month in self._months_from(at, wanted):
            found = Counts()
            for kind, each, number in self.month(month):
                if each > at and wanted(kind):
                    found.add("", each, number)
            if len(found):
                return min(found.of(""))
        return None

    def _months_from(self, at: datetime, wanted: Wanted) -> Iterator[datetime]:
        months = {each for kind, each, _ in self.months if wanted(kind)}
        return iter(sorted(each for each in months if each >= month_of(at) and each > ALWAYS))
