"""Who follows the table's stream: what each owner's ledger has told is handled together, owner by owner."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from licensing.domain.core.ledger import Entry
from licensing.entry import wiring
from licensing.entry.observability import logger
from licensing.entry.worker import Handler

Follow = Callable[[str, Sequence[Entry], datetime], None]


def follower(follow: Follow) -> Handler:
    """The Lambda handler that gives `follow` an owner and its entries, in the order of the stream.

    From the first one on that could not be followed all come again, until they are too old for it: then they are told
    to the function's queue of failures.
    """

    def handler(event: Mapping[str, Any], _: object) -> dict[str, list[dict[str, str]]]:
        from licensing.adapters.dynamodb.stream import entries_in

        by_owner: dict[str, list[tuple[str, Entry]]] = {}
        for number, entry in entries_in(event):
            by_owner.setdefault(entry.ledger, []).append((number, entry))
        failed = [told[0][0] for owner, told in by_owner.items() if not _followed(owner, [each for _, each in told])]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}

    def _followed(owner: str, entries: Sequence[Entry]) -> bool:
        try:
            follow(owner, entries, wiring.now())
        # One owner's trouble is not the others'.
        except Exception:
            logger.exception("not followed", extra={"owner": owner, "entries": len(entries)})
            return False
        return True

    return handler
