"""Answers end by bytes: a list is read in portions, until they have what one answer may hold."""

from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TypeVar

from licensing.domain.core.limits import ANSWER_BYTES, PORTION
from licensing.domain.core.records import Value
from licensing.ports import Page, Position

V = TypeVar("V", bound=Value)


def in_portions(
    read: Callable[[int, Position | None], Page[V]], limit: int, start: Position | None, most: int = ANSWER_BYTES
) -> Page[V]:
    """Up to `limit` of what `read` gives, from `start` on, and so many bytes; one at least, however large."""
    found: tuple[V, ...] = ()
    while True:
        portion = min(limit - len(found), PORTION)
        page = read(portion, start)
        sizes = _sizes(page.items)
        fit = max(bisect(sizes, most), 0 if found else 1)
        if fit < len(page.items):
            # Read again, for the place behind the last that fits: only the table knows it.
            page = read(fit, start) if fit else Page((), start)
            return Page(found + page.items, page.next)
        found, most, start = found + page.items, most - (sizes[-1] if sizes else 0), page.next
        # A portion that is short was filtered, and took its time.
        if start is None or len(page.items) < portion or len(found) == limit:
            return Page(found, start)


def _sizes(views: Sequence[Value]) -> list[int]:
    """The bytes up to each, in JSON."""
    return list(accumulate(len(view.model_dump_json().encode()) for view in views))
