"""Who asks for a command, and how; and what came of it."""

import math
import time
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.instants import whole_second
from licensing.domain.core.quotas import DailyQuota
from licensing.domain.core.records import Value

A = TypeVar("A", bound=Value)

# The last step and the answer have to fit in, and the gateway began to count before the function did.
RESERVED_SECONDS = 5


class Context(Struct, frozen=True):
    """Who asks, when, and how: for real, as a dry run, with a plan, with an idempotency key, within a quota, and
    within how many seconds; and in which rounds."""

    actor: str
    moment: datetime
    idempotency_key: IdempotencyKey | None = None
    dry_run: bool = False
    plan: str | None = None
    quota: DailyQuota | None = None
    seconds: float = math.inf
    # Of many things so many are decided on at a time; all of them at once where nothing is said.
    round: int | None = None
    _since: float = field(default_factory=time.monotonic)

    @property
    def shown_only(self) -> "Context":
        """The same, to see what would be done."""
        return replace(self, dry_run=True, idempotency_key=None)

    @property
    def commit_time(self) -> datetime:
        """The instant it is by now: a decision that lost a race is told after the one that won it."""
        return self.moment + timedelta(seconds=time.monotonic() - self._since)

    @property
    def deadline_near(self) -> bool:
        """Too late to begin one more step."""
        return time.monotonic() - self._since > self.seconds - RESERVED_SECONDS

    @property
    def is_half_over(self) -> bool:
        """Of its time: who begins one more piece of work only before that leaves it the other half."""
        return time.monotonic() - self._since > self.seconds / 2

    @property
    def aside(self) -> "Context":
        """For what follows from a command: no reply is kept of it, and the plan was of the command alone."""
        return replace(self, idempotency_key=None, plan=None)

    @property
    def now(self) -> datetime:
        """The second of the decision."""
        return whole_second(self.moment)


class Outcome(Struct, Generic[A], frozen=True):
    """What a command did. `body` is its answer as JSON; `answer` the same, typed, unless it was replayed.

    `changed` is False when nothing had to be done.
    """

    body: dict[str, Any]
    changed: bool
    replayed: bool = False
    answer: A | None = None
