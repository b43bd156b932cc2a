"""A draft: the records as a bulk command leaves them, cut into steps that fit one transaction each (D32)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar, cast

from msgspec import Struct, field

from licensing.domain.core.decisions import Change, Step
from licensing.domain.core.limits import STEP_BYTES, STEP_RECORDS
from licensing.domain.core.records import Record, RecordSet, Ref, Stored

R = TypeVar("R", bound=Record)
P = TypeVar("P", bound=Stored)


class Draft(Struct, Generic[P]):
    """Later steps see what earlier ones leave, with the versions those will give.

    `tell` makes a step's summary from its parts: what was noted in the step, its share of the answer.
    """

    facts: RecordSet
    tell: Callable[[Sequence[P]], str]
    steps: list[Step] = field(default_factory=list)
    _left: dict[Ref[Any], Record | None] = field(default_factory=dict)
    _open: dict[Ref[Any], Change] = field(default_factory=dict)
    _parts: list[P] = field(default_factory=list)
    _weights: dict[Ref[Any], int] = field(default_factory=dict)
    _licenses: int = 0
    _together: bool = False

    def __getitem__(self, ref: Ref[R]) -> R | None:
        """The record as the draft leaves it."""
        return cast(R | None, self._left[ref]) if ref in self._left else self.facts[ref]

    def present(self, refs: Iterable[Ref[R]]) -> list[R]:
        return [record for ref in refs if (record := self[ref]) is not None]

    def put(self, record: Record) -> None:
        self._change(record.ref, record)

    def remove(self, record: Record) -> None:
        self._change(record.ref, None)

    def note(self, part: P, licenses: int = 0) -> None:
        """Adds to the answer, and to the count of licenses claimed or bound."""
        self._parts.append(part)
        self._licenses += licenses

    def room_for(self, records: int) -> None:
        """Makes sure that the next `records` changes come into one step: closes this one if it is too full."""
        if self._together:
            return
        if len(self._open) + records > STEP_RECORDS or sum(self._weights.values()) > STEP_BYTES:
            self._close()

    def begin(self, records: int) -> None:
        """What follows, until `end`, comes into one step: so many changes at most."""
        self.room_for(records)
        self._together = True

    def end(self) -> None:
        self._together = False

    def finish(self) -> tuple[Step, ...]:
        self._close()
        return tuple(self.steps)

    def _change(self, ref: Ref[Any], after: Record | None) -> None:
        # Changed twice in a step it is one item of the transaction, and one difference in the ledger: from what it was
        # before the step.
        before = self._open[ref].before if ref in self._open else self[ref]
        self._open[ref] = Change(before, after)
        self._left[ref] = after
        told = after or before
        # Twice: the ledger's entry, one item of 400 KB at most, tells it before and after.
        self._weights[ref] = 2 * len(told.model_dump_json(exclude_none=True)) if told else 0

    def _close(self) -> None:
        # What came and went within the step was never in the table.
        changes = tuple(change for change in self._open.values() if change.before or change.after)
        if changes:
            self.steps.append(Step(changes, self.tell(self._parts), tuple(self._parts), self._licenses))
        for change in changes:
            if change.after is not None:
                # The version its commit will give it: under the one that was read, a later step would lose to this one.
                self._left[change.ref] = change.after.model_copy(update={"version": change.version + 1})
        self._open, self._weights, self._parts, self._licenses = {}, {}, [], 0
