"""Give several devices one end date, paid for in device-days (D28)."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from licensing.domain.assigning.co_term import co_terminate
from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.views import CoTermShareView, CoTermView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Fault, invalid, not_found
from licensing.domain.core.limits import MAX_SERIALS
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.catalog import catalog
from licensing.domain.licenses.licenses import Block
from licensing.domain.licenses.types import PRO
from licensing.listings import DevicesIn, FreeLicensesOf
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


class Loaded(Struct, frozen=True):
    devices: Sequence[Device]
    blocks: Sequence[Block]
    done: Sequence[CoTermShareView]


class Chosen(Struct, frozen=True):
    """The devices named one by one, or all those in a network."""

    serials: Sequence[str] = ()
    network_id: str | None = None


def co_terminate_devices(
    store: Store, context: Context, org_id: str, until: datetime, chosen: Chosen
) -> Outcome[CoTermView]:
    """A dry run is the calculator."""

    def load(reading: Reading[CoTermShareView]) -> Loaded:
        reading.load_bookkeeping()
        # Of every model: a unit has no category, and pays for a day of any device (D28).
        skus = tuple(model.sku for model in catalog().values() if model.type == "co_term")
        free = [each for each in reading.every(FreeLicensesOf(org_id, skus)) if isinstance(each, Block)]
        devices = _devices(reading, org_id, chosen)
        return Loaded(devices, sorted(free, key=lambda block: block.key_id), reading.done)

    def decide(loaded: Loaded) -> Decision[CoTermView]:
        devices, blocks, done = loaded.devices, loaded.blocks, loaded.done
        facts = RecordSet([*devices, *blocks])
        return co_terminate(facts, devices, blocks, until, done, context.now, calculate_only=context.dry_run)

    return run_command(store, context, load, decide, (CoTermShareView,))


def _devices(reading: Reading[CoTermShareView], org_id: str, chosen: Chosen) -> list[Device]:
    if chosen.network_id is None:
        refs = [Device.ref_of(org_id, serial) for serial in chosen.serials]
        return required(reading.get(*refs), refs)
    found = sorted(reading.every(DevicesIn(org_id, chosen.network_id)), key=_end)
    if not found:
        raise not_found("network")
    if len(found) > MAX_SERIALS:
        raise invalid(Fault("network_id", f"has {len(found)} devices; {MAX_SERIALS} can be co-terminated in one call"))
    return found


def _end(device: Device) -> str:
    """Lists of devices are in the order of their ends."""
    return coverage_of(device).end_text(PRO)
