"""What the functions send their mails with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from licensing.entry import wiring
from licensing.entry.observability import count
from licensing.ports import Mailer, MailRefused
from licensing.use_cases.core.send_once import C, M, Mailing

if TYPE_CHECKING:
    from licensing.domain.ordering.bounce_notifications import BounceNotification


class CountingMailer(Struct, frozen=True):
    """`licensing.ports.Mailer` that counts what the mail service refuses for good: an alarm looks at it."""

    mailer: Mailer

    def send(self, mail: bytes, recipient: str) -> str:
        try:
            return self.mailer.send(mail, recipient)
        except MailRefused:
            count("MailsRefused", 1)
            raise


def mailing(compose: Callable[[M], C], lease: timedelta) -> Mailing[M, C]:
    settings = wiring.SETTINGS
    return Mailing(compose, CountingMailer(wiring.mailer()), settings.mail_sender, settings.portal_url, lease)


def queued_mailing(compose: Callable[[M], C]) -> Mailing[M, C]:
    """For what a queue starts: the lease is over before it tries again."""
    return mailing(compose, 0.8 * wiring.SETTINGS.retry_after)


def bounce_notifications() -> Mailing[BounceNotification]:
    """For the functions that learn of mail that was not delivered."""
    return queued_mailing(wiring.compose_bounce_notification)
