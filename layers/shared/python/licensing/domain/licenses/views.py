"""The catalogue and its types as the API shows them."""

from collections.abc import Iterable, Mapping

from licensing.domain.core.records import Value
from licensing.domain.licenses.catalog import LicenseModel
from licensing.domain.licenses.types import Chain, DeviceCategory, LicenseType, Series, Tab, Type


class TypeView(Value):
    """What a license type means. `tab` is where its licenses are listed. Those of one `chain` run in series on a
    device, in a `parallel` one beside each other; without a chain they are on no device. It fits devices of
    `categories`, and of `series` unless that is null. What is not `undoable` is final."""

    type: Type
    name: str
    tab: Tab | None
    chain: Chain | None
    parallel: bool
    categories: tuple[DeviceCategory, ...]
    series: Series | None
    undoable: bool

    @classmethod
    def of(cls, name: str, row: LicenseType) -> "TypeView":
        return cls(type=name, **{field: getattr(row, field) for field in row.__struct_fields__})


class ModelsView(Value):
    items: tuple[LicenseModel, ...]
    types: tuple[TypeView, ...]
    next_cursor: None = None

    @classmethod
    def of(cls, models: Iterable[LicenseModel], types: Mapping[str, LicenseType]) -> "ModelsView":
        return cls(items=tuple(models), types=tuple(TypeView.of(name, row) for name, row in types.items()))
