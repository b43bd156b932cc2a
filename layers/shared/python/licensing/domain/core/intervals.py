"""A set of whole numbers as few intervals: 100,000 licences of a key weigh as much as four (D12)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from msgspec import Struct
from pydantic import PlainSerializer, PlainValidator

Span = tuple[int, int]


class Intervals(Struct, frozen=True):
    """An immutable set of natural numbers, kept as disjoint closed spans in order; written `1-500,503`."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def up_to(cls, last: int) -> "Intervals":
        """1 to `last`."""
        return cls(((1, last),)) if last > 0 else cls()

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Intervals":
        return cls(_joined((number, number) for number in sorted(numbers)))

    @classmethod
    def from_text(cls, text: str) -> "Intervals":
        """The set that `str` wrote; raises ValueError for anything else."""
        parts = (part.partition("-") for part in text.split(",") if part)
        spans = tuple((int(low), int(high if dash else low)) for low, dash, high in parts)
        found = cls(_joined(sorted(spans)))
        # One set, one text: plans and the ledger compare what is written, so a second spelling would be a change.
        if str(found) != text or any(low > high for low, high in spans):
            raise ValueError(f"{text!r} is no set of numbers in its shortest form")
        return found

    def __str__(self) -> str:
        return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in self.spans)

    def __len__(self) -> int:
        return sum(high - low + 1 for low, high in self.spans)

    def __iter__(self) -> Iterator[int]:
        return self.starting(0)

    def __contains__(self, number: int) -> bool:
        return next(self.starting(number), None) == number

    def starting(self, number: int) -> Iterator[int]:
        """The members from `number` on, in order; finding the first costs a bisection."""
        first = bisect_left(self.spans, number, key=lambda span: span[1])
        for low, high in self.spans[first:]:
            yield from range(max(low, number), high + 1)

    def first(self, count: int) -> "Intervals":
        """The `count` smallest members, or all there are."""
        kept: list[Span] = []
        for low, high in self.spans:
            if count <= 0:
                break
            kept.append((low, min(high, low + count - 1)))
            count -= high - low + 1
        return Intervals(tuple(kept))

    def __or__(self, other: "Intervals") -> "Intervals":
        return Intervals(_joined(sorted(self.spans + other.spans)))

    def __sub__(self, other: "Intervals") -> "Intervals":
        left: list[Span] = []
        taken = iter(other.spans)
        out = next(taken, None)
        for low, high in self.spans:
            while out and out[0] <= high:
                if out[1] >= low:
                    if low < out[0]:
                        left.append((low, out[0] - 1))
                    low = out[1] + 1
                if out[1] > high:
                    break
                out = next(taken, None)
            if low <= high:
                left.append((low, high))
        return Intervals(tuple(left))

    def __and__(self, other: "Intervals") -> "Intervals":
        return self - (self - other)

    def __ge__(self, other: "Intervals") -> bool:
        """Whether `other` is a subset."""
        return not other - self


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sorted spans with those that overlap or touch made one."""
    joined: list[Span] = []
    for low, high in spans:
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def _read(value: Any) -> Intervals:
    return value if isinstance(value, Intervals) else Intervals.from_text(value)


IntervalsText = Annotated[Intervals, PlainValidator(_read), PlainSerializer(str, return_type=str)]
