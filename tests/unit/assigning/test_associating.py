"""Licences and devices brought together: by pairs, by duration, automatically; and taken apart again (D17, D24-D26)."""

import random
from typing import Any

import pytest

from licensing.domain.assigning.associations import associate, named_in
from licensing.domain.assigning.requests import AutomaticRequest, Pair, UndoRequest
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.instants import DAY
from licensing.domain.core.plan_digest import digest
from licensing.domain.core.records import RecordSet
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.licenses.licenses import Block, split_id
from licensing.use_cases.assigning.associate import associate_by_term, associate_pairs
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.assigning.keep_inventory import enter_network
from licensing.use_cases.assigning.read_offers import read_offers
from licensing.use_cases.assigning.undo_association import undo_association
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.worlds.assigning import FREE, NORTH, SOUTH, World
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore


def refused(world: World, *pairs: tuple[str, str], **how: Any) -> Refusal:
    asked = [Pair(license_id=license_id, serial=serial) for license_id, serial in pairs]
    with pytest.raises(Refusal) as caught:
        associate_pairs(world.store, at(**how), NORTH, asked)
    return caught.value


def free_numbers(world: World, license_id: str) -> str:
    block = world.find(Block.ref_of(NORTH, split_id(license_id)[0]))
    assert isinstance(block, Block)
    return str(block.free)


# --- pairs ---


def test_an_associated_license_leaves_its_block_and_becomes_a_record() -> None:  # D12
    world = World()
    ids = world.claim(quantity=5)
    world.bind(ids[2], world.register("A"))
    assert free_numbers(world, ids[0]) == "1-2,4-5"
    bound = world.license(ids[2])
    assert bound is not None
    assert (bound.serials, bound.associated_at, bound.version) == (("A",), NOON, 1)


def test_binding_one_license_takes_one_read_and_one_transaction() -> None:
    store = Counting()
    world = World(store)
    [license_id] = world.claim()
    world.register("A")
    store.calls.clear()
    world.bind(license_id, "A")
    assert store.calls == ["get", "commit"]


class Counting(MemoryStore):
    """A store that notes its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def get(self, *refs: Any) -> Any:
        self.calls.append("get")
        return super().get(*refs)

    def page(self, *args: Any) -> Any:
        self.calls.append("page")
        return super().page(*args)

    def commit(self, *args: Any) -> None:
        self.calls.append("commit")
        super().commit(*args)


def test_several_licenses_for_one_device_queue_in_the_order_given() -> None:
    world = World()
    one_year, three_years = world.claim("AP-1YR-LIC"), world.claim("AP-3YR-LIC")
    world.register("A")
    pairs = [Pair(license_id=each, serial="A") for each in (*three_years, *one_year)]
    answers = associate_pairs(world.store, at(), NORTH, pairs).body["associations"]
    assert [answer["ends_at"] for answer in answers] == ["2029-02-28T12:00:00Z", "2030-02-28T12:00:00Z"]
    assert [each.license_id for each in world.device("A").associations] == [*three_years, *one_year]


@pytest.mark.parametrize(
    ("model", "device", "reasons"),
    [
        ("AP-1YR-LIC", {"category": "switch"}, [("category", "ap", "switch")]),
        ("AP-1YR-LIC", {"category": "ap", "series": "lite"}, [("series", "standard", "lite")]),
        ("APL-1YR-LIC", {"category": "ap"}, [("series", "lite", "standard")]),
        ("APL-1YR-LIC", {"category": "switch"}, [("category", "ap", "switch"), ("series", "lite", "standard")]),
        ("AI-UNL-1YR-LIC", {"category": "gateway"}, [("category", "camera", "gateway")]),
        ("SPC-1YR-LIC", {"category": "ap"}, [("category", "gateway", "ap")]),
        ("CO-TERM-LIC", {"category": "ap"}, [("category", "any", "ap")]),
        ("AI-TOKEN-1K-LIC", {"category": "camera"}, [("category", "ai", "camera")]),
    ],
)
def test_what_does_not_fit_is_refused_with_every_reason(
    model: str, device: dict[str, Any], reasons: list[tuple[str, str, str]]
) -> None:  # D17
    world = World()
    [license_id] = world.claim(model)
    refusal = refused(world, (license_id, world.register("X", **device)))
    assert refusal.code == "not_matching"
    [pair] = refusal.extra["pairs"]
    assert [(each["aspect"], each["license"], each["device"]) for each in pair["reasons"]] == reasons


def test_one_bad_pair_stops_all_and_each_bad_one_is_named() -> None:
    world = World()
    one, two = world.claim(quantity=2)
    [foreign] = world.claim(org_id=SOUTH)
    world.register("A")
    world.register("S", "switch")
    world.bind(two, "A")
    refusal = refused(world, (one, "A"), (foreign, "A"), (two, "A"), (one, "S"), (one, "nowhere"))
    assert [(pair["license_id"], pair["serial"], pair["code"]) for pair in refusal.extra["pairs"]] == [
        (foreign, "A", "not_found"),
        (two, "A", "license_unavailable"),
        (one, "S", "not_matching"),
        (one, "nowhere", "not_found"),
    ]
    assert refusal.code == "not_found"
    assert world.license(one) is None


def test_a_taken_license_is_unavailable_and_says_where_it_is() -> None:
    world = World()
    [license_id] = world.claim()
    world.bind(license_id, world.register("A"))
    refusal = refused(world, (license_id, world.register("B")))
    assert refusal.code == "license_unavailable"
    assert "is on A already" in refusal.detail


def test_a_license_of_which_nothing_is_left_is_refused() -> None:
    world = World()
    [license_id] = world.claim(issued_at=NOON)
    world.register("A")
    assert refused(world, (license_id, "A"), moment=later(days=455)).code == "license_expired"
    world.bind(license_id, "A", later(days=455, seconds=-1))
    assert world.coverage("A").end("pro") == later(days=455)


def test_a_device_holds_forty_licenses() -> None:
    world = World()
    world.register("A")
    ids = world.claim(quantity=41)
    associate_pairs(world.store, at(), NORTH, [Pair(license_id=each, serial="A") for each in ids[:40]])
    assert refused(world, (ids[40], "A")).code == "not_matching"


def test_a_thousand_pairs_go_in_steps_and_the_same_call_resumes_after_a_kill() -> None:
    world = World()
    ids = world.claim(quantity=200)
    pairs = [Pair(license_id=each, serial=world.register(f"A{number}")) for number, each in enumerate(ids)]
    key = IdempotencyKey.of("me", "once", "pairs")
    store = DyingStore(world.store, after=2)
    with pytest.raises(Killed):
        associate_pairs(store, at(idempotency_key=key), NORTH, pairs)
    assert 0 < sum(world.license(each) is not None for each in ids) < len(ids)
    answer = associate_pairs(world.store, at(later(hours=1), idempotency_key=key), NORTH, pairs)
    assert [each["license_id"] for each in answer.body["associations"]] == ids
    assert all(world.license(each) for each in ids)
    assert associate_pairs(world.store, at(later(hours=2), idempotency_key=key), NORTH, pairs).replayed


class Killed(BaseException):
    """The process is gone."""


class DyingStore(MemoryStore):
    """Shares another store's items, and dies in front of a commit."""

    def __init__(self, other: Any, after: int) -> None:
        super().__init__()
        self.items, self.left = other.items, after

    def commit(self, *args: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed
        super().commit(*args)


def test_the_order_in_which_facts_are_loaded_does_not_matter() -> None:
    world = World()
    ids = world.claim(quantity=10)
    pairs = [Pair(license_id=each, serial=world.register(f"A{number}")) for number, each in enumerate(ids)]
    records = list(world.store.get(*named_in(NORTH, pairs)))
    plans = set()
    for seed in range(5):
        random.Random(seed).shuffle(records)
        plans.add(digest(associate(RecordSet(records), NORTH, pairs, (), NOON), NOON))
    assert len(plans) == 1


def test_a_row_tells_since_when_a_license_runs_also_when_it_ran_before_it_came() -> None:  # D19
    world = World()
    [burning], [fresh] = world.claim(issued_at=later(days=-100)), world.claim()
    for license_id, serial in ((burning, "A"), (fresh, "B")):
        world.bind(license_id, world.register(serial))
    rows = list_licenses(world.store, NORTH, LicenseFilter(unassociated=False), NOON, NOON, 10, None).items
    assert {row.serial: (row.activation_at, row.activated, row.expires_at) for row in rows} == {
        "A": (later(days=-10), True, later(days=355)),
        "B": (NOON, True, later(days=365)),
    }


# --- a device and a duration ---


def test_of_a_duration_the_license_with_the_earliest_forced_date_is_taken() -> None:  # D26
    world = World()
    world.claim("AP-3YR-LIC", issued_at=later(days=-9))
    [younger], [older] = world.claim(issued_at=later(days=-1)), world.claim(issued_at=later(days=-5))
    [expired] = world.claim(issued_at=later(days=-455))
    world.register("A")
    taken = [
        associate_by_term(world.store, at(), NORTH, "A", 365).body["associations"][0]["license_id"] for _ in range(2)
    ]
    assert taken == [older, younger]
    with pytest.raises(Refusal) as caught:
        associate_by_term(world.store, at(), NORTH, "A", 365)
    assert caught.value.code == "not_enough_licenses"
    assert world.license(expired) is None


def test_the_type_can_be_chosen_where_a_device_takes_two() -> None:
    world = World()
    [ai] = world.claim("AI-UNL-1YR-LIC")
    world.register("C", "camera")
    body = associate_by_term(world.store, at(), NORTH, "C", 365, "unlimited_ai").body
    assert body["associations"][0]["license_id"] == ai


# --- automatic ---


def test_the_device_that_ends_first_is_served_first_never_covered_ones_before_all() -> None:  # D25
    world = World()
    for serial, term in (("late", "AP-3YR-LIC"), ("early", "AP-1YR-LIC")):
        world.bind(world.claim(term)[0], world.register(serial))
    world.register("bare-2")
    world.register("bare-1")
    older, younger = world.claim(quantity=2, issued_at=later(days=-2)), world.claim(issued_at=later(days=-1))
    answer = world.bind_all()
    assert [(each["license_id"], each["serial"]) for each in answer["associations"]] == [
        (older[0], "bare-1"),
        (older[1], "bare-2"),
        (younger[0], "early"),
    ]
    assert answer["associations"][2]["device_end_before"] == "2027-03-01T12:00:00Z"
    assert answer["associations"][2]["device_end_after"] == "2028-02-29T12:00:00Z"
    assert answer["left_over"] == 0


def test_one_license_for_each_device_and_what_is_left_over_stays_free() -> None:  # D25
    world = World()
    ids = world.claim(quantity=5)
    for serial in ("A", "B"):
        world.register(serial)
    answer = world.bind_all()
    assert ([each["serial"] for each in answer["associations"]], answer["left_over"]) == (["A", "B"], 3)
    assert free_numbers(world, ids[0]) == "3-5"


def test_each_kind_goes_to_the_devices_it_fits() -> None:  # D17
    world = World()
    for model in ("APL-1YR-LIC", "SW-1YR-LIC", "CAM-1YR-LIC", "AI-UNL-1YR-LIC", "SPC-1YR-LIC", "CO-TERM-LIC"):
        world.claim(model)
    for serial, category, series in (
        ("lite", "ap", "lite"),
        ("standard", "ap", "standard"),
        ("switch", "switch", "standard"),
        ("camera", "camera", "standard"),
        ("gateway", "gateway", "standard"),
    ):
        world.register(serial, category, series=series)
    served = [each["serial"] for each in world.bind_all()["associations"]]
    assert sorted(served) == ["camera", "camera", "gateway", "lite", "switch"]


def test_model_key_devices_and_number_can_be_chosen() -> None:
    world = World()
    world.claim("AP-1YR-LIC", 3)
    three = world.claim("AP-3YR-LIC", 3)
    for serial in ("A", "B", "C"):
        world.register(serial)
    chosen = world.bind_all(license_model="AP-3YR-LIC", serials=["C", "B"], max=1)
    assert [(each["license_id"], each["serial"]) for each in chosen["associations"]] == [(three[0], "B")]
    assert chosen["left_over"] == 2
    by_key = world.bind_all(key_fingerprint="00002-…-…-…-*****", max=2)
    assert [each["serial"] for each in by_key["associations"]] == ["A", "C"]


def test_the_dry_run_is_the_list_and_its_plan_binds_exactly_that() -> None:  # D32
    world = World()
    world.claim(quantity=2)
    for serial in ("A", "B", "C"):
        world.register(serial, free=FREE)
    request = AutomaticRequest()
    shown = associate_automatically(world.store, at(dry_run=True), NORTH, request).body
    assert world.device("A").associations == ()
    made = associate_automatically(world.store, at(later(minutes=5), plan=shown["plan"]), NORTH, request).body
    assert [each["serial"] for each in made["associations"]] == [each["serial"] for each in shown["associations"]]


def test_a_plan_is_stale_as_soon_as_it_would_bind_anything_else() -> None:  # D32
    world = World()
    world.claim(quantity=2)
    for serial in ("A", "B"):
        world.register(serial, network=False)
    plan = associate_automatically(world.store, at(dry_run=True), NORTH, AutomaticRequest()).body["plan"]
    enter_network(world.store, at(), NORTH, "B", "net-1")
    with pytest.raises(Refusal) as caught:
        associate_automatically(world.store, at(plan=plan), NORTH, AutomaticRequest())
    assert caught.value.code == "plan_stale"


def test_a_plan_of_several_steps_holds_although_the_second_stands_on_the_first() -> None:  # D32
    world = World()
    world.claim(quantity=100)
    for number in range(100):
        world.register(f"A{number:03}")
    plan = associate_automatically(world.store, at(dry_run=True), NORTH, AutomaticRequest()).body["plan"]
    made = associate_automatically(world.store, at(later(minutes=1), plan=plan), NORTH, AutomaticRequest()).body
    assert len(made["associations"]) == 100


def test_many_go_in_steps_none_of_them_twice_and_the_same_call_resumes_after_a_kill() -> None:
    world = World()
    ids = world.claim(quantity=150)
    serials = [world.register(f"A{number:03}") for number in range(150)]
    key = IdempotencyKey.of("me", "once", "automatic")
    with pytest.raises(Killed):
        associate_automatically(DyingStore(world.store, after=2), at(idempotency_key=key), NORTH, AutomaticRequest())
    answer = associate_automatically(
        world.store, at(later(hours=1), idempotency_key=key), NORTH, AutomaticRequest()
    ).body
    assert [each["license_id"] for each in answer["associations"]] == ids
    assert [each["serial"] for each in answer["associations"]] == serials
    assert all(len(world.device(serial).associations) == 1 for serial in serials)


# --- taking back ---


def test_the_latest_association_is_taken_back_and_the_device_is_as_before() -> None:  # D24
    world = World()
    one, two = world.claim(quantity=2)
    world.register("A")
    world.bind(one, "A", later(days=1))
    before = world.device("A")
    world.bind(two, "A", later(days=2))
    assert world.undo("A", later(days=3)) == two
    assert world.device("A").evolve(version=0, told_in=None) == before.evolve(version=0, told_in=None)
    free = world.license(two)
    assert free is not None
    assert (free.is_free, free.burned_by(later(days=9))) == (True, later(days=9) - later(days=9))


def test_the_plan_of_an_undo_holds_while_the_license_runs() -> None:  # D32
    world = World()
    [license_id] = world.claim()
    world.bind(license_id, world.register("A"))
    plan = undo_association(world.store, at(later(hours=1), dry_run=True), NORTH, "A", UndoRequest()).body["plan"]
    undo_association(world.store, at(later(hours=2), plan=plan), NORTH, "A", UndoRequest())
    free = world.license(license_id)
    assert free is not None
    assert free.burned == later(hours=2) - NOON


def test_only_the_latest_can_be_taken_back_and_the_refusal_names_it() -> None:  # D24
    world = World()
    one, two = world.claim(quantity=2)
    world.register("A")
    world.bind(one, "A")
    world.bind(two, "A")
    with pytest.raises(Refusal) as caught:
        world.undo("A", license_id=one)
    assert (caught.value.code, caught.value.extra["latest"]) == ("not_latest", two)
    assert [world.undo("A"), world.undo("A")] == [two, one]


def test_it_is_too_late_after_seven_days_to_the_second() -> None:  # D24
    world = World()
    [license_id] = world.claim()
    world.bind(license_id, world.register("A"))
    with pytest.raises(Refusal, match="2026-03-08T12:00:00Z") as caught:
        world.undo("A", later(days=7))
    assert caught.value.code == "undo_expired"
    assert world.undo("A", later(days=7, seconds=-1)) == license_id


def test_each_chain_has_its_own_latest() -> None:
    world = World()
    [pro], [seats] = world.claim("GW-1YR-LIC"), world.claim("SPC-1YR-LIC")
    world.register("G", "gateway")
    world.bind(pro, "G")
    world.bind(seats, "G")
    assert world.undo("G", type="pro") == pro
    assert world.undo("G") == seats
    with pytest.raises(Refusal) as caught:
        world.undo("G")
    assert caught.value.code == "not_found"


# --- offers ---


def offered(world: World, serial: str, moment: Any = NOON) -> list[tuple[Any, ...]]:
    told = read_offers(world.store, NORTH, serial, moment).model_dump(mode="json")["offers"]
    return [(each["license_id"], each["days_left"], each["count"], each["device_end_after"]) for each in told]


def test_an_offer_is_told_by_what_is_left_of_it() -> None:  # D26
    """A year of which 5 days are left is an offer of 5 days, beside those of a whole year."""
    world = World()
    older, younger = world.claim(quantity=3, issued_at=later(days=-5)), world.claim(quantity=2)
    [burning] = world.claim(issued_at=later(days=-450))
    [three_years] = world.claim("AP-3YR-LIC")
    world.claim(issued_at=later(days=-455))
    world.claim("SW-1YR-LIC")
    world.register("A")
    assert offered(world, "A") == [
        (burning, 5, 1, "2026-03-06T12:00:00Z"),
        (older[0], 365, 5, "2027-03-01T12:00:00Z"),
        (three_years, 1095, 1, "2029-02-28T12:00:00Z"),
    ]
    assert younger[0] not in {each[0] for each in offered(world, "A")}


def test_an_offer_says_what_the_association_will_answer() -> None:  # D26
    world = World()
    world.claim("CAM-1YR-LIC")
    world.claim("AI-UNL-1YR-LIC")
    world.register("C", "camera", network=False)
    told = read_offers(world.store, NORTH, "C", NOON).offers
    assert [each.type for each in told] == ["pro", "unlimited_ai"]
    for each in told:
        answer = world.bind(each.license_id, "C")
        shown = each.model_dump(mode="json")
        for name in ("starts_at", "ends_at", "device_end_before", "device_end_after"):
            assert answer[name] == shown[name]
    assert offered(world, "C") == []


def test_a_device_that_is_full_is_offered_nothing_and_passed_over() -> None:
    world = World()
    world.register("A")
    ids = world.claim(quantity=41)
    associate_pairs(world.store, at(), NORTH, [Pair(license_id=each, serial="A") for each in ids[:40]])
    assert offered(world, "A") == []
    assert world.bind_all()["left_over"] == 1
    with pytest.raises(Refusal) as caught:
        read_offers(world.store, NORTH, "nowhere", NOON)
    assert caught.value.code == "not_found"


def test_a_device_remembers_a_hundred_that_were_taken_back() -> None:
    world = World()
    [license_id] = world.claim("AP-3YR-LIC")
    world.register("A")
    for hour in range(100):
        world.bind(license_id, "A", later(hours=hour))
        world.undo("A", later(hours=hour + 0.5))
    assert refused(world, (license_id, "A"), moment=later(days=5)).code == "not_matching"
    assert (offered(world, "A", later(days=5)), world.bind_all(later(days=5))["left_over"]) == ([], 1)
    free = world.license(license_id)
    assert free is not None
    assert (free.burned, free.activated_at) == (100 * DAY / 48, NOON)


@pytest.mark.parametrize("serials", [("A", "B"), ("A", "A"), ("A", "a")])
def test_a_license_that_stands_in_two_pairs_is_bound_to_none(serials: tuple[str, str]) -> None:  # D17
    world = World()
    (license_id, other) = world.claim(quantity=2)
    for serial in ("A", "B", "C"):
        world.register(serial)
    pairs = [Pair(license_id=other, serial="C"), *(Pair(license_id=license_id, serial=serial) for serial in serials)]
    with pytest.raises(Refusal) as caught:
        associate_pairs(world.store, at(NOON), NORTH, pairs)
    assert caught.value.code == "license_unavailable"
    assert [pair["serial"] for pair in caught.value.extra["pairs"]] == [serials[1].upper()]
    assert [world.device(serial).associations for serial in ("A", "B", "C")] == [(), (), ()]
