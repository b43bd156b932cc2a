"""Automatic association: the devices whose coverage ends first are served first, with the oldest licences (D25)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, cast

from licensing.domain.assigning.associations import bind, told
from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.fitting import types_of
from licensing.domain.assigning.views import AssociationView, AutomaticView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.records import RecordSet
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.catalog import LicenseModel
from licensing.domain.licenses.licenses import Block, License
from licensing.domain.licenses.types import DeviceCategory, Type, chain_of

# Licences of one kind fit the same devices.
Kind = tuple[DeviceCategory, Type]
Pool = Sequence[Block | License]


def kind_of(model: LicenseModel) -> Kind:
    """Of a per-device model: its category is a device's."""
    return cast(DeviceCategory, model.category), model.type


def pools(free: Iterable[Block | License], now: datetime) -> dict[Kind, list[Block | License]]:
    """What can be associated, by kind, the oldest issued first."""
    found: dict[Kind, list[Block | License]] = {}
    for each in free:
        term = each if isinstance(each, License) else next(each.licenses(each.free.first(1)), None)
        if term and each.model.scope == "device" and not term.is_over(now):
            found.setdefault(kind_of(each.model), []).append(each)
    # Kinds in a fixed order: a dry run and its plan must serve the same devices where `most` cuts off (D32).
    return {kind: sorted(found[kind], key=_age) for kind in sorted(found, key=str)}


def amount(pool: Pool) -> int:
    """How many licences a pool holds."""
    return sum(1 if isinstance(each, License) else len(each.free) for each in pool)


def can_take(device: Device, kind: Kind, made: Container[str | None]) -> bool:
    """Whether it can take one more licence of the kind, having none of those this command has `made` already."""
    return (
        device.category == kind[0]
        and kind[1] in types_of(device)
        and device.parked_at is None
        and not device.is_full
        and not any(each.license_id in made and kind_of(each.model) == kind for each in device.associations)
    )


def earliest_end_first(devices: Iterable[Device], kind: Kind) -> list[Device]:
    """Never covered first of all, ties by serial number (D25)."""
    chain = chain_of(kind[1])
    return sorted(devices, key=lambda each: (coverage_of(each).end_text(chain), canonical_serial(each.serial)))


def automatic(
    free: Mapping[Kind, Pool],
    devices: Mapping[Kind, Sequence[Device]],
    most: int,
    done: Sequence[AssociationView],
    now: datetime,
    round_of: int | None = None,
) -> Decision[AutomaticView]:
    """One licence for each device, in the devices' order, as far as licences, devices and `most` go.

    `round_of`: no more than so many now, which leaves the rest to the next decision.
    """
    records = [
        *(each for pool in free.values() for each in pool),
        *(each for some in devices.values() for each in some),
    ]
    draft = Draft(RecordSet(records), told)
    left = most - len(done)
    after = serve(draft, free, devices, left if round_of is None else min(left, round_of), now)
    left_over = sum(map(amount, free.values())) - len(after)
    answer = AutomaticView(associations=(*done, *after), left_over=left_over)
    # A round that is not full has found no device for what is left.
    more = min(left - len(after), left_over) if len(after) == round_of else 0
    return Decision(answer, actions.LICENSES_ASSOCIATED, draft.finish(), more=more)


def serve(
    draft: Draft[Any], free: Mapping[Kind, Pool], devices: Mapping[Kind, Sequence[Device]], most: int, now: datetime
) -> list[AssociationView]:
    """Makes the associations in the draft: what a claim with automatic association does after the claim itself."""
    pairs = (pair for kind in free for pair in zip(licenses_of(free[kind]), devices.get(kind, ()), strict=False))
    return [bind(draft, license_, device, now) for license_, device in islice(pairs, most)]


def licenses_of(pool: Pool) -> Iterable[License]:
    """One by one, in the pool's order."""
    for each in pool:
        yield from [each] if isinstance(each, License) else each.licenses(each.free)


def _age(each: Block | License) -> tuple[str, int]:
    # A key's id begins with its issue date, so it sorts by forced activation date as well (D26).
    return each.key_id, each.number if isinstance(each, License) else 0
