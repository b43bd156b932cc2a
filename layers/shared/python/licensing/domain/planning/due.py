"""When an owner's admins are next to be reminded of something (D34), found by an index over all owners.

The table's stream keeps it after an org's digest and an MSP's portal. It says when to look, not what is told: whoever
looks reads the owner's own records, and may find nothing (a licence that lies in the index as one that ends may not
have started). What the index misses, a sweep over all owners finds.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import ClassVar

from licensing.domain.core.decisions import Change
from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.records import Record, Ref
from licensing.domain.inventory.calendars import Calendar
from licensing.domain.inventory.overviews import ends, waits
from licensing.domain.planning.reminders import FIRST_LOOK, Thresholds, UpcomingEvent


class NextDue(Record):
    """`at`: the first instant after `since` at which a threshold of an owner (`org/org-north`) passes; None if none
    will. Until `since` somebody has looked."""

    kind: ClassVar[str] = "due"
    about: str
    since: Instant
    at: Instant | None = None

    @property
    def ref(self) -> Ref["NextDue"]:
        return NextDue.ref_of(self.about)

    @staticmethod
    def ref_of(about: str) -> Ref["NextDue"]:
        return Ref(NextDue, (about,))


def never_looked(about: str, now: datetime) -> NextDue:
    return NextDue(about=about, since=now - FIRST_LOOK)


def of_calendar(calendar: Calendar, since: datetime, days: Thresholds) -> datetime | None:
    """When the next threshold of an org passes after `since`."""
    kinds = {"expires": ends, "starts": waits}
    found = (
        (first[0] - before * DAY)
        for event, thresholds in days.items()
        for before in thresholds
        if (first := calendar.after(since + before * DAY, kinds[event]))
    )
    return min(found, default=None)


def of_events(coming: Iterable[UpcomingEvent], since: datetime, days: Thresholds) -> datetime | None:
    """The same of events that are all known."""
    return min(_passing(coming, since, days), default=None)


def _passing(coming: Iterable[UpcomingEvent], since: datetime, days: Thresholds) -> Iterator[datetime]:
    for each in coming:
        passes = (each.at - before * DAY for before in days[each.event])
        yield from (at for at in passes if at > since)


def due_next(before: NextDue | None, after: NextDue) -> list[Change]:
    """Written only where it says something new, and where there is something to say."""
    if before == after or (before is None and after.at is None):
        return []
    return [Change(before, after)]
