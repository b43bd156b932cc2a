"""Which devices of an org are asked for."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from licensing.domain.assigning.requests import NetworkId
from licensing.domain.assigning.views import DeviceView
from licensing.domain.core.records import Value
from licensing.domain.licenses.types import DeviceCategory


class DeviceFilter(Value):
    """`expired`: those whose cover has ended, or all others; `expiring_days`: those whose cover ends within so many
    days; `managed`: those that something covers, or all others (D30)."""

    category: DeviceCategory | None = None
    network_id: NetworkId | None = None
    managed: bool | None = None
    expired: bool | None = None
    expiring_days: Annotated[int, Field(ge=0, le=36_500)] | None = None

    def wants(self, device: DeviceView, at: datetime) -> bool:
        return (
            self.category in (None, device.category)
            and self.network_id in (None, device.network_id)
            and self.managed in (None, device.managed)
            and self.expired in (None, device.license_state == "expired")
            and (self.expiring_days is None or _ends_within(device, at, self.expiring_days))
        )


def _ends_within(device: DeviceView, at: datetime, days: int) -> bool:
    return device.expires_at is not None and at < device.expires_at <= at + timedelta(days=days)
