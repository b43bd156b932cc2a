"""Sending a message: the right to send it is leased, it is composed, sent, and what became of it recorded.

The lease keeps two workers with the same message apart; after a crash it runs out, and the next attempt goes on with
the part that was not sent yet. So a mail is sent twice only when a crash fell between the mail service's
answer and our record of it, and never not at all.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol

from msgspec import Struct
from typing_extensions import TypeVar

from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import Record, Ref
from licensing.ports import Mailer, MailRefused, Store
from licensing.use_cases.core.command import known, run_command
from licensing.use_cases.core.context import Context
from licensing.use_cases.core.leases import leased

M = TypeVar("M")
R = TypeVar("R", bound=Record)
# What a message is composed to: its mails, one for each part of it, or what makes them for one recipient after another.
C = TypeVar("C", default=Sequence[bytes])


class Mailing(Struct, Generic[M, C], frozen=True):
    """What sending messages of one kind takes. `lease` is over before a queue tries again. `compose` and `mailer` raise
    MailRefused for what can never be sent."""

    compose: Callable[[M], C]
    mailer: Mailer
    sender: str
    portal_url: str
    lease: timedelta


class Send(Protocol[R]):
    """What is decided about the record of one send, as it stands when it is decided; None where there is none."""

    @property
    def ref(self) -> Ref[R]: ...

    @property
    def recipient(self) -> str:
        """Their address."""
        ...

    def is_due(self, current: R | None) -> bool:
        """Whether it is still to be sent."""
        ...

    def handed_over(self, current: R | None, message_id: str, parts: int, now: datetime) -> Decision[Any]:
        """One more of its `parts`."""

    def refused(self, current: R | None, reason: str, now: datetime) -> Decision[Any]:
        """It is never tried again."""


def send_once(store: Store, mailing: Mailing[M], context: Context, send: Send[R], message: M) -> bool:
    """Sends the message; False if another worker did meanwhile. Raises `conflict` while one is at it."""
    with leased(store, context, f"mail/{send.ref}", mailing.lease):
        # Read behind the lease: whoever had it before has recorded what was sent.
        current = store.one(send.ref)
        if not send.is_due(current):
            return False

        def record(decide: Callable[[R | None], Decision[Any]]) -> None:
            run_command(store, context, known(current, lambda reading: reading.one(send.ref)), decide)

        hand_over(
            mailing.mailer,
            send.recipient,
            lambda: mailing.compose(message),
            lambda message_id, parts: record(lambda now_: send.handed_over(now_, message_id, parts, context.now)),
            lambda reason: record(lambda now_: send.refused(now_, reason, context.now)),
        )
        return True


def hand_over(
    mailer: Mailer,
    recipient: str,
    compose: Callable[[], Sequence[bytes]],
    sent: Callable[[str, int], None],
    refused: Callable[[str], None],
    parts_sent: int = 0,
) -> None:
    """Hands over the mails that are not sent yet, and says of each at once that it was `sent`, under which id and as
    one of how many. The mail service has no idempotency: only who has a lease may call this."""
    try:
        mails = compose()
        # Composed whole again after a crash: attachments are shared out in a fixed order, so what was sent is the head.
        for mail in mails[parts_sent:]:
            # Part by part: after a crash only the one in doubt can go out twice.
            sent(mailer.send(mail, recipient), len(mails))
    # Unrecorded, it would come again until it lies in the dead-letter queue. Any other fault is left to the queue,
    # which brings the message again when the lease is over.
    except MailRefused as refusal:
        refused(str(refusal))
