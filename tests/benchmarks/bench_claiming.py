"""Claiming in numbers: what each operation costs at any quantity, and the handler beside the bare calls it makes.

python -m tests.benchmarks.bench_claiming
"""

import cProfile
import os
import pstats
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import botocore.session

from licensing.domain.access import Grant
from licensing.domain.license_order import Place
from licensing.domain.license_rows import LicenseFilter
from licensing.domain.moves import MoveRequest
from licensing.domain.previews import PreviewRequest
from licensing.domain.replies import ReplyKey
from licensing.use_cases.count_licenses import count_licenses
from licensing.use_cases.list_licenses import list_licenses
from licensing.use_cases.move_licenses import move_licenses
from licensing.use_cases.preview_key import preview_key
from local.ministack import ministack
from tests.benchmarks.harness import AWS, say, table
from tests.benchmarks.metering import Meter, MeteredStore
from tests.claiming_world import NORTH, SOUTH, claim, issue, key_id
from tests.examples import at, later
from tests.gateway import api_event, person

TABLES = count()
QUANTITIES = (1, 100, 10_000, 100_000)
ROUNDS = 40
ADA = person("ada@north.example", Grant(role="org_admin", org_id=NORTH))


def new_store(endpoint: str) -> MeteredStore:
    store = MeteredStore(f"bench-{os.getpid()}-{next(TABLES)}", endpoint)
    store.rows.create_table(wait=True)
    return store


def operations(endpoint: str, quantity: int) -> Iterator[tuple[str, Meter]]:
    """Each operation once, on one key of this quantity, with an Idempotency-Key where it is a command."""
    store = new_store(endpoint)
    key = issue(store, 1, quantity=quantity)
    with store.metered() as meter:
        preview_key(store, at(), "ada", PreviewRequest(license_key=key))
    yield "preview", meter
    with store.metered() as meter:
        claim(store, key, context=at(reply_key=ReplyKey.of("ada", "claim", "c")))
    yield "claim", meter
    with store.metered() as meter:
        list_licenses(store, NORTH, LicenseFilter(), later(days=1), 100, None)
    yield "first page of 100", meter
    with store.metered() as meter:
        list_licenses(store, NORTH, LicenseFilter(), later(days=1), 100, Place(key_id(1), quantity // 2))
    yield "page in the middle", meter
    with store.metered() as meter:
        count_licenses(store, NORTH, later(days=1))
    yield "overview", meter
    with store.metered() as meter:
        asked = MoveRequest(to_org_id=SOUTH, license_model="AP-1YR-LIC", quantity=quantity)
        move_licenses(store, at(later(days=1), reply_key=ReplyKey.of("ada", "move", "m")), NORTH, asked)
    yield "move of all", meter


def costs(endpoint: str) -> None:
    say(f"\n{'':<22}{'quantity':>10}{'calls':>7}{'items':>7}{'bytes':>8}{'WCU':>6}{'RCU':>6}")
    rows = [(name, quantity, meter) for quantity in QUANTITIES for name, meter in operations(endpoint, quantity)]
    for name, quantity, meter in sorted(rows, key=lambda row: [each[0] for each in rows].index(row[0])):
        numbers = f"{meter.calls:>7}{meter.items:>7}{meter.bytes:>8}{meter.write_units:>6}{meter.read_units:>6}"
        say(f"  {name:<20}{quantity:>10,}{numbers}")


def hundred_keys(endpoint: str) -> list[tuple[str, str]]:
    """The first page where every licence is of a key of its own: as many records as rows."""
    store = new_store(endpoint)
    for start in range(0, 125, 25):
        claim(store, *(issue(store, number, quantity=1) for number in range(start, start + 25)))
    with store.metered() as meter:
        list_licenses(store, NORTH, LicenseFilter(), later(days=1), 100, None)
    return [("first page, 100 keys of 1 licence", f"{meter.calls} call, {meter.read_units} RCU")]


@dataclass
class Calls:
    """What a client asks DynamoDB for, and the capacity that the engine says it took."""

    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    def watch(self, client: Any) -> None:
        client.meta.events.register("provide-client-params.dynamodb", self._note)
        client.meta.events.register("after-call.dynamodb", self._weigh)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        self.made.append((model.name, dict(params)))
        return params | {"ReturnConsumedCapacity": "TOTAL"}

    def _weigh(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        found = parsed.get("ConsumedCapacity") or []
        for each in found if isinstance(found, list) else [found]:
            self.told[model.name] += each.get("CapacityUnits", 0)


def told_by_the_engine(endpoint: str) -> list[tuple[str, str]]:
    store, calls = new_store(endpoint), Calls()
    key = issue(store, 1, quantity=500)
    calls.watch(store._connection.client)
    with store.metered() as meter:
        claim(store, key, context=at(reply_key=ReplyKey.of("ada", "claim", "c")))
    ours = f"{meter.read_units} RCU and {meter.write_units} WCU by the rules"
    said = ", ".join(f"{name} {units:g}" for name, units in calls.told.items()) or "nothing"
    return [("claim", ours), ("the engine says", said)]


@contextmanager
def handler_on(table_name: str, endpoint: str) -> Iterator[Callable[[str], Any]]:
    """The function `claim`, as on Lambda but for the process, called with a key."""
    os.environ |= {"TABLE_NAME": table_name, "AWS_ENDPOINT_URL": endpoint}
    from functions.claim.app import handler

    yield lambda key: handler(api_event("POST", f"/orgs/{NORTH}/claims", {"license_keys": [key]}, who=ADA), None)


def beside_bare_calls(endpoint: str) -> list[tuple[str, str]]:
    """The handler claims on one table; the very calls it made are then made bare on a twin of it."""
    ours, twin, calls = new_store(endpoint), new_store(endpoint), Calls()
    bare = botocore.session.get_session().create_client("dynamodb", endpoint_url=endpoint)
    keys = [issue(ours, number) for number in range(ROUNDS)]
    for number in range(ROUNDS):
        issue(twin, number)
    walls, cpus, profile = [], [], cProfile.Profile()
    with handler_on(ours.rows.Meta.table_name, endpoint) as handler:
        handler(keys[0])
        from licensing.entry import wiring

        calls.watch(wiring.store()._connection.client)  # type: ignore[attr-defined]
        for key in keys[1:]:
            calls.made.clear()
            wall, cpu = _timed(partial(handler, key))
            again = [_for_twin(name, params, ours, twin) for name, params in calls.made]
            bare_wall, bare_cpu = _timed(partial(_bare, bare, again))
            walls.append((wall, bare_wall))
            cpus.append((cpu, bare_cpu))
        late = [issue(ours, number) for number in range(ROUNDS, 2 * ROUNDS)]
        profile.enable()
        for key in late:
            handler(key)
        profile.disable()
    return [("wall clock", _ratio(walls)), ("CPU", _ratio(cpus)), *_shares(profile)]


def _timed(act: Callable[[], Any]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


def _bare(client: Any, calls: list[tuple[str, Any]]) -> None:
    for name, params in calls:
        getattr(client, {"BatchGetItem": "batch_get_item", "TransactWriteItems": "transact_write_items"}[name])(
            **params
        )


def _for_twin(name: str, params: dict[str, Any], ours: MeteredStore, twin: MeteredStore) -> tuple[str, Any]:
    """The same call for the other table, under a token of its own."""
    token = {"ClientRequestToken": secrets.token_hex(16)} if "ClientRequestToken" in params else {}
    return name, _renamed(params, ours.rows.Meta.table_name, twin.rows.Meta.table_name) | token


def _renamed(params: Any, before: str, after: str) -> Any:
    if isinstance(params, dict):
        return {after if key == before else key: _renamed(value, before, after) for key, value in params.items()}
    if isinstance(params, list):
        return [_renamed(each, before, after) for each in params]
    return after if params == before else params


def _ratio(pairs: list[tuple[float, float]]) -> str:
    handler, bare = (statistics.median(times) * 1000 for times in zip(*pairs, strict=True))
    return f"{handler:.1f} ms / {bare:.1f} ms = {handler / bare:.2f}"


def _shares(profile: cProfile.Profile) -> list[tuple[str, str]]:
    """Where the handler's own time goes, by the package that spends it; waiting for the engine left out."""
    spent: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if "recv" not in name and "poll" not in name:
            spent[_package(file)] += own
    total = sum(spent.values())
    return [(f"of the handler's time, {name}", f"{part / total:.0%}") for name, part in spent.most_common(6)]


def _package(file: str) -> str:
    parts = Path(file).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return "licensing" if "licensing" in parts or "functions" in parts else "the interpreter and its library"


def main() -> None:
    os.environ |= AWS
    with ministack("dynamodb") as endpoint:
        costs(endpoint)
        table("Lists of many keys", hundred_keys(endpoint))
        table("Units", told_by_the_engine(endpoint))
        table(f"The handler of a claim beside its bare calls ({ROUNDS} rounds)", beside_bare_calls(endpoint))


if __name__ == "__main__":
    main()
