"""Every question to the table that many records answer; `adapters/dynamodb/keys.py` says which index answers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from licensing.ports import Listing

if TYPE_CHECKING:  # loading all rooms for one listing would be dear; ruff doesn't look into the quotes below
    from licensing.domain.access import Person  # noqa: F401
    from licensing.domain.api_tokens import ApiToken  # noqa: F401
    from licensing.domain.catalog import DeviceCategory, Type
    from licensing.domain.devices import Device  # noqa: F401
    from licensing.domain.ledger import Entry  # noqa: F401
    from licensing.domain.licenses import Block, License  # noqa: F401
    from licensing.domain.orders import Order  # noqa: F401
    from licensing.domain.tenants import Msp, Org, Partner  # noqa: F401


@dataclass(frozen=True, slots=True)
class AllOrders(Listing["Order"]):
    """Newest first."""


@dataclass(frozen=True, slots=True)
class OrdersOf(Listing["Order"]):
    """A partner's, newest first."""

    partner_id: str


@dataclass(frozen=True, slots=True)
class WorkingOrders(Listing["Order"]):
    """Those with keys or mails due since `until` or before, the longest waiting first."""

    until: str


@dataclass(frozen=True, slots=True)
class LedgerOf(Listing["Entry"]):
    """The entries of one owner (`org/org-north`), newest first; `since`: only those after that instant's second."""

    owner: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class LicensesOf(Listing["Block | License"]):
    """An org's blocks, each followed by its key's licences, the oldest issued first; `key_id`: from that key on."""

    org_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class LicensesAfter(Listing["Block | License"]):
    """The same, from the licence after this one on: what a page in the middle of a key needs besides its block."""

    org_id: str
    key_id: str
    number: int


@dataclass(frozen=True, slots=True)
class FreeLicensesOf(Listing["Block | License"]):
    """An org's licences that no device has, blocks and licences released, the oldest issued first of each model.

    Without a `license_model` those of all models, by sku.
    """

    org_id: str
    license_model: str = ""


@dataclass(frozen=True, slots=True)
class DevicesOf(Listing["Device"]):
    """An org's devices by serial number, parked ones among them."""

    org_id: str


@dataclass(frozen=True, slots=True)
class DevicesByEnd(Listing["Device"]):
    """An org's devices, those never covered first, then by the end of what covers them.

    Only those that end later than `after` and not later than `until`, as instants in text. Those move with the
    clock, so a cursor does not depend on them.
    """

    org_id: str
    after: str = field(default="", repr=False)
    until: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DevicesFor(Listing["Device"]):
    """The devices that take licences of a category and type, the earliest end of their chain first (D25)."""

    org_id: str
    category: DeviceCategory
    type: Type


@dataclass(frozen=True, slots=True)
class AllOrgs(Listing["Org"]):
    """By id."""


@dataclass(frozen=True, slots=True)
class OrgsOf(Listing["Org"]):
    """Those an MSP looks after, by id."""

    msp_id: str


@dataclass(frozen=True, slots=True)
class AllMsps(Listing["Msp"]):
    """By id."""


@dataclass(frozen=True, slots=True)
class AllPartners(Listing["Partner"]):
    """By id."""


@dataclass(frozen=True, slots=True)
class AllTokens(Listing["ApiToken"]):
    """By name."""


@dataclass(frozen=True, slots=True)
class TokensOf(Listing["ApiToken"]):
    """Those somebody made, by name."""

    made_by: str


@dataclass(frozen=True, slots=True)
class AllPeople(Listing["Person"]):
    """By e-mail address."""
