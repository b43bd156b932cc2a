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
from licensing.domain.assigning.requests import AutomaticRequest, Pair
from licensing.domain.claiming.requests import MoveRequest, MspClaimRequest
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.ports import Store
from licensing.use_cases.assigning.associate import associate_by_term, associate_pairs
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.assigning.keep_inventory import move_devices
from licensing.use_cases.claiming.extend_msp import extend_msp
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.core.context import Context
from tests.worlds.assigning import NORTH, SOUTH
from tests.worlds.claiming import BLUE, claim

Command = tuple[str, ...]

_start: Any = None


def race(table: str, endpoint: str, commands: Sequence[Command], processes: int) -> list[str]:
    """What became of each command, all let off at the same instant: `done` or more, or the code of the refusal."""
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
        return _carried_out(store, command) or "done"
    except Refusal as refusal:
        return refusal.code


def _carried_out(store: Store, command: Command) -> str | None:
    """Does it; what a command for licences answers."""
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
        case ("claim", key, org, caller):
            return str(claim(store, key, org=org, subject=caller, context=context)[0]["outcome"])
        case ("extend", key):
            request = MspClaimRequest(license_keys=(key,))
            return str(extend_msp(store, context, BLUE, "mia", request).body["valid_until"])
        case ("move_licenses", *ids):
            chosen = MoveRequest(to_org_id=SOUTH, license_ids=tuple(ids))
            return str(move_licenses(store, context, NORTH, chosen).body["moved"])
        case ("move_oldest", model, quantity):
            oldest = MoveRequest(to_org_id=SOUTH, license_model=model, quantity=int(quantity))
            return str(move_licenses(store, context, NORTH, oldest).body["moved"])
        case _:
            raise LookupError(command)
    return None


def bind_many(table: str, endpoint: str, pairs: Sequence[tuple[str, str]], key: str) -> dict[str, Any]:
    """One call with an idempotency key, as the function makes it."""
    asked = [Pair(license_id=license_id, serial=serial) for license_id, serial in pairs]
    context = Context("racer", datetime.now(UTC), IdempotencyKey.of("racer", key, "pairs"))
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

    DynamoStore.commit = counted  # type: ignore[method-assign, assignment]
    bind_many(table, endpoint, pairs, key)
