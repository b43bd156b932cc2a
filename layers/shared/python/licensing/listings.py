"""Every question to the table that many records answer; `adapters/dynamodb/queries.py` says where it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from licensing.ports import Listing

if TYPE_CHECKING:  # loading all rooms for one listing would be expensive; ruff doesn't look into the quotes below
    from licensing.domain.assigning.devices import Device  # noqa: F401
    from licensing.domain.core.ledger import Entry  # noqa: F401
    from licensing.domain.inventory.digests import DigestMonth  # noqa: F401
    from licensing.domain.jobs.jobs import Job  # noqa: F401
    from licensing.domain.licenses.licenses import Block, License  # noqa: F401
    from licensing.domain.licenses.msp_portals import Extension  # noqa: F401
    from licensing.domain.licenses.types import DeviceCategory, Type
    from licensing.domain.ordering.orders import Order  # noqa: F401
    from licensing.domain.ordering.summaries import OrderSummary  # noqa: F401
    from licensing.domain.people.access import Role
    from licensing.domain.people.addresses import PersonAddress  # noqa: F401
    from licensing.domain.people.api_tokens import ApiToken  # noqa: F401
    from licensing.domain.people.memberships import Membership  # noqa: F401
    from licensing.domain.people.tenants import Msp, Org, Partner  # noqa: F401
    from licensing.domain.planning.due import NextDue  # noqa: F401
    from licensing.domain.planning.policies import AssociationPolicy  # noqa: F401
    from licensing.domain.planning.renewals import Renewal  # noqa: F401


class AllOrders(Listing["OrderSummary"], frozen=True):
    """Newest first."""


class OrdersOf(Listing["OrderSummary"], frozen=True):
    """A partner's, newest first."""

    partner_id: str


class WorkingOrders(Listing["Order"], frozen=True):
    """Those with keys or mails due since `until` or before, the longest waiting first."""

    until: str


class LedgerOf(Listing["Entry"], frozen=True):
    """The entries of one owner (`org/org-north`), newest first; `since`: only those after that instant's second."""

    owner: str
    since: str = ""


class LicensesOf(Listing["Block | License"], frozen=True):
    """An org's blocks, each followed by its key's licences, the oldest issued first; `key_id`: from that key on."""

    org_id: str
    key_id: str = ""


class LicensesAfter(Listing["Block | License"], frozen=True):
    """The same, from the licence after this one on: what a page in the middle of a key needs besides its block."""

    org_id: str
    key_id: str
    number: int


class FreeLicensesOf(Listing["Block | License"], frozen=True):
    """An org's licences that no device has, blocks and licences released, those that end first without one first.

    Of `models`, or of all when none is named; `after`: only those that end later than that instant, or never.
    """

    org_id: str
    models: tuple[str, ...] = ()
    after: str = ""


class ExtensionsOf(Listing["Extension"], frozen=True):
    """The keys claimed in an MSP portal, the newest first; those that release 1 kept are in the portal itself."""

    msp_id: str


class DevicesOf(Listing["Device"], frozen=True):
    """An org's devices by serial number, parked ones among them."""

    org_id: str


class DevicesByEnd(Listing["Device"], frozen=True):
    """An org's devices, those never covered first, then by the end of what covers them.

    Only those that end later than `after` and not later than `until`, as instants in text.
    """

    org_id: str
    after: str = ""
    until: str = ""

    def __repr__(self) -> str:
        """Without the window: it moves with the clock, and a cursor must not depend on it."""
        return f"DevicesByEnd({self.org_id!r})"


# The table sorts devices by the ends of so many of their chains: an index can't be made for each.
SORTED_CHAINS = 2


def are_sorted(category: DeviceCategory, license_type: Type) -> bool:
    """Whether the devices of a category are listed by the end of the type's chain; else all are read and sorted."""
    from licensing.domain.licenses.types import chain_of, chains_for

    return chain_of(license_type) in chains_for(category)[:SORTED_CHAINS]


class DevicesFor(Listing["Device"], frozen=True):
    """The devices that take licences of a category and type, the earliest end of their chain first (D25).

    Only for types whose devices `are_sorted`.
    """

    org_id: str
    category: DeviceCategory
    type: Type


class DevicesIn(Listing["Device"], frozen=True):
    """The devices in a network of an org, by serial number."""

    org_id: str
    network_id: str


class EnabledPolicies(Listing["AssociationPolicy"], frozen=True):
    """By org."""


class RenewalsOf(Listing["Renewal"], frozen=True):
    """An org's, newest first."""

    org_id: str


class DigestMonthsOf(Listing["DigestMonth"], frozen=True):
    """An org's counts to the second, by month."""

    org_id: str


class DueOwners(Listing["NextDue"], frozen=True):
    """Owners of whom something is due until `until` (D34), the longest due first; eventually."""

    until: str


class AllOrgs(Listing["Org"], frozen=True):
    """By id."""


class OrgsOf(Listing["Org"], frozen=True):
    """Those an MSP looks after, by id; `after`: only those behind this one."""

    msp_id: str
    after: str = ""


class AllMsps(Listing["Msp"], frozen=True):
    """By id."""


class AllPartners(Listing["Partner"], frozen=True):
    """By id."""


class AllTokens(Listing["ApiToken"], frozen=True):
    """By name."""


class TokensOf(Listing["ApiToken"], frozen=True):
    """Those a person made, by name."""

    made_by: str


class JobsOf(Listing["Job"], frozen=True):
    """Those somebody asked for, newest first."""

    maker: str


class AllPeople(Listing["PersonAddress"], frozen=True):
    """Those who were granted something, by e-mail address."""


class MembersOf(Listing["Membership"], frozen=True):
    """Who holds a role for a tenant (`org/org-north`)."""

    tenant: str
    role: Role
