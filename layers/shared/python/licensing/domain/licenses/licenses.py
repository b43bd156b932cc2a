"""Licences: those without a history as blocks, those with one as records of their own (D12, D19, D20)."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import Instant
from licensing.domain.core.intervals import Intervals, IntervalsText
from licensing.domain.core.limits import MAX_SPANS
from licensing.domain.core.records import Record, Ref, Value
from licensing.domain.core.texts import canonical_serial
from licensing.domain.licenses.catalog import LicenseModel, model_of
from licensing.domain.licenses.license_key import LicenseKey

LICENSE_ID = re.compile(r"[0-9a-z]{20}-[0-9]{6}")
LicenseId = Annotated[str, StringConstraints(pattern=f"^{LICENSE_ID.pattern}$")]
LicenseState = Literal["inactive", "active", "merging", "merged", "expired"]


class Bought(Value):
    """What a licence has from its key."""

    license_model: str
    issued_at: Instant
    key_fingerprint: str
    po_number: str
    line: int

    @property
    def model(self) -> LicenseModel:
        return model_of(self.license_model)


class Term(Bought):
    """A licence's term, and what went of it in earlier associations (D24).

    The last of them let go of it at `released_at`: when it was undone, or before that, when nothing was left. In it
    the licence ran from `ran_from` on, or not at all; `burned_seconds` went before that. `activated_at` is when it
    first started, if it had by then.
    """

    burned_seconds: Annotated[int, Field(ge=0)] = 0
    activated_at: Instant | None = None
    ran_from: Instant | None = None
    released_at: Instant | None = None

    @property
    def burned(self) -> timedelta:
        """What of its term went before `burns_from`."""
        last = self.released_at - self.ran_from if self.released_at and self.ran_from else timedelta()
        gone = timedelta(seconds=self.burned_seconds) + last
        return min(gone, self.model.term or gone)

    @property
    def burns_from(self) -> datetime | None:
        """From when on it burns without a device, as long as none has it (D19); None for what never does."""
        forced = self.model.forced_activation_at(self.issued_at)
        # Not before its release: while a device had it, it burned there or waited, and that is in `burned`.
        return max(forced, self.released_at or forced) if forced else None

    @property
    def left(self) -> timedelta | None:
        """What is left of its term at `burns_from`; None for what never ends."""
        return self.model.term and self.model.term - self.burned

    @property
    def burns_until(self) -> datetime | None:
        """Its end if no device ever gets it; one that has ended keeps the end it had (D21)."""
        start, left = self.burns_from, self.left
        if start is None or left is None:
            return None
        return start + left if left else self.released_at

    def active_since(self, at: datetime) -> datetime | None:
        """When it first started, if it had at `at`, no device having it since `released_at`: that stays (D24)."""
        burning = self.burns_from is not None and self.burns_from <= at
        return self.activated_at or (self.burns_from if burning else None)

    def burned_by(self, at: datetime) -> timedelta:
        """What of its term is gone at `at`, while no device has it."""
        gone = self.burned + (max(at - self.burns_from, timedelta()) if self.burns_from else timedelta())
        return min(gone, self.model.term or gone)

    def is_over(self, at: datetime) -> bool:
        """Nothing of it is left at `at`, no device having it."""
        return self.model.term is not None and self.burned_by(at) >= self.model.term


class _OfKey(Bought, Record):
    """What an org has of a key."""

    org_id: str
    key_id: str
    claimed_at: Instant

    @property
    def owner(self) -> str:
        return f"org/{self.org_id}"


class License(_OfKey, Term):
    """One licence. `serials` are the devices it is associated with: one, or several that share it (D22)."""

    kind: ClassVar[str] = "license"
    number: int
    serials: tuple[str, ...] = ()
    associated_at: Instant | None = None

    @property
    def ref(self) -> Ref["License"]:
        return License.ref_of(self.org_id, self.license_id)

    @staticmethod
    def ref_of(org_id: str, license_id: str) -> Ref["License"]:
        key_id, number = split_id(license_id)
        # As many digits as the greatest quantity has: keys of the table sort as text, lists by number.
        return Ref(License, (org_id, key_id, f"{number:06}"))

    @property
    def license_id(self) -> str:
        return license_id_of(self.key_id, self.number)

    @property
    def is_free(self) -> bool:
        """Not associated with any device."""
        return not self.serials

    def is_on(self, serial: str) -> bool:
        """Whether the device of this serial has it."""
        return canonical_serial(serial) in map(canonical_serial, self.serials)

    def off(self, serial: str) -> "License":
        """Without one of its devices."""
        gone = canonical_serial(serial)
        return self.evolve(serials=tuple(each for each in self.serials if canonical_serial(each) != gone))

    def free_state(self, at: datetime) -> LicenseState:
        """Its state while no device has it (D23); shared tokens are active at once, and for good (D14)."""
        if self.model.term is None:
            return "active"
        if self.is_over(at):
            return "expired"
        return "active" if self.burns_from and self.burns_from <= at else "inactive"


class Block(_OfKey):
    """The licences of one key that an org has and that have no history of their own (D12).

    A block stays when it is empty: its version must never start again. `renewal_id`: the plan that says where its
    licences go (D40).
    """

    kind: ClassVar[str] = "block"
    renewal_id: str | None = None
    free: IntervalsText = Intervals()

    @property
    def ref(self) -> Ref["Block"]:
        return Block.ref_of(self.org_id, self.key_id)

    @staticmethod
    def ref_of(org_id: str, key_id: str) -> Ref["Block"]:
        return Ref(Block, (org_id, key_id))

    @classmethod
    def of(cls, key: LicenseKey, org_id: str, at: datetime) -> "Block":
        """All the licences of a key, claimed at `at`."""
        return cls(
            org_id=org_id,
            key_id=key.key_id,
            license_model=key.license_model,
            issued_at=key.issued_at,
            key_fingerprint=key.fingerprint,
            po_number=key.po_number,
            line=key.line,
            claimed_at=at,
            renewal_id=key.renewal_id,
            free=Intervals.up_to(key.quantity),
        )

    def license(self, number: int) -> License:
        """One of its licences, as the record it becomes when it gets a fact of its own."""
        # The block's version is not its own: the licence's record was never written.
        shared = {name: getattr(self, name) for name in _OfKey.model_fields if name not in Record.model_fields}
        return License(number=number, **shared)

    def licenses(self, numbers: Iterable[int]) -> Iterator[License]:
        return map(self.license, numbers)

    def without(self, numbers: Intervals) -> "Block":
        """The block after `numbers` left it; they must be free."""
        assert self.free >= numbers, "only free licences leave a block"
        return self._holding(self.free - numbers)

    def plus(self, numbers: Intervals) -> "Block":
        return self._holding(self.free | numbers)

    def _holding(self, free: Intervals) -> "Block":
        if len(free.spans) > MAX_SPANS:
            raise Refusal(
                "conflict",
                f"The free licenses of {self.key_fingerprint} would be scattered over more than {MAX_SPANS} ranges.",
                "Choose licenses whose numbers follow each other.",
            )
        return self.evolve(free=free)


def alike(records: Iterable[Block | License]) -> Iterator[tuple[License, int]]:
    """One of all licenses that differ by their numbers alone, and how many they are."""
    for each in records:
        if isinstance(each, License):
            yield each, 1
        elif each.free:
            yield each.license(next(iter(each.free))), len(each.free)


def license_id_of(key_id: str, number: int) -> str:
    """`0v9k…-000042`: the key's public id and the licence's number in it; it never changes."""
    return f"{key_id}-{number:06}"


def split_id(license_id: str) -> tuple[str, int]:
    """The key's id, and the licence's number in it."""
    key_id, _, number = license_id.rpartition("-")
    return key_id, int(number)
