"""An org's licences and devices in numbers (openapi: claim.overview)."""

from collections.abc import Iterator
from datetime import datetime

from licensing.domain.core.instants import DAY, from_text
from licensing.domain.inventory.calendars import Calendar
from licensing.domain.inventory.contributions import DEVICES, PARTS
from licensing.domain.inventory.counts import Kind
from licensing.domain.inventory.views import ForcedActivationView, ModelCountView, OverviewView
from licensing.domain.licenses.catalog import model_of

SOON = 30 * DAY


def overview(calendar: Calendar, ai_tokens: int, at: datetime) -> OverviewView:
    """The counts as they stand at `at`, which is not before the latest fact that was counted."""
    counts = list(_by_model(calendar, at))
    forced = calendar.after(at, lambda kind: _waits(kind, at))
    first_end = calendar.after(at, ends)
    expired = calendar.until(f"{DEVICES} end", at)
    covered = calendar.until(f"{DEVICES} begin", at) - calendar.until(f"{DEVICES} lapse", at) - expired
    return OverviewView(
        unmanaged_devices=calendar.until(DEVICES, at) - covered,
        burning_unassociated=sum(_burning_unused(calendar, each.license_model, at) for each in counts),
        by_model=tuple(counts),
        next_forced_activation=ForcedActivationView(at=forced[0], count=forced[1] // PARTS) if forced else None,
        earliest_expiry=first_end[0] if first_end else None,
        expired_devices=expired,
        expiring_devices_30d=calendar.until(f"{DEVICES} end", at + SOON) - expired,
        ai_tokens=ai_tokens,
    )


def ends(kind: Kind) -> bool:
    """Whether it counts licences at their end."""
    return kind.endswith((" free ends", " bound ends"))


def waits(kind: Kind) -> bool:
    """Whether it counts licences at the instant for which they wait to start."""
    return kind.split()[1:2] == ["waits"]


def _waits(kind: Kind, at: datetime) -> bool:
    """The same, of those that wait at `at`: the device of the others is covered for a while (D23)."""
    return waits(kind) and all(from_text(after) <= at for after in kind.split()[2:])


def _by_model(calendar: Calendar, at: datetime) -> Iterator[ModelCountView]:
    # Skus have no spaces, so what is before the first one is the model.
    for sku in sorted({kind.split()[0] for kind in calendar.kinds if kind.endswith((" free", " bound"))}):
        free, bound = calendar.until(f"{sku} free", at), calendar.until(f"{sku} bound", at)
        started = sum(calendar.until(f"{sku} {where} starts", at) for where in ("free", "bound"))
        ended = sum(calendar.until(f"{sku} {where} ends", at) for where in ("free", "bound"))
        yield ModelCountView(
            license_model=sku,
            total=(free + bound) // PARTS,
            unassociated=free // PARTS,
            associated=bound // PARTS,
            active=(started - ended) // PARTS,
            expired=ended // PARTS,
        )


def _burning_unused(calendar: Calendar, sku: str, at: datetime) -> int:
    """Past their forced activation date, and on no device (D19); shared tokens are active too, and don't burn (D14)."""
    if model_of(sku).term is None:
        return 0
    return (calendar.until(f"{sku} free starts", at) - calendar.until(f"{sku} free ends", at)) // PARTS
