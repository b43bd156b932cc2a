"""Which licence fits which device, and why one does not (D17)."""

from collections.abc import Iterable
from typing import Literal

from licensing.domain.assigning.devices import Device
from licensing.domain.core.errors import Code, Refusal
from licensing.domain.core.records import Value
from licensing.domain.licenses.catalog import LicenseModel
from licensing.domain.licenses.types import TYPES, Type, types_for

Aspect = Literal["category", "series", "type", "state", "owner"]


class Reason(Value):
    """One thing that does not fit: what it is of the licence, and what it is of the device."""

    aspect: Aspect
    license: str
    device: str


class Misfit(Value):
    """A pair that cannot be, with every reason."""

    license_id: str
    serial: str
    code: Code
    detail: str
    reasons: tuple[Reason, ...] = ()


def types_of(device: Device) -> tuple[Type, ...]:
    """The types of licence the device takes, Pro first."""
    return types_for(device.category, device.series)


def fits(model: LicenseModel, device: Device) -> bool:
    return model.category == device.category and model.type in types_of(device)


def why_not(model: LicenseModel, device: Device) -> tuple[Reason, ...]:
    """Everything that keeps a licence of `model` from the device; nothing if it fits."""
    if fits(model, device):
        return ()
    reasons = []
    if model.category != device.category:
        reasons.append(Reason(aspect="category", license=model.category or "any", device=device.category))
    if (series := TYPES[model.type].series) not in (None, device.series):
        reasons.append(Reason(aspect="series", license=series or "any", device=device.series))
    # Only where neither explains it: between Pro and Pro Lite the type differs because the series does.
    if not reasons:
        reasons.append(Reason(aspect="type", license=model.type, device=" or ".join(types_of(device))))
    return tuple(reasons)


def not_matching(license_id: str, model: LicenseModel, device: Device, reasons: Iterable[Reason]) -> Misfit:
    told = "; ".join(f"its {each.aspect} is {each.license}, the device's {each.device}" for each in reasons)
    detail = f"License {license_id} ({model.sku}) does not fit device {device.serial}: {told}."
    return Misfit(
        license_id=license_id, serial=device.serial, code="not_matching", detail=detail, reasons=tuple(reasons)
    )


REMEDIES: dict[Code, str] = {
    "not_found": "Check the ids, and that license and device are in this organization.",
    "not_matching": "Choose a license whose category and type fit the device, or a device that fits the license.",
    "license_unavailable": "Choose another license, or undo the association first if it is less than 7 days old.",
    "license_expired": "Choose a license that has some of its term left.",
}


def refused(misfits: list[Misfit]) -> Refusal:
    """The refusal of all pairs for the sake of some; `pairs` names each of those."""
    first = misfits[0]
    more = f" {len(misfits) - 1} more pairs cannot be associated." if len(misfits) > 1 else ""
    pairs = [misfit.model_dump(mode="json") for misfit in misfits]
    return Refusal(first.code, first.detail + more, REMEDIES[first.code], pairs=pairs)
