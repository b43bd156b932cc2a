"""Reminding admins of what expires or starts soon, a mail for each person and organization or MSP (D34).

A run that breaks off is resumed by the next one where it stopped: what was told is recorded for each person alone.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import LostRace
from licensing.domain.core.instants import DAY, to_text
from licensing.domain.core.records import Ref, Value
from licensing.domain.inventory.views import Devices
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.domain.people.tenants import Msp, Org
from licensing.domain.planning.due import NextDue
from licensing.domain.planning.reminders import (
    Reminder,
    ReminderCursor,
    Thresholds,
    UpcomingEvent,
    due,
    is_due,
    never_reminded,
    reminded,
    upcoming_of,
    upcoming_of_portal,
)
from licensing.listings import AllMsps, AllOrgs, DueOwners
from licensing.ports import Store
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.rounds import Source, listed
from licensing.use_cases.core.send_once import Mailing, send_once
from licensing.use_cases.inventory import stock
from licensing.use_cases.people.find_people import Admin, admins_of
from licensing.use_cases.planning.keep_due import keep_due

# An owner that the index knows nothing of is seen by the weekly sweep alone.
UNSEEN = 8 * DAY


class Owner(Struct, frozen=True):
    """An org or MSP with what its name is, and its admins."""

    kind: str
    owner_id: str
    name: str
    admins: tuple[Admin, ...]
    time_zone: str = "UTC"

    @property
    def about(self) -> str:
        return f"{self.kind}/{self.owner_id}"


class ReminderSend(Struct, frozen=True):
    """`licensing.use_cases.core.send_once.Send` of a reminder, to this address, of all that came near since `seen`."""

    seen: ReminderCursor
    recipient: str

    @property
    def ref(self) -> Ref[ReminderCursor]:
        return self.seen.ref

    def is_due(self, current: ReminderCursor | None) -> bool:
        return is_due(current, self.seen)

    def handed_over(
        self,
        current: ReminderCursor | None,
        message_id: str,  # noqa: ARG002
        parts: int,  # noqa: ARG002
        now: datetime,
    ) -> Decision[Value]:
        """Events of a reminder are nobody's business: its id is not kept."""
        return reminded(current, self.seen, now)

    def refused(self, current: ReminderCursor | None, reason: str, now: datetime) -> Decision[Value]:  # noqa: ARG002
        """Nothing else can be done for them."""
        return reminded(current, self.seen, now)


def owner_of(store: Store, name: str) -> Owner | None:
    """`org/org-north` or `msp/msp-1`, with its admins. An org without an admin of its own is its MSP's business."""
    kind, _, owner_id = name.partition("/")
    tenant = store.one(Org.ref_of(owner_id)) if kind == "org" else store.one(Msp.ref_of(owner_id))
    if tenant is None:
        return None
    zone = tenant.time_zone if isinstance(tenant, Org) else "UTC"
    return Owner(kind, owner_id, tenant.name, admins_of(store, tenant), zone)


def everybody(store: Store) -> list[Source]:
    """All who may have to be reminded: what the index of due dates misses is found so, late and once."""
    return [listed(store, "msps", AllMsps()), listed(store, "orgs", AllOrgs())]


def whoever_is_due(store: Store, now: datetime) -> list[Source]:
    """Those of whom something passed one of its thresholds."""
    return [listed(store, "due", DueOwners(to_text(now)), lambda due: due.about)]


def remind(store: Store, mailing: Mailing[Reminder], days: Thresholds, context: Context, owner: Owner) -> int:
    """Reminds the owner's admins of what came near since somebody looked last; how many mails that took.

    Reads all licences and devices of an org. Raises `conflict` while another run reminds one of them.
    """
    looked = NextDue.ref_of(owner.about)
    refs = {admin: ReminderCursor.ref_of(owner.about, admin.person_id) for admin in owner.admins}
    facts = store.get(looked, *refs.values())
    last = facts[looked] or NextDue(about=owner.about, since=context.now - UNSEEN)
    upcoming = _upcoming(store, context, owner) if owner.admins else []
    mails = 0
    for admin, ref in refs.items():
        seen = facts[ref] or never_reminded(owner.about, admin.person_id, last.since)
        # Nothing is told from before both: whoever broke off between two admins goes on with the second.
        if near := due(upcoming, seen, last.since, context.now, days):
            reminder = _reminder(mailing, owner, admin.email, near)
            mails += send_once(store, mailing, context, ReminderSend(seen, admin.email), reminder)
    # At last, for all admins: until then it stays due. Where nothing was, nothing is written.
    if mails or (last.at and last.at <= context.now):
        _looked(store, owner.about, days, context.now)
    return mails


def _looked(store: Store, about: str, days: Thresholds, now: datetime) -> None:
    """What lost a race against the stream's function stays due, and is found told by whoever looks again."""
    with suppress(LostRace):
        keep_due(store, about, days, now, looked=now)


def _upcoming(store: Store, context: Context, owner: Owner) -> list[UpcomingEvent]:
    if owner.kind == "msp":
        return upcoming_of_portal(store.one(MspPortal.ref_of(owner.owner_id)))
    held = stock.stock_at(store, owner.owner_id, context.now, context.now)
    return upcoming_of(held.records, Devices(held.devices), context.now)


def _reminder(mailing: Mailing[Reminder], owner: Owner, email: str, near: Sequence[UpcomingEvent]) -> Reminder:
    return Reminder(mailing.sender, email, owner.about, owner.name, near, mailing.portal_url, owner.time_zone)
