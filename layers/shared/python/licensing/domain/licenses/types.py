"""The license types, one row each: what a type means stands here and nowhere else (D1, D17, D21, D22, D24).

Another type is another row, and what is sold of it rows of `catalog.json`.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from msgspec import Struct
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

DeviceCategory = Literal["ap", "switch", "gateway", "pdu", "switch_extender", "camera", "epc"]
Series = Literal["standard", "lite"]

EVERY_DEVICE: tuple[DeviceCategory, ...] = get_args(DeviceCategory)
# Whose end is the device's: while it covers a device, that is managed (D30). The free period belongs to it (D21).
PRO = "pro"


class LicenseType(Struct, frozen=True):
    """`tab`: under which its licenses are listed. It fits devices of `categories`, and of `series` unless that is None.

    Licenses of one `chain` run in series on a device, whatever their types; those of a `parallel` one beside each
    other. Without a chain they are on no device. One that is not `undoable` is final.
    """

    name: str
    tab: str | None = None
    chain: str | None = None
    parallel: bool = False
    categories: tuple[DeviceCategory, ...] = ()
    series: Series | None = None
    undoable: bool = True

    def fits(self, category: DeviceCategory, series: Series) -> bool:
        return category in self.categories and self.series in (None, series)


# In the order in which a device takes and a list shows them.
TYPES = {
    "pro": LicenseType("Pro", "pro", PRO, categories=EVERY_DEVICE, series="standard"),
    "pro_lite": LicenseType("Pro Lite", "pro", PRO, categories=EVERY_DEVICE, series="lite"),
    "secupoint": LicenseType("SecuPoint VPN", "secupoint", "secupoint", parallel=True, categories=("gateway",)),
    "unlimited_ai": LicenseType("Unlimited AI", "ai", "unlimited_ai", categories=("camera",)),
    "shared_ai": LicenseType("Shared AI tokens", "ai"),
    "co_term": LicenseType("Co-term", "co_term", PRO, undoable=False),
    "msp": LicenseType("MSP"),
}


def types_for(category: DeviceCategory, series: Series) -> tuple[str, ...]:
    """The types that a device takes, Pro first (D17)."""
    return tuple(name for name, row in TYPES.items() if row.fits(category, series))


def chains_for(category: DeviceCategory) -> tuple[str, ...]:
    """The chains that devices of a category may have, Pro first."""
    rows = (row for row in TYPES.values() if row.chain and category in row.categories)
    return tuple(dict.fromkeys(row.chain for row in rows if row.chain))


def chain_of(name: str) -> str:
    """Of a type that devices take."""
    chain = TYPES[name].chain
    assert chain is not None, f"{name} is on no device"
    return chain


def runs_parallel(chain: str) -> bool:
    return any(row.parallel for row in TYPES.values() if row.chain == chain)


def _of_devices() -> Iterable[str]:
    return [name for name, row in TYPES.items() if row.categories]


def _tabs() -> Iterable[str]:
    return dict.fromkeys(row.tab for row in TYPES.values() if row.tab)


def _one_of(name: str, known: Iterable[str]) -> str:
    if name not in (names := list(known)):
        raise PydanticCustomError("unknown", "must be one of {expected}", {"expected": ", ".join(names)})
    return name


Type = Annotated[
    str,
    AfterValidator(lambda name: _one_of(name, TYPES)),
    WithJsonSchema({"type": "string", "enum": sorted(TYPES)}),
]
# Of the licenses that are associated with devices.
DeviceType = Annotated[
    str,
    AfterValidator(lambda name: _one_of(name, _of_devices())),
    WithJsonSchema({"type": "string", "enum": sorted(_of_devices())}),
]
Tab = Annotated[
    str,
    AfterValidator(lambda name: _one_of(name, _tabs())),
    WithJsonSchema({"type": "string", "enum": sorted(_tabs())}),
]
# As a device has it; its name is never typed by anybody.
Chain = str
