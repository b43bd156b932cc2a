"""Taking back the latest association of a device, for 7 days; what had burned stays burned (D24)."""

from datetime import datetime

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import CHAIN_OF, Association, Device
from licensing.domain.assigning.requests import UndoRequest
from licensing.domain.assigning.views import UndoView
from licensing.domain.core.decisions import Change, Decision, decide
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.instants import to_text
from licensing.domain.licenses.licenses import License


def latest(device: Device, request: UndoRequest, now: datetime) -> Association:
    """The association to take back. Raises `not_found`, `not_latest`, `undo_expired`."""
    asked = request.license_id and device.association(request.license_id)
    if request.license_id and not asked:
        raise not_found("association")
    chain = asked.chain if asked else CHAIN_OF[request.type] if request.type else None
    candidates = [each for each in device.associations if chain in (None, each.chain)]
    if not candidates:
        raise not_found("association")
    last = candidates[-1]
    if last.units is not None:
        raise _final(device, last)
    if asked and asked != last:
        raise _not_latest(device, asked.license_id, last)
    if now >= last.undo_until:
        raise _too_late(device, last)
    return last


def undo(device: Device, association: Association, license_: License, now: datetime) -> Decision[UndoView]:
    """The licence leaves the device; if no other gateway shares it, it is free again."""
    changes = [
        Change(license_, left(license_, device, association, now)),
        Change(device, device.without(association.license_id)),
    ]
    summary = f"Association of license {association.license_id} with {device.serial} undone"
    return decide(UndoView(license_id=association.license_id), "association.undone", summary, changes)


def left(license_: License, device: Device, association: Association, now: datetime) -> License:
    """The licence after it left the device: still on the others that share it, or released."""
    if (shared := license_.off(device.serial)).serials:
        return shared
    since = coverage_of(device).stretch_of(association.license_id).since
    return license_.but(
        serials=(),
        associated_at=None,
        burned_seconds=int(association.burned_by(association.associated_at).total_seconds()),
        ran_from=since if since < now else None,
        released_at=now,
    )


def _not_latest(device: Device, asked: str, last: Association) -> Refusal:
    return Refusal(
        "not_latest",
        f"License {asked} is not the latest on device {device.serial}: that is {last.license_id}.",
        f"Undo {last.license_id} first: associations are taken back last in, first out.",
        latest=last.license_id,
    )


def _final(device: Device, last: Association) -> Refusal:
    return Refusal(
        "not_latest",
        f"The latest addition to device {device.serial} is a co-termination of {last.units} units, which is final.",
        "What was associated before a co-termination can't be taken back: the end date was computed from it.",
        latest=last.license_id,
    )


def _too_late(device: Device, last: Association) -> Refusal:
    until = to_text(last.undo_until)
    return Refusal(
        "undo_expired",
        f"License {last.license_id} could be taken back from device {device.serial} until {until}.",
        "An association is final after 7 days; move or replace the device to use its coverage elsewhere.",
        undo_until=until,
    )
