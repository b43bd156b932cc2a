"""The mail that carries license keys: composed here, handed over elsewhere (D7)."""

import re
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.policy import SMTP

from licensing.adapters.letter import as_html, as_text
from licensing.adapters.wording import one_line
from licensing.domain.ordering.documents import Attachment, KeyMail, Postmark

# SES takes 10 MB, and what it adds on the way shall fit too.
LIMIT = 9_500_000
POSTMARK_HEADER = "X-EnGenius-Delivery"

# Every part in seven bits: not every relay takes eight.
POLICY = SMTP.clone(cte_type="7bit")
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")
_LONGEST_SUBJECT = 150
_BASE64_LINE, _BASE64_LINE_BYTES = 57, 78
_PART_HEADERS = 400


def compose(mail: KeyMail, limit: int = LIMIT) -> list[EmailMessage]:
    """The mail as messages of at most `limit` bytes each, with every attachment in just one of them.

    Raises ValueError for an address no mail can be sent to, and for an attachment too big for any message.
    """
    parts = _shared_out(mail, limit)
    return [_message(mail, attachments, (number, len(parts))) for number, attachments in enumerate(parts, 1)]


def raw_size(message: EmailMessage) -> int:
    """The bytes that go over the wire."""
    return len(message.as_bytes(policy=POLICY))


def _shared_out(mail: KeyMail, limit: int) -> list[list[Attachment]]:
    """The attachments, in their order, so many to a message as its limit allows; one message at least."""
    most = len(mail.attachments) + 1
    room = limit - raw_size(_message(mail, (), (most, most)))
    parts: list[list[Attachment]] = [[]]
    used = 0
    for attachment in mail.attachments:
        size = _encoded_size(attachment)
        if size > room:
            raise ValueError(f"{attachment.name} has {len(attachment.content)} bytes, too many for a mail")
        if used + size > room:
            parts.append([])
            used = 0
        parts[-1].append(attachment)
        used += size
    return parts


def _encoded_size(attachment: Attachment) -> int:
    return -(-len(attachment.content) // _BASE64_LINE) * _BASE64_LINE_BYTES + _PART_HEADERS + 12 * len(attachment.name)


def _message(mail: KeyMail, attachments: Sequence[Attachment], part: tuple[int, int]) -> EmailMessage:
    message = EmailMessage(POLICY)
    for name, value in _headers(mail, part):
        message[name] = value
    message.set_content(as_text(mail, part))
    message.add_alternative(as_html(mail, part), subtype="html")
    for attachment in attachments:
        name = one_line(attachment.name)
        message.add_attachment(attachment.content, maintype="application", subtype="pdf", filename=name)
    return message


def _headers(mail: KeyMail, part: tuple[int, int]) -> Iterator[tuple[str, str]]:
    yield "From", one_line(mail.sender)
    yield "To", address(mail.recipient)
    yield "Subject", _subject(mail, part)
    # Out-of-office replies to it help nobody (RFC 3834).
    yield "Auto-Submitted", "auto-generated"
    yield "X-SES-CONFIGURATION-SET", mail.configuration_set
    yield "X-SES-MESSAGE-TAGS", f"order={_tag(mail.order_id)}, send={mail.send}, part={part[0]}"
    yield POSTMARK_HEADER, folded(mail.postmark)


def _subject(mail: KeyMail, part: tuple[int, int]) -> str:
    subject = f"EnGenius Cloud license keys for purchase order {one_line(mail.po_number)}"
    if len(subject) > _LONGEST_SUBJECT:
        subject = subject[: _LONGEST_SUBJECT - 1] + "…"
    return subject if part[1] == 1 else f"{subject} (part {part[0]} of {part[1]})"


def folded(mark: Postmark) -> str:
    """In pieces that fold: a longer word would be sent encoded, and read back as something else."""
    return " ".join(re.findall(".{1,60}", mark.to_text()))


def address(text: str) -> str:
    """The text as it is. Raises ValueError for what SES can't send to."""
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text!r} is no address SES can send to: it takes ASCII, a domain in its xn-- form")
    return text


def _tag(text: str) -> str:
    """The text as SES takes it for a tag's value."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:256]
