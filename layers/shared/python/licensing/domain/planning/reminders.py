"""Reminders of what is about to expire or to start by itself: worked out from state and from how far each person was
reminded before, so that an outage makes them late, never lost or double (D34)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.inventory.license_rows import free_view
from licensing.domain.inventory.views import Devices, LicenseView
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.msp_portals import MspPortal

Event = Literal["expires", "starts"]
# How many days before an event its owners are reminded, each once.
Thresholds = Mapping[Event, Sequence[int]]

MSP_PORTAL = "MSP portal"
# Whoever was never reminded hears of what came near within the last day, that of one run.
FIRST_LOOK = DAY


class UpcomingEvent(Struct, frozen=True):
    """So many licences of a model that expire, or are forced to start, at one instant; or an MSP portal's end."""

    at: datetime
    event: Event
    what: str
    many: int = 1


class Reminder(Struct, frozen=True):
    """One mail: what is near for an owner, the soonest first; at `portal_url` something can be done about it."""

    sender: str
    recipient: str
    about: str
    owner: str
    near: Sequence[UpcomingEvent]
    portal_url: str
    time_zone: str = "UTC"


class ReminderCursor(Record):
    """Until when `recipient`, a person's id, was told all that came near for one owner (`org/org-north`)."""

    kind: ClassVar[str] = "reminded"
    about: str
    recipient: str
    until: Instant

    @property
    def ref(self) -> Ref["ReminderCursor"]:
        return ReminderCursor.ref_of(self.about, self.recipient)

    @staticmethod
    def ref_of(about: str, recipient: str) -> Ref["ReminderCursor"]:
        return Ref(ReminderCursor, (about, recipient))

    @property
    def forget_at(self) -> datetime:
        """Long after the last reminder: by then `NextDue.since` is later."""
        return self.until + 400 * DAY


def upcoming_of(records: Iterable[Block | License], devices: Devices, at: datetime) -> list[UpcomingEvent]:
    """What lies ahead of an org's licences, or is just over, as they stand at `at`."""
    counted: Counter[tuple[datetime, Event, str]] = Counter()
    for record in records:
        if isinstance(record, Block):
            row, many = free_view(record, at), len(record.free)
        else:
            row, many = LicenseView.of(record, devices, at), 1
        if row and (event := _event(row)):
            counted[*event, row.license_model] += many
    return [UpcomingEvent(*each, many) for each, many in counted.items()]


def _event(row: LicenseView) -> tuple[datetime, Event] | None:
    # Only these are forced to start (D34): what waits in a chain starts by itself when its turn comes.
    if row.state == "inactive":
        return (row.starts_at, "starts") if row.starts_at else None
    return (row.expires_at, "expires") if row.expires_at else None


def upcoming_of_portal(portal: MspPortal | None) -> list[UpcomingEvent]:
    return [UpcomingEvent(portal.valid_until, "expires", MSP_PORTAL)] if portal and portal.valid_until else []


def never_reminded(about: str, recipient: str, since: datetime) -> ReminderCursor:
    return ReminderCursor(about=about, recipient=recipient, until=since)


def due(
    coming: Iterable[UpcomingEvent], seen: ReminderCursor, since: datetime, now: datetime, days: Thresholds
) -> list[UpcomingEvent]:
    """What passed one of its thresholds after the last reminder and after `since`, the soonest first."""
    told = max(seen.until, since)
    near = (each for each in coming if any(told < each.at - before * DAY <= now for before in days[each.event]))
    return sorted(near, key=lambda each: (each.at, each.event, each.what))


def is_due(mark: ReminderCursor | None, seen: ReminderCursor) -> bool:
    """Whether nobody has reminded them since `seen` was read."""
    return mark is None or mark.until == seen.until


def reminded(mark: ReminderCursor | None, seen: ReminderCursor, now: datetime) -> Decision[Value]:
    """Whatever came near until `now` is told."""
    return _written(mark, seen.evolve(until=now))


def _written(before: ReminderCursor | None, after: ReminderCursor) -> Decision[Value]:
    return decide(Value(), None, "", [Change(before, after)])
