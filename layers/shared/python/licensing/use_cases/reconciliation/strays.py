"""What the table holds beside what owners lead to: proven record by record, as a scan meets them."""

from collections.abc import Iterable, Iterator
from typing import Any

from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record, RecordSet, Ref
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.deliveries import Delivery
from licensing.domain.ordering.orders import Order
from licensing.domain.people.access import Person
from licensing.domain.people.addresses import AddressHolder, PersonAddress
from licensing.domain.people.memberships import Membership
from licensing.domain.reconciliation.devices import serial_findings
from licensing.domain.reconciliation.orders import delivery_findings, key_findings
from licensing.domain.reconciliation.owned import is_root, roots_of
from licensing.domain.reconciliation.people import holder_findings, membership_findings, plain_addresses
from licensing.domain.reconciliation.texts import oddly_spelled, spelled_twice, unreachable
from licensing.domain.reconciliation.violations import TableSnapshot, Violation, not_as_written_today
from licensing.ports import Scanned, Store


def stray_findings(store: Store, scanned: Iterable[Scanned]) -> set[Violation]:
    """Of records that were scanned: one that something should lead to and nothing does, or that is stored as an earlier
    release wrote it. Looks a second time before it tells."""
    found = list(scanned)
    stale = {not_as_written_today(each.record) for each in found if not each.is_current}
    records = [each.record for each in found]
    stale |= {finding for record in records for finding in plain_addresses(record)}
    suspects = {finding.item: finding for _, finding in _findings(store, records)}
    again = [record for record in records if str(record.ref) in suspects]
    return stale | {finding for _, finding in _findings(store, _afresh(store, again))} if again else stale


def owners_met(store: Store, records: Iterable[Record], known: set[str]) -> list[str]:
    """The owners that the records lead to, but for those `known`, to which they are added.

    An owner is met where its own record lies; one that has none, as somebody who was removed, wherever anything of it
    does.
    """
    met = dict[str, bool]()
    for record in records:
        if owner := record.ledger if isinstance(record, Entry) else record.owner:
            met[owner] = met.get(owner, False) or is_root(owner, record)
    fresh = [owner for owner in met if owner not in known]
    elsewhere = [owner for owner in fresh if not met[owner]]
    there = store.get(*(roots_of(owner)[0] for owner in elsewhere if roots_of(owner)))
    known.update(fresh)
    return [owner for owner in fresh if met[owner] or not any(there[ref] for ref in roots_of(owner)[:1])]


def _findings(store: Store, records: Iterable[Record]) -> Iterator[tuple[Record, Violation]]:
    records = list(records)
    beside = store.get(*(ref for record in records if (ref := _leads_from(record))))
    odd = [record for record in oddly_spelled(records) if isinstance(record, Serial)]
    there = store.get(*(record.ref for record in odd)) if odd else RecordSet()
    for record in records:
        for finding in _of_one(
            record, TableSnapshot(each for ref in [_leads_from(record)] if ref and (each := beside[ref]))
        ):
            yield record, finding
    for serial in odd:
        if (found := there[serial.ref]) is None:
            yield serial, unreachable(serial)
        elif isinstance(found, Serial) and found.serial != serial.serial:
            yield serial, spelled_twice(serial)


def _leads_from(record: Record) -> Ref[Any] | None:
    """The record that should lead to it."""
    match record:
        case LicenseKey() | Delivery():
            return Order.ref_of(record.order_id)
        case Membership():
            return Person.ref_of(record.person_id)
        case AddressHolder():
            return PersonAddress.ref_of(record.person_id)
        case Serial() if record.org_id:
            return Device.ref_of(record.org_id, record.serial)
    return None


def _of_one(record: Record, beside: TableSnapshot) -> Iterator[Violation]:
    match record:
        case LicenseKey():
            return key_findings(beside, record)
        case Delivery():
            return delivery_findings(beside, record)
        case Serial():
            return serial_findings(beside, record)
        case Membership():
            return membership_findings(beside, record)
        case AddressHolder():
            return holder_findings(beside, record)
    return iter(())


def _afresh(store: Store, records: Iterable[Record]) -> Iterator[Record]:
    """As they are now. Under its reference an oddly spelled one is another, or none."""
    for record in records:
        odd = list(oddly_spelled([record]))
        if found := record if odd else store.one(record.ref):
            yield found
