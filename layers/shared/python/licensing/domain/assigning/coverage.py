"""Coverage: what covers a device, from when to when; a pure function of its record and an instant (D19-D24, D30).

Licences of one chain are served like people at a counter, one after the other (D21):

1. A licence is *ready* as soon as it is associated, if the device is covered then, or if it burns already; else when
   the device is in a network, and on its forced activation date at the latest (D19).
2. Whoever is ready first is served first; among equals, whoever was associated first.
3. The next one starts when the one before ends, to the second, and brings what was left of its term when it was
   associated: while it waits, it does not burn.
4. What was covered stays covered: the free period, and what an association covered until it was undone, are facts, and
   the queue is served around them. So nobody starts before the undo that made way for him (D24).

Which types share a chain, and which run beside each other, is told by `licenses/types.py`: Pro and pro_lite licences
and co-terminations are one, with the free period, unlimited AI another; SecuPoint licences run in parallel (D22).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from licensing.domain.assigning.devices import UNDOABLE, Association, Device, Reason
from licensing.domain.core.instants import to_text
from licensing.domain.licenses.licenses import LicenseState
from licensing.domain.licenses.types import PRO, Chain, runs_parallel

BUILT_IN_SEATS = 2


class Stretch(Struct, frozen=True):
    """A covered time, and the association that covers it; None for the free period."""

    since: datetime
    until: datetime
    by: Association | None
    reason: Reason
    undone_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.since <= at < self.until

    @property
    def starts_at(self) -> datetime | None:
        """None for a licence that is lost before it could start (D27)."""
        return self.since if self.since < self.until else None


class QueueEntry(NamedTuple):
    """An association's place in the queue. One that is not ready yet waits for a network (D19)."""

    ready: datetime
    reason: Reason
    association: Association


class Coverage(Struct, frozen=True):
    """A device's stretches by chain, each in the order of time."""

    chains: Mapping[Chain, tuple[Stretch, ...]]

    def __getitem__(self, chain: Chain) -> tuple[Stretch, ...]:
        return self.chains.get(chain, ())

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        return tuple(stretch for stretches in self.chains.values() for stretch in stretches)

    def end(self, chain: Chain) -> datetime | None:
        """When the chain's last stretch ends; None if nothing ever covered the device."""
        # Not the last one's: in a parallel chain who starts last may end first (D22).
        return max((stretch.until for stretch in self[chain]), default=None)

    def end_text(self, chain: Chain) -> str:
        """The end as indexes and orders sort it: what was never covered comes first (D25)."""
        end = self.end(chain)
        return to_text(end) if end else ""

    def covered(self, at: datetime, chain: Chain = PRO) -> bool:
        return any(stretch.covers(at) for stretch in self[chain])

    def stretch_of(self, license_id: str) -> Stretch:
        """The stretch a licence covers; it must be associated with the device."""
        # A licence that was taken back and came again is here twice; its undone stretch is history.
        return next(
            each for each in self.stretches if each.by and not each.undone_at and each.by.license_id == license_id
        )

    def state(self, stretch: Stretch, at: datetime) -> LicenseState:
        """The state of the licence that covers `stretch` (D23)."""
        assert stretch.by is not None, "the free period is no licence"
        # First of all: one lost before it could start has no time in which it is active (D27).
        if at >= stretch.until:
            return "expired"
        if at >= stretch.since:
            return "active"
        if runs_parallel(stretch.by.chain) or not self.covered(at, stretch.by.chain):
            return "inactive"
        return "merging" if at < stretch.by.associated_at + UNDOABLE else "merged"

    def device_state(self, at: datetime) -> Literal["inactive", "active", "expired"]:
        """Of the device as a whole: `active` while it is covered, `expired` when nothing is left to wait for."""
        if self.covered(at):
            return "active"
        end = self.end(PRO)
        return "inactive" if end is None or end > at else "expired"

    def seats(self, at: datetime) -> int:
        """The VPN seats a gateway has for itself: 2 built in, and those of its running licences (D22)."""
        return BUILT_IN_SEATS + sum(each.model.seats or 0 for each in self._running(at) if each.gateways == 1)

    def shared_seats(self, at: datetime) -> int:
        """The VPN seats of the pools it shares with other gateways: in a sum each pool counts once (D22)."""
        return sum(each.model.seats or 0 for each in self._running(at) if each.gateways > 1)

    def _running(self, at: datetime) -> list[Association]:
        """The licences that run on this device."""
        # A shared licence may have run elsewhere before: its seats are here from the sharing on (D22).
        return [each.by for each in self.stretches if each.by and each.covers(at) and each.by.joined_at <= at]


def coverage_of(device: Device) -> Coverage:
    return Coverage(
        {chain: _kept(device, _chain(device.of_chain(chain), past)) for chain, past in _past(device).items()}
    )


def waits_for_network(device: Device, chain: Chain, at: datetime) -> bool:
    """Whether a licence of the chain has not started because the device is in no network (D19, D28)."""
    queue, _ = _queue(device.of_chain(chain), _past(device)[chain])
    return any(entry.ready > at for entry in queue)


def _past(device: Device) -> dict[Chain, list[Stretch]]:
    """What was covered, or will be, whatever happens: by chain, in the order of time."""
    held = (each.chain for each in (*device.associations, *(each.by for each in device.undone)))
    # Pro even with nothing in it, for co-termination asks whether any of it waits; and first, as timelines tell it.
    chains: dict[Chain, list[Stretch]] = {chain: [] for chain in (PRO, *held)}
    if device.free_since < device.free_until:
        chains[PRO].append(Stretch(device.free_since, device.free_until, None, "free"))
    for each in device.undone:
        chains[each.by.chain].append(Stretch(each.since, each.until, each.by, each.reason, each.undone_at))
    return chains


def _chain(associations: Sequence[Association], past: Sequence[Stretch]) -> list[Stretch]:
    """A chain's stretches: what is past, and what its licences cover, in series or each by itself (D21, D22)."""
    if associations and runs_parallel(associations[0].chain):
        # Each in a queue of its own and around no past: no SecuPoint licence may wait for another (D22).
        scheduled = [stretch for each in associations for stretch in _scheduled([_entry(each, False, ())], ())]
    else:
        _, scheduled = _queue(associations, past)
    return sorted((*past, *scheduled), key=lambda stretch: stretch.since)


def _queue(associations: Iterable[Association], past: Sequence[Stretch]) -> tuple[list[QueueEntry], list[Stretch]]:
    """The queue, and when each is served: who comes later changes nothing before it."""
    queue: list[QueueEntry] = []
    scheduled: list[Stretch] = []
    for association in associations:
        # By the schedule as it was when it came: one that came later must not change since when it is ready.
        covered = any(_covered(stretch, association) for stretch in (*past, *scheduled))
        entry = _entry(association, covered, queue)
        # To the right of its equals: they were associated before it, so they are served before it (rule 2 above).
        place = bisect_right(queue, entry.ready, key=lambda each: each.ready)
        queue.insert(place, entry)
        # Only from its place on: whoever it overtakes waits for a network, and follows (D21).
        scheduled[place:] = _scheduled(queue[place:], past, scheduled[:place])
    return queue, scheduled


def _covered(stretch: Stretch, association: Association) -> bool:
    """Whether the device was covered when it came. What was undone came after it, if both came in one second."""
    at = association.associated_at
    later = stretch.undone_at is not None and stretch.by is not None and stretch.by.associated_at == at
    return stretch.covers(at) and not later


def _entry(association: Association, covered: bool, before: Sequence[QueueEntry]) -> QueueEntry:
    """When it is ready, and why then. A co-termination was counted from the end of all the others (D28)."""
    at, forced, networked = association.associated_at, association.burns_from, association.networked_at
    # Behind all that were there, ready or not: its days were counted from their end.
    if association.units is not None or forced is None:
        return QueueEntry(max([at, *(entry.ready for entry in before)]), "co_term", association)
    if covered:
        return QueueEntry(at, "follows", association)
    if forced <= at:
        return QueueEntry(at, "burning", association)
    # A network that comes after the forced date starts nothing: it burned by then (D19).
    if networked is None or networked >= forced:
        return QueueEntry(forced, "forced", association)
    return QueueEntry(networked, "network" if networked > at else "associated", association)


def _scheduled(
    queue: Iterable[QueueEntry], past: Sequence[Stretch], before: Sequence[Stretch] = ()
) -> Iterator[Stretch]:
    """The stretches of the queue, one after the other behind those `before` it, and around what is past."""
    last = before[-1] if before else None
    for ready, reason, association in queue:
        since = ready
        if last and since < last.until:
            since, reason = last.until, _after(last, reason)
        # In the order of time, so one pass finds the first instant that nothing past covers.
        for stretch in past:
            if stretch.covers(since):
                since, reason = stretch.until, _after(stretch, reason)
        last = Stretch(since, since + association.remaining_term, association, reason)
        yield last


def _after(stretch: Stretch, reason: Reason) -> Reason:
    """Why one that is ready starts when `stretch` ends."""
    if reason == "co_term":
        return reason
    return "undone" if stretch.until == stretch.undone_at else "follows"


def _kept(device: Device, stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """What is parked for too long is lost: nothing covers the device from then on (D27)."""
    if (lost := device.parked_until) is None:
        return tuple(stretches)
    # The start too: one that would have started after the loss never does, and must show no activation.
    return tuple(replace(each, since=min(each.since, lost), until=min(each.until, lost)) for each in stretches)
