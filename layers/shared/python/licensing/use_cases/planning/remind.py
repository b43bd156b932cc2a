"""Reminding admins of what expires or starts soon, a mail for each person and organization or MSP (D34).

A run that breaks off is taken up by the next one where it stopped: what was told is recorded for each person alone. A
crash between the mail service's answer and that record costs one more mail.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import Value
from licensing.domain.inventory.views import Devices
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.domain.people.access import Person, Role
from licensing.domain.planning.reminders import (
    Coming,
    Reminded,
    Reminder,
    Thresholds,
    coming_to,
    coming_to_portal,
    due,
    leased,
    never_reminded,
    told,
)
from licensing.listings import AllMsps, AllOrgs, AllPeople
from licensing.ports import Mailer, MailRefused, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.inventory import stock


class Owner(Struct, frozen=True):
    """An org or MSP with what its name is, and the addresses of its admins."""

    kind: str
    owner_id: str
    name: str
    admins: tuple[str, ...]
    time_zone: str = "UTC"

    @property
    def about(self) -> str:
        return f"{self.kind}/{self.owner_id}"


class ReminderDesk(Struct, frozen=True):
    """What reminding takes besides the table."""

    compose: Callable[[Reminder], bytes]
    mailer: Mailer
    sender: str
    portal_url: str
    days: Thresholds
    lease: timedelta = timedelta(minutes=5)


def owners(store: Store) -> Iterator[Owner]:
    """Every org and MSP somebody is to be reminded of. An org without an admin of its own is its MSP's business."""
    people = list(store.every(AllPeople()))
    for msp in store.every(AllMsps()):
        yield Owner("msp", msp.msp_id, msp.name, _holders(people, "msp_admin", msp.msp_id))
    for org in store.every(AllOrgs()):
        own = _holders(people, "org_admin", org.org_id)
        admins = own or _holders(people, "msp_admin", org.msp_id)
        yield Owner("org", org.org_id, org.name, admins, org.time_zone)


def _holders(people: Iterable[Person], role: Role, tenant: str | None) -> tuple[str, ...]:
    grants = ((person.email, grant) for person in people for grant in person.grants)
    return tuple(email for email, grant in grants if tenant and grant.role == role and grant.tenant == tenant)


def remind(store: Store, desk: ReminderDesk, context: Context, owner: Owner) -> int:
    """Reminds the owner's admins of what came near since they were reminded last; how many mails that took.

    Reads all licences and devices of an org. Raises `conflict` while another run reminds one of them.
    """
    if not owner.admins:
        return 0
    coming = _coming(store, context, owner)
    refs = {admin: Reminded.named(owner.about, admin) for admin in owner.admins}
    marks = store.get(*refs.values())
    return sum(
        _told(store, desk, context, owner, marks[ref] or never_reminded(owner.about, admin, context.now), coming)
        for admin, ref in refs.items()
    )


def _coming(store: Store, context: Context, owner: Owner) -> list[Coming]:
    if owner.kind == "msp":
        portal = MspPortal.named(owner.owner_id)
        return coming_to_portal(store.one(portal))
    held = stock.present(store, owner.owner_id)
    return coming_to(held.records, Devices(held.devices), context.now)


def _told(
    store: Store, desk: ReminderDesk, context: Context, owner: Owner, seen: Reminded, coming: Iterable[Coming]
) -> int:
    near = due(coming, seen, context.now, desk.days)
    if near:
        _write(store, context, seen, partial(leased, seen=seen, now=context.now, lasts=desk.lease))
        _send(desk, owner, seen.recipient, near)
    _write(store, context, seen, partial(told, seen=seen, now=context.now))
    return 1 if near else 0


def _write(
    store: Store, context: Context, seen: Reminded, decide: Callable[[Reminded | None], Decision[Value]]
) -> None:
    run_command(store, context, lambda reading: reading.one(seen.ref), decide)


def _send(desk: ReminderDesk, owner: Owner, admin: str, near: Sequence[Coming]) -> None:
    mail = Reminder(desk.sender, admin, owner.about, owner.name, near, desk.portal_url, owner.time_zone)
    try:
        desk.mailer.send(desk.compose(mail), admin)
    except MailRefused:
        return  # it can never be sent: nobody tries for ever
