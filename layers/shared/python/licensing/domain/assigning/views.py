"""Devices as the API shows them (openapi: inventory.device)."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Device
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Stored, Value
from licensing.domain.licenses.licenses import LicenseState
from licensing.domain.licenses.types import PRO, Chain, DeviceCategory, Series, Type

# Of a device's record, as it is.
_SHOWN = {"serial", "mac", "model", "category", "series", "name", "network_id", "registered_at"}


class ChainView(Value):
    """What runs beside Pro on a device: whether it does now, and when the last of it ends."""

    chain: Chain
    covered: bool
    ends_at: Instant | None


class DeviceView(Value):
    """`managed`: its Pro chain covers the device now (D30); `expires_at` is that chain's end. `beside`: what else it
    has licences of. A gateway's `vpn_seats` are its own; `shared_seats` are those of pools that it shares with other
    gateways, so in a sum each pool counts once (D22)."""

    serial: str
    mac: str | None
    model: str
    category: DeviceCategory
    series: Series
    name: str | None
    network_id: str | None
    registered_at: Instant
    license_state: Literal["inactive", "active", "expired"]
    expires_at: Instant | None
    managed: bool
    vpn_seats: int | None
    shared_seats: int | None
    beside: tuple[ChainView, ...]

    @classmethod
    def of(cls, device: Device, at: datetime) -> "DeviceView":
        coverage = coverage_of(device)
        gateway = device.category == "gateway"
        return cls(
            **{name: getattr(device, name) for name in _SHOWN},
            license_state=coverage.device_state(at),
            expires_at=coverage.end(PRO),
            managed=coverage.covered(at),
            vpn_seats=coverage.seats(at) if gateway else None,
            shared_seats=coverage.shared_seats(at) if gateway else None,
            beside=tuple(
                ChainView(chain=chain, covered=coverage.covered(at, chain), ends_at=coverage.end(chain))
                for chain in coverage.chains
                if chain != PRO
            ),
        )


class AssociationView(Stored):
    """An association as the API answers it, as it stands at the end of the call (D26); with the device's end before
    and after the call, on the licence's own chain."""

    kind: ClassVar[str] = "association"
    license_id: str
    serial: str
    state: LicenseState
    starts_at: Instant | None
    ends_at: Instant | None
    undo_until: Instant
    device_end_before: Instant | None
    device_end_after: Instant | None

    @classmethod
    def of(cls, device: Device, license_id: str, now: datetime, before: datetime | None) -> "AssociationView":
        """The device has it already; `before`: its chain's end before the call."""
        coverage = coverage_of(device)
        stretch = coverage.stretch_of(license_id)
        assert stretch.by is not None, "it is a licence's stretch"
        return cls(
            license_id=license_id,
            serial=device.serial,
            state=coverage.state(stretch, now),
            starts_at=stretch.starts_at,
            ends_at=stretch.until,
            undo_until=stretch.by.undo_until,
            device_end_before=before,
            device_end_after=coverage.end(stretch.by.chain),
        )


class AssociationsView(Value):
    associations: tuple[AssociationView, ...]


class OfferView(Value):
    """Licences of one model that have as many whole days left. `license_id` is the one to take: its forced activation
    date is the earliest. The dates are those there would be if it were associated now."""

    license_id: str
    license_model: str
    type: Type
    term_days: int | None
    days_left: int
    count: int
    forced_activation_at: Instant | None
    starts_at: Instant | None
    ends_at: Instant | None
    device_end_before: Instant | None
    device_end_after: Instant | None


class OffersView(Value):
    offers: tuple[OfferView, ...]


class UndoView(Value):
    license_id: str


class AutomaticView(Value):
    """`left_over`: fitting licences that no device was left for."""

    associations: tuple[AssociationView, ...]
    left_over: int


class CoTermShareView(Stored):
    """What one device needs. `current_end` is null while nothing covers it; `why` shows the arithmetic."""

    kind: ClassVar[str] = "co_term_share"
    serial: str
    current_end: Instant | None
    units: int
    why: str


class CoTermView(Value):
    devices: tuple[CoTermShareView, ...]
    units: int
    available: int


class SeatShareView(Value):
    license_id: str
    serials: tuple[str, ...]


class DevicesMovedView(Value):
    moved: int


Registered = Literal["registered", "already_yours", "device_exists", "device_elsewhere"]


class RegistrationView(Stored):
    """What became of one device of the request; `detail` says what to do where it was refused."""

    kind: ClassVar[str] = "registration"
    serial: str
    outcome: Registered
    detail: str | None


class RegistrationsView(Value):
    results: tuple[RegistrationView, ...]


class ParkingView(Value):
    parked_licenses: int
    parked_until: Instant


class StretchView(Value):
    """A covered time as the API tells it; who paid for it is null for the free period."""

    model_config = ConfigDict(serialize_by_alias=True)

    since: Instant = Field(serialization_alias="from")
    until: Instant
    source: Literal["free", "license"]
    license_id: str | None = None
    license_model: str | None = None
    key_fingerprint: str | None = None
    po_number: str | None = None
    line: int | None = None
    why: str


class TimelineView(Value):
    stretches: tuple[StretchView, ...]
