"""The mail that carries license keys: composed here, sent elsewhere (D7)."""

import re
from collections.abc import Sequence
from email.message import EmailMessage

from msgspec import Struct

from licensing.adapters.letter import as_html, as_text
from licensing.adapters.mime import Envelope, attach, content_of, mail, with_alternative
from licensing.adapters.wording import one_line
from licensing.adapters.words import words_of
from licensing.domain.core.limits import MAX_EMAIL_LENGTH
from licensing.domain.ordering.documents import Attachment, DeliveryTag, KeyMail
from licensing.ports import MailRefused

# SES takes 10 MB, and what it adds on the way shall fit too.
LIMIT = 9_500_000

_LONGEST_SUBJECT = 150
_BASE64_LINE, _BASE64_LINE_BYTES = 57, 78
_PART_HEADERS = 400
_LONGEST_ADDRESS = "a@" + "b" * (MAX_EMAIL_LENGTH - 2)


class ComposedMail(Struct, frozen=True):
    """`licensing.use_cases.ordering.deliver_keys.ComposedMail`: each part's content, made once for all recipients."""

    key_mail: KeyMail
    contents: Sequence[bytes]

    def to(self, recipient: str, tag: DeliveryTag) -> list[bytes]:
        """The parts as messages. Raises MailRefused for an address no mail can be sent to."""
        parts = enumerate(self.contents, 1)
        return [_message(self.key_mail, recipient, tag, content, (n, len(self.contents))) for n, content in parts]


def compose(key_mail: KeyMail, limit: int = LIMIT) -> ComposedMail:
    """The mail in parts of at most `limit` bytes each, with every attachment in just one of them.

    Raises MailRefused for an attachment too big for any message.
    """
    parts = _shared_out(key_mail, limit)
    contents = [_content(key_mail, attachments, (n, len(parts))) for n, attachments in enumerate(parts, 1)]
    return ComposedMail(key_mail, contents)


def _shared_out(key_mail: KeyMail, limit: int) -> list[list[Attachment]]:
    """The attachments, in their order, so many to a message as its limit allows; one message at least."""
    # As the part with the longest number there could be: how many parts there will be is not known yet.
    most = len(key_mail.attachments) + 1
    headers = _message(
        key_mail, _LONGEST_ADDRESS, DeliveryTag(key_mail.order_id, _LONGEST_ADDRESS, most), b"", (most, most)
    )
    room = limit - len(headers) - len(_content(key_mail, (), (most, most)))
    parts: list[list[Attachment]] = [[]]
    used = 0
    for attachment in key_mail.attachments:
        size = _encoded_size(attachment)
        if size > room:
            raise MailRefused(f"{attachment.name} has {len(attachment.content)} bytes, too many for a mail")
        if used + size > room:
            parts.append([])
            used = 0
        parts[-1].append(attachment)
        used += size
    return parts


def _encoded_size(attachment: Attachment) -> int:
    # Never too little, or a part would pass the limit: a name takes up to twelve signs a letter (`%F0%9F%98%80`).
    return -(-len(attachment.content) // _BASE64_LINE) * _BASE64_LINE_BYTES + _PART_HEADERS + 12 * len(attachment.name)


def _content(key_mail: KeyMail, attachments: Sequence[Attachment], part: tuple[int, int]) -> bytes:
    content: EmailMessage = with_alternative(as_text(key_mail, part), as_html(key_mail, part))
    for attachment in attachments:
        attach(content, attachment.name, attachment.content)
    return content_of(content)


def _message(key_mail: KeyMail, recipient: str, tag: DeliveryTag, content: bytes, part: tuple[int, int]) -> bytes:
    envelope = Envelope(key_mail.sender, recipient, _subject(key_mail, part), tag)
    tags = f"order={_tag(key_mail.order_id)}, send={tag.send}, part={part[0]}"
    return mail(envelope, content, ("X-SES-MESSAGE-TAGS", tags))


def _subject(key_mail: KeyMail, part: tuple[int, int]) -> str:
    words = words_of(key_mail.language)
    subject = words.subject(one_line(key_mail.po_number))
    if len(subject) > _LONGEST_SUBJECT:
        subject = subject[: _LONGEST_SUBJECT - 1] + "…"
    return subject if part[1] == 1 else subject + words.part(*part)


def _tag(text: str) -> str:
    """The text as SES takes it for a tag's value."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)[:256]
