"""People put into a table by hand, whole: what `PUT /people/{email}` writes of them."""

from licensing.domain.core.decisions import created
from licensing.domain.people.access import Grant, Person
from licensing.domain.people.addresses import AddressHolder, PersonAddress
from licensing.domain.people.memberships import memberships_of
from licensing.ports import Store
from tests.worlds.gateway import id_for


def admit(store: Store, email: str, *grants: Grant, subject: str | None = None) -> Person:
    """Somebody with these grants, bound to the sign-in `subject`; the id is that of `gateway.person`."""
    person = Person(person_id=id_for(email), grants=grants, subject=subject)
    named = [PersonAddress(person_id=person.person_id, email=email), AddressHolder.of(email, person.person_id)]
    store.commit([created(person), *map(created, named), *map(created, memberships_of(person))])
    return person
