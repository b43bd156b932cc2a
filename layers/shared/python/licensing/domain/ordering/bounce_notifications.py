"""The notice a partner gets about key mail that did not arrive: it names no key (D7, D8)."""

from datetime import datetime

from msgspec import Struct

from licensing.domain.ordering.documents import DeliveryTag, Language

# Mail events of a notice belong to no send of the keys.
NO_SEND = 0


class BounceNotification(Struct, frozen=True):
    """Which mail of which order could not be delivered, told to `recipient`. `status` is the delivery's."""

    sender: str
    recipient: str
    order_id: str
    po_number: str
    customer: str
    address: str
    status: str
    reason: str | None
    at: datetime
    portal_url: str
    language: Language = "en"

    @property
    def tag(self) -> DeliveryTag:
        return DeliveryTag(self.order_id, self.recipient, NO_SEND)
