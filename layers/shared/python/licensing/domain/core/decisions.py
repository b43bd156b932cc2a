"""What a command decides: the records before and after, the ledger's sentence, and the answer (D32, D33)."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

from licensing.domain.core.errors import Refusal
from licensing.domain.core.records import Record, Ref, Value

A = TypeVar("A", bound=Value)


class Change(Struct, frozen=True):
    """One record's step from `before` to `after`; None where it did not exist, or no longer does."""

    before: Record | None
    after: Record | None

    @property
    def ref(self) -> Ref[Any]:
        record = self.after or self.before
        assert record is not None, "a change has a before or an after"
        return record.ref

    @property
    def owner(self) -> str | None:
        """The ledger that tells of it: the new owner's, for a record that passes from one to another."""
        record = self.after or self.before
        return record.owner if record else None

    @property
    def version(self) -> int:
        """The version that was read; 0 when there was none."""
        return self.before.version if self.before else 0


def created(record: Record) -> Change:
    return Change(None, record)


def changed(before: Record, **facts: Any) -> Change:
    return Change(before, before.but(**facts))


class Step(Struct, frozen=True):
    """Changes that are committed together, and are right alone. `part` is what the step adds to a longer answer.

    `licenses` is how many it claims or binds.
    """

    changes: tuple[Change, ...]
    summary: str
    part: Any = None
    licenses: int = 0


class Decision(Struct, Generic[A], frozen=True):
    """What a command will do. Nearly always one step; a bulk command takes several, each right alone.

    `checks` are records that were read, are not written, and must not have changed meanwhile. `refusal` is raised
    after the steps were committed: for a "no" that has to be remembered (a guessed key).
    """

    answer: A
    action: str = ""
    steps: tuple[Step, ...] = ()
    checks: tuple[Record, ...] = ()
    refusal: Refusal | None = None

    @property
    def changes(self) -> Iterable[Change]:
        return (change for step in self.steps for change in step.changes)

    @property
    def licenses(self) -> int:
        """How many it claims or binds."""
        return sum(step.licenses for step in self.steps)


def decide(
    answer: A, action: str, summary: str, changes: Sequence[Change], *, licenses: int = 0, **more: Any
) -> Decision[A]:
    """A decision of one step; without changes it is an answer only."""
    steps = (Step(tuple(changes), summary, licenses=licenses),) if changes else ()
    return Decision(answer, action, steps, **more)
