"""A list's answer ends by its bytes, and the next one goes on right behind it."""

from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.core.limits import ANSWER_BYTES, PORTION
from licensing.domain.core.records import Value
from licensing.entry.portions import in_portions
from licensing.ports import Page, Position


class Text(Value):
    text: str


def size(view: Text) -> int:
    return len(view.model_dump_json().encode())


@given(
    sizes=st.lists(st.integers(0, 400), max_size=3 * PORTION),
    limit=st.integers(1, 3 * PORTION),
    most=st.integers(1, 5_000),
)
def test_pages_end_by_count_and_by_bytes_and_leave_nothing_out(sizes: list[int], limit: int, most: int) -> None:
    there = [Text(text="ü" * (each // 2)) for each in sizes]

    def read(many: int, start: Position | None) -> Page[Text]:
        assert 0 < many <= PORTION
        first = int(start["at"]) if start else 0
        more = {"at": str(first + many)} if first + many < len(there) else None
        return Page(tuple(there[first : first + many]), more)

    start: Position | None = None
    pages: list[tuple[Text, ...]] = []
    while not pages or start:
        page = in_portions(read, limit, start, most)
        pages.append(page.items)
        start = page.next
    assert [view for each in pages for view in each] == there
    for each in pages:
        assert len(each) <= limit
        assert len(each) <= 1 or sum(map(size, each)) <= most


def test_a_page_within_a_portion_is_read_at_once() -> None:
    asked: list[int] = []

    def read(many: int, _: Position | None) -> Page[Text]:
        asked.append(many)
        return Page((Text(text="x"),) * many, {"at": "on"})

    assert len(in_portions(read, PORTION, None).items) == PORTION
    assert asked == [PORTION]
    asked.clear()
    assert len(in_portions(read, 250, None, ANSWER_BYTES).items) == 250
    assert asked == [100, 100, 50]
