"""People by their addresses, and addresses by people: the one place where the two are brought together (D44)."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from licensing.domain.core.errors import not_found
from licensing.domain.core.records import RecordSet
from licensing.domain.people.access import Person, Role
from licensing.domain.people.addresses import AddressHolder, PersonAddress, mentioned
from licensing.domain.people.tenants import Msp, Org
from licensing.domain.people.views import PersonView
from licensing.listings import MembersOf
from licensing.ports import Reader


class Admin(Struct, frozen=True):
    """`person_id` names them in what is kept; mail goes to `email`."""

    person_id: str
    email: str


def person_at(store: Reader, email: str) -> Person | None:
    """Who holds an address, if anything was granted to it; two calls."""
    holder = store.one(AddressHolder.ref_of(email))
    return store.one(Person.ref_of(holder.person_id)) if holder else None


def person_shown(store: Reader, email: str) -> PersonView:
    """Raises `not_found`."""
    if (person := person_at(store, email)) is None:
        raise not_found("person")
    return PersonView.of(person, email)


def people_shown(store: Reader, addresses: Sequence[PersonAddress]) -> list[PersonView]:
    """Those who hold these addresses; an index may still list one who was removed a moment ago."""
    refs = {each.email: Person.ref_of(each.person_id) for each in addresses if each.email}
    found = store.get(*refs.values())
    return [PersonView.of(person, email) for email, ref in refs.items() if (person := found[ref])]


def addresses_for(store: Reader, texts: Iterable[str]) -> RecordSet:
    """What it takes to show the people that these texts mention: one call for each hundred."""
    return store.get(*mentioned(texts))


def admins_of(store: Reader, tenant: Org | Msp) -> tuple[Admin, ...]:
    """Its admins; of an organization without one those of its MSP, whose business it is then. Two or three calls."""
    if isinstance(tenant, Msp):
        return _holders(store, tenant.owner, "msp_admin")
    own = _holders(store, tenant.owner, "org_admin")
    return own or (_holders(store, f"msp/{tenant.msp_id}", "msp_admin") if tenant.msp_id else ())


def _holders(store: Reader, owner: str, role: Role) -> tuple[Admin, ...]:
    refs = [PersonAddress.ref_of(each.person_id) for each in store.every(MembersOf(owner, role))]
    found = store.get(*refs).present(refs)
    return tuple(Admin(each.person_id, each.email) for each in found if each.email)
