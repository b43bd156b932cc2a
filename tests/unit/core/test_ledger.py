"""What the ledger tells of a change, and that it leads from either side to the other (D31, D33)."""

from typing import Any, ClassVar

from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.core.decisions import Change
from licensing.domain.core.ledger import Difference, difference, image_of
from licensing.domain.core.records import Image, Record, Ref, Value
from licensing.entry.ledgers import ledger_of
from licensing.entry.paging import ListQuery
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import later


class Item(Value):
    """An entry of a list."""

    number: int
    note: str | None = None


class Shelf(Record):
    """A record with lists, and with facts that may be missing."""

    kind: ClassVar[str] = "shelf"
    name: str = "shelf"
    place: str | None = None
    items: tuple[Item, ...] = ()
    labels: tuple[str, ...] | None = None
    ends: dict[str, int] | None = None

    @property
    def ref(self) -> Ref["Shelf"]:
        return Ref(Shelf, (self.name,))

    @property
    def owner(self) -> str:
        return "org/shelves"


def shelf(*numbers: int, **facts: Any) -> Shelf:
    return Shelf(items=tuple(Item(number=number) for number in numbers), **facts)


# Few different entries, so that lists share some of them in every way.
ITEMS = st.builds(Item, number=st.integers(1, 3), note=st.none() | st.sampled_from("ab"))
SHELVES = st.none() | st.builds(
    Shelf,
    name=st.sampled_from("ab"),
    place=st.none() | st.just("hall"),
    items=st.lists(ITEMS, max_size=6).map(tuple),
    labels=st.none() | st.lists(st.sampled_from("xy"), max_size=4).map(tuple),
    ends=st.none() | st.dictionaries(st.sampled_from("mn"), st.integers(0, 1)),
)


def told(change: Change) -> Difference:
    """As it comes back out of the table."""
    return Difference.model_validate_json(difference(change).model_dump_json(exclude_none=True))


@given(SHELVES, SHELVES)
def test_a_difference_leads_from_before_to_after_and_back(before: Shelf | None, after: Shelf | None) -> None:  # D33
    if before is None and after is None:
        return
    diff = told(Change(before, after))
    there, then = image_of(before), image_of(after)
    assert diff.follows(there or {})
    assert diff.applied(there) == then
    assert diff.undone(then) == there


@given(SHELVES, SHELVES)
def test_only_what_differs_is_told(before: Shelf | None, after: Shelf | None) -> None:
    if before is None or after is None:
        return
    diff = told(Change(before, after))
    was, became = diff.before or {}, diff.after or {}
    for name in was.keys() & became.keys():
        assert was[name] != became[name]
        if name in (diff.offsets or {}):
            assert not (was[name] and became[name]) or was[name][0] != became[name][0]
            assert not (was[name] and became[name]) or was[name][-1] != became[name][-1]


def test_of_a_list_only_the_entries_that_differ_are_told_and_where() -> None:
    diff = told(Change(shelf(1, 2, 3, 4), shelf(1, 2, 9, 4)))
    assert (diff.before, diff.after) == ({"items": [{"number": 3}]}, {"items": [{"number": 9}]})
    assert diff.offsets == {"items": 2}
    added = told(Change(shelf(*range(40)), shelf(*range(41))))
    assert (added.before, added.after, added.offsets) == ({"items": []}, {"items": [{"number": 40}]}, {"items": 40})


def test_a_list_that_differs_from_end_to_end_is_told_whole() -> None:
    diff = told(Change(shelf(1, 2), shelf(3)))
    assert (diff.before, diff.offsets) == ({"items": [{"number": 1}, {"number": 2}]}, None)


def test_a_difference_does_not_follow_other_facts() -> None:
    diff = told(Change(shelf(1, 2, 3), shelf(1, 9, 3)))
    assert not diff.follows(image_of(shelf(1, 4, 3)) or {})
    assert not diff.follows({})


def test_entries_of_a_list_are_lifted_with_its_name() -> None:
    def renamed(facts: Image) -> Image:
        return {"things" if name == "items" else name: value for name, value in facts.items()}

    class Shelf2(Record):
        kind: ClassVar[str] = "shelf"
        lifts = (renamed,)
        name: str
        things: tuple[Item, ...] = ()

    diff = told(Change(shelf(1, 2, 3), shelf(1, 9, 3))).lifted(Shelf2)
    assert diff.offsets == {"things": 1}
    assert diff.undone({"name": "shelf", "things": [1, {"number": 9}, 3]}) == {
        "name": "shelf", "things": [1, {"number": 2}, 3]
    }  # fmt: skip


def test_a_devices_second_license_is_told_alone_with_its_place_among_its_licenses() -> None:  # D33
    world = World()
    first, second = world.claim(quantity=2)
    world.register("A")
    world.bind(first, "A")
    world.bind(second, "A", later(days=1))
    newest = ledger_of(world.store, f"org/{NORTH}", ListQuery(limit=1)).items[0]
    (change,) = (each for each in newest.changes if each.record == f"device/{NORTH}/A")
    assert (change.before, change.offsets) == ({"associations": []}, {"associations": 1})
    assert [each["license_id"] for each in (change.after or {})["associations"]] == [second]
