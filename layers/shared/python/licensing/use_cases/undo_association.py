"""Take back a device's latest association (D24)."""

from licensing.domain.decisions import Decision
from licensing.domain.devices import Association, Device
from licensing.domain.errors import not_found
from licensing.domain.licenses import License
from licensing.domain.undoing import Undone, UndoRequest, latest, undo
from licensing.ports import Store
from licensing.use_cases.path import Context, Outcome, Reading, run
from licensing.use_cases.read_devices import required

Loaded = tuple[Device, Association, License]


def undo_association(store: Store, context: Context, org_id: str, serial: str, request: UndoRequest) -> Outcome[Undone]:
    """Three calls: the device, the licence that came last, the commit."""
    ref = Device.named(org_id, serial)

    def load(reading: Reading) -> Loaded:
        device = required(reading.get(ref), [ref])[0]
        last = latest(device, request, context.now)
        named = License.named(org_id, last.license_id)
        if (license_ := reading.get(named)[named]) is None:
            raise not_found("license")
        return device, last, license_

    def decide(loaded: Loaded) -> Decision[Undone]:
        return undo(*loaded, context.now)

    return run(store, context, load, decide)
