"""Associating chosen licences with chosen devices (D26): every pair is examined first, then all are made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from licensing.domain.coverage import coverage_of
from licensing.domain.decisions import Decision
from licensing.domain.device_requests import SerialText
from licensing.domain.devices import Association, Device
from licensing.domain.drafts import Draft
from licensing.domain.fitting import Misfit, not_matching, refused, why_not
from licensing.domain.instants import Instant
from licensing.domain.intervals import Intervals
from licensing.domain.licenses import Block, License, LicenseId, LicenseState, split_id
from licensing.domain.records import Facts, Ref, Value

MOST_PAIRS = 1_000
# A licence, its block and its device.
RECORDS_A_PAIR = 3


class Pair(Value):
    license_id: LicenseId
    serial: SerialText


class AssociationView(Value):
    """An association as the API answers it; with the device's end before and after it, on the licence's own chain."""

    license_id: str
    serial: str
    state: LicenseState
    starts_at: Instant | None
    ends_at: Instant | None
    undo_until: Instant
    device_end_before: Instant | None
    device_end_after: Instant | None


class Associations(Value):
    associations: tuple[AssociationView, ...]


def named_in(org_id: str, pairs: Sequence[Pair]) -> list[Ref[Any]]:
    """What has to be read for the pairs: licences, their blocks, devices."""
    ids = [pair.license_id for pair in pairs]
    return [
        *dict.fromkeys(License.named(org_id, license_id) for license_id in ids),
        *dict.fromkeys(Block.named(org_id, split_id(license_id)[0]) for license_id in ids),
        *dict.fromkeys(Device.named(org_id, pair.serial) for pair in pairs),
    ]


def associate(
    facts: Facts, org_id: str, pairs: Sequence[Pair], done: Sequence[Any], now: datetime
) -> Decision[Associations]:
    """All the pairs in the given order, or a refusal that says of each why not.

    `done` are the answers of earlier steps of the same call: those pairs are made.
    """
    before = [AssociationView.model_validate(part) for parts in done for part in parts]
    made = {(view.license_id, view.serial) for view in before}
    left = [pair for pair in pairs if (pair.license_id, pair.serial) not in made]
    draft = Draft(facts, told)
    examined = [_examined(draft, org_id, pair, now) for pair in left]
    if misfits := [each for each in examined if isinstance(each, Misfit)]:
        raise refused(misfits)
    after = [bind(draft, *each, now) for each in examined if not isinstance(each, Misfit)]
    return Decision(Associations(associations=(*before, *after)), "licenses.associated", draft.finish())


def bind(draft: Draft, free: License, device: Device, now: datetime) -> AssociationView:
    """Makes one association, in the draft."""
    draft.room_for(RECORDS_A_PAIR)
    device = draft[device.ref] or device
    association = Association.of(free, now, networked=device.network_id is not None)
    after = device.plus(association)
    block = draft[Block.named(free.org_id, free.key_id)]
    if block and free.number in block.free:
        draft.put(block.without(Intervals.of([free.number])))
    draft.put(free.but(serials=(device.serial,), associated_at=now))
    draft.put(after)
    view = associated(after, free.license_id, now, before=coverage_of(device).end(association.chain))
    draft.note(view.model_dump(mode="json"), licenses=1)
    return view


def associated(device: Device, license_id: str, now: datetime, before: datetime | None) -> AssociationView:
    coverage = coverage_of(device)
    stretch = coverage.stretch_of(license_id)
    assert stretch.by is not None, "it is a licence's stretch"
    return AssociationView(
        license_id=license_id,
        serial=device.serial,
        state=coverage.state(stretch, now),
        starts_at=stretch.since,
        ends_at=stretch.until,
        undo_until=stretch.by.undo_until,
        device_end_before=before,
        device_end_after=coverage.end(stretch.by.chain),
    )


def told(parts: list[Any]) -> str:
    """The ledger's sentence about one step."""
    if len(parts) == 1:
        return f"License {parts[0]['license_id']} associated with {parts[0]['serial']}"
    return f"{len(parts)} licenses associated"


def free_license(records: Facts | Draft, org_id: str, license_id: str) -> License | None:
    """The licence, out of its block if it lies in one; None if the org has none of this id."""
    if (found := records[License.named(org_id, license_id)]) is not None:
        return found
    key_id, number = split_id(license_id)
    block = records[Block.named(org_id, key_id)]
    return block.license(number) if block and number in block.free else None


def _examined(draft: Draft, org_id: str, pair: Pair, now: datetime) -> tuple[License, Device] | Misfit:
    """Licence and device, or why they can't be a pair; what is missing and what is another's is told alike."""
    free, device = free_license(draft, org_id, pair.license_id), draft[Device.named(org_id, pair.serial)]
    ids = pair.model_dump()
    if free is None:
        return Misfit(**ids, code="not_found", detail=f"There is no license {pair.license_id} in this organization.")
    if device is None or device.parked_at:
        return Misfit(**ids, code="not_found", detail=f"There is no device {pair.serial} in this organization.")
    if not free.is_free:
        held = ", ".join(free.serials)
        return Misfit(**ids, code="license_unavailable", detail=f"License {pair.license_id} is on {held} already.")
    if reasons := why_not(free.model, device):
        return not_matching(pair.license_id, free.model, device, reasons)
    if free.is_over(now):
        return Misfit(**ids, code="license_expired", detail=f"Nothing is left of license {pair.license_id}.")
    return free, device
