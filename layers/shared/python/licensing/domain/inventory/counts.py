"""Counts of many things by kind and instant, to the second: they add up, and take little room."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import Struct, field
from pydantic import PlainSerializer, PlainValidator

Kind = str

# The instant of what counts from the beginning on, or whatever the clock says.
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


class Counts(Struct):
    """So many of a kind at an instant; what adds up to none is not there. Instants are epoch seconds in here."""

    numbers: dict[Kind, dict[int, int]] = field(default_factory=dict)

    def add(self, kind: Kind, at: datetime, number: int) -> None:
        self._add(kind, int(at.timestamp()), number)

    def merge(self, other: "Counts", times: int = 1) -> None:
        """Adds all of `other`, or with -1 takes it away."""
        for kind, numbers in other.numbers.items():
            for second, number in numbers.items():
                self._add(kind, second, times * number)

    def __iter__(self) -> Iterator[tuple[Kind, datetime, int]]:
        for kind, numbers in self.numbers.items():
            for second, number in numbers.items():
                yield kind, datetime.fromtimestamp(second, UTC), number

    def of(self, kind: Kind) -> Iterator[tuple[datetime, int]]:
        return ((datetime.fromtimestamp(second, UTC), n) for second, n in self.numbers.get(kind, {}).items())

    def of_always(self) -> Iterator[tuple[Kind, int]]:
        """What counts whatever the clock says, by kind."""
        return ((kind, numbers[0]) for kind, numbers in self.numbers.items() if 0 in numbers)

    def __len__(self) -> int:
        return sum(map(len, self.numbers.values()))

    def _add(self, kind: Kind, second: int, number: int) -> None:
        numbers = self.numbers.setdefault(kind, {})
        numbers[second] = numbers.get(second, 0) + number
        if not numbers[second]:
            del numbers[second]
        if not numbers:
            del self.numbers[kind]


def total(parts: Iterable[Counts]) -> Counts:
    """All of them together."""
    counts = Counts()
    for part in parts:
        counts.merge(part)
    return counts


def _packed(counts: Counts) -> dict[Kind, list[int]]:
    """By kind the seconds, each as its distance from the one before, with their numbers behind them."""
    return {kind: _steps(numbers) for kind, numbers in sorted(counts.numbers.items())}


def _steps(numbers: Mapping[int, int]) -> list[int]:
    steps, last = [], 0
    for second in sorted(numbers):
        steps += [second - last, numbers[second]]
        last = second
    return steps


def _unpacked(stored: Any) -> Counts:
    if isinstance(stored, Counts):
        return stored
    return Counts({kind: dict(_pairs(steps)) for kind, steps in stored.items()})


def _pairs(steps: list[int]) -> Iterator[tuple[int, int]]:
    second = 0
    for step, number in zip(steps[::2], steps[1::2], strict=True):
        second += step
        yield second, number


PackedCounts = Annotated[Counts, PlainValidator(_unpacked), PlainSerializer(_packed)]
