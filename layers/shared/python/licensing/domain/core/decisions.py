"""What a command decides: the records before and after, the ledger's sentence, and the answer (D32, D33)."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from msgspec import Struct

from licensing.domain.core.actions import Action
from licensing.domain.core.errors import Refusal
from licensing.domain.core.records import Record, Ref, Stored, Value

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
    return Change(before, before.evolve(**facts))


class Step(Struct, frozen=True):
    """Changes that are committed together, and are right alone. `parts` are what they add to a longer answer.

    `licenses` is how many it claims or binds.
    """

    changes: tuple[Change, ...]
    summary: str
    parts: tuple[Stored, ...] = ()
    licenses: int = 0

    @property
    def things(self) -> int:
        """How many of those it was asked for it settles."""
        return len(self.parts) or bool(self.changes)


class Observation(Struct, frozen=True):
    """What has to be remembered of having looked, and what must not have changed meanwhile: an unknown key that was
    entered counts, whether the command is done, refused or only shown."""

    changes: tuple[Change, ...] = ()
    checks: tuple[Record, ...] = ()


class Decision(Struct, Generic[A], frozen=True):
    """What a command will do. Nearly always one step; a bulk command takes several, each right alone.

    `checks` are records that were read, are not written, and must not have changed meanwhile. `observed` is committed
    whatever happens: with the first step, or alone in a dry run and before `refusal` is raised. `more`: this is only a
    round of what was asked for, and leaves so many things at most; they are decided on when it is committed. `chance`
    is an id made for this decision, which another one like it would have otherwise.
    """

    answer: A
    action: Action | None = None
    steps: tuple[Step, ...] = ()
    checks: tuple[Record, ...] = ()
    observed: Observation | None = None
    refusal: Refusal | None = None
    more: int = 0
    chance: str = ""

    @property
    def changes(self) -> Iterable[Change]:
        return (change for step in self.steps for change in step.changes)

    @property
    def licenses(self) -> int:
        """How many it claims or binds."""
        return sum(step.licenses for step in self.steps)

    @property
    def things(self) -> int:
        """How many of those it was asked for it settles or leaves."""
        return sum(step.things for step in self.steps) + self.more


def decide(
    answer: A, action: Action | None, summary: str, changes: Sequence[Change], *, licenses: int = 0, **more: Any
) -> Decision[A]:
    """A decision of one step; without changes it is an answer only."""
    steps = (Step(tuple(changes), summary, licenses=licenses),) if changes else ()
    return Decision(answer, action, steps, **more)
