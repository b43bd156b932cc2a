"""Every key of the table, in one place. `docs/access-patterns.md` tells which question each one answers.

Base table pk/sk. All indexes are global, and sparse: a record stands in those it has attributes for. gsi1-gsi3 gather
records over owners and hold them whole; gsi4-gsi6 sort an org's records otherwise, and hold keys only, so that a change
that moves nothing in them costs them nothing. In each, a sort key stands once in its partition.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from licensing import listings
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import Record, Ref

if TYPE_CHECKING:
    from licensing.domain.assigning.devices import Device
    from licensing.domain.jobs.jobs import Job
    from licensing.domain.licenses.licenses import Block, License
    from licensing.domain.licenses.types import DeviceCategory, Type
    from licensing.domain.ordering.orders import Order
    from licensing.domain.ordering.summaries import OrderSummary
    from licensing.domain.people.addresses import PersonAddress
    from licensing.domain.people.api_tokens import ApiToken
    from licensing.domain.people.tenants import Org
    from licensing.domain.planning.due import NextDue
    from licensing.domain.planning.policies import AssociationPolicy

Attributes = dict[str, str]

WHOLE = ("gsi1", "gsi2", "gsi3")
KEYS_ONLY = ("gsi4", "gsi5", "gsi6")


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
    # Only then: the sweeper's index holds what waits for work and nothing else, so a sweep costs what there is to do.
    if order.working_since:
        return {"gsi3pk": "WORKING", "gsi3sk": f"{to_text(order.working_since)}#{order.order_id}"}
    return {}


def _summary_indexes(summary: OrderSummary) -> Attributes:
    order = summary.order
    newest = f"{to_text(order.received_at)}#{order.order_id}"
    return {"gsi1pk": f"PARTNER#{order.partner_id}", "gsi1sk": newest, "gsi2pk": "ORDERS", "gsi2sk": newest}


def _org_indexes(org: Org) -> Attributes:
    under = {"gsi1pk": f"MSP#{org.msp_id}", "gsi1sk": org.org_id} if org.msp_id else {}
    return under | {"gsi2pk": "ORGS", "gsi2sk": org.org_id}


def _policy_indexes(policy: AssociationPolicy) -> Attributes:
    # While it does anything: the daily run asks for those.
    return {"gsi2pk": "POLICIES", "gsi2sk": policy.org_id} if policy.enabled else {}


def _address_indexes(person: PersonAddress) -> Attributes:
    return {"gsi2pk": "PEOPLE", "gsi2sk": person.email} if person.listed and person.email else {}


def _token_indexes(token: ApiToken) -> Attributes:
    # Names are nobody's property: the id tells two of one name apart.
    by_name = f"{token.name}#{token.token_id}"
    return {"gsi1pk": f"TOKENS#{token.made_by}", "gsi1sk": by_name, "gsi2pk": "TOKENS", "gsi2sk": by_name}


def _due_indexes(due: NextDue) -> Attributes:
    return {"gsi3pk": "DUE", "gsi3sk": f"{to_text(due.at)}#{due.about}"} if due.at else {}


def _job_indexes(job: Job) -> Attributes:
    return {"gsi1pk": f"JOBS#{job.maker}", "gsi1sk": f"{to_text(job.created_at)}#{job.job_id}"}


def _stock_indexes(one: License, number: int) -> Attributes:
    """Free licences by the end they come to if no device gets them (D19), those without an end last."""
    end = to_text(one.burns_until) if one.burns_until else "~"
    # The key's place, so that of two with one end the older is first; the model last, for whom asks for that alone.
    place = f"{end}#{one.key_id}#{number:06}#{one.license_model}"
    return {"gsi4pk": f"STOCK#{one.org_id}", "gsi4sk": place}


def _free_license(one: License) -> Attributes:
    return _stock_indexes(one, one.number) if one.is_free else {}


def _free_block(block: Block) -> Attributes:
    return _stock_indexes(block.license(0), 0) if block.free else {}


def fit_index(category: DeviceCategory, license_type: Type) -> str:
    """The index that sorts devices of a category by the end of the type's chain."""
    from licensing.domain.licenses.types import chain_of, chains_for

    # One for each of `listings.SORTED_CHAINS`; the first is Pro's, which every device has.
    return ("gsi4", "gsi5")[chains_for(category).index(chain_of(license_type))]


def _device_indexes(device: Device) -> Attributes:
    """By the end of each chain, told with the licences the device takes for it; and by network."""
    # Parked, it can be given nothing (D27), so no list has it but the inventory.
    if device.parked_at:
        return {}
    from licensing.domain.assigning.coverage import coverage_of
    from licensing.domain.assigning.fitting import types_of
    from licensing.domain.licenses.types import chain_of

    coverage, (org_id, serial) = coverage_of(device), device.ref.ids
    indexes = {"gsi6pk": f"NETWORK#{org_id}#{device.network_id}", "gsi6sk": serial} if device.network_id else {}
    for license_type in types_of(device):
        if listings.are_sorted(device.category, license_type):
            index, end = fit_index(device.category, license_type), coverage.end_text(chain_of(license_type))
            place = f"{end}#{serial}#{device.category}/{license_type}"
            indexes |= {f"{index}pk": f"ENDS#{org_id}", f"{index}sk": place}
    return indexes


SHAPES = {
    shape.kind: shape
    for shape in (
        Shape("order", "ordering.orders.Order", "ORDER#{0}", "ORDER", _order_indexes),
        Shape("order_summary", "ordering.summaries.OrderSummary", "ORDER#{0}", "SUMMARY", _summary_indexes),
        Shape("delivery", "ordering.deliveries.Delivery", "ORDER#{0}", "DELIVERY#{1}"),
        Shape("mail", "ordering.deliveries.SentMail", "MAIL#{0}", "MAIL", expires=_at("forget_at")),
        Shape("lease", "core.leases.Lease", "LEASE#{0}", "LEASE", expires=_at("until")),
        Shape("key", "licenses.license_key.LicenseKey", "KEY#{0}", "KEY"),
        # Compared as text, hence six digits, enough for the 100,000 of D3; a block, as number 0, stands before the
        # licences that came out of it.
        Shape("block", "licenses.licenses.Block", "LICENSES#{0}", "{1}#000000", _free_block),
        Shape("license", "licenses.licenses.License", "LICENSES#{0}", "{1}#{2}", _free_license),
        Shape("ai_tokens", "licenses.ai_tokens.TokenPool", "ORG#{0}", "AI-TOKENS"),
        Shape("msp_portal", "licenses.msp_portals.MspPortal", "MSP#{0}", "PORTAL", number=2),
        Shape("msp_extension", "licenses.msp_portals.Extension", "MSP#{0}", "EXTENSION#{1}"),
        Shape("guesses", "claiming.failed_lookups.FailedLookups", "GUESSES#{0}", "GUESSES", expires=_at("forget_at")),
        Shape("device", "assigning.devices.Device", "DEVICES#{0}", "{1}", _device_indexes),
        Shape("digest", "inventory.digests.OrgDigest", "DIGEST#{0}", "DIGEST"),
        Shape("digest_month", "inventory.digests.DigestMonth", "DIGEST#{0}", "MONTH#{1}"),
        Shape("serial", "assigning.devices.Serial", "SERIAL#{0}", "SERIAL"),
        # A partition for each year, the first four characters: no collection grows for ever.
        Shape("entry", "core.ledger.Entry", "LEDGER#{0}#{1:.4}", "{1}"),
        Shape("reply", "core.idempotency.IdempotencyRecord", "REPLY#{0}", "REPLY", expires=_at("expires_at")),
        Shape("piece", "core.idempotency.ReplyChunk", "REPLY#{0}", "PIECE#{1}", expires=_at("expires_at")),
        Shape("job", "jobs.jobs.Job", "JOB#{0}", "JOB", _job_indexes, _at("expires_at")),
        Shape("open_jobs", "jobs.jobs.OpenJobs", "JOBS#{0}", "OPEN"),
        Shape("person", "people.access.Person", "PERSON#{0}", "PERSON"),
        Shape("person_address", "people.addresses.PersonAddress", "PERSON#{0}", "ADDRESS", _address_indexes),
        Shape("address_holder", "people.addresses.AddressHolder", "ADDRESS#{0}", "PERSON"),
        Shape("membership", "people.memberships.Membership", "MEMBERS#{0}", "{1}#{2}"),
        Shape("sign_out", "people.sign_outs.SignOut", "SIGN-OUT#{0}", "SIGN-OUT", expires=_at("forget_at")),
        Shape("api_token", "people.api_tokens.ApiToken", "TOKEN#{0}", "TOKEN", _token_indexes),
        Shape("living_tokens", "people.api_tokens.ActiveTokens", "PERSON#{0}", "TOKENS"),
        Shape("spending", "core.quotas.QuotaUsage", "TOKEN#{0}", "SPENT#{1}", expires=_at("forget_at")),
        Shape("org", "people.tenants.Org", "ORG#{0}", "ORG", _org_indexes),
        Shape("msp", "people.tenants.Msp", "MSP#{0}", "MSP", _listed("MSPS", "msp_id")),
        Shape("reminded", "planning.reminders.ReminderCursor", "REMINDED#{0}", "{1}", expires=_at("forget_at")),
        Shape("take_up", "ordering.take_ups.TakeUp", "ORDER#{0}", "TAKE-UP", expires=_at("forget_at")),
        Shape("proof_turn", "reconciliation.turns.ProofTurn", "TURNS", "{0}"),
        Shape("key_trace", "reconciliation.traces.KeyTrace", "TRACE#{0}", "TRACE"),
        Shape("policy", "planning.policies.AssociationPolicy", "ORG#{0}", "POLICY", _policy_indexes),
        Shape("renewal", "planning.renewals.Renewal", "RENEWALS#{0}", "{1}"),
        Shape("quote", "ordering.quotes.Quote", "RENEWAL#{0}", "QUOTE"),
        Shape("renewal_count", "planning.renewals.RenewalCount", "ORG#{0}", "RENEWALS"),
        Shape("renewal_part", "planning.renewals.RenewalPart", "RENEWAL#{0}", "PART#{1}"),
        Shape("due", "planning.due.NextDue", "DUE#{0}", "DUE", _due_indexes),
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


def ledger_of(owner: str, year: int) -> str:
    """The partition of an owner's ledger entries of a year."""
    return SHAPES["entry"].pk.format(owner, str(year))


def key_named(name: str) -> tuple[str, str]:
    """The same of a record by its name in the ledger, `device/org-north/SN1`, whatever its class."""
    kind, ids = _ids_in(name)
    return SHAPES[kind].pk.format(*ids), SHAPES[kind].sk.format(*ids)


def named(name: str) -> Ref[Any]:
    """The reference of that name, its class loaded."""
    kind, ids = _ids_in(name)
    return Ref(class_of(kind), tuple(ids))


def _ids_in(name: str) -> tuple[str, list[str]]:
    kind, _, ids = name.partition("/")
    shape = SHAPES[kind]
    # The last id is whatever follows: addresses may hold a slash.
    return kind, ids.split("/", f"{shape.pk}{shape.sk}".count("{") - 1)


def indexes_of(record: Record) -> Attributes:
    return SHAPES[record.kind].indexes(record)


def expiry_of(record: Record) -> int | None:
    """When DynamoDB may delete the item, in epoch seconds; None for never."""
    return SHAPES[record.kind].expires(record)
