"""Moving unassociated licences to another org (D16). They keep their ids; associated ones travel with their device."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from licensing.domain.catalog import Sku
from licensing.domain.decisions import Decision
from licensing.domain.drafts import Draft
from licensing.domain.errors import Refusal
from licensing.domain.intervals import Intervals
from licensing.domain.licenses import Block, License, LicenseId
from licensing.domain.lots import Lot
from licensing.domain.purchase_orders import MAX_QUANTITY
from licensing.domain.records import Facts, Value
from licensing.domain.tenants import TenantId

MOST_IDS = 10_000


class MoveRequest(Value):
    """The body of POST /orgs/{org_id}/licenses/move: these very licences, or so many of a model, the oldest first."""

    to_org_id: TenantId
    license_ids: Annotated[tuple[LicenseId, ...], Field(min_length=1, max_length=MOST_IDS)] | None = None
    license_model: Sku | None = None
    quantity: Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)] | None = None

    @model_validator(mode="after")
    def says_which_in_one_way(self) -> Self:
        given = (self.license_ids is not None, self.license_model is not None, self.quantity is not None)
        if given not in ((True, False, False), (False, True, True)):
            raise ValueError("give either license_ids, or license_model and quantity")
        return self


class Moved(Value):
    moved: int


def move(org_id: str, to_org_id: str, lots: Iterable[Lot], targets: Facts, done: Sequence[Any]) -> Decision[Moved]:
    """All lots go over: in one transaction, unless they are of more records than fit one (D16).

    `done` are the parts of earlier steps of the same call.
    """
    chosen = list(lots)
    draft = Draft(Facts([*(lot.record for lot in chosen), *targets]), lambda parts: _told(parts, org_id, to_org_id))
    for lot in chosen:
        _require_movable(lot)
        draft.room_for(2)
        _hand_over(draft, lot, to_org_id)
    moved = sum(map(len, moved_before(done).values())) + sum(len(lot.numbers) for lot in chosen)
    return Decision(Moved(moved=moved), "licenses.moved", draft.finish())


def _hand_over(draft: Draft, lot: Lot, to_org_id: str) -> None:
    if isinstance(record := lot.record, License):
        draft.remove(record)
        draft.put(record.but(org_id=to_org_id))
    else:
        target = draft[Block.named(to_org_id, record.key_id)] or record.but(org_id=to_org_id, free=Intervals())
        draft.put(record.without(lot.numbers))
        draft.put(target.plus(lot.numbers))
    draft.note([record.key_id, str(lot.numbers)])


def moved_before(done: Iterable[Sequence[Any]]) -> dict[str, Intervals]:
    """What steps moved, by key; `done` are their parts: `[[[key_id, "1-500"], …], …]`."""
    moved: dict[str, Intervals] = {}
    for key_id, numbers in (part for parts in done for part in parts):
        moved[key_id] = moved.get(key_id, Intervals()) | Intervals.from_text(numbers)
    return moved


def _require_movable(lot: Lot) -> None:
    one = lot.sample
    if one.model.tokens is not None:
        raise Refusal(
            "license_unavailable",
            f"License {one.license_id} stands for shared AI tokens, which belong to the organization's pool.",
            "Transfer the whole pool with POST /orgs/{org_id}/ai-tokens/transfer.",
        )
    if not one.is_free:
        raise Refusal(
            "license_unavailable",
            f"License {one.license_id} is associated with {', '.join(one.serials)}.",
            "Move the device: its licenses travel with it (POST /orgs/{org_id}/devices/move).",
        )


def _told(parts: Sequence[Any], org_id: str, to_org_id: str) -> str:
    moved = sum(map(len, moved_before([parts]).values()))
    return f"{moved} licenses moved from {org_id} to {to_org_id}"
