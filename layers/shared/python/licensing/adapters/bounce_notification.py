"""The mail that tells a partner of key mail that did not arrive (D7)."""

from licensing.adapters.mime import Envelope, plain
from licensing.adapters.wording import one_line
from licensing.adapters.words import words_of
from licensing.domain.ordering.bounce_notifications import BounceNotification

# In the words of another's server, which may say what it likes.
LONGEST_REASON = 500

CALL = """\
POST /orders/{order_id}/deliveries
{{"recipients": ["corrected.address@example.com"]}}
"""


def compose_bounce_notification(notice: BounceNotification) -> list[bytes]:
    """One plain mail. Raises MailRefused for an address no mail can be sent to."""
    words = words_of(notice.language)
    po_number, customer, address = map(one_line, (notice.po_number, notice.customer, notice.address))
    reason = one_line(notice.reason or "")[:LONGEST_REASON]
    bounce = words.bounce(po_number, customer, address, notice.at, reason, notice.status == "complained")
    what_to_do = words.send_again(one_line(notice.portal_url)) + CALL.format(order_id=one_line(notice.order_id))
    subject = words.not_delivered(po_number[:100])
    envelope = Envelope(notice.sender, notice.recipient, subject, notice.tag)
    return [plain(envelope, f"{bounce}\n\n{what_to_do}")]
