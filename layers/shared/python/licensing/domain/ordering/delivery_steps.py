"""What becomes of a mail, step by step: sent, refused, reported, its partner told (D7)."""

from datetime import datetime

from licensing.domain.core import actions
from licensing.domain.core.actions import Action
from licensing.domain.core.decisions import Change, Decision, changed, created, decide
from licensing.domain.core.instants import DAY
from licensing.domain.ordering.bounce_notifications import NO_SEND
from licensing.domain.ordering.deliveries import Delivery, Report, SentMail
from licensing.domain.ordering.views import DeliveryView

# A report is never taken back by a milder one, in whatever order they come.
REPORTED: dict[Report, Action] = {
    "delivered": actions.MAIL_DELIVERED,
    "bounced": actions.MAIL_BOUNCED,
    "complained": actions.MAIL_COMPLAINED,
}
SEVERITY: dict[Report | None, int] = {None: 0, "delivered": 1, "bounced": 2, "complained": 3}


EVENTS_COME_WITHIN = 30 * DAY


def part_sent(mail: Delivery, message_id: str, parts: int, now: datetime) -> Decision[DeliveryView]:
    """One more of its `parts` was sent; with the last one it is sent."""
    count = mail.parts_sent + 1
    done = {"sent_at": now} if count >= parts else {}
    known = _sent_mail(message_id, mail.order_id, mail.recipient, mail.send, now)
    change = changed(mail, parts_sent=count, **done)
    return _decided(mail, change, actions.MAIL_SENT, f"sent, part {count} of {parts}", created(known))


def refused(mail: Delivery, reason: str, now: datetime) -> Decision[DeliveryView]:
    """It can't be composed, or the mail service will never take it: as good as bounced."""
    # `sent_at` as well: an address that nothing can be sent to must not keep its order from being fulfilled for ever.
    change = changed(mail, sent_at=now, report="bounced", reported_at=now, reason=reason)
    return _decided(mail, change, actions.MAIL_BOUNCED, f"refused: {reason}")


def reported(mail: Delivery, report: Report, reason: str | None, at: datetime) -> Decision[DeliveryView]:
    """A delivery event. One heard before, or milder than what is known, changes nothing."""
    if SEVERITY[report] <= SEVERITY[mail.report]:
        return Decision(DeliveryView.of(mail))
    change = changed(mail, report=report, reported_at=at, reason=reason)
    return _decided(mail, change, REPORTED[report], f"{report}: {reason}" if reason else report)


def partner_told(
    mail: Delivery, send: int, contact: str, message_id: str | None, now: datetime
) -> Decision[DeliveryView]:
    """The partner knows of this send, unless another took its place meanwhile. `message_id` is the notice's."""
    if mail.send != send or not mail.untold:
        return Decision(DeliveryView.of(mail))
    known = [_sent_mail(message_id, mail.order_id, contact, NO_SEND, now)] if message_id else []
    change = changed(mail, partner_told_at=now)
    return _decided(mail, change, actions.PARTNER_TOLD, f"not delivered: {contact} told", *map(created, known))


def _sent_mail(message_id: str, order_id: str, recipient: str, send: int, now: datetime) -> SentMail:
    return SentMail(
        message_id=message_id,
        order_id=order_id,
        recipient=recipient,
        send=send,
        forget_at=now + EVENTS_COME_WITHIN,
    )


def _decided(mail: Delivery, change: Change, action: Action, what: str, *more: Change) -> Decision[DeliveryView]:
    after = change.after
    assert isinstance(after, Delivery)
    return decide(DeliveryView.of(after), action, f"Mail to {mail.recipient} {what}", (change, *more))
