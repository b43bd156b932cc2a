"""Pages of what is left of a listing when some of it is not asked for."""

from collections.abc import Callable

from licensing.domain.core.limits import PAGES_AN_ANSWER
from licensing.ports import Listing, Page, Position, R, Reader


def page_of_kept(
    store: Reader, listing: Listing[R], limit: int, start: Position | None, keep: Callable[[R], bool]
) -> Page[R]:
    """Up to `limit` records that are to be kept; a page can be short, even empty, and still not be the last."""
    kept: list[R] = []
    for _ in range(PAGES_AN_ANSWER):
        # No more than still has room: what is kept is never cut, so the next page begins right behind what was read.
        page = store.page(listing, limit - len(kept), start)
        kept += filter(keep, page.items)
        start = page.next
        if start is None or len(kept) == limit:
            break
    return Page(tuple(kept), start)
