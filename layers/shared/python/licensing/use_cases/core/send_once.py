"""Sending one message: the right to send it is leased, it is composed, sent, and what became of it recorded.

The lease keeps two workers with the same message apart; after a crash it runs out, and the next attempt goes on with
the part that was not sent yet. So a mail is sent twice only when a crash fell between the mail service's
answer and our record of it, and never not at all.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import Record, Ref
from licensing.ports import Mailer, MailRefused, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context


class Message(Protocol):
    """What is said, before it is a mail."""

    @property
    def recipient(self) -> str: ...


M = TypeVar("M", bound=Message)
R = TypeVar("R", bound=Record)


class Mailing(Struct, Generic[M], frozen=True):
    """What sending messages of one kind takes. `lease` is over before a queue tries again; a message in several
    parts is composed as several mails. `compose` and `mailer` raise MailRefused for what can never be sent."""

    compose: Callable[[M], Sequence[bytes]]
    mailer: Mailer
    sender: str
    portal_url: str
    lease: timedelta


class Send(Protocol[R]):
    """What is decided about the record of one send, as it stands when it is decided; None where there is none."""

    @property
    def ref(self) -> Ref[R]: ...

    def leased(self, current: R | None, now: datetime, lasts: timedelta) -> Decision[Any]:
        """Raises `conflict` while another worker has it, and when nothing is to be sent any more."""

    def handed_over(self, current: R | None, message_id: str, parts: int, now: datetime) -> Decision[Any]:
        """One more of its `parts`."""

    def refused(self, current: R | None, reason: str, now: datetime) -> Decision[Any]:
        """It is never tried again."""


def send_once(
    store: Store, mailing: Mailing[M], context: Context, send: Send[R], message: M, parts_sent: int = 0
) -> None:
    """Sends what of the message was not sent before. Raises `conflict` while another worker is at it."""

    def record(decide: Callable[[R | None], Decision[Any]]) -> None:
        run_command(store, context, lambda reading: reading.one(send.ref), decide)

    def hand_over(mail: bytes, parts: int) -> None:
        message_id = mailing.mailer.send(mail, message.recipient)
        # Part by part: after a crash only the one in doubt can go out twice.
        record(lambda current: send.handed_over(current, message_id, parts, now))

    now = context.now
    # The mail service has no idempotency: nothing but the lease keeps a second worker from sending the same mail.
    record(lambda current: send.leased(current, now, mailing.lease))
    try:
        mails = mailing.compose(message)
        # Composed whole again after a crash: attachments are shared out in a fixed order, so what was sent is the head.
        for mail in mails[parts_sent:]:
            hand_over(mail, len(mails))
    # Unrecorded, it would come again until it lies in the dead-letter queue. Any other fault is left to the queue,
    # which brings the message again when the lease is over.
    except MailRefused as refused:
        reason = str(refused)
        record(lambda current: send.refused(current, reason, now))
