"""The one path of every command: load, decide, commit (D32).

    outcome = run_command(store, context, load, decide)

`load` reads facts through a Reading, `decide` is pure. A dry run stops before the commit; a plan must still be what
would be decided; an idempotency record and the ledger's entries are part of the same transaction; a lost race is
decided again from fresh facts. A decision on part of what was asked for is followed by the next (`Decision.more`).
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import Any

from typing_extensions import TypeVar

from licensing.domain.core.decisions import Decision, Observation
from licensing.domain.core.errors import LostRace, Refusal
from licensing.domain.core.plan_digest import digest
from licensing.domain.core.records import Stored, Value
from licensing.ports import Store
from licensing.use_cases.core.commit import body_of, commit_steps, how_to_go_on
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Progress, Reading, Replayed

A = TypeVar("A", bound=Value)
F = TypeVar("F")
P = TypeVar("P", bound=Stored, default=Stored)

# The pauses between them add up to 3 s at most, well within the time of a request.
ATTEMPTS = 12


def run_command(
    store: Store,
    context: Context,
    load: Callable[[Reading[P]], F],
    decide: Callable[[F], Decision[A]],
    parts: Sequence[type[P]] = (),
) -> Outcome[A]:
    """Load, decide, commit; or replay, show, refuse. `parts` are the classes of a bulk command's steps' answers.

    Raises Refusal.
    """
    progress, attempt = Progress[P](), 0
    while attempt < ATTEMPTS:
        # Fresh facts each time, but one progress: a race lost later takes no committed step back.
        reading = Reading(store, context, parts, progress)
        try:
            facts = load(reading)
            # A `load` that asked the table for nothing has not looked yet whether this call was answered before.
            reading.load_bookkeeping()
        except Replayed as replayed:
            return replayed.outcome
        decision = decide(facts)
        # Taken here, for the commit counts its own steps too: a call that was cut off has changed something even when
        # its rest turns out to be needless.
        resumed = progress.steps > 0
        refusal = decision.refusal or _objection(decision, reading, context)
        try:
            if refusal or context.dry_run:
                _remember(store, decision.observed)
            else:
                commit_steps(store, context, decision, reading)
        except LostRace:
            # With a plan no second decision may differ from the first, and after some of its steps it would have to.
            if context.plan is not None and progress.steps:
                raise _stale(progress.steps) from None
            _wait_a_moment(attempt)
            attempt += 1
            continue
        # Not sooner: what a key is good for is told only once the look at it is counted, in a dry run too (D9).
        if refusal:
            raise refusal
        if context.dry_run:
            return _shown(decision, context)
        if decision.more:
            attempt = 0
            continue
        return Outcome(body_of(decision.answer), bool(decision.steps) or resumed, answer=decision.answer)
    raise _beaten(progress.steps, context)


def known(facts: F, load: Callable[[Reading[P]], F]) -> Callable[[Reading[P]], F]:
    """A `load` that first goes on with facts that were read before: their versions guard the commit. Where it loses
    a race all the same, it reads."""
    unused = [facts]
    return lambda reading: unused.pop() if unused else load(reading)


def _objection(decision: Decision[Any], reading: Reading[Any], context: Context) -> Refusal | None:
    """What speaks against a decision that no rule of the domain forbids: a plan that differs, a quota used up."""
    # After some of its steps, what is left can't have the digest of the whole plan.
    if context.plan is not None and not reading.progress.steps and digest(decision, context.now) != context.plan:
        return _stale(0)
    try:
        # What was read will do: usage is written under its version, so that calls at once can't overspend together.
        if context.quota:
            context.quota.require(reading.spent, decision.licenses, context.now)
    except Refusal as refusal:
        return refusal
    return None


def _remember(store: Store, observed: Observation | None) -> None:
    """Guessing counts, and nobody may learn anything from a look that raced past the count (D9)."""
    if observed:
        store.commit(observed.changes, observed.checks)


def _stale(done: int) -> Refusal:
    return Refusal(
        "plan_stale",
        "The world has changed since the plan was made."
        + (f" {done} of its steps were carried out before that." if done else ""),
        "Make a new plan, look at it, and send the request with that one.",
    )


def _beaten(done: int, context: Context) -> Refusal:
    """Lost too many races: what that means depends on whether anything was committed before."""
    detail = "Too many others changed the same things at the same time."
    if not done:
        return Refusal("conflict", detail, "Nothing was done: send the request again.")
    return Refusal("conflict", f"{detail} The first {done} steps hold.", how_to_go_on(context))


def _shown(decision: Decision[A], context: Context) -> Outcome[A]:
    plan = {"dry_run": True, "plan": digest(decision, context.now)}
    return Outcome(body_of(decision.answer) | plan, bool(decision.steps), answer=decision.answer)


def _wait_a_moment(attempt: int) -> None:
    """Full jitter: those who lost the same race should not meet again."""
    time.sleep(random.uniform(0, min(0.4, 0.01 * 2**attempt)))
