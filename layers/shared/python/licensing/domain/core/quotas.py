"""How many licenses an API token may claim or bind on one day, counted in the same commit as what it does.

Days are those of UTC. Claiming counts every license of the key, binding every license bound.
"""

from datetime import datetime, time
from typing import ClassVar

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.records import Record, Ref, Value


class QuotaUsage(Record):
    """What a token did on one day. No ledger tells of it: it is bookkeeping."""

    kind: ClassVar[str] = "spending"  # what lies in tables is named so
    token_id: str
    day: str
    licenses: int = 0
    forget_at: Instant

    @property
    def ref(self) -> Ref["QuotaUsage"]:
        return QuotaUsage.ref_of(self.token_id, self.day)

    @staticmethod
    def ref_of(token_id: str, day: str) -> Ref["QuotaUsage"]:
        return Ref(QuotaUsage, (token_id, day))


class DailyQuota(Value):
    """The bound of one token."""

    token_id: str
    licenses_per_day: int

    def ref(self, now: datetime) -> Ref[QuotaUsage]:
        return QuotaUsage.ref_of(self.token_id, now.date().isoformat())

    def require(self, spent: QuotaUsage | None, licenses: int, now: datetime) -> None:
        """Raises `rate_limited`, until midnight, when there is not enough left of the day's licenses."""
        used = spent.licenses if spent else 0
        if licenses and used + licenses > self.licenses_per_day:
            raise Refusal(
                "rate_limited",
                f"This API token may claim or bind {self.licenses_per_day} licenses a day; "
                f"it has used {used}, and this takes {licenses}.",
                "Do less at once, try again when `retry_after` seconds have passed, or use a token with a wider bound.",
                retry_after=int((_midnight(now) - now).total_seconds()),
            )

    def spend(self, spent: QuotaUsage | None, licenses: int, now: datetime) -> QuotaUsage:
        """The day's record with so many licenses more."""
        day = self.ref(now).ids[1]
        before = spent or QuotaUsage(token_id=self.token_id, day=day, forget_at=_midnight(now) + DAY)
        return before.evolve(licenses=before.licenses + licenses)


def _midnight(now: datetime) -> datetime:
    """The end of the day."""
    return datetime.combine(now.date() + DAY, time(), now.tzinfo)
