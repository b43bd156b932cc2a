"""The mail that tells a partner of key mail that did not arrive (D7)."""

from licensing.adapters.mime import Envelope, plain
from licensing.adapters.wording import moment, one_line
from licensing.domain.ordering.notices import Notice

LONGEST_REASON = 500

TEXT = """\
The license keys of this purchase order did not reach one of its recipients.

  Purchase order: {po_number}
  Customer:       {customer}
  Recipient:      {address}
  What happened:  {what}
  When:           {at}
  In their words: {reason}

Nothing is lost: the keys are issued, and the order's other recipients are not affected.

To send the mail to a corrected address, open the order in the portal and choose "Send again":
{portal_url}

Or call the API:
POST /orders/{order_id}/deliveries
{{"recipients": ["corrected.address@example.com"]}}
"""


def compose_notice(notice: Notice) -> bytes:
    """The notice as a plain mail. Raises MailRefused for an address no mail can be sent to."""
    subject = f"License keys not delivered: purchase order {one_line(notice.po_number)[:100]}"
    complained = notice.status == "complained"
    text = TEXT.format(
        po_number=one_line(notice.po_number),
        customer=one_line(notice.customer),
        address=one_line(notice.address),
        what="the recipient reported the mail as unwanted" if complained else "the mail was not accepted",
        at=moment(notice.at),
        reason=one_line(notice.reason or "no reason was given")[:LONGEST_REASON],
        portal_url=one_line(notice.portal_url),
        order_id=one_line(notice.order_id),
    )
    return plain(Envelope(notice.sender, notice.recipient, subject, notice.postmark), text)
