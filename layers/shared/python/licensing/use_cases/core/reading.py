"""The table as a command's `load` sees it."""

from collections.abc import Sequence
from typing import Any, Generic

from msgspec import Struct, field
from typing_extensions import TypeVar

from licensing.domain.core.idempotency import IdempotencyKey, IdempotencyRecord
from licensing.domain.core.quotas import QuotaUsage
from licensing.domain.core.records import Record, RecordSet, Ref, Stored
from licensing.ports import Listing, Page, Position, Reader, Store
from licensing.use_cases.core.context import Context, Outcome

R = TypeVar("R", bound=Record)
P = TypeVar("P", bound=Stored, default=Stored)


# Raised, for it turns out in the midst of any `load`, and nothing shall be read or decided after it.
class Replayed(Exception):
    """The idempotency key was answered before."""

    def __init__(self, body: dict[str, Any], changed: bool) -> None:
        super().__init__()
        self.outcome: Outcome[Any] = Outcome(body, changed, replayed=True)


class Progress(Struct, Generic[P]):
    """How many steps of a command are committed, in this run or in one that broke off, and what they have answered;
    and how many of them by this run."""

    steps: int = 0
    parts: list[P] = field(default_factory=list)
    own: int = 0

    def add(self, parts: Sequence[P]) -> None:
        self.own += 1
        self.steps += 1
        self.parts += parts


class Reading(Reader, Generic[P]):
    """Reads the table for one attempt at a command. The first look-up also fetches the idempotency record and what the
    caller has used of a quota, so that they cost no call.

    `classes` are those of the parts of a bulk command's answer.
    """

    def __init__(
        self, store: Store, context: Context, classes: Sequence[type[P]] = (), progress: Progress[P] | None = None
    ) -> None:
        self.progress = progress or Progress[P]()
        self.reply: IdempotencyRecord | None = None
        self.spent: QuotaUsage | None = None
        self._store, self._context, self._classes = store, context, classes
        self._asked = False

    @property
    def done(self) -> tuple[P, ...]:
        """What earlier steps of the same command have answered."""
        return tuple(self.progress.parts)

    def get(self, *refs: Ref[Any]) -> RecordSet:
        extra = [] if self._asked else self._bookkeeping
        self._asked = True
        facts = self._store.get(*refs, *extra)
        if extra:
            self._recall(facts)
        return facts

    def page(self, listing: Listing[R], limit: int, start: Position | None = None) -> Page[R]:
        # A query takes no other records along, as a get does; asked before it, a repeated call reads no list in vain.
        self.load_bookkeeping()
        return self._store.page(listing, limit, start)

    def load_bookkeeping(self) -> None:
        """Makes sure that what is kept about the caller was looked at."""
        if not self._asked and self._bookkeeping:
            self.get()

    @property
    def _bookkeeping(self) -> list[Ref[Any]]:
        key, quota = self._context.idempotency_key, self._context.quota
        return [*([key.ref] if key else ()), *([quota.ref(self._context.now)] if quota else ())]

    def _recall(self, facts: RecordSet) -> None:
        if self._context.quota:
            self.spent = facts[self._context.quota.ref(self._context.now)]
        if self._context.idempotency_key:
            self._recall_reply(facts[self._context.idempotency_key.ref], self._context.idempotency_key)

    def _recall_reply(self, reply: IdempotencyRecord | None, key: IdempotencyKey) -> None:
        self.reply = reply
        # Over, it may lie there still: DynamoDB deletes in its own time. A dry run has another query, hence another
        # digest, but means the same call: it is neither replayed nor refused for it.
        if reply is None or reply.is_over(self._context.now) or self._context.dry_run:
            return
        key.require(reply.digest)
        if reply.is_whole:
            raise Replayed(reply.body(self._store.get(*reply.pieces)), reply.changed)
        # Another call with the same key may have gone on from where this one was: the reply knows more, then.
        if reply.parts != self.progress.steps:
            self.progress.steps = reply.parts
            self.progress.parts[:] = reply.done(self._store.get(*reply.pieces), self._classes)
