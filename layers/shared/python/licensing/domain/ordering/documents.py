"""What is printed on a license key document (D6) and written in the mail that carries it (D7)."""

import base64
import json
from datetime import datetime
from typing import Literal

from msgspec import Struct

DocumentScope = Literal["device", "organization", "msp"]
Language = Literal["en", "zh-Hant"]

_TRADITIONAL = {"hant", "tw", "hk", "mo"}


def language_of(locale: str | None) -> Language:
    """What documents and mails are written in: Traditional Chinese where the locale asks for it, else English."""
    language, *subtags = (locale or "en").lower().split("-")
    # A script that is named outweighs the place: zh-Hans-TW asks for what is not written here.
    return "zh-Hant" if language == "zh" and _TRADITIONAL & set(subtags) and "hans" not in subtags else "en"


class KeyDocument(Struct, frozen=True):
    """One order line's key in the clear, with all that its document says. `term_days` None: it never ends."""

    license_key: str
    sku: str
    model_name: str
    scope: DocumentScope
    quantity: int
    term_days: int | None
    seats: int | None
    tokens: int | None
    customer: str
    partner_id: str
    po_number: str
    line: int
    lines: int
    order_id: str
    issued_at: datetime
    forced_activation_at: datetime | None
    portal_url: str
    language: Language = "en"


class Attachment(Struct, frozen=True):
    """A printed document; `name` is the file name the reader sees, so it never holds a key."""

    name: str
    content: bytes


class MailLine(Struct, frozen=True):
    """What the mail says of one order line."""

    line: int
    sku: str
    model_name: str
    scope: DocumentScope
    quantity: int
    license_key: str
    forced_activation_at: datetime | None


class DeliveryTag(Struct, frozen=True):
    """Which send of which mail a message is; `send` counts from 1. It travels in a header, so that the events of a
    mail can be mapped back even when its message id was never recorded."""

    order_id: str
    recipient: str
    send: int

    def to_text(self) -> str:
        """base64url without padding."""
        fields = json.dumps([self.order_id, self.recipient, self.send])
        return base64.urlsafe_b64encode(fields.encode()).decode().rstrip("=")

    @staticmethod
    def from_text(text: str) -> "DeliveryTag":
        """The tag `to_text` wrote, folded over header lines or not. Raises ValueError for anything else."""
        packed = "".join(text.split())
        fields = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        match fields:
            case [str(order_id), str(recipient), int(send)]:
                return DeliveryTag(order_id, recipient, send)
        raise ValueError("not a tag")


class KeyMail(Struct, frozen=True):
    """The mail of one completed order, the same to each of its recipients (D7)."""

    sender: str
    order_id: str
    po_number: str
    partner_id: str
    customer: str
    portal_url: str
    attachments: tuple[Attachment, ...]
    lines: tuple[MailLine, ...]
    language: Language = "en"
