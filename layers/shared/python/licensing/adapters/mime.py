"""Mails as they go over the wire: exactly the headers we set, whatever their text, and beside them what MIME needs."""

import re
from collections.abc import Iterator
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP

from msgspec import Struct

from licensing.adapters.wording import one_line
from licensing.domain.ordering.documents import DeliveryTag
from licensing.ports import MailRefused

DELIVERY_TAG_HEADER = "X-EnGenius-Delivery"
SENDER_NAME = "EnGenius Cloud"

# Every part in seven bits: not every relay takes eight.
_POLICY = SMTP.clone(cte_type="7bit")
# Without quotes, comments and lists: whatever it holds, a reader takes it for one address and nothing else.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_ENCODED_WORD = "=?"
_LINE = 76


class Envelope(Struct, frozen=True):
    """From whom a mail comes, to whom it goes, what it is about, and which send of which mail it is."""

    sender: str
    recipient: str
    subject: str
    tag: DeliveryTag


def mail(envelope: Envelope, content: bytes, *more: tuple[str, str]) -> bytes:
    """The mail with `more` headers. Raises MailRefused for an address no mail can be sent to."""
    headers = (*_headers(envelope), *more)
    return b"".join(_header(name, value) for name, value in headers) + content


def content_of(message: EmailMessage) -> bytes:
    """All of a mail but its own headers: the same to whomever it goes."""
    return message.as_bytes(policy=_POLICY)


def plain(envelope: Envelope, text: str) -> bytes:
    """A mail of text alone; raises as `mail` does."""
    content = EmailMessage(_POLICY)
    content.set_content(text)
    return mail(envelope, content_of(content))


def with_alternative(text: str, html: str) -> EmailMessage:
    """The same said twice: the reader's program shows what it can."""
    content = EmailMessage(_POLICY)
    content.set_content(text)
    content.add_alternative(html, subtype="html")
    return content


def attach(content: EmailMessage, name: str, pdf: bytes) -> None:
    """Adds a document; `?` is no letter of a file's name, and without it no part of the name looks encoded."""
    content.add_attachment(pdf, maintype="application", subtype="pdf", filename=one_line(name).replace("?", "_"))


def _headers(envelope: Envelope) -> Iterator[tuple[str, str]]:
    yield "From", f"{SENDER_NAME} <{_address(envelope.sender)}>"
    yield "To", _address(envelope.recipient)
    yield "Subject", envelope.subject
    # Out-of-office replies to it help nobody (RFC 3834).
    yield "Auto-Submitted", "auto-generated"
    # In pieces that fold: a longer word would be sent as one line.
    yield DELIVERY_TAG_HEADER, " ".join(re.findall(".{1,60}", envelope.tag.to_text()))


def _header(name: str, value: str) -> bytes:
    """The header, folded. `EmailMessage` would decode a value that looks encoded, line ends in it and all, and Python
    before 3.13 loses spaces when it folds: so values never pass through its parser."""
    text = one_line(value)
    charset = "us-ascii" if text.isascii() and _ENCODED_WORD not in text else "utf-8"
    folded = Header(text, charset, maxlinelen=_LINE, header_name=name).encode(linesep="\r\n")
    return f"{name}: {folded}\r\n".encode("ascii")


def _address(text: str) -> str:
    """The text as it is, and never encoded: an address is no text (RFC 2047, section 5)."""
    if not _ADDRESS.fullmatch(text) or _ENCODED_WORD in text:
        raise MailRefused(f"{text!r} is no address mail can be sent to: it takes ASCII, a domain in its xn-- form")
    return text
