"""Share a big SecuPoint licence between gateways (D22)."""

from collections.abc import Sequence

from licensing.domain.assigning.associations import free_license
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.seat_shares import share
from licensing.domain.assigning.views import SeatShareView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import Block, License, split_id
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


def share_seats(
    store: Store, context: Context, org_id: str, license_id: str, serials: Sequence[str]
) -> Outcome[SeatShareView]:
    license_ref, block_ref = License.ref_of(org_id, license_id), Block.ref_of(org_id, split_id(license_id)[0])
    devices = [Device.ref_of(org_id, serial) for serial in serials]

    def load(reading: Reading) -> RecordSet:
        # In one of the two: until something happens to it alone a licence lies in its key's block (D12).
        facts = reading.get(license_ref, block_ref, *devices)
        held = facts[license_ref]
        holders = {Device.ref_of(org_id, serial) for serial in (held.serials if held else ())} - set(devices)
        return RecordSet([*facts, *reading.get(*holders)]) if holders else facts

    def decide(facts: RecordSet) -> Decision[SeatShareView]:
        if (license_ := free_license(facts, org_id, license_id)) is None:
            raise not_found("license")
        return share(facts, license_, required(facts, devices), context.now)

    return run_command(store, context, load, decide)
