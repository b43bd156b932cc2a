"""What commands cost, in units by DynamoDB's rules: limits, so that no item grows by accident."""

from collections.abc import Sequence

from licensing.domain.assigning.requests import AutomaticRequest, Pair
from licensing.domain.claiming.requests import MspClaimRequest
from licensing.domain.core.decisions import Change
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.records import Record
from licensing.use_cases.assigning.associate import associate_pairs
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.claiming.extend_msp import extend_msp
from tests.worlds.assigning import NORTH, World
from tests.worlds.capacity import Units, written
from tests.worlds.claiming import BLUE, issue
from tests.worlds.examples import at, later
from tests.worlds.fakes import MemoryStore


class Weighed(MemoryStore):
    """Weighs what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = Units()

    def commit(self, changes: Sequence[Change], checks: Sequence[Record] = ()) -> None:
        super().commit(changes, checks)
        self.writes.update(written(changes, checks))

    def taken(self) -> Units:
        """Since the last time."""
        taken, self.writes = self.writes, Units()
        return taken


def intent(number: int) -> IdempotencyKey:
    return IdempotencyKey.of("ada", f"intent-{number}", "asked")


def test_a_devices_twentieth_license_costs_little_more_than_its_first() -> None:
    store = Weighed()
    world = World(store)
    serial = world.register("2307-0042-7F")
    units = []
    for number in range(40):
        [license_id] = world.claim(issued_at=later(days=number))
        store.taken()
        pairs = [Pair(license_id=license_id, serial=serial)]
        associate_pairs(store, at(later(days=number), idempotency_key=intent(number)), NORTH, pairs)
        units.append(store.taken().total())
    # One more than from a key that has licenses left, which stays in stock.
    assert units[0] == 13
    assert max(units[:20]) <= 15
    assert max(units) <= 17


def test_a_renewal_of_a_hundred_devices_costs_as_much_in_the_fourth_year_as_in_the_first() -> None:
    store = Weighed()
    world = World(store)
    world.register_many(100)
    for year in range(4):
        world.claim(quantity=100, issued_at=later(days=365 * year))
        store.taken()
        associate_automatically(store, at(later(days=365 * year + 1)), NORTH, AutomaticRequest())
        taken = store.taken()
        assert taken.total() <= 620
        assert max(taken.values()) <= 210, "in the hottest collection"


def test_a_portals_five_hundredth_key_costs_no_more_than_its_second() -> None:
    store = Weighed()
    for start in range(0, 500, 25):
        keys = [issue(store, number, "MSP-1YR-LIC", 1) for number in range(start, start + 25)]
        extend_msp(store, at(later(days=start)), BLUE, "mia", MspClaimRequest(license_keys=tuple(keys)))
    key = issue(store, 501, "MSP-1YR-LIC", 1)
    store.taken()
    context = at(later(days=600))
    extend_msp(store, context, BLUE, "mia", MspClaimRequest(license_keys=(key,)))
    assert store.taken().total() <= 12
