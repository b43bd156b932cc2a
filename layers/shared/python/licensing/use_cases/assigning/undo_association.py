"""Take back a device's latest association (D24)."""

from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.requests import UndoRequest
from licensing.domain.assigning.undo import latest, undo
from licensing.domain.assigning.views import UndoView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import not_found
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import License
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading

Loaded = tuple[RecordSet, Device, Association, License]


def undo_association(
    store: Store, context: Context, org_id: str, serial: str, request: UndoRequest
) -> Outcome[UndoView]:
    """Three calls: the device, the licence that came last, the commit; one more where other gateways share it."""
    ref = Device.ref_of(org_id, serial)

    def load(reading: Reading) -> Loaded:
        device = required(reading.get(ref), [ref])[0]
        last = latest(device, request, context.now)
        named = License.ref_of(org_id, last.license_id)
        if (license_ := reading.one(named)) is None:
            raise not_found("license")
        sharers = [Device.ref_of(org_id, each) for each in license_.off(device.serial).serials]
        others = reading.get(*sharers) if sharers else ()
        return RecordSet([device, license_, *others]), device, last, license_

    def decide(loaded: Loaded) -> Decision[UndoView]:
        return undo(*loaded, context.now)

    return run_command(store, context, load, decide)
