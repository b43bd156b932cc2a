"""Assigning in numbers: coverage, binding one licence, automatic association, device lists. Ratios, no verdicts.

python -m tests.benchmarks.bench_assigning
"""

import os
import time
import timeit
from functools import partial
from itertools import count

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.requests import AutomaticRequest, Pair
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.listings import DevicesByEnd
from licensing.use_cases.assigning.associate import associate_by_term, associate_pairs
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from tests.benchmarks.harness import AWS, say, table
from tests.benchmarks.metering import Meter, MeteredStore
from tests.faults.throttling import ThrottledStore, moved_time
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import at, later
from tools.local.ministack import ministack

TABLES = count()
SIZES = (100, 1_000, 10_000)


def world_at(endpoint: str, devices: int, licenses: int) -> tuple[World, MeteredStore, list[str], list[str]]:
    store = MeteredStore(f"bench-{os.getpid()}-{next(TABLES)}", endpoint)
    store.rows.create_table(wait=True)
    world = World(store)
    return world, store, world.claim(quantity=licenses), world.register_many(devices)


def told(meter: Meter) -> str:
    return f"{meter.calls} calls, {meter.items} items, {meter.write_units} WCU, {meter.read_units} RCU"


def coverage() -> list[tuple[str, str]]:
    world = World()
    world.register("A")
    rows = []
    for number, license_id in enumerate(world.claim(quantity=40), 1):
        world.bind(license_id, "A", later(days=number))
        if number in (1, 20, 40):
            best = min(timeit.repeat(partial(coverage_of, world.device("A")), number=20, repeat=20)) / 20
            rows.append((f"{number} licences", f"{best * 1e6:.0f} µs"))
    return rows


def hottest(meter: Meter, of: int = 1) -> str:
    (index, partition), units = meter.hottest
    return f"{units / of:.2f} WCU in {index or 'table'} {partition}"


def one_license(endpoint: str) -> list[tuple[str, str]]:
    _, store, ids, serials = world_at(endpoint, 2, 2)
    key = IdempotencyKey.of("bench", "one", "pair")
    with store.metered() as by_pair:
        associate_pairs(store, at(idempotency_key=key), NORTH, [Pair(license_id=ids[0], serial=serials[0])])
    with store.metered() as by_term:
        associate_by_term(store, at(), NORTH, serials[1], 365)
    return [("a licence and a device", told(by_pair)), ("a device and a duration", told(by_term)), *nth(endpoint)]


def nth(endpoint: str) -> list[tuple[str, str]]:
    """The same on a device that has some already."""
    world, store, ids, (serial,) = world_at(endpoint, 1, 20)
    rows = []
    for number, license_id in enumerate(ids, 1):
        with store.metered() as meter:
            world.bind(license_id, serial, later(days=number))
        if number in (5, 10, 20):
            rows.append((f"the {number}th of a device", f"{told(meter)}; {hottest(meter)}"))
    return rows


def renewals(endpoint: str, devices: int = 200, years: int = 5) -> list[tuple[str, str]]:
    """Automatic association to the same devices year by year."""
    world, store, _, _ = world_at(endpoint, devices, devices)
    rows = []
    for year in range(years):
        now = later(days=1 + 300 * year)
        if year:
            world.claim(quantity=devices, issued_at=now)
        with store.metered() as meter:
            body = associate_automatically(store, at(now), NORTH, AutomaticRequest()).body
        assert len(body["associations"]) == devices
        each = f"{meter.write_units / devices:.2f} WCU, {hottest(meter, devices)}"
        rows.append((f"renewal {year}" if year else "fresh", each))
    return rows


def throttled(endpoint: str, size: int) -> list[tuple[str, str]]:
    """The table takes 1,000 write and 3,000 read units a second for each partition key, and no more at once. Its time
    passes only where it is waited for: what it takes is a bound that nothing else goes below."""
    with moved_time() as clock:
        store = ThrottledStore(f"bench-{os.getpid()}-{next(TABLES)}", endpoint, clock.monotonic)
        store.rows.create_table(wait=True)
        world = World(store)
        world.claim(quantity=size)
        world.register_many(size)
        clock.sleep(60)  # what filling took is forgotten
        store.refused.clear()
        before = clock.monotonic()
        body = associate_automatically(store, at(later(days=1)), NORTH, AutomaticRequest()).body
        waited = clock.monotonic() - before
    assert len(body["associations"]) == size
    times = sum(store.refused.values())
    return [(f"{size:,} licences, one call, no conflict", f"{waited:.1f} s waited, throttled {times} times")]


def automatic(endpoint: str, size: int, key: IdempotencyKey | None) -> tuple[str, str]:
    """To as many devices, among twice as many. The wall clock is MiniStack's, on one machine with us."""
    _, store, _, _ = world_at(endpoint, 2 * size, size)
    with store.metered() as meter:
        start, busy = time.perf_counter(), time.process_time()
        body = associate_automatically(store, at(later(days=1), idempotency_key=key), NORTH, AutomaticRequest()).body
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
    assert len(body["associations"]) == size
    each = f"{meter.items / size:.2f} items, {meter.write_units / size:.1f} WCU, {meter.read_units / size:.2f} RCU"
    each += f", {hottest(meter, size)}"
    times = f"{seconds:.1f} s, {busy:.1f} s of it our CPU"
    numbers = f"{times}, {meter.calls} calls, largest item {meter.largest / 1024:.0f} KB; a licence: {each}"
    return f"{size:,} licences{', idempotency key' if key else ''}", numbers


def device_list(endpoint: str) -> list[tuple[str, str]]:
    _, store, _, _ = world_at(endpoint, 1_000, 1)
    with store.metered() as meter:
        page = store.page(DevicesByEnd(NORTH), 100)
    return [(f"first {len(page.items)} of 1,000 by end", f"{meter.calls} call, {meter.read_units} RCU")]


def main() -> None:
    os.environ |= AWS
    table("Coverage of a device", coverage())
    with ministack("dynamodb") as endpoint:
        table("Binding one licence", one_license(endpoint))
        table("Device list", device_list(endpoint))
        table("Automatic association, year after year; a licence", renewals(endpoint))
        table("Automatic association behind 1,000 units a partition key and second", throttled(endpoint, SIZES[-1]))
        say("\nAutomatic association")
        for size in SIZES:
            for key in (None, IdempotencyKey.of("bench", f"automatic-{size}", "automatic")):
                name, numbers = automatic(endpoint, size, key)
                say(f"  {name:<36} {numbers}")


if __name__ == "__main__":
    main()
