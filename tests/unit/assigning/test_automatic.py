"""Automatic association at its edges: what is left over, devices by name, how many in how many runs (D25)."""

from collections import Counter
from typing import Any

import pytest

from licensing.domain.assigning.requests import AutomaticRequest
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import at, later

KEY = IdempotencyKey.of("me", "once", "automatic")


def in_two_runs(world: World, **request: Any) -> list[dict[str, Any]]:
    """The associations of a command that was stopped after its first step, and sent again."""
    asked = AutomaticRequest.model_validate(request)
    with pytest.raises(Refusal, match="after 1 of"):
        associate_automatically(world.store, at(idempotency_key=KEY, seconds=0), NORTH, asked)
    body = associate_automatically(world.store, at(later(minutes=1), idempotency_key=KEY), NORTH, asked).body
    made: list[dict[str, Any]] = body["associations"]
    return made


def test_what_is_for_no_device_or_has_ended_is_neither_bound_nor_left_over() -> None:
    world = World()
    world.claim("CO-TERM-LIC", 5)
    world.claim("AP-1YR-LIC", 3, issued_at=later(days=-500))
    world.claim("AI-TOKEN-1K-LIC", 2)
    world.register("A")
    assert world.bind_all() == {"associations": [], "left_over": 0}


def test_devices_asked_for_by_name_get_what_their_category_takes() -> None:
    world = World()
    for model in ("AP-1YR-LIC", "CAM-1YR-LIC", "SW-1YR-LIC"):
        world.claim(model, 3)
    category = {"A": "ap", "C": "camera", "S": "switch"}
    for serial in category:
        world.register(serial, category[serial])
    answer = world.bind_all(serials=["A", "C", "S"])
    assert sorted(each["serial"] for each in answer["associations"]) == ["A", "C", "S"]
    assert answer["left_over"] == 6
    taken = {serial: world.device(serial).associations[0].model.category for serial in category}
    assert taken == category


def test_at_most_so_many_are_bound_in_however_many_runs() -> None:
    world = World()
    world.claim(quantity=70)
    world.register_many(70)
    assert len(in_two_runs(world, max=60)) == 60
    assert sum(len(world.device(f"A{number:05}").associations) for number in range(70)) == 60


def test_a_device_gets_one_license_of_each_kind_in_however_many_runs() -> None:
    world = World()
    serials = [world.register(f"C{number:02}", "camera") for number in range(40)]
    world.claim("CAM-1YR-LIC", 100)
    world.claim("AI-UNL-1YR-LIC", 100)
    made = in_two_runs(world, serials=serials)
    assert set(Counter(each["serial"] for each in made).values()) == {2}
    assert len({each["license_id"] for each in made}) == 80


def test_what_was_taken_back_in_the_second_it_came_in_leaves_no_trace_on_the_device() -> None:  # D24
    world = World()
    [license_id] = world.claim()
    before = world.device(world.register("A"))
    world.bind(license_id, "A")
    world.undo("A")
    assert world.device("A").evolve(version=0, told_in=None) == before.evolve(version=0, told_in=None)


def test_after_seven_days_it_is_too_late_for_good() -> None:  # D24
    world = World()
    world.bind(world.claim()[0], world.register("A"))
    with pytest.raises(Refusal) as caught:
        world.undo("A", later(days=70))
    assert caught.value.code == "undo_expired"
