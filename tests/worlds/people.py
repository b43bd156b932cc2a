"""People put into a table by hand, whole: what `PUT /people/{email}` writes of them."""

from licensing.domain.core.decisions import created
from licensing.domain.people.access import Grant, Person
from licensing.domain.people.memberships import memberships_of
from licensing.ports import Store


def admit(store: Store, email: str, *grants: Grant, subject: str | None = None) -> Person:
    """Somebody with these grants, bound to the sign-in `subject`."""
    person = Person(email=email, grants=grants, subject=subject)
    store.commit([created(person), *map(created, memberships_of(person))])
    return person
