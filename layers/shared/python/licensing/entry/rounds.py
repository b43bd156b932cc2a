"""The messages of a round, and the worker that does what one hands out, owner by owner."""

from collections.abc import Callable, Sequence
from typing import Literal

from licensing.domain.core.records import Value
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.rounds import Cursor

RoundName = Literal["reminders", "proofs", "policies"]


class Stretch(Value):
    """To the dispatcher: this much of a round is left to be handed out."""

    round: RoundName
    cursor: Cursor | None = None


class Owners(Value):
    """To a worker: these are to be done."""

    owners: tuple[str, ...]


class Undone(Exception):
    """An owner could not be done: its message comes again, at last to the dead-letter queue."""


def owners_message(owners: Sequence[str]) -> str:
    return Owners(owners=tuple(owners)).model_dump_json()


def each_owner(queue: str, owners: Sequence[str], context: Context, do: Callable[[str], None]) -> None:
    """Does one after the other. What there is no time left for, and who fails among others, comes as a message of its
    own: one owner's trouble is not the others', and a dead letter names whom it is about. Raises Undone."""
    failed: list[str] = []
    for number, owner in enumerate(owners):
        if number and context.is_half_over:
            wiring.queue(queue).send([owners_message(owners[number:])])
            break
        try:
            do(owner)
        except Exception:
            logger.exception("owner not done", extra={"owner": owner})
            failed.append(owner)
    if failed and len(owners) == 1:
        raise Undone(failed[0])
    wiring.queue(queue).send([owners_message([owner]) for owner in failed])
