"""Many at once: what each racer does, in a process of its own. Importable, since processes are spawned."""

import os
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier as BarrierType
from typing import Any

from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.associations import Pair
from licensing.domain.errors import Refusal
from licensing.domain.replies import ReplyKey
from licensing.ports import Store
from licensing.use_cases.associate import associate_by_term, associate_pairs
from licensing.use_cases.associate_automatically import AutomaticRequest, associate_automatically
from licensing.use_cases.keep_inventory import move_devices
from licensing.use_cases.path import Context
from tests.assigning_world import NORTH, SOUTH

Command = tuple[str, ...]

_start: Any = None


def race(table: str, endpoint: str, commands: Sequence[Command], processes: int) -> list[str]:
    """What became of each command, all let off at the same instant: `done`, or the code of the refusal."""
    context = get_context("spawn")
    shares = [list(commands[number::processes]) for number in range(processes)]
    barrier = context.Barrier(processes)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_ready, initargs=(barrier,)) as pool:
        results = list(pool.map(_run, [(table, endpoint, share) for share in shares]))
    return [outcome for result in results for outcome in result]


def _ready(barrier: BarrierType) -> None:
    global _start
    _start = barrier


def _run(share: tuple[str, str, list[Command]]) -> list[str]:
    table, endpoint, commands = share
    store = DynamoStore(table, endpoint)
    _start.wait(30)
    with ThreadPoolExecutor(len(commands)) as pool:
        return list(pool.map(lambda command: _outcome(store, command), commands))


def _outcome(store: Store, command: Command) -> str:
    try:
        _carry_out(store, command)
    except Refusal as refusal:
        return refusal.code
    return "done"


def _carry_out(store: Store, command: Command) -> None:
    context = Context("racer", datetime.now(UTC))
    match command:
        case ("bind", license_id, serial):
            associate_pairs(store, context, NORTH, [Pair(license_id=license_id, serial=serial)])
        case ("bind_by_term", serial):
            associate_by_term(store, context, NORTH, serial, 365)
        case ("bind_all",):
            associate_automatically(store, context, NORTH, AutomaticRequest())
        case ("move", serial):
            move_devices(store, context, NORTH, SOUTH, (serial,))
        case _:
            raise LookupError(command)


def bind_many(table: str, endpoint: str, pairs: Sequence[tuple[str, str]], key: str) -> dict[str, Any]:
    """One call with an idempotency key, as the function makes it."""
    asked = [Pair(license_id=license_id, serial=serial) for license_id, serial in pairs]
    context = Context("racer", datetime.now(UTC), ReplyKey.of("racer", key, "pairs"))
    return associate_pairs(DynamoStore(table, endpoint), context, NORTH, asked).body


def bind_many_until_killed(table: str, endpoint: str, pairs: Sequence[tuple[str, str]], key: str, commits: int) -> None:
    """The same, but the process is killed hard right after this many commits."""
    commit = DynamoStore.commit
    left = list(range(commits))

    def counted(self: DynamoStore, *args: Any) -> None:
        commit(self, *args)
        left.pop()
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    DynamoStore.commit = counted  # type: ignore[method-assign]
    bind_many(table, endpoint, pairs, key)
