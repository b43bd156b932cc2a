"""When the work of an order was queued again after it got lost: bookkeeping of the sweeper."""

from datetime import datetime
from typing import ClassVar

from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.records import Record, Ref


class TakeUp(Record):
    """The last time."""

    kind: ClassVar[str] = "take_up"
    order_id: str
    at: Instant

    @property
    def ref(self) -> Ref["TakeUp"]:
        return TakeUp.ref_of(self.order_id)

    @staticmethod
    def ref_of(order_id: str) -> Ref["TakeUp"]:
        return Ref(TakeUp, (order_id,))

    @property
    def forget_at(self) -> datetime:
        """Long after its message can be alive."""
        return self.at + 30 * DAY
