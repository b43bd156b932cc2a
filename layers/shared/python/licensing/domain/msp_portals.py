"""An MSP portal's validity: each key extends it, from its end while it runs, from now if it has lapsed (D15)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar, Literal

from msgspec import Struct
from pydantic import ConfigDict, Field

from licensing.domain.instants import DAY, Instant
from licensing.domain.records import Record, Ref, Value

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
        return MspPortal.named(self.msp_id)

    @staticmethod
    def named(msp_id: str) -> Ref["MspPortal"]:
        return Ref(MspPortal, (msp_id,))

    @property
    def owner(self) -> str:
        return f"msp/{self.msp_id}"


class Stretch(Struct, frozen=True):
    """The validity one extension paid for, and why it starts when it starts."""

    extension: Extension
    start: datetime
    until: datetime
    previous_until: datetime | None
    basis: Basis


def stretches(extensions: Sequence[Extension]) -> Iterator[Stretch]:
    """What each extension covers: from the end of those before it, or from its claim if that end had passed."""
    end: datetime | None = None
    for each in extensions:
        runs = end is not None and each.claimed_at <= end
        start = end if end is not None and runs else each.claimed_at
        until = start + each.quantity * each.term_days * DAY
        yield Stretch(each, start, until, end, "extended" if runs else "restarted" if end else "started")
        end = until


class PaidStretch(Value):
    """A key and the validity it paid for."""

    model_config = ConfigDict(serialize_by_alias=True)

    key_fingerprint: str
    license_model: str
    quantity: int
    claimed_at: Instant
    start: Instant = Field(alias="from")
    until: Instant


class PortalView(Value):
    """The answer of GET /msps/{msp_id}; `valid_from` is where the run began that reaches to `valid_until`."""

    msp_id: str
    valid_from: Instant | None
    valid_until: Instant | None
    valid: bool
    licenses: tuple[PaidStretch, ...]


def view(msp_id: str, portal: MspPortal | None, at: datetime) -> PortalView:
    """The portal as it stands at `at`: by the keys claimed until then, which nothing ever takes back (D31)."""
    known = [each for each in portal.extensions if each.claimed_at <= at] if portal else []
    run = list(stretches(known))
    begun = [stretch.start for stretch in run if stretch.basis != "extended"]
    return PortalView(
        msp_id=msp_id,
        valid_from=begun[-1] if begun else None,
        valid_until=run[-1].until if run else None,
        valid=bool(run) and begun[-1] <= at < run[-1].until,
        licenses=tuple(_paid(stretch) for stretch in run),
    )


def _paid(stretch: Stretch) -> PaidStretch:
    facts = stretch.extension.model_dump(exclude={"key_id", "term_days"})
    return PaidStretch.model_validate(facts | {"from": stretch.start, "until": stretch.until})
