"""Draft renewals, read and discard them (D39)."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from licensing.domain.assigning.devices import Device
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.core.instants import to_text
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.planning.renewals import (
    Renewal,
    RenewalCount,
    draft_renewal,
    number_of,
    renewal_view,
    require_until,
)
from licensing.domain.planning.requests import RenewalRequest
from licensing.domain.planning.views import RenewalView
from licensing.listings import DevicesOf, FreeLicensesOf
from licensing.ports import Store
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
    return renewal_view(renewal, store.get(*refs).present(refs), at)


def _devices(reading: Reading, org_id: str, request: RenewalRequest) -> Iterable[Device]:
    if request.serials is None:
        # The inventory itself: an index of networks or ends would cost a unit a device, this one for seven.
        return list(reading.every(DevicesOf(org_id)))
    refs = list(dict.fromkeys(Device.ref_of(org_id, serial) for serial in request.serials))
    return required(reading.get(*refs), refs)
