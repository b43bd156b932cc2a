"""The last of the path's three: what was decided is written, each step in one transaction (D32, D33)."""

import secrets
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from licensing.domain.core import ledger
from licensing.domain.core.actions import Action
from licensing.domain.core.decisions import Change, Decision, Observation, Step, created
from licensing.domain.core.errors import Overloaded, Refusal
from licensing.domain.core.idempotency import IdempotencyKey, IdempotencyRecord
from licensing.domain.core.quotas import QuotaUsage
from licensing.domain.core.records import Ref, Value
from licensing.ports import Store
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.reading import Reading

# Written where nothing is decided to change, but an answer has to be kept, or a look to be remembered.
NOTHING = Step((), "")


def commit_steps(store: Store, context: Context, decision: Decision[Any], reading: Reading[Any]) -> None:
    """Step by step, each with its ledger entries, with what it takes of a quota, and with as much of the reply as
    is true by then. What was observed goes with the first. After a round nothing is answered yet.

    Raises LostRace, Overloaded, and `unfinished` when the request's time is nearly up; never before the first step, so
    that a request that is sent again and again comes to its end.
    """
    observed = decision.observed or Observation()
    steps = decision.steps or ((NOTHING,) if context.idempotency_key or decision.observed else ())
    trail = Trail(context, decision.action)
    resumed = reading.progress.steps > 0
    books = Books(context, decision, reading.reply, reading.spent, resumed=resumed, left=decision.things)
    for number, step in enumerate(steps, 1):
        left = len(steps) - number + 1
        if reading.progress.own and context.deadline_near:
            raise _unfinished(reading.progress.steps, left, context)
        changes = [*trail.told(step, reading.progress.steps), *observed.changes]
        # In the step's own transaction: between two of them a crash would have the repeated call do the step again, or
        # give out more than the quota.
        is_last = number == len(steps) and not decision.more
        changes += books.kept_with(step, is_last=is_last)
        try:
            store.commit(changes, (*decision.checks, *observed.checks))
        except Overloaded:
            if not reading.progress.steps:
                raise
            raise _unfinished(reading.progress.steps, left, context) from None
        # Of the last step nothing need be known: whoever asks again finds the whole answer.
        if not is_last:
            reading.progress.add(step.parts)
        # Counted once: written again under the version that was read, it would lose a race against itself.
        observed = Observation()


class Trail(Struct):
    """What the ledgers are told of a command's steps; `entries` are the newest that told of each record."""

    context: Context
    action: Action | None
    entries: dict[Ref[Any], str] = field(default_factory=dict)

    def told(self, step: Step, number: int) -> list[Change]:
        """The step's changes, each record marked with its entry, and the entries."""
        # Bookkeeping, such as until when somebody was reminded: no ledger tells of it.
        if self.action is None:
            return list(step.changes)
        entry_id = self._entry_id(number)
        changes = [ledger.marked(change, entry_id, self.entries.get(change.ref)) for change in step.changes]
        # What a later step changes again was decided before this one had a name.
        self.entries |= dict.fromkeys((change.ref for change in changes), entry_id)
        entries = ledger.entries(
            changes,
            entry_id=entry_id,
            at=self.context.now,
            actor=self.context.actor,
            action=self.action.name,
            summary=step.summary,
        )
        return [*changes, *map(created, entries)]

    def _entry_id(self, number: int) -> str:
        """Such that ids sort in the order of the commits: else rewinding goes astray."""
        moment = ledger.moment_of(self.context.commit_time)
        # The end is random: of two functions that commit in one microsecond, one's entry would take the other's name.
        return f"{moment}.{number:04}.{secrets.token_hex(4)}"


class Books(Struct):
    """What is kept beside a command's own records: the reply to its idempotency key, what it took of a quota.

    Both carry the versions that the steps so far have given them: the next step writes under those. `left` counts what
    the decision has still to settle.
    """

    context: Context
    decision: Decision[Any]
    reply: IdempotencyRecord | None
    spent: QuotaUsage | None
    resumed: bool
    left: int

    def kept_with(self, step: Step, *, is_last: bool) -> Iterator[Change]:
        if self.context.quota and step.licenses:
            before, more = self.spent, self.context.quota.spend(self.spent, step.licenses, self.context.now)
            self.spent = more.evolve(version=more.version + 1)
            yield Change(before, more)
        if self.context.idempotency_key:
            yield from self._replied(self.context.idempotency_key, step, is_last=is_last)

    def _replied(self, key: IdempotencyKey, step: Step, *, is_last: bool) -> Iterator[Change]:
        # Kept with the reply: a replay has no decision by which to tell 201 from 200.
        changed = bool(self.decision.steps) or self.resumed
        known = key.begun(self.reply, self.context.now)
        counted = {"settled": known.settled + step.things, "expected": known.settled + self.left}
        begun = known.evolve(changed=changed, **counted)
        after, pieces = begun.answered(body_of(self.decision.answer)) if is_last else begun.advanced(step.parts)
        # Under the version that was read: of two calls with the same key at once the slower loses here, and replays.
        yield Change(self.reply, after)
        yield from map(created, pieces)
        self.reply = after.evolve(version=(self.reply.version if self.reply else 0) + 1)
        self.left -= step.things


def body_of(answer: Value) -> dict[str, Any]:
    return answer.model_dump(mode="json")


def how_to_go_on(context: Context) -> str:
    """The remedy where some steps hold and others are left to do."""
    if context.idempotency_key:
        return "Send the same request again with the same Idempotency-Key: it goes on where it stopped."
    return "Look at what was done, and ask for the rest; with an Idempotency-Key the same request would go on."


def _unfinished(done: int, left: int, context: Context) -> Refusal:
    detail = f"The time of one request was up after {done} of {done + left} steps; what they did holds."
    return Refusal("unfinished", detail, how_to_go_on(context), retry_after=1)
