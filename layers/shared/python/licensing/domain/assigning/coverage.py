"""Coverage: what covers a device, from when to when; a pure function of its record and an instant (D19-D23, D30).

Licences of one chain are served like people at a counter, one after the other (D21):

1. A licence is *ready* as soon as it is associated, if the device is covered then, or if it burns already; else when
   the device is in a network, and on its forced activation date at the latest (D19).
2. Whoever is ready first is served first; among equals, whoever was associated first.
3. The next one starts when the one before ends, to the second, and brings what was left of its term when it was
   associated: while it waits, it does not burn.

Pro and pro_lite licences, co-terminations and the free period are one chain, unlimited AI licences another;
each SecuPoint licence is a chain of its own (D22).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct

from licensing.domain.assigning.devices import UNDOABLE, Association, Chain, Device
from licensing.domain.core.instants import DAY, to_text
from licensing.domain.licenses.licenses import LicenseState

Reason = Literal["free", "follows", "burning", "associated", "network", "forced", "co_term"]

BUILT_IN_SEATS = 2


class Stretch(Struct, frozen=True):
    """A covered time, and the association that covers it; None for the free period."""

    since: datetime
    until: datetime
    by: Association | None
    reason: Reason

    def covers(self, at: datetime) -> bool:
        return self.since <= at < self.until


class Turn(NamedTuple):
    """An association's place in the queue."""

    ready: datetime
    reason: Reason
    association: Association


class Coverage(Struct, frozen=True):
    """A device's stretches, each chain in the order of time."""

    pro: tuple[Stretch, ...]
    unlimited_ai: tuple[Stretch, ...]
    secupoint: tuple[Stretch, ...]

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        return self.pro + self.unlimited_ai + self.secupoint

    def chain(self, chain: Chain) -> tuple[Stretch, ...]:
        return {"pro": self.pro, "unlimited_ai": self.unlimited_ai, "secupoint": self.secupoint}[chain]

    def end(self, chain: Chain) -> datetime | None:
        """When the chain's last stretch ends; None if nothing ever covered the device."""
        return max((stretch.until for stretch in self.chain(chain)), default=None)

    def end_text(self, chain: Chain) -> str:
        """The end as indexes and orders sort it: what was never covered comes first (D25)."""
        end = self.end(chain)
        return to_text(end) if end else ""

    def covered(self, at: datetime, chain: Chain = "pro") -> bool:
        return any(stretch.covers(at) for stretch in self.chain(chain))

    def stretch_of(self, license_id: str) -> Stretch:
        """The stretch a licence covers; it must be associated with the device."""
        return next(stretch for stretch in self.stretches if stretch.by and stretch.by.license_id == license_id)

    def state(self, stretch: Stretch, at: datetime) -> LicenseState:
        """The state of the licence that covers `stretch` (D23)."""
        assert stretch.by is not None, "the free period is no licence"
        if at >= stretch.until:
            return "expired"
        if at >= stretch.since:
            return "active"
        if stretch.by.chain == "secupoint" or not self.covered(at, stretch.by.chain):
            return "inactive"
        return "merging" if at < stretch.by.associated_at + UNDOABLE else "merged"

    def device_state(self, at: datetime) -> Literal["inactive", "active", "expired"]:
        """Of the device as a whole: `active` while it is covered, `expired` when nothing is left to wait for."""
        if self.covered(at):
            return "active"
        end = self.end("pro")
        return "inactive" if end is None or end > at else "expired"

    def seats(self, at: datetime) -> int:
        """A gateway's VPN seats: 2 built in, and those of its running SecuPoint licences (D22)."""
        running = (each.by for each in self.secupoint if each.by and each.covers(at) and each.by.joined_at <= at)
        return BUILT_IN_SEATS + sum(association.model.seats or 0 for association in running)


def coverage_of(device: Device) -> Coverage:
    free_until = device.free_since + device.free_days * DAY
    free = [Stretch(device.free_since, free_until, None, "free")] if device.free_days else []
    return Coverage(
        pro=_kept(device, _served(device.of_chain("pro"), free)),
        unlimited_ai=_kept(device, _served(device.of_chain("unlimited_ai"), [])),
        secupoint=_kept(device, [_served([alone], [])[0] for alone in device.of_chain("secupoint")]),
    )


def _served(associations: Iterable[Association], free: Sequence[Stretch]) -> list[Stretch]:
    """The queue is filled in the order of association; who comes later changes nothing before it."""
    queue: list[Turn] = []
    served: list[Stretch] = []
    for association in associations:
        covered = any(stretch.covers(association.associated_at) for stretch in (*free, *served))
        turn = _turn(association, covered, queue)
        place = bisect_right(queue, turn.ready, key=lambda each: each.ready)
        queue.insert(place, turn)
        before = served[place - 1 : place] or free
        served[place:] = _one_after_the_other(queue[place:], before[-1].until if before else None)
    return [*free, *served]


def _turn(association: Association, covered: bool, before: Sequence[Turn]) -> Turn:
    """When it is ready, and why then. A co-termination was counted from the end of all the others (D28)."""
    at, forced, networked = association.associated_at, association.burns_from, association.networked_at
    if association.units is not None or forced is None:
        return Turn(max([at, *(turn.ready for turn in before)]), "co_term", association)
    if covered:
        return Turn(at, "follows", association)
    if forced <= at:
        return Turn(at, "burning", association)
    if networked is None or networked >= forced:
        return Turn(forced, "forced", association)
    return Turn(networked, "network" if networked > at else "associated", association)


def _one_after_the_other(queue: Iterable[Turn], end: datetime | None) -> Iterable[Stretch]:
    """Their stretches, from `end` on, when whoever is before them ends."""
    for ready, reason, association in queue:
        waits = end is not None and end > ready
        since = end if end is not None and waits else ready
        end = since + association.brings
        yield Stretch(since, end, association, "follows" if waits and reason != "co_term" else reason)


def _kept(device: Device, stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """What is parked for too long is lost: nothing covers the device from then on (D27)."""
    if (lost := device.parked_until) is None:
        return tuple(stretches)
    return tuple(
        Stretch(min(stretch.since, lost), min(stretch.until, lost), stretch.by, stretch.reason) for stretch in stretches
    )
