"""Proves owner by owner that the table keeps what the service promises, and raises an alarm about what breaks it."""

from collections.abc import Iterable, Sequence

from licensing.domain.reconciliation.violations import Violation
from licensing.entry import wiring
from licensing.entry.observability import count, logger
from licensing.entry.rounds import Owners, each_owner, owners_message
from licensing.entry.worker import worker
from licensing.ports import Position
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.rounds import batches
from licensing.use_cases.reconciliation.prove_in_turns import Suspects, ToProve, look, walk

# The second look: what was being changed at the first is over by then, and who was met is known.
LATER = 900


def handle(body: str, context: Context) -> None:
    message = ToProve.model_validate_json(body)
    # Where a segment stands among owners it comes as a message of its own, to go on by itself.
    segments = [name for name in message.owners if name.startswith("segment/")]
    if len(message.owners) == 1 and segments:
        walk_on(segments[0], message.after, context)
    else:
        send([ToProve(owners=(name,)) for name in segments])
        owners = tuple(name for name in message.owners if name not in segments)
        rest = Owners(owners=owners, waited=message.waited)
        each_owner("proofs", rest, context, lambda owner: prove_one(owner, message.suspects, context))


def prove_one(owner: str, suspects: Suspects, context: Context) -> None:
    seen = look(wiring.store(), owner, Context(context.actor, wiring.now()), suspects)
    report(seen.broken)
    send([ToProve(owners=(owner,), suspects=seen.suspects)] if seen.suspects else [], LATER)
    send([ToProve(owners=(asked,)) for asked in sorted(seen.asks)])


def walk_on(segment: str, after: Position | None, context: Context) -> None:
    for step in walk(wiring.store(), segment, after, context):
        report(step.broken)
        wiring.queue("proofs").send([owners_message(owners) for owners in batches(step.owners)])
        if step.next and context.is_half_over:
            send([ToProve(owners=(segment,), after=step.next)])
            return


def send(messages: Iterable[ToProve], delay: int = 0) -> None:
    wiring.queue("proofs").send([message.model_dump_json() for message in messages], delay)


def report(findings: Sequence[Violation]) -> None:
    for finding in findings:
        logger.error("promise broken", extra={"promise": finding.promise, "item": finding.item, "told": finding.detail})
    if findings:
        count("BrokenPromises", len(findings))


handler = worker("reconciler", handle)
