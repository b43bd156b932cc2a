"""What callers send about devices, and about the licences for them."""

import re
from collections.abc import Sequence
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from licensing.domain.core.at_once import AtOnce
from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_AUTOMATIC, MAX_DEVICES, MAX_JOB_AUTOMATIC, MAX_PAIRS, MAX_SERIALS
from licensing.domain.core.records import Value
from licensing.domain.core.texts import Name, SerialText, TenantId, canonical_serial
from licensing.domain.licenses.catalog import Sku
from licensing.domain.licenses.licenses import LicenseId
from licensing.domain.licenses.types import DeviceCategory, DeviceType, Series

_MAC = re.compile(r"[0-9A-F]{12}")
_SEPARATORS = re.compile(r"[:.\-]")


def _mac(text: str) -> str:
    """`AA:BB:CC:DD:EE:FF`, however it was written."""
    digits = _SEPARATORS.sub("", text.strip().upper())
    if not _MAC.fullmatch(digits):
        raise PydanticCustomError("mac", "is no MAC address; write twelve hex digits, such as 88:DC:96:00:00:01")
    return ":".join(digits[start : start + 2] for start in range(0, 12, 2))


Mac = Annotated[str, AfterValidator(_mac)]
NetworkId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+/-]{0,39}$")]

S = TypeVar("S")


def _each_once(serials: Sequence[S]) -> Sequence[S]:
    """Raises for the first serial that stands in the list twice, in whatever case."""
    first: dict[str, int] = {}
    for number, each in enumerate(serials):
        serial = each.serial if isinstance(each, DeviceRequest) else str(each)
        if (one := canonical_serial(serial)) in first:
            text = f"names {serial} twice, as entries {first[one]} and {number}; name each device once"
            raise PydanticCustomError("twice", "{text}", {"text": text})
        first[one] = number
    return serials


class DeviceRequest(Value):
    """A device to be registered."""

    serial: SerialText
    mac: Mac
    model: ModelName
    category: DeviceCategory
    series: Series = "standard"
    name: Name | None = None


Serials = Annotated[tuple[SerialText, ...], Field(min_length=1, max_length=MAX_SERIALS), AfterValidator(_each_once)]


class RegistrationRequest(Value):
    """The body of POST /orgs/{org_id}/devices."""

    devices: Annotated[
        tuple[DeviceRequest, ...], Field(min_length=1, max_length=MAX_DEVICES), AfterValidator(_each_once)
    ]


class Pair(Value):
    license_id: LicenseId
    serial: SerialText


class UndoRequest(Value):
    """Which association is meant: the latest at all, the latest of a type, or this one, if it is the latest."""

    type: DeviceType | None = None
    license_id: LicenseId | None = None


class AssociationRequest(Value):
    """Either pairs, or a device and a duration, whose licence the service picks (D26)."""

    pairs: Annotated[tuple[Pair, ...], Field(min_length=1, max_length=MAX_PAIRS)] | None = None
    serial: SerialText | None = None
    term_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    type: DeviceType | None = None

    @model_validator(mode="after")
    def says_which_in_one_way(self) -> Self:
        by_term = self.serial is not None and self.term_days is not None
        nothing_of_it = self.serial is None and self.term_days is None and self.type is None
        if not (nothing_of_it if self.pairs is not None else by_term):
            raise ValueError("give either pairs, or serial and term_days")
        return self


class CoTermRequest(Value):
    until: Instant
    serials: Serials | None = None
    network_id: NetworkId | None = None

    @model_validator(mode="after")
    def says_which_in_one_way(self) -> Self:
        if (self.serials is None) == (self.network_id is None):
            raise ValueError("give either serials or network_id")
        return self


class SeatShareRequest(Value):
    license_id: LicenseId
    serials: Serials


class NetworkRequest(Value):
    network_id: NetworkId


class DevicesMoveRequest(Value):
    to_org_id: TenantId
    serials: Serials


class ReplacementRequest(Value):
    new_serial: SerialText
    mac: Mac | None = None


class AutomaticRequest(Value):
    """Which licences, which devices, and how many at most; left out: all that fit, as far as one call goes."""

    license_model: Sku | None = None
    key_fingerprint: Annotated[str, Field(max_length=40)] | None = None
    serials: Serials | None = None
    max: Annotated[int, Field(ge=1, le=MAX_JOB_AUTOMATIC), AtOnce(MAX_AUTOMATIC)] | None = None
