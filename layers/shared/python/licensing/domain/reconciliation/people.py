"""Promises about people: a tenant's are found by it; an address lies in one record until it is erased (D44)."""

from collections.abc import Iterator

from licensing.domain.core.ledger import Entry
from licensing.domain.core.records import Record
from licensing.domain.core.texts import address_in
from licensing.domain.jobs.jobs import Job
from licensing.domain.people.access import Person
from licensing.domain.people.addresses import AddressHolder, PersonAddress
from licensing.domain.people.api_tokens import ActiveTokens, ApiToken
from licensing.domain.people.memberships import Membership, memberships_of
from licensing.domain.planning.reminders import ReminderCursor
from licensing.domain.reconciliation.violations import TableSnapshot, Violation

FOUND = "a tenant's people are those with a grant of it"
NAMED = "people are named by an id"
# These name people, and never by an address: whoever was erased can't be in them.
ANONYMOUS = (Person, Membership, AddressHolder, ApiToken, ActiveTokens, ReminderCursor, Job)


def people_findings(census: TableSnapshot) -> Iterator[Violation]:
    """Of people; `census` has their addresses, what finds these, and what their grants amount to."""
    for person in census.all(Person):
        if census[str(PersonAddress.ref_of(person.person_id))] is None:
            yield Violation(str(person.ref), NAMED, "There is no record of its address.")
        for one in memberships_of(person):
            if census[str(one.ref)] is None:
                yield Violation(str(one.ref), FOUND, "Somebody holds this grant, and is not found by it.")
    for address in census.all(PersonAddress):
        yield from _address_findings(census, address)


def membership_findings(census: TableSnapshot, one: Membership) -> Iterator[Violation]:
    """`census` has the person, if there is one."""
    if one.ref not in {held.ref for person in census.all(Person) for held in memberships_of(person)}:
        yield Violation(str(one.ref), FOUND, "Nobody holds this grant.")


def holder_findings(census: TableSnapshot, holder: AddressHolder) -> Iterator[Violation]:
    """`census` has the address it leads to, if there is one."""
    if not any(address.email and holder.is_of(address.email) for address in census.all(PersonAddress)):
        yield Violation(str(holder.ref), NAMED, "It leads to somebody with another address, or with none.")


def plain_addresses(record: Record) -> Iterator[Violation]:
    """Where somebody could still stand who was erased: what names people by an address after all."""
    if isinstance(record, ANONYMOUS) and address_in(record.model_dump_json()):
        yield Violation(str(record.ref), NAMED, "It holds an address in plain.")
    if isinstance(record, Entry) and address_in(_told_of_people(record)):
        yield Violation(str(record.ref), NAMED, "The entry holds an address in plain.")


def _told_of_people(entry: Entry) -> str:
    """All that a person's ledger tells; of another, who did it: what else it tells of has addresses of its own."""
    return entry.model_dump_json() if entry.ledger.startswith("person/") else entry.actor


def _address_findings(census: TableSnapshot, address: PersonAddress) -> Iterator[Violation]:
    ref, person = str(address.ref), census[str(Person.ref_of(address.person_id))]
    if address.listed != (person is not None):
        yield Violation(ref, NAMED, "It is listed, and there is no such person, or the other way round.")
    if (address.email is None) != (address.erased_at is not None):
        yield Violation(ref, NAMED, "Its address is missing and was not erased, or was erased and is there.")
    if address.email and census[str(AddressHolder.ref_of(address.email))] is None:
        yield Violation(ref, NAMED, "Nothing finds the person by this address.")
