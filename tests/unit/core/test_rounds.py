"""Rounds reach every owner, wherever they are cut off; a worker's trouble with one owner is that owner's alone."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.core.limits import OWNERS_A_MESSAGE
from licensing.ports import Page, Position
from licensing.use_cases.core.rounds import Cursor, Source, hand_out
from tests.worlds.ordering import Killed


def source(name: str, count: int, size: int = 10) -> Source:
    """`count` owners in pages of `size`."""
    owners = [f"{name}/{number}" for number in range(count)]

    def page(after: Position | None) -> Page[str]:
        start = int(after["at"]) if after else 0
        end = start + size
        return Page(tuple(owners[start:end]), {"at": str(end)} if end < count else None)

    return Source(name, page)


def everybody(*counts: int) -> list[str]:
    return [f"{name}/{number}" for name, count in zip("ab", counts, strict=True) for number in range(count)]


def test_each_owner_is_handed_out_once_a_few_in_each_message() -> None:
    sent: list[Sequence[str]] = []
    sources = [source("a", 130, size=60), source("b", 7)]
    assert hand_out(sources, sent.append, None, lambda: True) is None
    assert [owner for owners in sent for owner in owners] == everybody(130, 7)
    assert max(map(len, sent)) == OWNERS_A_MESSAGE


def test_a_round_that_never_has_time_for_more_than_a_page_comes_to_its_end() -> None:
    sent: list[str] = []
    sources = [source("a", 25), source("b", 15)]
    cursor, stretches = hand_out(sources, sent.extend, None, lambda: False), 1
    while cursor:
        cursor, stretches = hand_out(sources, sent.extend, cursor, lambda: False), stretches + 1
    assert (sent, stretches) == (everybody(25, 15), 5)


def test_nobody_is_no_round() -> None:
    assert hand_out([], list[str]().extend, None, lambda: True) is None


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 3))
def test_whenever_it_is_killed_nobody_is_left_out(deaths: list[int], pages: int) -> None:
    """The message comes again from where it stood: after a kill that is where this stretch began."""
    sources, sent = [source("a", 35), source("b", 15)], list[str]()
    left = iter(deaths)

    def stretch(start: Cursor | None) -> Cursor | None:
        sends_left, pages_left = next(left, 1_000), pages

        def send(owners: Sequence[str]) -> None:
            nonlocal sends_left
            if sends_left == 0:
                raise Killed
            sends_left -= 1
            sent.extend(owners)

        def in_time() -> bool:
            nonlocal pages_left
            pages_left -= 1
            return pages_left > 0

        try:
            return hand_out(sources, send, start, in_time)
        except Killed:
            return stretch(start)

    cursor = stretch(None)
    while cursor:
        cursor = stretch(cursor)
    assert set(sent) == set(everybody(35, 15))
