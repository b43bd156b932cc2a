"""Claiming in a hurry: many callers in several processes at once, on an engine that gets races right (D11, D16)."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from licensing.adapters.dynamodb.store import DynamoStore
from licensing.domain.claiming.failed_lookups import FailedLookups
from licensing.domain.core.limits import MAX_FAILED_LOOKUPS
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.listings import LedgerOf
from licensing.use_cases.claiming.show_portal import show_portal
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.faults import racing
from tests.worlds.claiming import BLUE, NORTH, SOUTH, claim, issue, key_id, unissued
from tools.local.ministack import ministack

pytestmark = pytest.mark.ministack

TABLES = count()
ISSUED = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ministack("dynamodb") as running:
        yield running


@pytest.fixture
def store(endpoint: str) -> DynamoStore:
    made = DynamoStore(f"races-{os.getpid()}-{next(TABLES)}", endpoint)
    made.rows.create_table(wait=True)
    return made


def race(store: DynamoStore, endpoint: str, commands: list[racing.Command]) -> list[str]:
    return racing.race(store.rows.Meta.table_name, endpoint, commands, processes=4)


def ids(store: DynamoStore, org: str) -> list[str]:
    return [row.license_id for row in list_licenses(store, org, LicenseFilter(), ISSUED, ISSUED, 1000, None).items]


def test_of_32_callers_of_two_orgs_who_claim_one_key_one_org_wins(store: DynamoStore, endpoint: str) -> None:
    key = issue(store, 1, quantity=500, issued_at=ISSUED)
    commands = [("claim", key, (NORTH, SOUTH)[number % 2], f"caller-{number}") for number in range(32)]
    outcomes = Counter(race(store, endpoint, [*commands]))
    assert outcomes == {"claimed": 1, "already_yours": 15, "already_claimed": 16}
    winner, loser = (NORTH, SOUTH) if ids(store, NORTH) else (SOUTH, NORTH)
    assert ids(store, winner) == [f"{key_id(1, ISSUED)}-{number:06}" for number in range(1, 501)]
    assert ids(store, loser) == []
    assert [len(store.page(LedgerOf(f"org/{org}"), 9).items) for org in (winner, loser)] == [1, 0]


def test_moves_of_overlapping_licenses_at_once_lose_and_double_nothing(store: DynamoStore, endpoint: str) -> None:
    claim(store, issue(store, 1, quantity=40, issued_at=ISSUED))
    all_ids = ids(store, NORTH)
    commands: list[racing.Command] = [("move_licenses", *all_ids[start : start + 10]) for start in range(0, 30, 5)]
    commands += [("move_oldest", "AP-1YR-LIC", "7")] * 6
    outcomes = race(store, endpoint, commands)
    north, south = ids(store, NORTH), ids(store, SOUTH)
    assert sorted(north + south) == all_ids
    assert len(south) == sum(int(each) for each in outcomes if each.isdigit()) > 0
    assert set(outcomes) <= {"10", "7", "not_found", "not_enough_licenses", "conflict"}


def test_msp_keys_claimed_at_once_all_extend_the_portal(store: DynamoStore, endpoint: str) -> None:
    keys = [issue(store, number, "MSP-1YR-LIC", 1, ISSUED) for number in range(8)]
    outcomes = race(store, endpoint, [("extend", key) for key in keys])
    shown = show_portal(store, BLUE, datetime.now(UTC))
    assert len(shown.licenses) == len(set(outcomes)) == 8
    assert shown.valid_from is not None
    assert shown.valid_until == shown.valid_from + 8 * timedelta(days=365)


def test_guessing_from_many_processes_gets_no_further_than_from_one(store: DynamoStore, endpoint: str) -> None:
    commands = [("claim", unissued(number), NORTH, f"caller-{number}") for number in range(32)]
    outcomes = Counter(race(store, endpoint, [*commands]))
    ref = FailedLookups.ref_of(f"org/{NORTH}")
    counted = store.one(ref)
    assert counted is not None
    assert outcomes["unknown_key"] == len(counted.unknown_at) <= MAX_FAILED_LOOKUPS
    assert set(outcomes) <= {"unknown_key", "rate_limited", "conflict"}
