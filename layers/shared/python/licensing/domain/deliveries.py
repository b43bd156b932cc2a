"""The mail of an order to one recipient: queued, handed over, and what its delivery events report (D7)."""

from datetime import datetime, timedelta
from typing import ClassVar, Literal

from licensing.domain.decisions import Change, Decision, changed, created, decide
from licensing.domain.errors import Refusal
from licensing.domain.instants import DAY, Instant
from licensing.domain.notices import NO_SEND
from licensing.domain.records import Record, Ref, Value

Report = Literal["delivered", "bounced", "complained"]
DeliveryStatus = Literal["queued", "sent", "delivered", "bounced", "complained"]

# A report is never taken back by a milder one, in whatever order they come.
SEVERITY: dict[Report | None, int] = {None: 0, "delivered": 1, "bounced": 2, "complained": 3}

EVENTS_COME_WITHIN = 30 * DAY


class Delivery(Record):
    """The last send to one recipient. `parts_sent` of its mails are handed over, all of them at `sent_at`.

    `partner_told_at`: when the partner was told that this send did not arrive.
    """

    kind: ClassVar[str] = "delivery"
    order_id: str
    recipient: str
    send: int
    queued_at: Instant
    leased_until: Instant | None = None
    parts_sent: int = 0
    sent_at: Instant | None = None
    report: Report | None = None
    reported_at: Instant | None = None
    reason: str | None = None
    partner_told_at: Instant | None = None

    @property
    def ref(self) -> Ref["Delivery"]:
        return Delivery.named(self.order_id, self.recipient)

    @staticmethod
    def named(order_id: str, recipient: str) -> Ref["Delivery"]:
        return Ref(Delivery, (order_id, recipient))

    @property
    def owner(self) -> str:
        return f"order/{self.order_id}"

    @property
    def status(self) -> DeliveryStatus:
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
        return SentMail.named(self.message_id)

    @staticmethod
    def named(message_id: str) -> Ref["SentMail"]:
        return Ref(SentMail, (message_id,))


class DeliveryView(Value):
    """How the API shows it (contract: Ordering)."""

    recipient: str
    status: DeliveryStatus
    at: Instant
    reason: str | None

    @classmethod
    def of(cls, mail: Delivery) -> "DeliveryView":
        return cls(recipient=mail.recipient, status=mail.status, at=mail.at, reason=mail.reason)


def queued(order_id: str, recipient: str, now: datetime, last: Delivery | None = None) -> Change:
    """A first send, or one more after `last`."""
    send = last.send + 1 if last else 1
    return Change(last, Delivery(order_id=order_id, recipient=recipient, send=send, queued_at=now))


def lease(mail: Delivery, now: datetime, lasts: timedelta) -> Decision[DeliveryView]:
    """The right to send it for a while. Raises `conflict` while another worker has it."""
    if mail.leased_until and now < mail.leased_until:
        raise Refusal("conflict", "Another worker is busy with this mail.", "Try again when its lease is over.")
    return _decided(mail, changed(mail, leased_until=now + lasts), "mail.leased", "is being sent")


def part_sent(mail: Delivery, message_id: str, parts: int, now: datetime) -> Decision[DeliveryView]:
    """One more of its `parts` was handed over; with the last one it is sent, and the lease over."""
    count = mail.parts_sent + 1
    done = {"sent_at": now, "leased_until": None} if count >= parts else {}
    known = _sent_mail(message_id, mail.order_id, mail.recipient, mail.send, now)
    change = changed(mail, parts_sent=count, **done)
    return _decided(mail, change, "mail.sent", f"handed over, part {count} of {parts}", created(known))


def refused(mail: Delivery, reason: str, now: datetime) -> Decision[DeliveryView]:
    """The mail service will never take it: as good as bounced."""
    change = changed(mail, sent_at=now, leased_until=None, report="bounced", reported_at=now, reason=reason)
    return _decided(mail, change, "mail.bounced", f"refused: {reason}")


def reported(mail: Delivery, report: Report, reason: str | None, at: datetime) -> Decision[DeliveryView]:
    """A delivery event. One heard before, or milder than what is known, changes nothing."""
    if SEVERITY[report] <= SEVERITY[mail.report]:
        return decide(DeliveryView.of(mail), "", "", ())
    change = changed(mail, report=report, reported_at=at, reason=reason)
    return _decided(mail, change, f"mail.{report}", f"{report}: {reason}" if reason else report)


def partner_told(
    mail: Delivery, send: int, contact: str, message_id: str | None, now: datetime
) -> Decision[DeliveryView]:
    """The partner knows of this send, unless another took its place meanwhile. `message_id` is the notice's."""
    if mail.send != send or not mail.untold:
        return decide(DeliveryView.of(mail), "", "", ())
    known = [_sent_mail(message_id, mail.order_id, contact, NO_SEND, now)] if message_id else []
    change = changed(mail, partner_told_at=now, leased_until=None)
    return _decided(mail, change, "mail.partner_told", f"not delivered: {contact} told", *map(created, known))


def _sent_mail(message_id: str, order_id: str, recipient: str, send: int, now: datetime) -> SentMail:
    return SentMail(
        message_id=message_id,
        order_id=order_id,
        recipient=recipient,
        send=send,
        forget_at=now + EVENTS_COME_WITHIN,
    )


def _decided(mail: Delivery, change: Change, action: str, what: str, *more: Change) -> Decision[DeliveryView]:
    after = change.after
    assert isinstance(after, Delivery)
    return decide(DeliveryView.of(after), action, f"Mail to {mail.recipient} {what}", (change, *more))
