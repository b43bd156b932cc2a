"""Licences as rows of a list: every one of them, whether it lies in a block or is a record of its own (D12, D23)."""

from datetime import datetime

from licensing.domain.core.records import Value
from licensing.domain.core.texts import SerialText
from licensing.domain.inventory.views import Devices, LicenseView
from licensing.domain.licenses.catalog import Sku
from licensing.domain.licenses.licenses import Block, License, LicenseState
from licensing.domain.licenses.types import TYPES, Tab


class LicenseFilter(Value):
    """Which licences are asked for."""

    tab: Tab | None = None
    state: LicenseState | None = None
    license_model: Sku | None = None
    serial: SerialText | None = None
    unassociated: bool | None = None

    def wants(self, one: License, row: LicenseView) -> bool:
        return (
            (self.tab is None or TYPES[row.type].tab == self.tab)
            and self.state in (None, row.state)
            and self.license_model in (None, row.license_model)
            and (self.serial is None or one.is_on(self.serial))
            and self.unassociated in (None, one.is_free)
        )


def free_view(block: Block, at: datetime) -> LicenseView | None:
    """The row that all licences in a block have in common but for the id; None for an empty block."""
    first = next(iter(block.free), None)
    return None if first is None else LicenseView.of(block.license(first), Devices({}), at)
