"""Sharing a big SecuPoint licence between gateways of one org (D22)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from licensing.domain.assigning.associations import bind
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.fitting import not_matching, refused, why_not
from licensing.domain.assigning.views import AssociationView, SeatShareView
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal
from licensing.domain.core.records import Facts
from licensing.domain.licenses.licenses import License


def share(facts: Facts, license_: License, devices: Sequence[Device], now: datetime) -> Decision[SeatShareView]:
    """The licence's seats on all `devices` besides those that have it; its term runs once, for all of them.

    A free licence is associated with the first of them.
    """
    draft = Draft[AssociationView](facts, lambda _: f"License {license_.license_id} shared by {', '.join(serials)}")
    serials = (*license_.serials, *(device.serial for device in devices if not license_.is_on(device.serial)))
    _require_fitting(license_, devices)
    _require_shareable(license_, serials)
    if license_.is_free:
        bind(draft, license_, devices[0], now)
        license_ = draft[license_.ref] or license_
    joining = [device for device in devices if not license_.is_on(device.serial)]
    if joining:
        _join(draft, license_, [draft[device.ref] or device for device in joining], now)
        draft.put((draft[license_.ref] or license_).but(serials=serials))
    return Decision(SeatShareView(license_id=license_.license_id, serials=serials), "license.shared", draft.finish())


def _join(draft: Draft[Any], license_: License, joining: Sequence[Device], now: datetime) -> None:
    """All gateways carry the same facts about the licence, so that it starts and ends once (D19)."""
    holders = draft.present(Device.named(license_.org_id, serial) for serial in license_.serials)
    held = next(found for holder in holders if (found := holder.association(license_.license_id)))
    if held.networked_at is None and any(device.network_id for device in joining):
        held = held.model_copy(update={"networked_at": now})
        for holder in holders:
            draft.put(holder.networked(now, {license_.license_id}))
    for device in joining:
        draft.put(device.plus(_shared(held, now)))


def _shared(held: Association, now: datetime) -> Association:
    return held.model_copy(update={"shared_at": now})


def _require_fitting(license_: License, devices: Sequence[Device]) -> None:
    unfit = ((device, why_not(license_.model, device)) for device in devices)
    if misfits := [not_matching(license_.license_id, license_.model, *each) for each in unfit if each[1]]:
        raise refused(misfits)


def _require_shareable(license_: License, serials: Sequence[str]) -> None:
    most = license_.model.shareable_devices or 1
    if len(serials) > most:
        whole = f"License {license_.license_id} of {license_.model.seats} seats can be on {most} gateway(s) at most"
        raise Refusal(
            "not_matching",
            f"{whole}; this would make it {len(serials)}.",
            "Share a license of more than 100 seats, among 3 gateways at most.",
            serials=list(license_.serials),
        )
