"""The one path of every command: load, decide, commit (D32).

    outcome = run(store, context, load, decide)

`load` reads facts through a Reading, `decide` is pure. A dry run stops before the commit; a plan must still be what
would be decided; an idempotency record and the ledger's entries are part of the same transaction; a lost race is
decided again from fresh facts.
"""

import math
import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from msgspec import Struct, field

from licensing.domain.core import ledger
from licensing.domain.core.decisions import Change, Decision, Step, created
from licensing.domain.core.errors import LostRace, Refusal
from licensing.domain.core.idempotency import Reply, ReplyKey
from licensing.domain.core.instants import whole_second
from licensing.domain.core.plan_digest import digest
from licensing.domain.core.quotas import Allowance, Spending
from licensing.domain.core.records import Facts, Record, Ref, Value
from licensing.ports import Listing, Page, Position, Store

A = TypeVar("A", bound=Value)
F = TypeVar("F")
R = TypeVar("R", bound=Record)

ATTEMPTS = 12
# The last step and the answer have to fit in, and the gateway began to count before the function did.
RESERVED_SECONDS = 5


class Context(Struct, frozen=True):
    """Who asks, when, and how: for real, as a dry run, with a plan, with an idempotency key, within an allowance, and
    within how many seconds."""

    actor: str
    moment: datetime
    reply_key: ReplyKey | None = None
    dry_run: bool = False
    plan: str | None = None
    allowance: Allowance | None = None
    seconds: float = math.inf
    _since: float = field(default_factory=time.monotonic)

    @property
    def committing(self) -> datetime:
        """The instant it is by now: a decision that lost a race is told after the one that won it."""
        return self.moment + timedelta(seconds=time.monotonic() - self._since)

    @property
    def is_late(self) -> bool:
        """Too late to begin one more step."""
        return time.monotonic() - self._since > self.seconds - RESERVED_SECONDS

    @property
    def now(self) -> datetime:
        """The second of the decision."""
        return whole_second(self.moment)


class Outcome(Struct, Generic[A], frozen=True):
    """The answer of a command. `body` is its JSON; `changed` is False when nothing had to be done."""

    body: dict[str, Any]
    changed: bool
    replayed: bool = False


class Replayed(Exception):
    """The idempotency key was answered before."""

    def __init__(self, body: dict[str, Any], changed: bool) -> None:
        super().__init__()
        self.outcome: Outcome[Any] = Outcome(body, changed, replayed=True)


class Reading(Struct):
    """The store as `load` sees it: the first look-up also fetches the idempotency record and what the caller has
    used of an allowance, so that they cost no call.

    `done` is what earlier steps of the same command have already answered for, in this run or in an interrupted one.
    """

    store: Store
    context: Context
    done: tuple[Any, ...] = ()
    reply: Reply | None = None
    spent: Spending | None = None
    _asked: bool = field(default=False)

    def get(self, *refs: Ref[Any]) -> Facts:
        extra = [] if self._asked else self._bookkeeping
        self._asked = True
        facts = self.store.get([*refs, *extra])
        if extra:
            self._recall(facts)
        return facts

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        self.settle()
        return self.store.page(listing, limit, start)

    def settle(self) -> None:
        """Makes sure that what is kept about the caller was looked at."""
        if not self._asked and self._bookkeeping:
            self.get()

    @property
    def _bookkeeping(self) -> list[Ref[Any]]:
        key, allowance = self.context.reply_key, self.context.allowance
        return [*([key.ref] if key else ()), *([allowance.ref(self.context.now)] if allowance else ())]

    def _recall(self, facts: Facts) -> None:
        if self.context.allowance:
            self.spent = facts[self.context.allowance.ref(self.context.now)]
        if self.context.reply_key:
            self._recall_reply(facts[self.context.reply_key.ref], self.context.reply_key)

    def _recall_reply(self, reply: Reply | None, key: ReplyKey) -> None:
        self.reply = reply
        if reply is None or reply.is_over(self.context.now) or self.context.dry_run:
            return
        if reply.digest != key.digest:
            raise Refusal(
                "idempotency_key_reused",
                "This Idempotency-Key was used before for another request.",
                "Send each new request with a new key.",
            )
        if reply.is_whole:
            raise Replayed(reply.body(self.store.get(reply.pieces)), reply.changed)
        self.done = self.done or reply.done(self.store.get(reply.pieces))


def run(store: Store, context: Context, load: Callable[[Reading], F], decide: Callable[[F], Decision[A]]) -> Outcome[A]:
    """Load, decide, commit; or replay, show, refuse. Raises Refusal."""
    done: list[Any] = []
    for attempt in range(ATTEMPTS):
        reading = Reading(store, context, tuple(done))
        try:
            facts = load(reading)
            reading.settle()
        except Replayed as replayed:
            return replayed.outcome
        decision = decide(facts)
        if context.plan is not None and not reading.done:
            _require_plan(decision, context)
        if context.allowance:
            context.allowance.require(reading.spent, decision.licenses, context.now)
        if context.dry_run and not decision.refusal:
            return _shown(decision, context)
        done[:] = reading.done
        try:
            _commit(store, context, decision, reading, done)
        except LostRace:
            if context.plan is not None and done:
                raise _stale(len(done)) from None
            _wait_a_moment(attempt)
            continue
        if decision.refusal:
            raise decision.refusal
        return Outcome(_body(decision.answer), changed=_changed(decision, reading))
    raise Refusal(
        "conflict",
        "Too many others changed the same things at the same time.",
        "Nothing was lost or half done: send the request again.",
    )


def _commit(store: Store, context: Context, decision: Decision[A], reading: Reading, done: list[Any]) -> None:
    """Step by step, each with its ledger entries, what it takes of an allowance, and as much of the reply as is true
    by then.

    At least one step: a request that is sent again and again comes to its end.
    """
    reply, spent = reading.reply, reading.spent
    keep = context.reply_key if decision.refusal is None else None
    steps = decision.steps or ((Step((), ""),) if keep else ())
    for number, step in enumerate(steps, 1):
        if number > 1 and context.is_late:
            raise _unfinished(len(done), len(reading.done) + len(steps), context)
        changes = [*step.changes, *_told(step, decision.action, context, len(done))]
        if context.allowance and step.licenses:
            more = context.allowance.spend(spent, step.licenses, context.now)
            changes.append(Change(spent, more))
            spent = more.but(version=more.version + 1)
        if keep:
            begun = keep.begun(reply, context.now).but(changed=_changed(decision, reading))
            last = number == len(steps)
            after, pieces = begun.answered(_body(decision.answer)) if last else begun.advanced(step.part)
            changes += [Change(reply, after), *map(created, pieces)]
            reply = after.but(version=(reply.version if reply else 0) + 1)
        store.commit(changes, decision.checks)
        if number < len(steps):
            done.append(step.part)


def _changed(decision: Decision[A], reading: Reading) -> bool:
    """Whether the call did something: now, or before it was interrupted."""
    return bool(decision.steps or reading.done)


def _told(step: Step, action: str, context: Context, number: int) -> list[Change]:
    """The step's ledger entries, named so that they sort in the order of their commits: else rewinding goes astray."""
    moment = context.committing.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    told = ledger.entries(
        step.changes,
        entry_id=f"{moment}.{number:04}.{secrets.token_hex(4)}",
        at=context.now,
        actor=context.actor,
        action=action,
        summary=step.summary,
    )
    return [created(entry) for entry in told]


def _require_plan(decision: Decision[A], context: Context) -> None:
    if digest(decision, context.now) != context.plan:
        raise _stale(0)


def _stale(done: int) -> Refusal:
    return Refusal(
        "plan_stale",
        "The world has changed since the plan was made."
        + (f" {done} of its steps were carried out before that." if done else ""),
        "Make a new plan with dry_run=true, look at it, and send the request with that one.",
    )


def _unfinished(done: int, of: int, context: Context) -> Refusal:
    return Refusal(
        "unfinished",
        f"The time of one request was up after {done} of {of} steps; what they did holds.",
        "Send the same request again with the same Idempotency-Key: it goes on where it stopped."
        if context.reply_key
        else "Look at what was done, and ask for the rest; with an Idempotency-Key the same request would go on.",
        retry_after=1,
    )


def _shown(decision: Decision[A], context: Context) -> Outcome[A]:
    """The dry run's answer. (A refusal that must be remembered is remembered in a dry run too: guesses count.)"""
    plan = {"dry_run": True, "plan": digest(decision, context.now)}
    return Outcome(_body(decision.answer) | plan, changed=bool(decision.steps))


def _body(answer: Value) -> dict[str, Any]:
    return answer.model_dump(mode="json")


def _wait_a_moment(attempt: int) -> None:
    """Full jitter: those who lost the same race should not meet again."""
    time.sleep(random.uniform(0, min(0.4, 0.01 * 2**attempt)))
