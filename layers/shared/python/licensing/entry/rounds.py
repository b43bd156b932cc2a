"""The messages of a round, and the worker that does what one hands out, owner by owner."""

from collections.abc import Callable, Sequence
from typing import Literal

from licensing.domain.core.records import Value
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.entry.worker import passes
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.rounds import Cursor

RoundName = Literal["reminders", "reminders_of_all", "proofs", "policies"]


class Stretch(Value):
    """To the dispatcher: this much of a round is left to be handed out."""

    round: RoundName
    cursor: Cursor | None = None


class Owners(Value):
    """To a worker: these are to be done. `waited`: how often they were put off."""

    owners: tuple[str, ...]
    waited: int = 0


class Undone(Exception):
    """An owner could not be done: its message comes again, at last to the dead-letter queue."""


def owners_message(owners: Sequence[str], waited: int = 0) -> str:
    return Owners(owners=tuple(owners), waited=waited).model_dump_json(exclude_defaults=True)


def each_owner(queue: str, message: Owners, context: Context, do: Callable[[str], None]) -> None:
    """Does one after the other. What there is no time left for, who has to wait, and who fails among others, comes as
    a message of its own: one owner's trouble is not the others', and a dead letter names whom it is about.

    Raises Undone.
    """
    waiting, failed = list[str](), list[str]()
    for number, owner in enumerate(message.owners):
        if number and context.is_half_over:
            wiring.queue(queue).send([owners_message(message.owners[number:])])
            break
        try:
            do(owner)
        except Exception as error:
            (waiting if passes(error) else failed).append(owner)
            logger.exception("owner not done", extra={"owner": owner})
    if failed and len(message.owners) == 1:
        raise Undone(failed[0])
    again = [owners_message([owner], message.waited + 1) for owner in waiting]
    wiring.queue(queue).send(again, wiring.delay_after(message.waited))
    wiring.queue(queue).send([owners_message([owner]) for owner in failed])
