"""An MSP portal's validity: each key extends it, from its end while it runs, from now if it has lapsed (D15).

The portal keeps what the keys so far have paid for; each key is a record of its own, so that the hundredth costs what
the first did. Release 1 kept them in the portal, in `extensions`, where they stay.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from licensing.domain.core.instants import DAY, YEARS, Instant, to_text
from licensing.domain.core.records import Image, Record, Ref, Value

Basis = Literal["started", "extended", "restarted"]


class PaidTerm(Value):
    """What one key gave a portal: `quantity` terms of `term_days` each.

    Until then the portal's last run had begun at `previous_from` and was paid for `previous_days`.
    """

    key_id: str
    key_fingerprint: str
    license_model: str
    quantity: int
    term_days: int
    claimed_at: Instant
    previous_from: Instant | None = None
    previous_days: int = 0

    @property
    def previous_until(self) -> datetime | None:
        return _end(self.previous_from, self.previous_days)

    @property
    def days(self) -> int:
        return self.quantity * self.term_days

    @property
    def basis(self) -> Basis:
        if self.previous_until is None:
            return "started"
        return "extended" if self.claimed_at <= self.previous_until else "restarted"

    @property
    def start(self) -> datetime:
        return self.previous_until if self.previous_until and self.basis == "extended" else self.claimed_at

    @property
    def until(self) -> datetime:
        """Raises OverflowError beyond what can be written as a date."""
        return self.start + self.days * DAY

    @property
    def run_from(self) -> datetime:
        """Where the run began that it is part of."""
        return self.previous_from if self.previous_from and self.basis == "extended" else self.claimed_at

    @property
    def run_days(self) -> int:
        """For how long the run is paid by now."""
        return self.days + (self.previous_days if self.basis == "extended" else 0)


class Extension(PaidTerm, Record):
    """A key claimed in a portal, the `number`th there."""

    kind: ClassVar[str] = "msp_extension"
    msp_id: str
    number: int

    @property
    def ref(self) -> Ref["Extension"]:
        return Ref(Extension, (self.msp_id, f"{self.number:06}"))

    @property
    def owner(self) -> str:
        return f"msp/{self.msp_id}"


def _summed_up(told: Image) -> Image:
    """What release 1 worked out anew each time, from keys that it kept in the order of their claims."""
    if "extensions" not in told:
        return told
    terms: list[PaidTerm] = []
    for each in told["extensions"]:
        last = {"previous_from": terms[-1].run_from, "previous_days": terms[-1].run_days} if terms else {}
        terms.append(PaidTerm.model_validate(each | last))
    run = {"run_from": to_text(terms[-1].run_from), "run_days": terms[-1].run_days} if terms else {}
    extensions = [each.model_dump(mode="json", exclude_none=True) for each in terms]
    return told | {"extensions": extensions, "keys": len(terms)} | run


class MspPortal(Record):
    """An MSP's portal: how many keys were claimed in it, when its last run began, and for how many days it is paid."""

    kind: ClassVar[str] = "msp_portal"
    lifts = (_summed_up,)
    msp_id: str
    keys: int = 0
    run_from: Instant | None = None
    run_days: int = 0
    extensions: tuple[PaidTerm, ...] = ()

    @property
    def ref(self) -> Ref["MspPortal"]:
        return MspPortal.ref_of(self.msp_id)

    @staticmethod
    def ref_of(msp_id: str) -> Ref["MspPortal"]:
        return Ref(MspPortal, (msp_id,))

    @property
    def owner(self) -> str:
        return f"msp/{self.msp_id}"

    # Worked out, not stored: a plan holds whenever it is carried out, and what depends on the clock is no fact (D31).
    @property
    def valid_until(self) -> datetime | None:
        """The end of what its keys paid for; None before the first."""
        return _end(self.run_from, self.run_days)

    def extended(self, at: datetime, **key: Any) -> tuple[Self, Extension]:
        """With one more key, whose facts are `key`. Raises OverflowError beyond the last date there is."""
        extension = Extension(
            **key,
            msp_id=self.msp_id,
            number=self.keys + 1,
            claimed_at=at,
            previous_from=self.run_from,
            previous_days=self.run_days,
        )
        if extension.until.year not in YEARS:
            raise OverflowError(extension.until)
        after = self.evolve(keys=extension.number, run_from=extension.run_from, run_days=extension.run_days)
        return after, extension


def _end(begun: datetime | None, days: int) -> datetime | None:
    return begun + days * DAY if begun else None
