"""The mail of an order to one recipient: queued, sent, and what its delivery events report (D7)."""

from datetime import datetime
from typing import ClassVar, Literal

from licensing.domain.core.decisions import Change
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Record, Ref

Report = Literal["delivered", "bounced", "complained"]
DeliveryStatus = Literal["queued", "sent", "delivered", "bounced", "complained"]


class Delivery(Record):
    """The last send to one recipient. `parts_sent` of its mails are sent, all of them at `sent_at`.

    `partner_told_at`: when the partner was told that this send did not arrive.
    """

    kind: ClassVar[str] = "delivery"
    order_id: str
    recipient: str
    send: int
    queued_at: Instant
    parts_sent: int = 0
    sent_at: Instant | None = None
    report: Report | None = None
    reported_at: Instant | None = None
    reason: str | None = None
    partner_told_at: Instant | None = None

    @property
    def ref(self) -> Ref["Delivery"]:
        return Delivery.ref_of(self.order_id, self.recipient)

    @staticmethod
    def ref_of(order_id: str, recipient: str) -> Ref["Delivery"]:
        return Ref(Delivery, (order_id, recipient))

    @property
    def owner(self) -> str:
        return f"order/{self.order_id}"

    @property
    def status(self) -> DeliveryStatus:
        # Whatever was reported: events may overtake our record, and parts may still have to be handed over.
        if self.sent_at is None:
            return "queued"
        return self.report or "sent"

    @property
    def untold(self) -> bool:
        """It did not arrive, and the partner does not know."""
        return self.status in ("bounced", "complained") and self.partner_told_at is None

    @property
    def at(self) -> datetime:
        """Since when it has its status."""
        if self.sent_at is None:
            return self.queued_at
        # An event may be older than our record of the sending: the mail service can be quicker than our commit.
        return max(self.sent_at, self.reported_at) if self.reported_at else self.sent_at


class SentMail(Record):
    """Whose mail a message id of the mail service belongs to; its events need name nothing else."""

    kind: ClassVar[str] = "mail"
    message_id: str
    order_id: str
    recipient: str
    send: int
    forget_at: Instant

    @property
    def ref(self) -> Ref["SentMail"]:
        return SentMail.ref_of(self.message_id)

    @staticmethod
    def ref_of(message_id: str) -> Ref["SentMail"]:
        return Ref(SentMail, (message_id,))


def queued(order_id: str, recipient: str, now: datetime, last: Delivery | None = None) -> Change:
    """A first send, or one more after `last`."""
    # Events and messages name their send: late ones of an earlier send find another number, and change nothing.
    send = last.send + 1 if last else 1
    return Change(last, Delivery(order_id=order_id, recipient=recipient, send=send, queued_at=now))
