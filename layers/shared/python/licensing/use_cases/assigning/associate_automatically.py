"""Associate free licences automatically: the devices whose coverage ends first are served first (D25)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from licensing.domain.assigning.automatic import Kind, Pool, amount, automatic, can_take, earliest_end_first, pools
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.requests import AutomaticRequest
from licensing.domain.assigning.views import AssociationView, AutomaticView
from licensing.domain.core.decisions import Decision
from licensing.domain.core.instants import to_text
from licensing.domain.core.limits import CHUNK, DEVICES_READ, MAX_AUTOMATIC, MAX_JOB_AUTOMATIC
from licensing.listings import DevicesFor, DevicesOf, FreeLicensesOf, are_sorted
from licensing.ports import Store
from licensing.use_cases.assigning.load_devices import required
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading


class Loaded(Struct, frozen=True):
    free: Mapping[Kind, Pool]
    devices: Mapping[Kind, Sequence[Device]]
    done: Sequence[AssociationView]


def associate_automatically(
    store: Store, context: Context, org_id: str, request: AutomaticRequest
) -> Outcome[AutomaticView]:
    """Reads the free licences, and about as many devices of each kind as there are licences, or as a round has."""
    most = request.max or (MAX_AUTOMATIC if context.round is None else MAX_JOB_AUTOMATIC)

    def load(reading: Reading[AssociationView]) -> Loaded:
        reading.load_bookkeeping()
        models = (request.license_model,) if request.license_model else ()
        listed = reading.every(FreeLicensesOf(org_id, models, to_text(context.now)))
        chosen = [each for each in listed if request.key_fingerprint in (None, each.key_fingerprint)]
        free = pools(chosen, context.now)
        devices = devices_for(reading, org_id, free, context.round or most, request.serials)
        return Loaded(free, devices, reading.done)

    def decide(loaded: Loaded) -> Decision[AutomaticView]:
        return automatic(loaded.free, loaded.devices, most, loaded.done, context.now, context.round)

    return run_command(store, context, load, decide, (AssociationView,))


def devices_for(
    reading: Reading[Any], org_id: str, free: Mapping[Kind, Pool], most: int, serials: Sequence[str] | None = None
) -> dict[Kind, list[Device]]:
    """For each kind of licence the devices to be served, in order, and no more than there are licences."""
    # Whoever was served by an earlier step stands elsewhere in the order by now, and would be served again.
    made = {each.license_id for each in reading.done if isinstance(each, AssociationView)}
    if serials is None:
        return {kind: _first(reading, org_id, kind, min(amount(pool), most), made) for kind, pool in free.items()}
    refs = [Device.ref_of(org_id, serial) for serial in serials]
    named = required(reading.get(*refs), refs)
    return {kind: earliest_end_first((each for each in named if can_take(each, kind, made)), kind) for kind in free}


def _first(reading: Reading[Any], org_id: str, kind: Kind, count: int, made: Container[str | None]) -> list[Device]:
    listed: Iterable[Device]
    if are_sorted(*kind):
        listed = reading.every(DevicesFor(org_id, *kind), max(DEVICES_READ, min(count, CHUNK)))
    else:
        listed = earliest_end_first(reading.every(DevicesOf(org_id)), kind)
    return list(islice((device for device in listed if can_take(device, kind, made)), count))
