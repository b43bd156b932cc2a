"""Keeping when an owner is next to be reminded of something (D34)."""

from datetime import datetime

from licensing.domain.inventory.digests import OrgDigest
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.domain.planning.due import NextDue, due_next, never_looked, of_calendar, of_events
from licensing.domain.planning.reminders import Thresholds, upcoming_of_portal
from licensing.ports import Store
from licensing.use_cases.inventory.count_licenses import kept_calendar


def keep_due(store: Store, about: str, days: Thresholds, now: datetime, looked: datetime | None = None) -> None:
    """After a change of the owner's, or when somebody has `looked` at what passed until then. Raises LostRace."""
    before = store.one(NextDue.ref_of(about))
    known = before or never_looked(about, now)
    since = max(known.since, looked) if looked else known.since
    after = known.evolve(since=since, at=_next(store, about, since, days))
    if changes := due_next(before, after):
        store.commit(changes)


def _next(store: Store, about: str, since: datetime, days: Thresholds) -> datetime | None:
    kind, _, owner_id = about.partition("/")
    if kind == "msp":
        return of_events(upcoming_of_portal(store.one(MspPortal.ref_of(owner_id))), since, days)
    digest = store.one(OrgDigest.ref_of(owner_id))
    return of_calendar(kept_calendar(store, digest, since), since, days) if digest else None
