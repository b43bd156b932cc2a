"""The desk from which partners are told, for the functions that learn of undelivered mail."""

from licensing.entry import wiring
from licensing.use_cases.ordering.tell_partner import NoticeDesk


def desk() -> NoticeDesk:
    return NoticeDesk(
        compose=wiring.compose_notice,
        mailer=wiring.mailer(),
        sender=wiring.SETTINGS.mail_sender,
        portal_url=wiring.SETTINGS.portal_url,
        lease=0.8 * wiring.SETTINGS.retry_after,
    )
