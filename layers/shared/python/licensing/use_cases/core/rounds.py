"""A round: work over all owners, or those that are due, handed out by a queue and done owner by owner.

Who hands out reads names only, sends them some at a time, and goes on from a cursor: a message of its own queue, that
comes again until it is done. So however often a round is cut off, it comes to its end; what is handed out twice is
harmless, for whoever does the work finds done what is done.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from licensing.domain.core.limits import OWNERS_A_MESSAGE, OWNERS_READ
from licensing.domain.core.records import Value
from licensing.ports import Listing, Page, Position, Store


class Source(Struct, frozen=True):
    """Owners (`org/org-north`) to be handed out, page by page, under a name that cursors know it by."""

    name: str
    page: Callable[[Position | None], Page[str]]


class Cursor(Value):
    """Where handing out goes on."""

    source: str
    after: Position | None = None


def listed(
    store: Store, name: str, listing: Listing[Any], named: Callable[[Any], str] = lambda record: record.owner
) -> Source:
    """The owners of a listing's records."""

    def page(after: Position | None) -> Page[str]:
        found = store.page(listing, OWNERS_READ, after)
        return Page(tuple(map(named, found.items)), found.next)

    return Source(name, page)


def hand_out(
    sources: Sequence[Source], send: Callable[[Sequence[str]], None], start: Cursor | None, in_time: Callable[[], bool]
) -> Cursor | None:
    """Sends the owners from `start` on, `OWNERS_A_MESSAGE` at a time; where to go on when time was up, None at the end.

    One page at least, so that a round that is always short of time comes to its end.
    """
    cursor = start or Cursor(source=sources[0].name) if sources else None
    while cursor:
        source = next(source for source in sources if source.name == cursor.source)
        page = source.page(cursor.after)
        for owners in batches(page.items):
            send(owners)
        cursor = _after(sources, cursor, page.next)
        if not in_time():
            return cursor
    return None


def batches(owners: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one message takes."""
    return (owners[start : start + OWNERS_A_MESSAGE] for start in range(0, len(owners), OWNERS_A_MESSAGE))


def _after(sources: Sequence[Source], cursor: Cursor, position: Position | None) -> Cursor | None:
    if position:
        return Cursor(source=cursor.source, after=position)
    names = [source.name for source in sources]
    left = names[names.index(cursor.source) + 1 :]
    return Cursor(source=left[0]) if left else None
