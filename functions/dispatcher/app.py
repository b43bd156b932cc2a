"""Hands out the rounds: whose turn it is goes to the queue of those who do the work, a few owners a message.

A schedule only begins a round. From there on it is messages of the queue Rounds, each until it is done.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from licensing.entry import wiring
from licensing.entry.rounds import RoundName, Stretch, owners_message
from licensing.entry.worker import worker
from licensing.ports import Store
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.rounds import Source, hand_out


def reminders(store: Store, context: Context) -> list[Source]:
    from licensing.use_cases.planning.remind import whoever_is_due

    return whoever_is_due(store, context.now)


def reminders_of_all(store: Store, _: Context) -> list[Source]:
    from licensing.use_cases.planning.remind import everybody

    return everybody(store)


def proofs(store: Store, context: Context) -> list[Source]:
    from licensing.entry.observability import count
    from licensing.use_cases.reconciliation.prove_in_turns import oldest_proof_of, segments_due

    count("OldestProofDays", oldest_proof_of(store, context.now).days)
    return [segments_due(store, context.now)]


def policies(store: Store, _: Context) -> list[Source]:
    from licensing.use_cases.planning.keep_policy import with_policies

    return with_policies(store)


# By round, with the queue of its worker.
ROUNDS: dict[RoundName, tuple[str, Callable[[Store, Context], list[Source]]]] = {
    "reminders": ("reminders", reminders),
    "reminders_of_all": ("reminders", reminders_of_all),
    "proofs": ("proofs", proofs),
    "policies": ("policies", policies),
}


def handle(body: str, context: Context) -> None:
    stretch = Stretch.model_validate_json(body)
    queue, sources_of = ROUNDS[stretch.round]

    def send(owners: Sequence[str]) -> None:
        wiring.queue(queue).send([owners_message(owners)])

    sources = sources_of(wiring.store(), context)
    if rest := hand_out(sources, send, stretch.cursor, lambda: not context.is_half_over):
        begin(Stretch(round=stretch.round, cursor=rest))


def begin(stretch: Stretch) -> None:
    wiring.queue("rounds").send([stretch.model_dump_json()])


WORK = worker("dispatcher", handle)


def handler(event: Mapping[str, Any], runtime: object) -> Any:
    if "Records" in event:
        return WORK(event, runtime)
    begin(Stretch(round=event["round"]))
    return None
