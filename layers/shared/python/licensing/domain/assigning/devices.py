"""Devices and what they are entitled to: the facts from which coverage is computed (D18, D27)."""

from collections.abc import Container
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.records import Record, Ref
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.catalog import DeviceCategory, Type
from licensing.domain.licenses.licenses import License, Term

Series = Literal["standard", "lite"]
Chain = Literal["pro", "unlimited_ai", "secupoint"]

UNDOABLE = 7 * DAY
PARKED = 30 * DAY
# With all of them every command on a device still fits one transaction of 100 records.
MOST_ASSOCIATIONS = 40

CHAIN_OF: dict[Type, Chain] = {
    "pro": "pro",
    "pro_lite": "pro",
    "co_term": "pro",
    "unlimited_ai": "unlimited_ai",
    "secupoint": "secupoint",
}


class Association(Term):
    """A licence on a device, with the facts that decide when it runs.

    `networked_at`: when, since the association, the device was first in a network (D19). `shared_at`: when this
    gateway joined those that share the licence (D22). Co-termination adds `units` of one key, for the time from
    `counted_from` to `until` (D28).
    """

    license_id: str
    associated_at: Instant
    networked_at: Instant | None = None
    shared_at: Instant | None = None
    units: int | None = None
    counted_from: Instant | None = None
    until: Instant | None = None

    @classmethod
    def of(cls, free: License, at: datetime, networked: bool) -> "Association":
        return cls(
            **{name: getattr(free, name) for name in Term.model_fields},
            license_id=free.license_id,
            associated_at=at,
            networked_at=at if networked else None,
        )

    @property
    def chain(self) -> Chain:
        return CHAIN_OF[self.model.type]

    @property
    def brings(self) -> timedelta:
        """The time it adds: what is left of its term when it comes, or what the co-termination was for."""
        if self.until and self.counted_from:
            return self.until - self.counted_from
        assert self.model.term is not None, "whatever a device takes has a term"
        return self.model.term - self.burned_by(self.associated_at)

    @property
    def ran_before(self) -> datetime | None:
        """Since when it had run before it came, if it had: on another device, or after its forced date (D19, D24)."""
        burning = self.burns_from is not None and self.burns_from <= self.associated_at
        return self.ran_from or (self.burns_from if burning else None)

    @property
    def joined_at(self) -> datetime:
        """Since when this device has it."""
        return self.shared_at or self.associated_at

    @property
    def undo_until(self) -> datetime:
        return self.joined_at + UNDOABLE


class Device(Record):
    """A device in an org's inventory, or parked there after it was de-registered. Its serial is unique in the world,
    and kept as it was typed; it is found by any spelling (D45).

    `associations` are in the order in which they were made.
    """

    kind: ClassVar[str] = "device"
    org_id: str
    serial: str
    mac: str | None = None
    model: str
    category: DeviceCategory
    series: Series = "standard"
    name: str | None = None
    registered_at: Instant
    free_since: Instant
    free_days: Annotated[int, Field(ge=0)]
    network_id: str | None = None
    parked_at: Instant | None = None
    associations: tuple[Association, ...] = ()

    @property
    def ref(self) -> Ref["Device"]:
        return Device.named(self.org_id, self.serial)

    @staticmethod
    def named(org_id: str, serial: str) -> Ref["Device"]:
        return Ref(Device, (org_id, canonical_serial(serial)))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"

    @property
    def parked_until(self) -> datetime | None:
        """When what is parked is lost (D27)."""
        return self.parked_at + PARKED if self.parked_at else None

    @property
    def license_ids(self) -> list[str]:
        """The licences that are records of their own: all but the units of co-terminations."""
        return [association.license_id for association in self.associations if association.units is None]

    @property
    def shareable_ids(self) -> list[str]:
        """The licences that other gateways may have as well (D22)."""
        return [each.license_id for each in self.associations if each.model.shareable_devices]

    def association(self, license_id: str) -> Association | None:
        return next((each for each in self.associations if each.license_id == license_id), None)

    def without(self, license_id: str) -> "Device":
        return self.but(associations=tuple(each for each in self.associations if each.license_id != license_id))

    def networked(self, at: datetime, license_ids: Container[str] | None = None) -> "Device":
        """Its licences, or those of `license_ids`, now have been in a network since their association (D19)."""
        new = (
            each.model_copy(update={"networked_at": at})
            if each.networked_at is None and (license_ids is None or each.license_id in license_ids)
            else each
            for each in self.associations
        )
        return self.but(associations=tuple(new))

    def of_chain(self, chain: Chain) -> list[Association]:
        return [association for association in self.associations if association.chain == chain]

    def plus(self, *associations: Association) -> "Device":
        """With further associations; refused beyond what a device can hold."""
        if len(self.associations) + len(associations) > MOST_ASSOCIATIONS:
            raise Refusal(
                "not_matching",
                f"Device {self.serial} already holds {len(self.associations)} licenses; "
                f"it can hold {MOST_ASSOCIATIONS}.",
                "Associate the license with another device, or choose a longer term.",
            )
        return self.but(associations=(*self.associations, *associations))


class Serial(Record):
    """A serial number as the whole service knows it: who has the device, and its free period, fixed for ever (D18).
    It is found by any spelling (D45)."""

    kind: ClassVar[str] = "serial"
    serial: str
    org_id: str | None = None
    first_registered_at: Instant
    free_days: int

    @property
    def ref(self) -> Ref["Serial"]:
        return Serial.named(self.serial)

    @staticmethod
    def named(serial: str) -> Ref["Serial"]:
        return Ref(Serial, (canonical_serial(serial),))
