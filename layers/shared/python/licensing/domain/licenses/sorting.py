"""Licences in the order of their lists: key by key, the oldest issued first, then by number (D12)."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from licensing.domain.licenses.licenses import LICENSE_ID, Block, License, license_id_of, split_id


class Place(NamedTuple):
    """A place in a list of licences; a block stands before its licences, with number 0."""

    key_id: str
    number: int

    def __str__(self) -> str:
        return license_id_of(self.key_id, self.number)

    @classmethod
    def from_text(cls, text: str) -> "Place | None":
        """The place that `str` wrote; None for what it would not write."""
        return cls(*split_id(text)) if LICENSE_ID.fullmatch(text) else None

    @classmethod
    def of(cls, record: Block | License) -> "Place":
        return cls(record.key_id, record.number if isinstance(record, License) else 0)


def in_order(
    records: Iterable[Block | License], after: Place | None, wanted: Callable[[Block], bool]
) -> Iterator[License]:
    """Every licence behind `after`. `records` are sorted, and each block of which a licence may follow is among them.

    All licences of a block are alike, so `wanted` says for a whole block whether they are looked at.
    """
    for key_id, of_key in groupby(records, key=lambda record: record.key_id):
        first = after.number + 1 if after and after.key_id == key_id else 1
        yield from merge(*_streams(of_key, first, wanted), key=lambda one: one.number)


def _streams(
    of_key: Iterator[Block | License], first: int, wanted: Callable[[Block], bool]
) -> Iterator[Iterator[License]]:
    """The key's licences in its block, and those that are records."""
    head = next(of_key)
    if isinstance(head, Block):
        if wanted(head):
            yield head.licenses(head.free.starting(first))
    elif head.number >= first:
        yield iter([head])
    yield (one for one in of_key if isinstance(one, License) and one.number >= first)
