"""What callers send about devices, checked."""

import re
from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from licensing.domain.catalog import DeviceCategory
from licensing.domain.devices import Series
from licensing.domain.records import Value
from licensing.domain.tenants import Name

MOST_DEVICES = 100
# Of serials named in one command.
MOST_SERIALS = 1_000

_MAC = re.compile(r"[0-9A-F]{12}")
_SEPARATORS = re.compile(r"[:.\-]")


def _mac(text: str) -> str:
    """`AA:BB:CC:DD:EE:FF`, however it was written."""
    digits = _SEPARATORS.sub("", text.strip().upper())
    if not _MAC.fullmatch(digits):
        raise PydanticCustomError("mac", "is no MAC address; write twelve hex digits, such as 88:DC:96:00:00:01")
    return ":".join(digits[start : start + 2] for start in range(0, 12, 2))


SerialText = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
Mac = Annotated[str, AfterValidator(_mac)]
NetworkId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ModelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+/-]{0,39}$")]

S = TypeVar("S")


def _each_once(serials: Sequence[S]) -> Sequence[S]:
    """Raises for the first serial that stands in the list twice, in whatever case."""
    first: dict[str, int] = {}
    for number, each in enumerate(serials):
        serial = each.serial if isinstance(each, DeviceRequest) else str(each)
        if serial.upper() in first:
            text = f"names {serial} twice, as entries {first[serial.upper()]} and {number}; name each device once"
            raise PydanticCustomError("twice", "{text}", {"text": text})
        first[serial.upper()] = number
    return serials


class DeviceRequest(Value):
    """A device to be registered."""

    serial: SerialText
    mac: Mac
    model: ModelName
    category: DeviceCategory
    series: Series = "standard"
    name: Name | None = None


Serials = Annotated[tuple[SerialText, ...], Field(min_length=1, max_length=MOST_SERIALS), AfterValidator(_each_once)]


class RegisterDevices(Value):
    """The body of POST /orgs/{org_id}/devices."""

    devices: Annotated[
        tuple[DeviceRequest, ...], Field(min_length=1, max_length=MOST_DEVICES), AfterValidator(_each_once)
    ]
