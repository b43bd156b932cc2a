"""The interval set is a set of numbers, whatever is done with it (D12)."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from licensing.domain.core.intervals import Intervals, IntervalsText

# Few enough to touch and overlap often.
numbers = st.sets(st.integers(1, 12))


@given(numbers)
def test_it_holds_the_numbers_it_was_made_of_in_order(members: set[int]) -> None:
    made = Intervals.of(members)
    assert list(made) == sorted(members)
    assert len(made) == len(members)
    assert bool(made) == bool(members)


@given(numbers, numbers)
def test_union_difference_and_inclusion_are_those_of_sets(left: set[int], right: set[int]) -> None:
    assert set(Intervals.of(left) | Intervals.of(right)) == left | right
    assert set(Intervals.of(left) - Intervals.of(right)) == left - right
    assert Intervals.of(left) & Intervals.of(right) == Intervals.of(left & right)
    assert (Intervals.of(left) >= Intervals.of(right)) == (left >= right)


@example({1, 2, 4}, 2)
@given(numbers, st.integers(0, 14))
def test_it_knows_its_members_and_can_start_anywhere(members: set[int], number: int) -> None:
    made = Intervals.of(members)
    assert (number in made) == (number in members)
    assert list(made.starting(number)) == sorted(member for member in members if member >= number)
    assert made.first(number) == Intervals.of(sorted(members)[:number])


@given(numbers, numbers)
def test_equal_sets_have_one_form_however_they_came_about(left: set[int], right: set[int]) -> None:
    assert Intervals.of(left) | Intervals.of(right) == Intervals.of(left | right)
    assert Intervals.of(left) - Intervals.of(right) == Intervals.of(left - right)


@given(numbers)
def test_its_text_gives_the_same_set_back(members: set[int]) -> None:
    text_type = TypeAdapter(IntervalsText)
    made = Intervals.of(members)
    assert text_type.validate_json(text_type.dump_json(made)) == made


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([], ""),
        ([5], "5"),
        ([5, 6], "5-6"),
        ([1, 2, 3, 5], "1-3,5"),
        ([1, 3, 4, 100_000], "1,3-4,100000"),
        (range(1, 100_001), "1-100000"),
    ],
)
def test_its_text_is_what_lies_in_every_table(members: Sequence[int], text: str) -> None:
    """Written down, never computed: a stored set must be readable for ever (D12)."""
    assert str(Intervals.of(members)) == text
    assert Intervals.from_text(text) == Intervals.of(members)


@pytest.mark.parametrize("last", [0, -1])
def test_up_to_nothing_is_empty(last: int) -> None:
    assert (Intervals.up_to(last), len(Intervals.up_to(1)), list(Intervals.up_to(2))) == (Intervals(), 1, [1, 2])


def test_its_text_is_short() -> None:
    assert str(Intervals.up_to(100_000) - Intervals.of([501, 502])) == "1-500,503-100000"
    assert str(Intervals()) == ""


@pytest.mark.parametrize("text", ["x", "1-", "2,1", "1,2", "5-3", "1,,3", " 1"])
def test_a_text_it_would_not_write_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(IntervalsText).validate_python(text)
