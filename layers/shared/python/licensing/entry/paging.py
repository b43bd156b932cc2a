"""Lists over HTTP: `limit` and `cursor` in, `items` and `next_cursor` out."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field

from licensing.domain.core.errors import Fault, Refusal, invalid
from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import SORT_KEY_BYTES
from licensing.domain.core.records import Record, Value
from licensing.entry.portions import in_portions
from licensing.ports import Listing, Page, Position, Store
from licensing.use_cases.core.pages import page_of_kept

R = TypeVar("R", bound=Record)
V = TypeVar("V", bound=Value)


class ListQuery(Value):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    cursor: Annotated[str, Field(max_length=4000)] | None = None


class AsOf(Value):
    """The instant a read is about; now when it is left out (D31)."""

    as_of: Instant | None = None


class Items(Value, Generic[V]):
    """What every list answers; `next_cursor` is null on the last page.

    Annotations name a list in quotes: pydantic builds the class of each kind at once, and a cold start needs none.
    """

    items: tuple[V, ...]
    next_cursor: str | None = None


def listed(store: Store, listing: Listing[R], query: ListQuery, view: Callable[[R], V]) -> Items[V]:
    """One page of a listing, each record shown by `view`; short, too, when it has its bytes."""
    return listed_together(store, listing, query, lambda records: map(view, records))


def listed_together(
    store: Store,
    listing: Listing[R],
    query: ListQuery,
    views: Callable[[Sequence[R]], Iterable[V]],
    keep: Callable[[R], bool] = lambda _: True,
) -> Items[V]:
    """The same of the records that are to be kept, where showing some takes a look at others, read for all at once. A
    page can be short, even empty, and still not be the last."""

    def read(limit: int, start: Position | None) -> Page[V]:
        page = page_of_kept(store, listing, limit, start, keep)
        return Page(tuple(views(page.items)), page.next)

    page = in_portions(read, query.limit, position_of(listing, query.cursor))
    return Items[Any](items=page.items, next_cursor=cursor_of(listing, page.next))


def sliced(found: Sequence[V], query: ListQuery, mark: str, key: Callable[[V], str]) -> Items[V]:
    """One page of what was found already, sorted by `key`."""
    start = position_of(mark, query.cursor)
    rest = [one for one in found if start is None or key(one) > start.get("key", "")]
    items = tuple(rest[: query.limit])
    more = {"key": key(items[-1])} if len(rest) > query.limit else None
    return Items[Any](items=items, next_cursor=cursor_of(mark, more))


def cursor_of(listing: object, position: Position | None) -> str | None:
    """An opaque cursor, good for this very listing only."""
    if position is None:
        return None
    # Not signed: one that somebody made up leads nowhere outside its list (`keys.Query.require`).
    return base64.urlsafe_b64encode(json.dumps([_mark(listing), position]).encode()).decode().rstrip("=")


def position_of(listing: object, cursor: str | None) -> Position | None:
    """Where the cursor points to. Raises `invalid_request` for a damaged one, and for another list's."""
    if cursor is None:
        return None
    try:
        mark, position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    # The last comes of lists within lists: a cursor is any text that somebody sends.
    except (ValueError, TypeError, RecursionError):
        raise bad_cursor() from None
    if mark != _mark(listing) or not (isinstance(position, dict) and all(map(_is_key, position.values()))):
        raise bad_cursor()
    return dict(position)


def _is_key(value: object) -> bool:
    """Whether it can be a key of the table."""
    try:
        return isinstance(value, str) and 0 < len(value.encode()) <= SORT_KEY_BYTES
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def _mark(listing: object) -> str:
    return hashlib.sha256(repr(listing).encode()).hexdigest()[:16]


def bad_cursor() -> Refusal:
    return invalid(Fault("cursor", "is none that this list gave; start again without one"))
