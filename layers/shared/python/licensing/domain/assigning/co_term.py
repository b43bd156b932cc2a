"""Co-termination: one end date for several devices, paid for in device-days (D28).

A device needs the days from its current end, or from now if nothing covers it, to the common end, rounded up to whole
units. Its coverage then ends at the common end, to the second: what rounding added is not given to any device, since
devices that end at the same instant are what co-termination is for. A device that ends later needs nothing.

The date is promised to the second, whatever happens later. So nothing of the chain may still be open: a licence that
waits for a network could start, and end, sooner than it seems.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import coverage_of, waits_for_network
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.views import CoTermShareView, CoTermView
from licensing.domain.core import actions
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Fault, Refusal, invalid
from licensing.domain.core.instants import DAY, to_text
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.records import RecordSet
from licensing.domain.licenses.licenses import Block, Bought, license_id_of
from licensing.domain.licenses.types import PRO


def co_terminate(
    facts: RecordSet,
    devices: Sequence[Device],
    blocks: Sequence[Block],
    until: datetime,
    done: Sequence[CoTermShareView],
    now: datetime,
    *,
    calculate_only: bool,
) -> Decision[CoTermView]:
    """Units from the oldest blocks for every device that ends before `until`. Raises `not_started`.

    The calculation is answered whatever there is; without enough units the real call is refused. `done`: what earlier
    steps of the same call have paid.
    """
    if until <= now:
        raise invalid(Fault("until", f"must be later than now ({to_text(now)})"))
    paid = {share.serial: share for share in done}
    _require_started([device for device in devices if device.serial not in paid], now)
    # What is paid is told as it was then: by now such a device needs nothing.
    shares = tuple(paid.get(device.serial) or share_of(device, until, now) for device in devices)
    available = sum(len(block.free) for block in blocks) + sum(share.units for share in done)
    view = CoTermView(devices=shares, units=sum(each.units for each in shares), available=available)
    if view.units > view.available:
        if calculate_only:
            return Decision(view)
        raise _not_enough(view)
    draft = Draft[CoTermShareView](facts, lambda parts: f"{len(parts)} devices co-terminated at {to_text(until)}")
    for device, share in zip(devices, shares, strict=True):
        if device.serial not in paid and co_terminated(draft, device, share, blocks, until, now):
            draft.note(share, licenses=share.units)
    return Decision(view, actions.CO_TERMINATED, draft.finish())


def share_of(device: Device, until: datetime, now: datetime) -> CoTermShareView:
    end = _current_end(device, now)
    start = to_text(end) if end else f"now ({to_text(now)})"
    if end and end >= until:
        return CoTermShareView(
            serial=device.serial, current_end=end, units=0, why=f"Ends at {start}, which is no earlier."
        )
    # The floor of the negative is the ceiling, in whole numbers: no float decides what has to be paid.
    units = -(((end or now) - until) // DAY)
    why = f"From {start} to {to_text(until)}: {until - (end or now)}, rounded up to {units} units of one day."
    return CoTermShareView(serial=device.serial, current_end=end, units=units, why=why)


def _current_end(device: Device, now: datetime) -> datetime | None:
    end = coverage_of(device).end(PRO)
    return end if end and end > now else None


def co_terminated(
    draft: Draft[Any], device: Device, share: CoTermShareView, blocks: Sequence[Block], until: datetime, now: datetime
) -> bool:
    """Pays a device's share, in the draft; whether anything had to be paid.

    The stretches of the keys that pay end where the units still to come begin, counted back from `until`.
    """
    payments = list(_payments(draft, blocks, share.units))
    draft.room_for(1 + len(payments))
    since, units_left = share.current_end or now, share.units
    for block, numbers in payments:
        units_left -= len(numbers)
        end = until - units_left * DAY
        device = device.plus(_paid(block, numbers, since, end, now))
        draft.put(block.without(numbers))
        since = end
    if payments:
        draft.put(device)
    return bool(payments)


def _paid(block: Block, numbers: Intervals, since: datetime, until: datetime, now: datetime) -> Association:
    return Association(
        **{name: getattr(block, name) for name in Bought.model_fields},
        # Units are no records; by the first one's id the payment is found in the device, and its key by the reconciler.
        license_id=license_id_of(block.key_id, next(iter(numbers))),
        associated_at=now,
        units=len(numbers),
        counted_from=since,
        until=until,
    )


def _payments(draft: Draft[Any], blocks: Iterable[Block], units: int) -> Iterator[tuple[Block, Intervals]]:
    """The oldest free units, by block."""
    for block in draft.present(block.ref for block in blocks):
        if units and block.free:
            numbers = block.free.first(units)
            units -= len(numbers)
            yield block, numbers


def _require_started(devices: Sequence[Device], now: datetime) -> None:
    if waiting := [device.serial for device in devices if waits_for_network(device, PRO, now)]:
        more = f" and {len(waiting) - 5} more" if len(waiting) > 5 else ""
        raise Refusal(
            "not_started",
            f"A license of {', '.join(waiting[:5])}{more} has not started, because the device is in no network.",
            "Put the device into a network, which starts the license; then its end is certain.",
            serials=waiting,
        )


def _not_enough(view: CoTermView) -> Refusal:
    return Refusal(
        "not_enough_licenses",
        f"This needs {view.units} co-termination units, and the organization has {view.available}.",
        "Claim more CO-TERM-LIC units, choose an earlier date or fewer devices; a calculation shows the arithmetic.",
        case="co_term",
        units=view.units,
        available=view.available,
    )
