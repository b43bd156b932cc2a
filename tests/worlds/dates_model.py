"""Dates by brute force: a second reading of D17 to D31, which shares no line with the product.

The clock goes from one thing that happens to the next. Between two of them everything that burns gets shorter by the
time that passed; at each of them whoever is next starts. What will be is found out by letting a copy run on.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(days=1)
Ran = tuple[datetime, datetime, str]


def joined(ran: Iterable[Ran]) -> set[Ran]:
    """What one licence covered without a gap as one stretch."""
    found: list[Ran] = []
    for since, until, by in sorted(ran, key=lambda each: (each[2], each[0])):
        if found and found[-1][1:] == (since, by):
            found[-1] = (found[-1][0], until, by)
        else:
            found.append((since, until, by))
    return set(found)


@dataclass(eq=False)
class Paper:
    """A licence, or units of co-termination."""

    id: str
    chain: str
    left: timedelta
    forced: datetime | None = None
    pool: int = 0
    on: list[str] = field(default_factory=list)
    bound: datetime | None = None
    joined: dict[str, datetime] = field(default_factory=dict)
    waits: bool = False
    ready: datetime | None = None
    first: datetime | None = None
    begun: datetime | None = None
    ended: datetime | None = None
    runs: bool = False

    @property
    def parallel(self) -> bool:
        return self.chain == "secupoint"


@dataclass(eq=False)
class Unit:
    """A device."""

    serial: str
    category: str
    free: tuple[datetime, datetime] | None
    network: bool = False
    lost_at: datetime | None = None
    queue: list[Paper] = field(default_factory=list)
    # What ran, since when, until when; and until when each chain covered the device so far.
    ran: list[Ran] = field(default_factory=list)
    ends: dict[str, datetime] = field(default_factory=dict)


@dataclass(eq=False)
class Model:
    now: datetime
    papers: dict[str, Paper] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    # The free period that a serial number still has, and that of all that were ever registered.
    free: dict[str, tuple[datetime, datetime] | None] = field(default_factory=dict)

    # --- the clock ---

    def advance(self, to: datetime) -> None:
        while (then := min((each for each in self._instants() if each > self.now), default=to)) <= to:
            self._pass(then)
            if then == to:
                return
        self._pass(to)

    def _pass(self, then: datetime) -> None:
        if then == self.now:
            return
        burning = [each for each in self.papers.values() if self.burns(each)]
        for unit in self.units.values():
            for chain in self.covered_chains(unit):
                unit.ends[chain] = then
            for each in unit.queue:
                if each in burning:
                    unit.ran.append((max(self.now, each.joined[unit.serial]), then, each.id))
        for each in burning:
            each.left -= then - self.now
            if not each.left:
                each.ended = then
        self.now = then
        self.settle()

    def _instants(self) -> Iterator[datetime]:
        for each in self.papers.values():
            if self.burns(each):
                yield self.now + each.left
            if each.forced:
                yield each.forced
        for unit in self.units.values():
            if unit.free:
                yield unit.free[1]
            if unit.lost_at:
                yield unit.lost_at

    def settle(self) -> None:
        """Whoever can start now, starts now."""
        for unit in self.units.values():
            if unit.lost_at and unit.lost_at <= self.now:
                for each in unit.queue:
                    each.ended = each.ended or unit.lost_at
        for each in self.papers.values():
            if each.waits and each.forced and each.forced <= self.now:
                each.waits, each.ready = False, each.forced
            if not each.on and not each.runs and self.burns(each):
                self._start(each)
        for unit in self.units.values():
            for chain in ("pro", "unlimited_ai"):
                if not self.covered(unit, chain) and (queue := self._ready(unit, chain)):
                    self._start(queue[0])
            for each in self._ready(unit, "secupoint"):
                self._start(each)

    def _ready(self, unit: Unit, chain: str) -> list[Paper]:
        """Who waits for nothing but his turn; `sorted` keeps the order of association among equals."""
        found = [each for each in unit.queue if each.chain == chain and not each.ended and each.ready]
        return sorted(found, key=lambda each: (each.ready, unit.queue.index(each)))

    def _start(self, paper: Paper) -> None:
        paper.first = paper.first or self.now
        paper.begun = paper.begun if paper.runs else self.now
        paper.runs = True

    def burns(self, paper: Paper) -> bool:
        forced = not paper.on and paper.forced is not None and paper.forced <= self.now
        return not paper.ended and (paper.runs or forced)

    # --- what is so now ---

    def running(self, unit: Unit, chain: str) -> Paper | None:
        return next((each for each in unit.queue if each.chain == chain and self.burns(each)), None)

    def covered(self, unit: Unit, chain: str) -> bool:
        if unit.lost_at and unit.lost_at <= self.now:
            return False
        free = chain == "pro" and unit.free is not None and unit.free[0] <= self.now < unit.free[1]
        return free or self.running(unit, chain) is not None

    def covered_chains(self, unit: Unit) -> list[str]:
        return [chain for chain in ("pro", "unlimited_ai", "secupoint") if self.covered(unit, chain)]

    def state(self, paper: Paper) -> str:
        if paper.ended:
            return "expired"
        if self.burns(paper):
            return "active"
        if not paper.on or paper.parallel or not self.covered(self.units[paper.on[0]], paper.chain):
            return "inactive"
        assert paper.bound
        return "merging" if self.now < paper.bound + 7 * DAY else "merged"

    def seats(self, unit: Unit) -> tuple[int, int]:
        """A gateway's own, and those of pools."""
        running = [each for each in unit.queue if each.parallel and self.burns(each)]
        own = 2 + sum(each.pool for each in running if len(each.on) == 1)
        return own, sum(each.pool for each in running if len(each.on) > 1)

    def later(self, to: datetime) -> "Model":
        copy = deepcopy(self)
        copy.advance(to)
        return copy

    def at_last(self) -> "Model":
        """When all is over that is under way."""
        return self.later(self.now + 30_000 * DAY)

    def stretches(self, unit: Unit) -> set[Ran]:
        """What covers it; `free` is no licence's id."""
        ran = list(unit.ran)
        if unit.free and unit.free[0] < (until := min(unit.free[1], unit.lost_at or unit.free[1])):
            ran.append((unit.free[0], until, "free"))
        return joined(ran)

    # --- what is done ---

    def bind(self, license_id: str, serial: str) -> None:
        paper, unit = self.papers[license_id], self.units[serial]
        burning = self.burns(paper)
        paper.on, paper.bound, paper.joined = [serial], self.now, {serial: self.now}
        paper.runs = False
        if (self.covered(unit, paper.chain) and not paper.parallel) or burning or unit.network:
            paper.ready, paper.waits = self.now, False
        else:
            paper.ready, paper.waits = None, True
        unit.queue.append(paper)
        self.settle()

    def latest(self, serial: str, chain: str | None = None) -> Paper | None:
        """The one that can be taken back now."""
        found = [each for each in self.units[serial].queue if chain in (None, each.chain)]
        if not found or not found[-1].forced or self.now >= found[-1].joined[serial] + 7 * DAY:
            return None
        return found[-1]

    def undo(self, serial: str, paper: Paper) -> None:
        self._leave(serial, paper)
        self.settle()

    def _leave(self, serial: str, paper: Paper) -> None:
        self.units[serial].queue.remove(paper)
        paper.on.remove(serial)
        if not paper.on:
            paper.waits, paper.ready, paper.runs, paper.bound = False, None, False, None

    def share(self, license_id: str, serials: Sequence[str]) -> None:
        paper = self.papers[license_id]
        if not paper.on:
            self.bind(license_id, serials[0])
        for serial in serials:
            if serial not in paper.on:
                paper.on.append(serial)
                paper.joined[serial] = self.now
                self.units[serial].queue.append(paper)
        if paper.waits and any(self.units[serial].network for serial in paper.on):
            paper.waits, paper.ready = False, self.now
        self.settle()

    def enter(self, serial: str) -> None:
        unit = self.units[serial]
        unit.network = True
        for each in unit.queue:
            if each.waits:
                each.waits, each.ready = False, self.now
        self.settle()

    def register(self, serial: str, category: str, free_days: int) -> None:
        period = (self.now, self.now + free_days * DAY) if free_days else None
        free = self.free.setdefault(serial, period)
        known = self.units.get(serial)
        if known and known.lost_at and self.now < known.lost_at:
            known.lost_at = None
            return
        for each in known.queue if known else ():
            del self.papers[each.id]
        self.units[serial] = Unit(serial, category, free)
        self.settle()

    def park(self, serial: str) -> None:
        unit = self.units[serial]
        unit.lost_at, unit.network = self.now + 30 * DAY, False
        for each in [each for each in unit.queue if len(each.on) > 1]:
            self._leave(serial, each)

    def replace(self, serial: str, new: str) -> None:
        unit = self.units.pop(serial)
        unit.serial, self.units[new] = new, unit
        self.free[new], self.free[serial] = unit.free, None
        for each in unit.queue:
            each.on[each.on.index(serial)] = new
            each.joined[new] = each.joined.pop(serial)

    def waiting(self, serial: str) -> bool:
        return any(each.waits and each.chain == "pro" for each in self.units[serial].queue)

    def end(self, serial: str, chain: str = "pro") -> datetime | None:
        """As things stand."""
        unit = self.at_last().units[serial]
        free = [unit.free[1]] if unit.free and chain == "pro" else []
        return max([*free, *([unit.ends[chain]] if chain in unit.ends else [])], default=None)

    def extend(self, serial: str, license_id: str, until: datetime) -> None:
        """By co-termination, from the end there is; no licence is forced into it, and it is never taken back."""
        end = self.end(serial)
        left = until - max(end or self.now, self.now)
        paper = Paper(license_id, "pro", left, on=[serial], bound=self.now, ready=self.now, joined={serial: self.now})
        self.papers[license_id] = paper
        self.units[serial].queue.append(paper)
        self.settle()
