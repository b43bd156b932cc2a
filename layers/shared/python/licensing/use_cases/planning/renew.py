"""Draft renewals, read and discard them (D39)."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from licensing.domain.assigning.devices import Device
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.ordering.quotes import Quote
from licensing.domain.planning.application import is_ready
from licensing.domain.planning.renewal_drafts import discard_renewal, draft_renewal, require_until
from licensing.domain.planning.renewals import (
    Renewal,
    RenewalCount,
    number_of,
    renewal_view,
    summary_view,
)
from licensing.domain.planning.requests import RenewalRequest
from licensing.domain.planning.views import RenewalSummaryView, RenewalView
from licensing.listings import DevicesOf, FreeLicensesOf, RenewalsOf
from licensing.ports import Page, Position, Store
from licensing.use_cases.assigning.load_devices import required
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


class Loaded(Struct, frozen=True):
    count: RenewalCount | None
    devices: Iterable[Device]
    free: Iterable[Block | License]


def draft(store: Store, context: Context, org_id: str, request: RenewalRequest) -> Outcome[RenewalView]:
    """Reads the devices that are named, or all of the org's, and its free licenses."""
    require_until(request.until, context.now)

    def load(reading: Reading) -> Loaded:
        count = reading.one(RenewalCount.ref_of(org_id))
        free = list(reading.every(FreeLicensesOf(org_id, after=to_text(context.now)))) if request.use_stock else []
        return Loaded(count, _devices(reading, org_id, request), free)

    def decide(loaded: Loaded) -> Decision[RenewalView]:
        return draft_renewal(org_id, request, loaded.devices, loaded.free, loaded.count, context.now)

    return run_command(store, context, load, decide)


def read_renewal(store: Store, org_id: str, renewal_id: str, after: int, at: datetime) -> RenewalView:
    """With its devices from number `after` on. Raises `not_found`, also where it has no more."""
    renewal = store.one(Renewal.ref_of(org_id, number_of(org_id, renewal_id)))
    refs = renewal.refs_shown(after) if renewal else []
    if renewal is None or not refs:
        raise not_found("renewal")
    facts = store.get(renewal.quote_ref, *renewal.part_refs)
    quote, parts = quote_of(renewal, facts), facts.present(renewal.part_refs)
    waits = quote.order_id is not None and renewal.applied_at is None
    ready = waits and is_ready(quote, parts, store.every(FreeLicensesOf(org_id, after=to_text(at))))
    return renewal_view(renewal, quote, facts.present(refs), at, is_ready=ready)


def list_renewals(
    store: Store, org_id: str, limit: int, start: Position | None, at: datetime
) -> Page[RenewalSummaryView]:
    """Newest first, each with its quotation."""
    page = store.page(RenewalsOf(org_id), limit, start)
    quotes = store.get(*(renewal.quote_ref for renewal in page.items))
    return Page(tuple(summary_view(each, quote_of(each, quotes), at) for each in page.items), page.next)


def discard(store: Store, context: Context, org_id: str, renewal_id: str) -> Outcome[RenewalSummaryView]:
    """Raises `not_found`, and `conflict` for one that is ordered or carried out."""
    ref = Renewal.ref_of(org_id, number_of(org_id, renewal_id))

    def load(reading: Reading) -> tuple[Renewal | None, RecordSet]:
        renewal = reading.one(ref)
        return renewal, reading.get(renewal.quote_ref, *renewal.part_refs) if renewal else RecordSet()

    return run_command(store, context, load, lambda known: discard_renewal(*known, context.now))


def quote_of(renewal: Renewal, facts: RecordSet) -> Quote:
    quote = facts[renewal.quote_ref]
    assert quote is not None, "a renewal and its quotation come and go together"
    return quote


def _devices(reading: Reading, org_id: str, request: RenewalRequest) -> Iterable[Device]:
    if request.serials is None:
        # The inventory itself: an index of networks or ends would cost a unit a device, this one for seven.
        return list(reading.every(DevicesOf(org_id)))
    refs = list(dict.fromkeys(Device.ref_of(org_id, serial) for serial in request.serials))
    return required(reading.get(*refs), refs)
