"""Promises about what was typed: what looks the same is one, and can be seen and mailed (D45).

Requests are checked at the door; here it is proven of what was stored before.
"""

from collections.abc import Iterable, Iterator

from pydantic_core import PydanticCustomError

from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.core.records import Record
from licensing.domain.core.texts import canonical_serial, is_address, visible
from licensing.domain.ordering.order_ids import order_id_of
from licensing.domain.ordering.orders import Order
from licensing.domain.people.addresses import PersonAddress
from licensing.domain.people.tenants import Msp, Partner
from licensing.domain.reconciliation.violations import TableSnapshot, Violation

ONE = "what looks the same is the same"


def text_findings(census: TableSnapshot) -> Iterator[Violation]:
    for record in census.twice:
        yield spelled_twice(record)
    for order in census.all(Order):
        yield from _order_findings(order)
    for record in census:
        for address in _addresses(record):
            if not is_address(address):
                yield Violation(str(record.ref), "addresses can be mailed", "One in it is outside the pattern.")


def oddly_spelled(records: Iterable[Record]) -> Iterator[Record]:
    """Those whose key in the table was written by what was typed, if it was written before spellings were one."""
    return (each for each in records if isinstance(each, Device | Serial) and _odd(each.serial))


def unreachable(record: Record) -> Violation:
    return Violation(str(record.ref), ONE, "The record's key is not spelled canonically, so nothing finds it.")


def spelled_twice(record: Record) -> Violation:
    return Violation(str(record.ref), ONE, "Two records have this reference in different spellings.")


def _odd(serial: str) -> bool:
    return serial != canonical_serial(serial)


def _order_findings(order: Order) -> Iterator[Violation]:
    if order.order_id != order_id_of(order.partner_id, order.po_number):
        detail = f"PO {order.po_number!a} is not written canonically: another order may have the same number."
        yield Violation(str(order.ref), ONE, detail)
    try:
        visible(order.po_number)
    except PydanticCustomError as error:
        yield Violation(str(order.ref), ONE, f"PO {order.po_number!a} {error.message()}.")


def _addresses(record: Record) -> Iterable[str]:
    match record:
        case Order():
            return record.recipients
        case PersonAddress():
            return (record.email,) if record.email else ()
        case Partner() | Msp():
            return (record.contact_email,) if record.contact_email else ()
    return ()
