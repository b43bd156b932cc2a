"""Leases: the right of one worker to do something alone for a while, such as sending the mails of an order."""

from datetime import datetime, timedelta
from typing import ClassVar

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Record, Ref


class Lease(Record):
    """That somebody is busy with `about` until then. Bookkeeping, and gone when it was given back."""

    kind: ClassVar[str] = "lease"
    about: str
    until: Instant

    @property
    def ref(self) -> Ref["Lease"]:
        return Lease.ref_of(self.about)

    @staticmethod
    def ref_of(about: str) -> Ref["Lease"]:
        return Ref(Lease, (about,))


def taken(current: Lease | None, about: str, now: datetime, lasts: timedelta) -> Lease:
    """A lease of one's own. Raises `conflict` while another worker has it."""
    if current and now < current.until:
        raise Refusal("conflict", "Another worker is busy with it.", "Try again when its lease is over.")
    return current.evolve(until=now + lasts) if current else Lease(about=about, until=now + lasts)
