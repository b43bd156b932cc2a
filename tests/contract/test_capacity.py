"""The units that tests count are those of DynamoDB's published rules."""

from licensing.domain.assigning.devices import Device
from licensing.domain.core.decisions import Change, changed, created
from licensing.domain.people.tenants import Partner
from tests.worlds.assigning import World
from tests.worlds.capacity import batch_read, query_read, written

ACME = Partner(partner_id="acme", name="Acme")
TABLE, LIST = ("", "PARTNER#acme"), ("gsi2", "PARTNERS")


def registered() -> tuple[World, Device]:
    world = World()
    world.register("A")
    return world, world.device("A")


def test_a_transaction_is_counted_twice_in_the_table_and_once_in_an_index() -> None:
    assert written([created(ACME)]) == {TABLE: 2, LIST: 1}
    stored = ACME.evolve(version=1)
    assert written([changed(stored, name="Other")]) == {TABLE: 2, LIST: 1}
    assert written([Change(stored, None)]) == {TABLE: 2, LIST: 1}


def test_each_started_kilobyte_counts_by_the_larger_of_before_and_after() -> None:
    long = ACME.evolve(name="".join(map(chr, range(200, 2_400))))
    large = written([created(long)])
    assert large[TABLE] == 2 * large[LIST] > 4
    assert written([changed(long.evolve(version=1), name="Short")])[TABLE] == large[TABLE]


def test_what_moves_in_an_index_is_deleted_and_put_and_what_stays_costs_one_of_keys_nothing() -> None:
    world, before = registered()
    [license_id] = world.claim()
    assert written([changed(before, name="Hall")]) == {("", "DEVICES#org-north"): 2}
    world.bind(license_id, "A")
    units = written([Change(before, world.device("A"))])
    assert units == {("", "DEVICES#org-north"): 2, ("gsi4", "ENDS#org-north"): 2}


def test_what_is_only_checked_is_counted_as_if_it_were_written() -> None:
    assert written([], [ACME.evolve(version=1)]) == written([], [ACME]) == {TABLE: 2}


def test_reads_count_by_item_in_a_batch_and_as_a_whole_in_a_query_and_half_where_they_may_lag() -> None:
    small, large = {"pk": {"S": "x" * 100}}, {"pk": {"S": "x" * 5_000}}
    assert batch_read(4, [small, small, large], strong=True) == 1 + 1 + 2 + 1
    assert batch_read(2, [small, small], strong=False) == 1
    assert query_read("", [small] * 30, strong=True) == 1
    assert query_read("", [], strong=False) == 0.5
