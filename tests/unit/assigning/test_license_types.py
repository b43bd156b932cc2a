"""One table says what a licence type means; a made-up type needs one row of it, and a model to be sold (D1, D17)."""

from itertools import groupby

import pytest

from licensing.domain.assigning.timeline import timeline
from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY
from licensing.domain.inventory.license_rows import LicenseFilter
from licensing.domain.inventory.views import LicenseView
from licensing.domain.licenses.catalog import LicenseModel, catalog
from licensing.domain.licenses.types import TYPES, LicenseType, chains_for, types_for
from licensing.domain.licenses.views import ModelsView
from licensing.listings import are_sorted
from licensing.use_cases.assigning.associate import associate_by_term
from licensing.use_cases.inventory.list_licenses import list_licenses
from tests.worlds.assigning import NORTH, World
from tests.worlds.claiming import claim, issue
from tests.worlds.examples import NOON, at, later

SKU, TERM = "LAB-1MO-LIC", 30 * DAY


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type with a chain and a tab of its own, for gateways, which have two chains already; of 30 days only."""
    monkeypatch.setitem(TYPES, "lab", LicenseType("Laboratory", "lab", "lab", categories=("gateway", "pdu")))
    model = LicenseModel(sku=SKU, name="Lab, 30 days", scope="device", category="gateway", type="lab", term_days=30)
    monkeypatch.setitem(catalog(), SKU, model)


def rows(world: World, moment: object = NOON, **asked: object) -> list[LicenseView]:
    assert isinstance(moment, type(NOON))
    asking = LicenseFilter.model_validate(asked)
    return list(list_licenses(world.store, NORTH, asking, moment, moment, 100, None).items)


@pytest.mark.usefixtures("made_up")
def test_a_made_up_type_is_claimed_listed_bound_covered_and_undone() -> None:
    world = World()
    [first] = claim(world.store, issue(world.store, 1, SKU, 2), context=at())
    one, two = first["license_ids"]["first"], first["license_ids"]["last"]
    world.bind(world.claim("GW-1YR-LIC")[0], world.register("G", "gateway"))
    world.bind(world.claim("SPC-1YR-LIC")[0], "G")
    assert [row.license_id for row in rows(world, tab="lab")] == [one, two]
    assert rows(world, tab="pro")[0].license_model == "GW-1YR-LIC"
    world.bind(one, "G", later(days=1))
    world.bind(two, "G", later(days=2))
    assert [(row.state, row.expires_at) for row in rows(world, later(days=2), tab="lab")] == [
        ("active", later(days=31)),
        ("merging", later(days=61)),
    ]
    view = DeviceView.of(world.device("G"), later(days=3))
    assert (view.managed, view.expires_at, view.vpn_seats) == (True, later(days=365), 22)
    assert [(each.chain, each.ends_at) for each in view.beside] == [
        ("secupoint", later(days=365)),
        ("lab", later(days=61)),
    ]
    whys = [each.why for each in timeline(world.device("G")).stretches if each.license_model == SKU]
    assert "in a network, and had no running license of this kind." in whys[0]
    assert world.undo("G", later(days=4), type="lab") == two
    assert world.undo("G", later(days=5)) == one
    assert world.coverage("G").end("lab") == later(days=5)


@pytest.mark.usefixtures("made_up")
def test_it_is_chosen_by_duration_when_it_is_named_and_fits_only_what_its_row_says() -> None:  # D26
    world = World()
    [license_id] = world.claim(SKU)
    world.register("G", "gateway")
    with pytest.raises(Refusal, match="no free gateway pro license of 30 days"):
        associate_by_term(world.store, at(), NORTH, "G", 30)
    with pytest.raises(Refusal, match="category is gateway, the device's camera"):
        world.bind(license_id, world.register("C", "camera"))
    associate_by_term(world.store, at(), NORTH, "G", 30, "lab")
    assert world.coverage("G").end("lab") == NOON + TERM


@pytest.mark.usefixtures("made_up")
def test_a_third_chain_is_associated_automatically_though_no_index_sorts_by_its_end() -> None:  # D25
    assert [are_sorted("gateway", name) for name in ("pro", "pro_lite", "secupoint", "lab")] == [True] * 3 + [False]
    assert are_sorted("pdu", "lab")
    world = World()
    ids = sorted(world.claim(SKU, 5))
    for serial in ("late", "early", "bare-2", "bare-1"):
        world.register(serial, "gateway")
    world.bind(ids[4], "early")
    made = world.bind_all(later(days=1), license_model=SKU, max=4)
    assert [each["serial"] for each in made["associations"]] == ["bare-1", "bare-2", "late", "early"]
    assert {each["license_id"] for each in made["associations"]} == set(ids[:4])


@pytest.mark.usefixtures("made_up")
def test_one_that_was_over_before_its_forced_date_keeps_its_end(monkeypatch: pytest.MonkeyPatch) -> None:  # D21, D24
    monkeypatch.setitem(catalog(), SKU, catalog()[SKU].model_copy(update={"term_days": 5}))
    world = World()
    [license_id] = world.claim(SKU)
    world.bind(license_id, world.register("G", "gateway"))
    world.undo("G", later(days=6))
    [row] = rows(world, later(days=7))
    assert (row.state, row.activation_at, row.expires_at) == ("expired", NOON, later(days=5))


def test_every_model_fits_what_its_type_fits_and_a_chain_is_of_one_kind() -> None:
    for model in catalog().values():
        row = TYPES[model.type]
        assert (model.category in row.categories) == (model.scope == "device")
    chained = sorted((row.chain, row.parallel) for row in TYPES.values() if row.chain)
    assert all(len(set(rows)) == 1 for _, rows in groupby(chained, key=lambda each: each[0]))


def test_the_types_are_told_with_the_models() -> None:
    told = ModelsView.of(catalog().values(), TYPES).model_dump(mode="json")["types"]
    assert [each["type"] for each in told] == [
        "pro", "pro_lite", "secupoint", "unlimited_ai", "shared_ai", "co_term", "msp",
    ]  # fmt: skip
    assert told[2] == {
        "type": "secupoint",
        "name": "SecuPoint VPN",
        "tab": "secupoint",
        "chain": "secupoint",
        "parallel": True,
        "categories": ["gateway"],
        "series": None,
        "undoable": True,
    }


def test_what_a_device_takes_is_read_off_the_table() -> None:  # D17
    assert types_for("camera", "standard") == ("pro", "unlimited_ai")
    assert types_for("gateway", "lite") == ("pro_lite", "secupoint")
    assert (chains_for("ap"), chains_for("gateway")) == (("pro",), ("pro", "secupoint"))
