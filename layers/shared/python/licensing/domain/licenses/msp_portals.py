"""An MSP portal's validity: each key extends it, from its end while it runs, from now if it has lapsed (D15)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct

from licensing.domain.core.instants import DAY, Instant
from licensing.domain.core.records import Record, Ref, Value

Basis = Literal["started", "extended", "restarted"]


class Extension(Value):
    """What one key gave a portal: `quantity` terms of `term_days` each."""

    key_id: str
    key_fingerprint: str
    license_model: str
    quantity: int
    term_days: int
    claimed_at: Instant


class MspPortal(Record):
    """An MSP's portal, with its extensions in the order they were claimed."""

    kind: ClassVar[str] = "msp_portal"
    msp_id: str
    extensions: tuple[Extension, ...] = ()

    @property
    def ref(self) -> Ref["MspPortal"]:
        return MspPortal.ref_of(self.msp_id)

    @staticmethod
    def ref_of(msp_id: str) -> Ref["MspPortal"]:
        return Ref(MspPortal, (msp_id,))

    @property
    def owner(self) -> str:
        return f"msp/{self.msp_id}"

    @property
    def valid_until(self) -> datetime | None:
        """The end of what all its keys paid for; None before the first."""
        return max((stretch.until for stretch in stretches(self.extensions)), default=None)


class Stretch(Struct, frozen=True):
    """The validity one extension paid for, and why it starts when it starts."""

    extension: Extension
    start: datetime
    until: datetime
    previous_until: datetime | None
    basis: Basis


def stretches(extensions: Sequence[Extension]) -> Iterator[Stretch]:
    """What each extension covers: from the end of those before it, or from its claim if that end had passed."""
    # No end is stored: it is worked out from the claims, so that it can be told as of any instant (D31).
    end: datetime | None = None
    for each in extensions:
        runs = end is not None and each.claimed_at <= end
        start = end if end is not None and runs else each.claimed_at
        until = start + each.quantity * each.term_days * DAY
        yield Stretch(each, start, until, end, "extended" if runs else "restarted" if end else "started")
        end = until
