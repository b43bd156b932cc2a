"""Guessing is counted: after 20 unknown keys in an hour nobody learns anything about keys for a while.

Whatever tells something about a key stands on the counters as they were read: their versions are conditions of the
same commit, so guessing in parallel gets no further than guessing in turn.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_FAILED_LOOKUPS
from licensing.domain.core.records import Record, Ref

WINDOW = timedelta(hours=1)


class FailedLookups(Record):
    """What one caller (`caller/…`), one org (`org/…`) or one MSP (`msp/…`) entered that is no key of ours."""

    kind: ClassVar[str] = "guesses"  # what lies in tables is named so
    guesser: str
    unknown_at: tuple[Instant, ...] = ()
    malformed: int = 0
    forget_at: Instant | None = None

    @property
    def ref(self) -> Ref["FailedLookups"]:
        return FailedLookups.ref_of(self.guesser)

    @staticmethod
    def ref_of(guesser: str) -> Ref["FailedLookups"]:
        return Ref(FailedLookups, (guesser,))

    def plus(self, unknown: int, malformed: int, now: datetime) -> "FailedLookups":
        return self.evolve(
            unknown_at=self._recent(now) + (now,) * unknown,
            malformed=self.malformed + malformed,
            forget_at=now + WINDOW,
        )

    def locked_until(self, now: datetime) -> datetime | None:
        """When the twentieth last guess is an hour old; None while there were fewer."""
        recent = self._recent(now)
        return recent[-MAX_FAILED_LOOKUPS] + WINDOW if len(recent) >= MAX_FAILED_LOOKUPS else None

    def allows(self, unknown: int, now: datetime) -> bool:
        return len(self._recent(now)) + unknown <= MAX_FAILED_LOOKUPS

    def _recent(self, now: datetime) -> tuple[datetime, ...]:
        return tuple(at for at in self.unknown_at if now - WINDOW < at)


def require_unlocked(lookups: Iterable[FailedLookups], now: datetime) -> None:
    """Raises `rate_limited` while one of the counters is full: for known keys too, else it would tell them apart."""
    if locks := [until for each in lookups if (until := each.locked_until(now))]:
        raise too_many(max(locks), now)


def too_many(until: datetime, now: datetime) -> Refusal:
    return Refusal(
        "rate_limited",
        f"More than {MAX_FAILED_LOOKUPS} unknown license keys were entered within an hour.",
        "Compare the keys with the license key documents, and try again when `retry_after` seconds have passed.",
        retry_after=int((until - now).total_seconds()),
    )
