"""Moving unassociated licences to another org (D16). They keep their ids; associated ones travel with their device."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from licensing.domain.claiming.selection import Lot
from licensing.domain.claiming.views import LicensesMovedView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal
from licensing.domain.core.intervals import Intervals, IntervalsText
from licensing.domain.core.records import RecordSet, Stored
from licensing.domain.licenses.licenses import Block, License


class MovedLicenses(Stored):
    """What a step of a move answers: these of a key's licences went over."""

    kind: ClassVar[str] = "moved_licenses"
    key_id: str
    numbers: IntervalsText


def move(
    org_id: str, to_org_id: str, lots: Iterable[Lot], targets: RecordSet, done: Sequence[MovedLicenses]
) -> Decision[LicensesMovedView]:
    """All lots go over: in one transaction, unless they are of more records than fit one (D16).

    `done` are the parts of earlier steps of the same call.
    """
    chosen = list(lots)
    facts = RecordSet([*(lot.record for lot in chosen), *targets])
    draft = Draft[MovedLicenses](facts, lambda parts: _told(parts, org_id, to_org_id))
    for lot in chosen:
        _require_movable(lot)
        # Out of one org and into the other in one step: cut off between, they would be in neither, or in both.
        draft.room_for(2)
        _hand_over(draft, lot, to_org_id)
    moved = sum(map(len, moved_before(done).values())) + sum(len(lot.numbers) for lot in chosen)
    return Decision(LicensesMovedView(moved=moved), actions.LICENSES_MOVED, draft.finish())


def _hand_over(draft: Draft[MovedLicenses], lot: Lot, to_org_id: str) -> None:
    if isinstance(record := lot.record, License):
        draft.remove(record)
        draft.put(record.evolve(org_id=to_org_id))
    else:
        target = draft[Block.ref_of(to_org_id, record.key_id)] or record.evolve(org_id=to_org_id, free=Intervals())
        draft.put(record.without(lot.numbers))
        draft.put(target.plus(lot.numbers))
    draft.note(MovedLicenses(key_id=record.key_id, numbers=lot.numbers))


def moved_before(done: Iterable[MovedLicenses]) -> dict[str, Intervals]:
    """What steps moved, by key."""
    moved: dict[str, Intervals] = {}
    for each in done:
        moved[each.key_id] = moved.get(each.key_id, Intervals()) | each.numbers
    return moved


def _require_movable(lot: Lot) -> None:
    one = lot.sample
    # Token keys make a block like all others; what they are worth lies in the pool, which a move would leave behind.
    if one.model.tokens is not None:
        raise Refusal(
            "license_unavailable",
            f"License {one.license_id} stands for shared AI tokens, which belong to the organization's pool.",
            "Transfer the whole pool.",
            case="ai_tokens",
        )
    if not one.is_free:
        raise Refusal(
            "license_unavailable",
            f"License {one.license_id} is associated with {', '.join(one.serials)}.",
            "Move the device: its licenses travel with it.",
            case="associated",
        )


def _told(parts: Sequence[MovedLicenses], org_id: str, to_org_id: str) -> str:
    moved = sum(map(len, moved_before(parts).values()))
    return f"{moved} licenses moved from {org_id} to {to_org_id}"
