"""Every key of the table, in one place. `docs/access-patterns.md` tells which question each one answers.

Base table pk/sk. Local indexes lsi1-lsi3 sort one owner's records otherwise, and are read strongly consistent.
Global indexes gsi1-gsi3 gather records over owners, and are read eventually. Indexes are sparse: a record stands in
those it has attributes for.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from msgspec import Struct

from licensing import listings
from licensing.domain.core.errors import Fault, invalid
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import Record, Ref
from licensing.ports import Listing, Position

if TYPE_CHECKING:
    from licensing.domain.assigning.devices import Device
    from licensing.domain.licenses.licenses import Block, License
    from licensing.domain.licenses.types import DeviceCategory, Type
    from licensing.domain.ordering.orders import Order
    from licensing.domain.people.api_tokens import ApiToken
    from licensing.domain.people.tenants import Org

R = TypeVar("R", bound=Record)
Attributes = dict[str, str]


def _at(name: str) -> Callable[[Any], int]:
    """When an item may be forgotten, which the record keeps under this name."""
    return lambda record: int(getattr(record, name).timestamp())


def _listed(group: str, name: str) -> Callable[[Any], Attributes]:
    """All records of a kind, by id."""
    return lambda record: {"gsi2pk": group, "gsi2sk": getattr(record, name)}


class Shape(Struct, frozen=True):
    """How one class of records lies in the table: key templates filled with the ref's ids, index attributes, expiry.

    The class is named by its place in the domain, not imported: a function loads only those it meets. For the same
    reason its shape number stands here too; a test holds it to the class's.
    """

    kind: str
    of: str
    pk: str
    sk: str
    indexes: Callable[[Any], Attributes] = lambda _: {}
    expires: Callable[[Any], int | None] = lambda _: None
    number: int = 1


def _order_indexes(order: Order) -> Attributes:
    newest = f"{to_text(order.received_at)}#{order.order_id}"
    indexes = {
        "gsi1pk": f"PARTNER#{order.partner_id}",
        "gsi1sk": newest,
        "gsi2pk": "ORDERS",
        "gsi2sk": newest,
    }
    # Only then: the sweeper's index holds what waits for work and nothing else, so a sweep costs what there is to do.
    if order.working_since:
        indexes |= {"gsi3pk": "WORKING", "gsi3sk": f"{to_text(order.working_since)}#{order.order_id}"}
    return indexes


def _org_indexes(org: Org) -> Attributes:
    under = {"gsi1pk": f"MSP#{org.msp_id}", "gsi1sk": org.org_id} if org.msp_id else {}
    return under | {"gsi2pk": "ORGS", "gsi2sk": org.org_id}


def _token_indexes(token: ApiToken) -> Attributes:
    # Names are nobody's property: the id tells two of one name apart.
    by_name = f"{token.name}#{token.token_id}"
    return {"gsi1pk": f"TOKENS#{token.made_by}", "gsi1sk": by_name, "gsi2pk": "TOKENS", "gsi2sk": by_name}


# Sort keys are compared as text, hence six digits, enough for the 100,000 of D3; a block, as number 0, stands before
# the licences that came out of it.
def _free_license(one: License) -> Attributes:
    return {"lsi1": f"POOL#{one.license_model}#{one.key_id}#{one.number:06}"} if one.is_free else {}


def _free_block(block: Block) -> Attributes:
    return {"lsi1": f"POOL#{block.license_model}#{block.key_id}#000000"} if block.free else {}


def _fit_index(category: DeviceCategory, license_type: Type) -> str:
    """The index that sorts devices of a category by the end of the type's chain."""
    from licensing.domain.licenses.types import chain_of, chains_for

    # One for each of `listings.SORTED_CHAINS`.
    return ("lsi2", "lsi3")[chains_for(category).index(chain_of(license_type))]


def _device_indexes(device: Device) -> Attributes:
    """By the end of its Pro coverage; and by the end of each chain, among the devices that take the same licences."""
    # Parked, it can be given nothing (D27), so no list by end has it.
    if device.parked_at:
        return {}
    from licensing.domain.assigning.coverage import coverage_of
    from licensing.domain.assigning.fitting import types_of
    from licensing.domain.licenses.types import PRO, chain_of

    coverage, serial = coverage_of(device), device.ref.ids[1]
    indexes = {"lsi1": f"DEVICE#{coverage.end_text(PRO)}#{serial}"}
    for license_type in types_of(device):
        if listings.are_sorted(device.category, license_type):
            end = coverage.end_text(chain_of(license_type))
            fit = f"FIT#{device.category}#{license_type}#{end}#{serial}"
            indexes[_fit_index(device.category, license_type)] = fit
    return indexes


SHAPES = {
    shape.kind: shape
    for shape in (
        Shape("order", "ordering.orders.Order", "ORDER#{0}", "ORDER", _order_indexes),
        Shape("delivery", "ordering.deliveries.Delivery", "ORDER#{0}", "DELIVERY#{1}"),
        Shape("mail", "ordering.deliveries.SentMail", "MAIL#{0}", "MAIL", expires=_at("forget_at")),
        Shape("key", "licenses.license_key.LicenseKey", "KEY#{0}", "KEY"),
        Shape("block", "licenses.licenses.Block", "ORG#{0}", "LICENSE#{1}#000000", _free_block),
        Shape("license", "licenses.licenses.License", "ORG#{0}", "LICENSE#{1}#{2}", _free_license),
        Shape("ai_tokens", "licenses.ai_tokens.TokenPool", "ORG#{0}", "AI-TOKENS"),
        Shape("msp_portal", "licenses.msp_portals.MspPortal", "MSP#{0}", "PORTAL"),
        Shape("guesses", "claiming.failed_lookups.FailedLookups", "GUESSES#{0}", "GUESSES", expires=_at("forget_at")),
        Shape("device", "assigning.devices.Device", "ORG#{0}", "DEVICE#{1}", _device_indexes),
        Shape("serial", "assigning.devices.Serial", "SERIAL#{0}", "SERIAL"),
        Shape("entry", "core.ledger.Entry", "LEDGER#{0}", "{1}"),
        Shape("reply", "core.idempotency.IdempotencyRecord", "REPLY#{0}", "REPLY", expires=_at("expires_at")),
        Shape("piece", "core.idempotency.ReplyChunk", "REPLY#{0}", "PIECE#{1}", expires=_at("expires_at")),
        Shape("person", "people.access.Person", "PERSON#{0}", "PERSON", _listed("PEOPLE", "email")),
        Shape("membership", "people.memberships.Membership", "MEMBERS#{0}", "{1}#{2}"),
        Shape("sign_out", "people.sign_outs.SignOut", "SIGN-OUT#{0}", "SIGN-OUT", expires=_at("forget_at")),
        Shape("api_token", "people.api_tokens.ApiToken", "TOKEN#{0}", "TOKEN", _token_indexes),
        Shape("living_tokens", "people.api_tokens.ActiveTokens", "PERSON#{0}", "TOKENS"),
        Shape("spending", "core.quotas.QuotaUsage", "TOKEN#{0}", "SPENT#{1}", expires=_at("forget_at")),
        Shape("org", "people.tenants.Org", "ORG#{0}", "ORG", _org_indexes),
        Shape("msp", "people.tenants.Msp", "MSP#{0}", "MSP", _listed("MSPS", "msp_id")),
        Shape("reminded", "planning.reminders.ReminderCursor", "REMINDED#{0}", "{1}", expires=_at("forget_at")),
        Shape("partner", "people.tenants.Partner", "PARTNER#{0}", "PARTNER", _listed("PARTNERS", "partner_id")),
    )
}


def class_of(kind: str) -> type[Record]:
    """The class of the records of a kind."""
    module, _, name = SHAPES[kind].of.rpartition(".")
    return cast("type[Record]", getattr(import_module(f"licensing.domain.{module}"), name))


def number_of(kind: str) -> int:
    """Today's shape of the records of a kind."""
    return SHAPES[kind].number


def key_of(ref: Ref[Any]) -> tuple[str, str]:
    """A record's pk and sk, e.g. `("ORDER#acme.1f6c…", "DELIVERY#a@example.com")`."""
    shape = SHAPES[ref.of.kind]
    return shape.pk.format(*ref.ids), shape.sk.format(*ref.ids)


def indexes_of(record: Record) -> Attributes:
    return SHAPES[record.kind].indexes(record)


def expiry_of(record: Record) -> int | None:
    """When DynamoDB may delete the item, in epoch seconds; None for never."""
    return SHAPES[record.kind].expires(record)


class Query(Struct, frozen=True):
    """One partition of the table or of an index, the sort keys from `low` to `high`, forwards or backwards."""

    pk: str
    index: str | None = None
    low: str = ""
    high: str = ""
    backwards: bool = False

    @property
    def attributes(self) -> tuple[str, str]:
        """The names of the partition and sort attributes."""
        if self.index is None:
            return "pk", "sk"
        return ("pk", self.index) if self.index.startswith("lsi") else (f"{self.index}pk", f"{self.index}sk")

    def require(self, position: Position) -> None:
        """Raises `invalid_request` for a position that lies outside the query: somebody made it up."""
        group, order = self.attributes
        inside = set(position) == {"pk", "sk", group, order} and position[group] == self.pk
        if not inside or position[order] < self.low or (self.high and position[order] > self.high):
            raise invalid(Fault("cursor", "is none that this list gave; start again without one"))


# `~` sorts behind `#` and all that our ids are made of: as a bound it takes in, or leaves out, whatever begins so.
def query_of(listing: Listing[R]) -> Query:
    """Where a listing is read."""
    match listing:
        case listings.AllOrders():
            return Query("ORDERS", "gsi2", backwards=True)
        case listings.OrdersOf(partner_id):
            return Query(f"PARTNER#{partner_id}", "gsi1", backwards=True)
        case listings.WorkingOrders(until):
            return Query("WORKING", "gsi3", high=f"{until}~")
        case listings.LedgerOf(owner, since):
            return Query(f"LEDGER#{owner}", low=since, backwards=True)
        case listings.LicensesOf(org_id, key_id):
            return Query(f"ORG#{org_id}", low=f"LICENSE#{key_id}", high="LICENSE#~")
        case listings.LicensesAfter(org_id, key_id, number):
            return Query(f"ORG#{org_id}", low=f"LICENSE#{key_id}#{number:06}~", high="LICENSE#~")
        case listings.FreeLicensesOf(org_id, license_model):
            pool = f"POOL#{license_model}#" if license_model else "POOL#"
            return Query(f"ORG#{org_id}", "lsi1", low=pool, high=f"{pool}~")
        case listings.DevicesOf(org_id):
            return Query(f"ORG#{org_id}", low="DEVICE#", high="DEVICE#~")
        case listings.DevicesByEnd(org_id, after, until):
            low, high = after and f"DEVICE#{after}#~", until and f"DEVICE#{until}#~"
            return Query(f"ORG#{org_id}", "lsi1", low=low or "DEVICE#", high=high or "DEVICE#~")
        case listings.DevicesFor(org_id, category, license_type):
            fit = f"FIT#{category}#{license_type}#"
            return Query(f"ORG#{org_id}", _fit_index(category, license_type), low=fit, high=f"{fit}~")
        case listings.AllOrgs():
            return Query("ORGS", "gsi2")
        case listings.OrgsOf(msp_id):
            return Query(f"MSP#{msp_id}", "gsi1")
        case listings.AllMsps():
            return Query("MSPS", "gsi2")
        case listings.AllPartners():
            return Query("PARTNERS", "gsi2")
        case listings.AllTokens():
            return Query("TOKENS", "gsi2")
        case listings.TokensOf(made_by):
            return Query(f"TOKENS#{made_by}", "gsi1")
        case listings.AllPeople():
            return Query("PEOPLE", "gsi2")
        case listings.MembersOf(tenant, role):
            return Query(f"MEMBERS#{tenant}", low=f"{role}#", high=f"{role}#~")
    raise LookupError(f"no key answers {type(listing).__name__}")
