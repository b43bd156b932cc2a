"""Devices and what they are entitled to: the facts from which coverage is computed (D18, D24, D27)."""

from datetime import datetime, timedelta
from functools import reduce
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.limits import MAX_ASSOCIATIONS, MAX_UNDONE
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.licenses import License, Term
from licensing.domain.licenses.types import Chain, DeviceCategory, Series, chain_of

# Why a stretch starts when it starts (D29).
Reason = Literal["free", "follows", "undone", "burning", "associated", "network", "forced", "co_term"]

# Of an association (D24); as long is a licence `merging` (D23).
UNDOABLE = 7 * DAY
# Ours: EnGenius's manuals destroy the licences at once (D27).
PARKED = 30 * DAY


class Association(Term):
    """A licence on a device, with the facts that decide when it runs.

    `networked_at`: when, since the association, the device was first in a network (D19), or `networked_by`, another
    gateway that shares the licence. `shared_at`: when this gateway joined those; `gateways`: how many they are (D22).
    Co-termination adds `units` of one key, for the time from `counted_from` to `until` (D28).
    """

    license_id: str
    associated_at: Instant
    networked_at: Instant | None = None
    networked_by: str | None = None
    shared_at: Instant | None = None
    gateways: Annotated[int, Field(ge=1)] = 1
    units: int | None = None
    counted_from: Instant | None = None
    until: Instant | None = None

    @classmethod
    def of(cls, free: License, at: datetime, networked: bool) -> "Association":
        return cls(
            # Copied, so that coverage needs the device's record alone, in indexes and lists as well.
            **{name: getattr(free, name) for name in Term.model_fields},
            license_id=free.license_id,
            associated_at=at,
            networked_at=at if networked else None,
        )

    @property
    def chain(self) -> Chain:
        return chain_of(self.model.type)

    @property
    def remaining_term(self) -> timedelta:
        """The time it adds: what is left of its term when it comes (D21), or what the co-termination was for."""
        if self.until and self.counted_from:
            return self.until - self.counted_from
        assert self.model.term is not None, "whatever a device takes has a term"
        return self.model.term - self.burned_by(self.associated_at)

    @property
    def ran_before(self) -> datetime | None:
        """Since when it had run before it came, if it had: on another device, or after its forced date (D19, D24)."""
        return self.active_since(self.associated_at)

    @property
    def joined_at(self) -> datetime:
        """Since when this device has it."""
        return self.shared_at or self.associated_at

    @property
    def undo_until(self) -> datetime:
        return self.joined_at + UNDOABLE


class UndoneStretch(Value):
    """What a licence covered of a device until its association was undone, or until it ended before: it stays
    covered (D24)."""

    since: Instant
    until: Instant
    undone_at: Instant
    reason: Reason
    by: Association


class Device(Record):
    """A device in an org's inventory, or parked there after it was de-registered. Its serial is unique in the world,
    and kept as it was typed; it is found by any spelling (D45).

    `associations` are in the order in which they were made; `undone` is what those covered that were taken back.
    `free_ended_at`: when the free period went to another unit before it was over (D27).
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
    free_ended_at: Instant | None = None
    network_id: str | None = None
    parked_at: Instant | None = None
    associations: tuple[Association, ...] = ()
    undone: tuple[UndoneStretch, ...] = ()

    @property
    def ref(self) -> Ref["Device"]:
        return Device.ref_of(self.org_id, self.serial)

    @staticmethod
    def ref_of(org_id: str, serial: str) -> Ref["Device"]:
        return Ref(Device, (org_id, canonical_serial(serial)))

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"

    @property
    def parked_until(self) -> datetime | None:
        """When what is parked is lost (D27)."""
        return self.parked_at + PARKED if self.parked_at else None

    @property
    def free_until(self) -> datetime:
        """When its free period ends; `free_since` if it has none (D18)."""
        return self.free_ended_at or self.free_since + self.free_days * DAY

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
        return self.evolve(associations=tuple(each for each in self.associations if each.license_id != license_id))

    def amended(self, license_id: str, **facts: Any) -> "Device":
        """With other facts about one of its licences."""
        return self.evolve(
            associations=tuple(
                each.model_copy(update=facts) if each.license_id == license_id else each for each in self.associations
            )
        )

    def networked(self, at: datetime) -> "Device":
        """All its licences now have been in a network since their association (D19)."""
        # The first network counts: a term that has begun is neither paused nor begun again (D27).
        waiting = [each.license_id for each in self.associations if each.networked_at is None]
        return reduce(lambda device, license_id: device.amended(license_id, networked_at=at), waiting, self)

    def of_chain(self, chain: Chain) -> list[Association]:
        return [association for association in self.associations if association.chain == chain]

    @property
    def is_full(self) -> bool:
        """It can take no further licence."""
        return len(self.associations) >= MAX_ASSOCIATIONS or len(self.undone) >= MAX_UNDONE

    def plus(self, association: Association) -> "Device":
        """With one more association; refused beyond what a device can hold."""
        # Asked where one is added, not where one is taken back: that only goes from one list to the other.
        if self.is_full:
            raise Refusal(
                "not_matching",
                f"Device {self.serial} holds {len(self.associations)} licenses, and {len(self.undone)} were taken "
                f"back; it can hold {MAX_ASSOCIATIONS}, and remember {MAX_UNDONE}.",
                "Associate the license with another device, or choose a longer term.",
            )
        return self.evolve(associations=(*self.associations, association))


class Serial(Record):
    """A serial number as the whole service knows it: who has the device, and its free period, fixed for ever (D18).

    A unit that replaces another goes on with the first registration of that, whose free period it takes (D27).
    It is found by any spelling (D45).
    """

    kind: ClassVar[str] = "serial"
    serial: str
    org_id: str | None = None
    first_registered_at: Instant
    free_days: int

    @property
    def ref(self) -> Ref["Serial"]:
        return Serial.ref_of(self.serial)

    @staticmethod
    def ref_of(serial: str) -> Ref["Serial"]:
        return Ref(Serial, (canonical_serial(serial),))
