"""Claiming in numbers: what each operation costs at any quantity, and the handler beside the bare calls it makes.

python -m tests.benchmarks.bench_claiming
"""

import cProfile
import os
import pstats
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.claiming.requests import MoveRequest, PreviewRequest
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.licenses.sorting import Place
from licensing.domain.people.access import Grant
from licensing.entry import wiring
from licensing.use_cases.claiming.move_licenses import move_licenses
from licensing.use_cases.claiming.preview_key import preview_key
from licensing.use_cases.inventory.count_licenses import count_licenses
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.benchmarks.beside import Beside
from tests.benchmarks.harness import AWS, say, table
from tests.benchmarks.metering import Meter, MeteredStore
from tests.worlds.claiming import NORTH, SOUTH, claim, issue, key_id
from tests.worlds.examples import at, later
from tests.worlds.gateway import api_event, person
from tools.local.ministack import ministack

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
        claim(store, key, context=at(idempotency_key=IdempotencyKey.of("ada", "claim", "c")))
    yield "claim", meter
    with store.metered() as meter:
        list_licenses(store, NORTH, LicenseFilter(), later(days=1), later(days=1), 100, None)
    yield "first page of 100", meter
    with store.metered() as meter:
        list_licenses(store, NORTH, LicenseFilter(), later(days=1), later(days=1), 100, Place(key_id(1), quantity // 2))
    yield "page in the middle", meter
    with store.metered() as meter:
        count_licenses(store, NORTH, later(days=1), later(days=1))
    yield "overview", meter
    with store.metered() as meter:
        asked = MoveRequest(to_org_id=SOUTH, license_model="AP-1YR-LIC", quantity=quantity)
        move_licenses(store, at(later(days=1), idempotency_key=IdempotencyKey.of("ada", "move", "m")), NORTH, asked)
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
        list_licenses(store, NORTH, LicenseFilter(), later(days=1), later(days=1), 100, None)
    return [("first page, 100 keys of 1 licence", f"{meter.calls} call, {meter.read_units} RCU")]


def told_by_the_engine(endpoint: str) -> list[tuple[str, str]]:
    """Our reckoning of a claim beside the capacity that the engine reports."""
    store, told = new_store(endpoint), Counter[str]()
    key = issue(store, 1, quantity=500)

    def ask(params: dict[str, Any], **_: Any) -> dict[str, Any]:
        return params | {"ReturnConsumedCapacity": "TOTAL"}

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        for each in parsed.get("ConsumedCapacity") or []:
            told[model.name] += each["CapacityUnits"]

    store._connection.client.meta.events.register("provide-client-params.dynamodb", ask)
    store._connection.client.meta.events.register("after-call.dynamodb", note)
    with store.metered() as meter:
        claim(store, key, context=at(idempotency_key=IdempotencyKey.of("ada", "claim", "c")))
    said = ", ".join(f"{name} {units:g}" for name, units in told.items()) or "nothing"
    return [
        ("a claim by the rules", f"{meter.read_units} RCU, {meter.write_units} WCU"),
        ("as the engine says", said),
    ]


def handle(key: str) -> Any:
    """The function `claim`, as on Lambda but for the process."""
    from functions.claim.app import handler

    return handler(api_event("POST", f"/orgs/{NORTH}/claims", {"license_keys": [key]}, who=ADA), None)


def beside_bare_calls(endpoint: str) -> list[tuple[str, str]]:
    """The handler claims on one table; the very calls it made are then made bare on a twin of it."""
    ours, twin = new_store(endpoint), new_store(endpoint)
    names = ours.rows.Meta.table_name, twin.rows.Meta.table_name
    os.environ |= {"TABLE_NAME": names[0], "AWS_ENDPOINT_URL": endpoint}
    keys = [issue(ours, number) for number in range(2 * ROUNDS)]
    for number in range(1, ROUNDS):
        issue(twin, number)
    handle(keys[0])
    store = wiring.store()
    assert isinstance(store, DynamoStore)
    beside, profile = Beside(store._connection.client, endpoint, *names), cProfile.Profile()
    for key in keys[1:ROUNDS]:
        beside.time(partial(handle, key))
    profile.enable()
    for key in keys[ROUNDS:]:
        handle(key)
    profile.disable()
    return [*beside.rows(), *_shares(profile)]


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
