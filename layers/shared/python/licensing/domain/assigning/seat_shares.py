"""Sharing a big SecuPoint licence between gateways of one org (D22)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from licensing.domain.assigning.associations import bind
from licensing.domain.assigning.devices import Device
from licensing.domain.assigning.fitting import not_matching, refused, why_not
from licensing.domain.assigning.views import AssociationView, SeatShareView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Refusal
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import License


def share(facts: RecordSet, license_: License, devices: Sequence[Device], now: datetime) -> Decision[SeatShareView]:
    """The licence's seats are one pool for all `devices` and those that have it; its term runs once, for all of them.

    A free licence is associated with the first of them.
    """
    draft = Draft[AssociationView](facts, lambda _: f"License {license_.license_id} shared by {', '.join(serials)}")
    serials = (*license_.serials, *(device.serial for device in devices if not license_.is_on(device.serial)))
    _require_fitting(license_, devices)
    _require_shareable(license_, serials)
    _require_present(facts, license_)
    if license_.is_free:
        bind(draft, license_, devices[0], now)
        license_ = draft[license_.ref] or license_
    joining = [device for device in devices if not license_.is_on(device.serial)]
    if joining:
        _join(draft, license_, [draft[device.ref] or device for device in joining], now)
        draft.put(shared := (draft[license_.ref] or license_).evolve(serials=serials))
        tell_sharers(draft, shared)
    return Decision(
        SeatShareView(license_id=license_.license_id, serials=serials), actions.SEATS_SHARED, draft.finish()
    )


def tell_sharers(draft: Draft[Any], license_: License) -> None:
    """Every gateway that has the licence knows on how many it is: more than one share its seats (D22)."""
    for device in draft.present(Device.ref_of(license_.org_id, serial) for serial in license_.serials):
        draft.put(device.amended(license_.license_id, gateways=len(license_.serials)))


def start(draft: Draft[Any], license_: License, host: Device, now: datetime) -> None:
    """`host` is in a network: from now on the licence runs on all gateways that have it, if it waited for one (D19)."""
    for device in draft.present(Device.ref_of(license_.org_id, serial) for serial in license_.serials):
        held = device.association(license_.license_id)
        if held and held.networked_at is None:
            by = None if device.serial == host.serial else host.serial
            draft.put(device.amended(license_.license_id, networked_at=now, networked_by=by))


def _join(draft: Draft[Any], license_: License, joining: Sequence[Device], now: datetime) -> None:
    """All gateways carry the same facts about the licence, so that it starts and ends once (D19)."""
    # Before its facts are copied: a gateway that joins out of a network starts the licence for those that waited.
    if host := next((device for device in joining if device.network_id), None):
        start(draft, license_, host, now)
    holders = draft.present(Device.ref_of(license_.org_id, serial) for serial in license_.serials)
    held = next(found for holder in holders if (found := holder.association(license_.license_id)))
    for device in joining:
        draft.put(device.plus(held.model_copy(update={"shared_at": now})))


def _require_fitting(license_: License, devices: Sequence[Device]) -> None:
    unfit = ((device, why_not(license_.model, device)) for device in devices)
    if misfits := [not_matching(license_.license_id, license_.model, *each) for each in unfit if each[1]]:
        raise refused(misfits)


def _require_present(facts: RecordSet, license_: License) -> None:
    """A licence that is parked with its device may be lost with it (D27)."""
    for holder in facts.present(Device.ref_of(license_.org_id, serial) for serial in license_.serials):
        if holder.parked_at:
            raise Refusal(
                "license_unavailable",
                f"License {license_.license_id} is parked with device {holder.serial}.",
                "Register that device again, and share the license then.",
            )


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
