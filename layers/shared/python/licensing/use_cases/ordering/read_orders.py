"""Reading orders with the state of their keys and of their mail."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from licensing.domain.core.decisions import Change
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.orders import Order
from licensing.domain.ordering.views import OrderView
from licensing.ports import Documents, Publisher, Store

PRINTING_SECONDS = 10

# A command's own `reading.get`, which brings its bookkeeping along, or the table's: the look-ups are the same.
Get = Callable[..., RecordSet]


class OrderFacts(Struct, frozen=True):
    """An order with its keys and deliveries."""

    order: Order
    keys: Sequence[LicenseKey]
    deliveries: Sequence[Delivery]

    @property
    def view(self) -> OrderView:
        return OrderView.of(self.order, self.keys, self.deliveries)

    def delivery(self, recipient: str) -> Delivery:
        """Raises `not_found`."""
        for mail in self.deliveries:
            if mail.recipient == recipient:
                return mail
        raise not_found("delivery")

    def after(self, changes: Iterable[Change]) -> "OrderFacts":
        """The facts once the changes are made."""
        made = RecordSet(change.after for change in changes if change.after)
        order = made[self.order.ref] or self.order
        known = RecordSet((*self.keys, *self.deliveries, *made))
        return OrderFacts(order, known.present(order.key_refs), known.present(order.delivery_refs))


def order_facts(get: Get, order_id: str) -> OrderFacts | None:
    """The order and what hangs on it: a second look-up only when there is something to look up."""
    order = get(Order.ref_of(order_id))[Order.ref_of(order_id)]
    if order is None:
        return None
    refs: list[Ref[Any]] = [*order.key_refs, *order.delivery_refs]
    facts = get(*refs) if refs else RecordSet()
    return OrderFacts(order, facts.present(order.key_refs), facts.present(order.delivery_refs))


def existing_order(get: Get, order_id: str) -> OrderFacts:
    """The order; raises `not_found`."""
    if (facts := order_facts(get, order_id)) is None:
        raise not_found("order")
    return facts


def reader(store: Store) -> Get:
    """Plain reading, outside any command."""
    return lambda *refs: store.get(*refs)


def document_link(store: Store, documents: Documents, publisher: Publisher, order_id: str, line: int) -> str:
    """A link of five minutes to the line's PDF. Raises `not_found` while it has no key, and `not_ready` while the PDF
    is missing, which is printed then."""
    facts = existing_order(reader(store), order_id)
    for key in facts.keys:
        if key.line == line:
            _require_printed(documents, publisher, key)
            return documents.link(document_name(key), file_name(key))
    if line in {each.line for each in facts.order.lines}:
        remedy = "Complete the order, or wait a few seconds and try again."
        raise Refusal("not_found", "The license key of this line is not issued yet.", remedy)
    raise not_found("order line")


def _require_printed(documents: Documents, publisher: Publisher, key: LicenseKey) -> None:
    name = document_name(key)
    # A link is signed without asking S3, so a missing document would show only to whoever follows it.
    if name not in documents.names(name):
        # Only key_generation prints and may seal; sent there, an order gets whatever the bucket does not have.
        publisher.order_completed(key.order_id)
        remedy = f"Ask for it again in {PRINTING_SECONDS} seconds."
        raise Refusal("not_ready", "The document is being printed.", remedy, retry_after=PRINTING_SECONDS)


def file_name(key: LicenseKey) -> str:
    """What a person saves the document as: the PO's number, without what no file system takes.

    Vowels of Thai and of India's scripts are marks, which `\\w` leaves out.
    """
    safe = (char if _in_file_names(char) else "/" for char in key.po_number)
    return f"{re.sub('/+', '_', ''.join(safe))}-line-{key.line}.pdf"


def _in_file_names(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN" or char in "_.() -"


def document_name(key: LicenseKey) -> str:
    """Where the document of a key is kept; the key's id tells a reissued one from the first."""
    return f"{documents_of(key.order_id)}line-{key.line:03}-{key.key_id}.pdf"


def documents_of(order_id: str) -> str:
    """What the names of all documents of an order begin with."""
    return f"orders/{order_id}/"
