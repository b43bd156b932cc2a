"""What an owner has at most one of."""

from typing import Any

from licensing.domain.core.records import Record, Ref
from licensing.domain.licenses.ai_tokens import TokenPool
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.domain.ordering.orders import Order
from licensing.domain.people.access import Person
from licensing.domain.people.addresses import PersonAddress
from licensing.domain.people.tenants import Msp, Org, Partner

# Found by the owner's id; the first is the owner's own.
ROOTS: dict[str, tuple[type[Record], ...]] = {
    "org": (Org, TokenPool),
    "msp": (Msp, MspPortal),
    "partner": (Partner,),
    "person": (PersonAddress, Person),
    "order": (Order,),
}


def roots_of(owner: str) -> list[Ref[Any]]:
    """Of `org/org-north`: the organization and its pool of tokens."""
    kind, _, owner_id = owner.partition("/")
    return [Ref(of, (owner_id,)) for of in ROOTS.get(kind, ())]


def is_root(owner: str, record: Record) -> bool:
    """Whether the record is the owner's own."""
    return type(record) in ROOTS.get(owner.partition("/")[0], ())[:1]
