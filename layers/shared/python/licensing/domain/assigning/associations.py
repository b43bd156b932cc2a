"""Associating chosen licences with chosen devices (D26): every pair is examined first, then all are made."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.fitting import Misfit, not_matching, refused, why_not
from licensing.domain.assigning.requests import Pair
from licensing.domain.assigning.views import AssociationsView, AssociationView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.records import RecordSet, Ref
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.licenses import Block, License, split_id
from licensing.domain.licenses.types import Chain

# A licence, its block and its device.
RECORDS_A_PAIR = 3


def named_in(org_id: str, pairs: Sequence[Pair]) -> list[Ref[Any]]:
    """What has to be read for the pairs: licences, their blocks, devices."""
    ids = [pair.license_id for pair in pairs]
    return [
        *dict.fromkeys(License.ref_of(org_id, license_id) for license_id in ids),
        *dict.fromkeys(Block.ref_of(org_id, split_id(license_id)[0]) for license_id in ids),
        *dict.fromkeys(Device.ref_of(org_id, pair.serial) for pair in pairs),
    ]


def associate(
    facts: RecordSet, org_id: str, pairs: Sequence[Pair], done: Sequence[AssociationView], now: datetime
) -> Decision[AssociationsView]:
    """All the pairs in the given order, or a refusal that says of each why not.

    `done` are the answers of earlier steps of the same call: those pairs are made.
    """
    made = {(view.license_id, canonical_serial(view.serial)) for view in done}
    left = [pair for pair in pairs if (pair.license_id, canonical_serial(pair.serial)) not in made]
    draft = Draft(facts, told)
    examined = list(_each_license_once(_examined(draft, org_id, pair, now) for pair in left))
    if misfits := [each for each in examined if isinstance(each, Misfit)]:
        raise refused(misfits)
    after = [bind(draft, *each, now) for each in examined if not isinstance(each, Misfit)]
    steps = draft.finish()
    views = tuple(_as_they_stand(draft, org_id, (*done, *after), now))
    return Decision(AssociationsView(associations=views), actions.LICENSES_ASSOCIATED, steps)


def _as_they_stand(
    draft: Draft[AssociationView], org_id: str, views: Iterable[AssociationView], now: datetime
) -> Iterator[AssociationView]:
    """The associations at the call's end: a later pair may decide when an earlier one's licence starts (D26)."""
    first_ends: dict[tuple[str, Chain], datetime | None] = {}
    for view in views:
        device = draft[Device.ref_of(org_id, view.serial)]
        association = device and device.association(view.license_id)
        if device and association:
            before = first_ends.setdefault((device.serial, association.chain), view.device_end_before)
            yield AssociationView.of(device, view.license_id, now, before)
        else:
            # Made by an earlier step of an interrupted call, and taken back since.
            yield view


def bind(draft: Draft[AssociationView], free: License, device: Device, now: datetime) -> AssociationView:
    """Makes one association, in the draft."""
    # In one step, each of which must be right alone: cut apart, a licence would be free and bound.
    draft.room_for(RECORDS_A_PAIR)
    # As earlier pairs leave it: a call may give one device several licences.
    device = draft[device.ref] or device
    association = Association.of(free, now, networked=device.network_id is not None)
    after = device.plus(association)
    block = draft[Block.ref_of(free.org_id, free.key_id)]
    # One with a history of its own left its block long ago (D12).
    if block and free.number in block.free:
        draft.put(block.without(Intervals.of([free.number])))
    draft.put(free.evolve(serials=(device.serial,), associated_at=now))
    draft.put(after)
    view = AssociationView.of(after, free.license_id, now, before=coverage_of(device).end(association.chain))
    draft.note(view, licenses=1)
    return view


def told(parts: Sequence[AssociationView]) -> str:
    """The ledger's sentence about one step."""
    if len(parts) == 1:
        return f"License {parts[0].license_id} associated with {parts[0].serial}"
    return f"{len(parts)} licenses associated"


def free_license(records: RecordSet | Draft[Any], org_id: str, license_id: str) -> License | None:
    """The licence, out of its block if it lies in one; None if the org has none of this id."""
    if (found := records[License.ref_of(org_id, license_id)]) is not None:
        return found
    key_id, number = split_id(license_id)
    block = records[Block.ref_of(org_id, key_id)]
    return block.license(number) if block and number in block.free else None


def _each_license_once(
    examined: Iterable[tuple[License, Device] | Misfit],
) -> Iterator[tuple[License, Device] | Misfit]:
    # Pairs are examined before any is made, so a second one would find the licence as free as the first did.
    taken: dict[str, str] = {}
    for each in examined:
        if isinstance(each, Misfit):
            yield each
            continue
        license_id, serial = each[0].license_id, each[1].serial
        if license_id in taken:
            detail = f"License {license_id} is named in a pair with {taken[license_id]} already."
            yield Misfit(license_id=license_id, serial=serial, code="license_unavailable", detail=detail)
        else:
            taken[license_id] = serial
            yield each


def _examined(draft: Draft[Any], org_id: str, pair: Pair, now: datetime) -> tuple[License, Device] | Misfit:
    """Licence and device, or why they can't be a pair; what is missing and what is another's is told alike."""
    free, device = free_license(draft, org_id, pair.license_id), draft[Device.ref_of(org_id, pair.serial)]
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
