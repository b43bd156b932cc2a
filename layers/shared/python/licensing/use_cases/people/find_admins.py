"""Who looks after an organization or an MSP: found by the tenant, whatever number of people there is."""

from collections.abc import Iterator

from msgspec import Struct

from licensing.domain.people.access import Role
from licensing.domain.people.tenants import Msp, Org
from licensing.listings import MembersOf
from licensing.ports import Reader


class Admin(Struct, frozen=True):
    """`person_id` names them in what is kept; mail goes to `email`."""

    person_id: str
    email: str


def admins_of(store: Reader, tenant: Org | Msp) -> tuple[Admin, ...]:
    """Its admins; of an organization without one those of its MSP, whose business it is then. A call or two."""
    if isinstance(tenant, Msp):
        return tuple(_holders(store, tenant.owner, "msp_admin"))
    own = tuple(_holders(store, tenant.owner, "org_admin"))
    return own or (tuple(_holders(store, f"msp/{tenant.msp_id}", "msp_admin")) if tenant.msp_id else ())


def _holders(store: Reader, owner: str, role: Role) -> Iterator[Admin]:
    return (Admin(each.person_id, each.person_id) for each in store.every(MembersOf(owner, role)))
