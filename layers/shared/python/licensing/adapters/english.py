"""English."""

from collections.abc import Sequence
from datetime import datetime

from licensing.adapters.wording import counted, moment, one_line
from licensing.domain.ordering.documents import DocumentScope, KeyDocument

_BOUNCE = """\
The license keys of this purchase order did not reach one of its recipients.

  Purchase order: {po_number}
  Customer:       {customer}
  Recipient:      {address}
  What happened:  {what}
  When:           {at}
  In their words: {reason}

Nothing is lost: the keys are issued, and the order's other recipients are not affected."""


class English:
    """`licensing.adapters.words.Words`."""

    tag = "en"
    forced_activation = (
        "The term starts on this date at the latest; from then on it runs, whether or not the license is in use."
    )
    license_key = "License key"
    final = "A claim is final"
    stop = ". "
    key_hint = (
        "Scan the code, or copy the key. Upper or lower case makes no difference; what looks like the letter O, I "
        "or L is a 0 or a 1."
    )
    how_to_claim = "How to claim it"
    document_kind = "License key document"
    keep_document = "Keep this document safe: whoever holds the key can claim the licenses."
    keep_mail = "Keep this mail and its documents safe: whoever holds a key can claim its licenses."
    quantity = "Quantity"
    validity_period = "Validity period"
    vpn_users = "VPN users"
    customer = "Customer"
    purchase_order = "Purchase order"
    line = "Order line"
    partner = "Partner"
    issued = "Issued"
    forced = "Forced activation"

    def moment(self, at: datetime) -> str:
        return moment(at)

    def licenses(self, number: int) -> str:
        return counted(number, "license")

    def bought(self, name: str, sku: str, number: int) -> str:
        return f"{name} ({sku}), {self.licenses(number)}"

    def seats(self, number: int) -> str:
        return f"{counted(number, 'seat')} per license"

    def tokens(self, number: int) -> str:
        return f"{counted(number, 'shared token')} per license"

    def term(self, days: int) -> str:
        """`3 years (1,095 days)`: a year is 365 days (D2)."""
        in_days = counted(days, "day")
        return in_days if days % 365 else f"{counted(days // 365, 'year')} ({in_days})"

    def validity(self, document: KeyDocument) -> str:
        """The validity period in one phrase (D6)."""
        if document.term_days is None:
            return "Perpetual, active from the claim"
        match document.scope:
            case "msp":
                return f"Extends the MSP portal by {self.term(document.term_days)} per license"
            case "organization":
                return f"{counted(document.quantity * document.term_days, 'device-day')}, for a common end date"
            case "device":
                return f"{self.term(document.term_days)} from activation"

    def line_of(self, line: int, lines: int) -> str:
        return f"{line} of {lines}"

    def order_line(self, document: KeyDocument) -> str:
        """`line 1 of 3 of PO-2026-0042`."""
        return f"line {self.line_of(document.line, document.lines)} of {one_line(document.po_number)}"

    def reference(self, order_id: str, partner_id: str, last: str) -> str:
        return f"Order {order_id} · partner {partner_id} · {last}"

    def po(self, po_number: str) -> str:
        return f"purchase order {po_number}"

    def labelled(self, label: str, text: str) -> str:
        return f"{label}: {text}"

    def explained(self) -> str:
        return f"{self.forced}: {self.forced_activation[0].lower()}{self.forced_activation[1:]}"

    def steps_to_claim(self, scope: DocumentScope) -> Sequence[str]:
        if scope == "msp":
            return (
                "Sign in to EnGenius Cloud.",
                "Your first MSP license: choose MSP Portal in the left-hand menu, enter the key and click "
                "“+Add MSP License”.",
                "Every further one: go to MSP Portal > Inventory & License > Licenses, click “+ Add License” at the "
                "top left, enter the key and confirm to extend the portal’s validity period.",
            )
        return (
            "Sign in to EnGenius Cloud and open the organization that shall own the licenses.",
            "Go to Organization > Inventory & License > Licenses.",
            "Click “+ Add License” at the top right.",
            "Enter the license key.",
            "Click “+ Add License” again and follow the prompts to complete the claim.",
        )

    def where_to_claim(self, scope: DocumentScope) -> str:
        return "How to claim in the MSP portal" if scope == "msp" else "How to claim in an organization"

    def claim_is_final(self, scope: DocumentScope) -> str:
        """The warning of D11, in the terms of the portal in question."""
        place = "MSP portal" if scope == "msp" else "organization"
        later = " Per-device licenses can still be moved between organizations later." if scope == "device" else ""
        return (
            "The key cannot be unclaimed, and it cannot be entered anywhere else: make sure this is the right "
            f"{place} before you confirm.{later}"
        )

    def subject(self, po_number: str) -> str:
        return f"EnGenius Cloud license keys for {self.po(po_number)}"

    def part(self, number: int, of: int) -> str:
        return f" (part {number} of {of})"

    def opening(self, keys: int, po_number: str, customer: str) -> str:
        return (
            f"Here {'is' if keys == 1 else 'are'} {counted(keys, 'license key')} of {self.po(po_number)} for "
            f"{customer}. Each key has a document of its own, a PDF attached to this mail."
        )

    def in_parts(self, number: int, of: int) -> str:
        return (
            f"This is part {number} of {of}: together the documents are too large for one mail. Every part lists all "
            "the keys and carries some of the documents."
        )

    def not_delivered(self, po_number: str) -> str:
        return f"License keys not delivered: {self.po(po_number)}"

    def bounce(self, po_number: str, customer: str, address: str, at: datetime, reason: str, complained: bool) -> str:
        what = "the recipient reported the mail as unwanted" if complained else "the mail was not accepted"
        told = reason or "no reason was given"
        return _BOUNCE.format(
            po_number=po_number, customer=customer, address=address, what=what, at=moment(at), reason=told
        )

    def send_again(self, portal_url: str) -> str:
        return (
            'To send the mail to a corrected address, open the order in the portal and choose "Send again":\n'
            f"{portal_url}\n\nOr call the API:\n"
        )
