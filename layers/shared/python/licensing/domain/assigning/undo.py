"""Taking back the latest association of a device, for 7 days; what had burned stays burned (D24)."""

from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import Stretch, coverage_of
from licensing.domain.assigning.devices import Association, Device, UndoneStretch
from licensing.domain.assigning.requests import UndoRequest
from licensing.domain.assigning.seat_shares import tell_sharers
from licensing.domain.assigning.views import UndoView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal, not_found
from licensing.domain.core.instants import to_text
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import License
from licensing.domain.licenses.types import TYPES


def latest(device: Device, request: UndoRequest, now: datetime) -> Association:
    """The association to take back. Raises `not_found`, `not_latest`, `undo_expired`."""
    asked = request.license_id and device.association(request.license_id)
    if request.license_id and not asked:
        raise not_found("association")
    chain = asked.chain if asked else TYPES[request.type].chain if request.type else None
    candidates = [each for each in device.associations if chain in (None, each.chain)]
    if not candidates:
        raise not_found("association")
    last = candidates[-1]
    # Before `not_latest`, which would advise to undo the co-termination first: that can't be done (D28).
    if not TYPES[last.model.type].undoable:
        raise _final(device, last)
    if asked and asked != last:
        raise _not_latest(device, asked.license_id, last)
    if now >= last.undo_until:
        raise _too_late(device, last)
    return last


def undo(
    facts: RecordSet, device: Device, association: Association, license_: License, now: datetime
) -> Decision[UndoView]:
    """The licence leaves the device; if no other gateway shares it, it is free again."""
    draft = Draft[Any](facts, lambda _: f"Association of license {association.license_id} with {device.serial} undone")
    stretch = coverage_of(device).stretch_of(association.license_id)
    others = license_.off(device.serial)
    draft.put(others if others.serials else _released(license_, association, stretch, now))
    draft.put(_taken_back(device, association, stretch, now))
    tell_sharers(draft, others)
    return Decision(UndoView(license_id=association.license_id), actions.ASSOCIATION_UNDONE, draft.finish())


def _released(license_: License, by: Association, stretch: Stretch, now: datetime) -> License:
    """The licence with what it burned by now, and when it first started: both stay (D24)."""
    started = stretch.since <= now
    return license_.evolve(
        serials=(),
        associated_at=None,
        burned_seconds=int(by.burned_by(by.associated_at).total_seconds()),
        activated_at=by.ran_before or (stretch.since if started else None),
        ran_from=stretch.since if started else None,
        # One that has ended keeps its end, however late its association is undone (D21).
        released_at=min(stretch.until, now) if started else now,
    )


def _taken_back(device: Device, by: Association, stretch: Stretch, now: datetime) -> Device:
    """The device without the association; what it covered until now stays (D24)."""
    after = device.without(by.license_id)
    # It never ran here: there is nothing to remember, and a device remembers only so many.
    if (until := min(stretch.until, now)) <= stretch.since:
        return after
    covered = UndoneStretch(since=stretch.since, until=until, undone_at=now, reason=stretch.reason, by=by)
    return after.evolve(undone=(*after.undone, covered))


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
