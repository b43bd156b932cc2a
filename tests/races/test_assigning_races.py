"""Several processes in the assigning room at once, on an engine that gets races right: nothing twice, nothing lost."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context

import pytest

from licensing.adapters.dynamodb.store import DynamoStore
from tests.faults import racing
from tests.worlds.assigning import NORTH, SOUTH, World
from tests.worlds.assigning_truths import assert_in_one_inventory, assert_nothing_twice, places
from tools.local.ministack import ministack

pytestmark = pytest.mark.ministack

TABLES = count()
ISSUED = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ministack("dynamodb") as running:
        yield running


@pytest.fixture
def table(endpoint: str) -> str:
    name = f"races-{os.getpid()}-{next(TABLES)}"
    DynamoStore(name, endpoint).rows.create_table(wait=True)
    return name


def prepared(table: str, endpoint: str, licenses: int, devices: int) -> tuple[World, list[str], list[str]]:
    world = World(DynamoStore(table, endpoint))
    ids = world.claim(quantity=licenses, issued_at=ISSUED)
    return world, ids, world.register_many(devices, now=ISSUED)


def test_sixteen_callers_bind_the_last_license(table: str, endpoint: str) -> None:
    world, [last], serials = prepared(table, endpoint, 1, 16)
    outcomes = racing.race(table, endpoint, [("bind", last, serial) for serial in serials], processes=4)
    assert sorted(outcomes) == ["done"] + ["license_unavailable"] * 15
    assert_nothing_twice(world.store, [NORTH])


def test_sixteen_callers_ask_for_any_license_and_there_are_five(table: str, endpoint: str) -> None:
    world, ids, serials = prepared(table, endpoint, 5, 16)
    outcomes = racing.race(table, endpoint, [("bind_by_term", serial) for serial in serials], processes=4)
    assert sorted(outcomes) == ["done"] * 5 + ["not_enough_licenses"] * 11
    assert set(places(world.store, [NORTH])) == set(ids)
    assert_nothing_twice(world.store, [NORTH])


def test_automatic_association_races_manual_binding_and_a_device_move(table: str, endpoint: str) -> None:
    world, ids, serials = prepared(table, endpoint, 60, 60)
    commands: list[racing.Command] = [("bind_all",), ("bind_all",)]
    commands += [("bind", license_id, serial) for license_id, serial in zip(ids[40:50], serials[:10], strict=True)]
    commands += [("move", serial) for serial in serials[5:11]]
    outcomes = racing.race(table, endpoint, commands, processes=4)
    assert set(outcomes) <= {"done", "license_unavailable", "not_found", "conflict"}
    assert set(places(world.store, [NORTH, SOUTH])) == set(ids)
    assert_nothing_twice(world.store, [NORTH, SOUTH])
    assert_in_one_inventory(world.store, [NORTH, SOUTH])


def test_a_thousand_licenses_killed_in_the_middle_and_resumed(table: str, endpoint: str) -> None:
    world, ids, serials = prepared(table, endpoint, 1_000, 1_000)
    pairs = list(zip(ids, serials, strict=True))
    child = get_context("spawn").Process(target=racing.bind_many_until_killed, args=(table, endpoint, pairs, "once", 9))
    child.start()
    child.join(120)
    assert child.exitcode == -9
    bound = sum(world.license(license_id) is not None for license_id in ids)
    assert 0 < bound < 1_000
    answer = racing.bind_many(table, endpoint, pairs, "once")
    assert [(each["license_id"], each["serial"]) for each in answer["associations"]] == pairs
    assert [len(world.device(serial).associations) for serial in serials] == [1] * 1_000
    assert_nothing_twice(world.store, [NORTH])
