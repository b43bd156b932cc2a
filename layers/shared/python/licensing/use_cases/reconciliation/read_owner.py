"""All that an owner has, with what its ledger and others tell of it: what a proof looks at."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from licensing.domain.assigning.devices import Device, Serial
from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record, Ref
from licensing.domain.licenses.license_key import LicenseKey
from licensing.domain.ordering.orders import Order
from licensing.domain.people.access import Person
from licensing.domain.people.addresses import AddressHolder, PersonAddress
from licensing.domain.people.memberships import refs_of
from licensing.domain.reconciliation.ledger import Stories, stories
from licensing.domain.reconciliation.owned import roots_of
from licensing.domain.reconciliation.tokens import is_transfer
from licensing.domain.reconciliation.violations import TableSnapshot
from licensing.listings import DevicesOf, ExtensionsOf, LedgerOf, LicensesOf, TokensOf
from licensing.ports import Store


class Owned(Struct, frozen=True):
    """What an owner has, and what its ledger tells."""

    owner: str
    census: TableSnapshot
    known: Stories
    transfers: Sequence[Entry]

    @property
    def org_id(self) -> str:
        return self.owner.partition("/")[2]

    @property
    def keys(self) -> list[LicenseKey]:
        """Those the ledger tells of: issued by an order, claimed by an org or an MSP."""
        told = (self.census[ref] for ref in self.known if ref.startswith(f"{LicenseKey.kind}/"))
        return [key for key in told if isinstance(key, LicenseKey)]


def read_owner(store: Store, owner: str) -> Owned:
    transfers: list[Entry] = []
    known = stories(_noting(store.every(LedgerOf(owner)), transfers))
    records = [*_listed(store, owner)]
    there = {str(record.ref) for record in records}
    records += store.get(*roots_of(owner), *(store.named(told) for told in known if told not in there))
    records += store.get(*_named_by(records))
    return Owned(owner, TableSnapshot(_once(records)), known, transfers)


def _noting(entries: Iterable[Entry], transfers: list[Entry]) -> Iterator[Entry]:
    for entry in entries:
        if is_transfer(entry):
            transfers.append(entry)
        yield entry


def _listed(store: Store, owner: str) -> Iterator[Record]:
    """What an owner has many of."""
    kind, _, owner_id = owner.partition("/")
    if kind == "org":
        yield from store.every(LicensesOf(owner_id))
        yield from store.every(DevicesOf(owner_id))
    if kind == "msp":
        yield from store.every(ExtensionsOf(owner_id))
    if kind == "person":
        yield from store.every(TokensOf(owner_id))


def _named_by(records: Sequence[Record]) -> Iterator[Ref[Any]]:
    """What others keep for the owner, found by what it has."""
    there = {str(record.ref) for record in records}
    for record in records:
        match record:
            case Order():
                yield from (ref for ref in (*record.delivery_refs, *record.key_refs) if str(ref) not in there)
            case Device():
                yield Serial.ref_of(record.serial)
            case Person():
                yield from refs_of(record)
            case PersonAddress() if record.email:
                yield AddressHolder.ref_of(record.email)


def _once(records: Iterable[Record]) -> Iterator[Record]:
    """A record that was read in two ways is one; two items under one reference are two (D45)."""
    seen: dict[tuple[str, str], Record] = {}
    for record in records:
        text = (str(record.ref), repr(record))
        if text not in seen:
            seen[text] = record
            yield record
