"""Co-termination: one end date for several devices, paid for in device-days (D28).

A device needs the days from its current end, or from now if nothing covers it, to the common end, rounded up to whole
units. Its coverage then ends at the common end, to the second: what rounding added is not given to any device, since
devices that end at the same instant are what co-termination is for.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from licensing.domain.assigning.coverage import coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.views import CoTermShareView, CoTermView
from licensing.domain.core.bulk_draft import Draft
from licensing.domain.core.decisions import Decision
from licensing.domain.core.errors import Fault, Refusal, invalid
from licensing.domain.core.instants import DAY, to_text
from licensing.domain.core.intervals import Intervals
from licensing.domain.core.records import Facts, Stored
from licensing.domain.licenses.licenses import Block, Bought, license_id_of


def co_terminate(
    facts: Facts,
    devices: Sequence[Device],
    blocks: Sequence[Block],
    until: datetime,
    now: datetime,
    *,
    calculate_only: bool,
) -> Decision[CoTermView]:
    """Units from the oldest blocks for every device that ends before `until`.

    The calculation is answered whatever there is; without enough units the real call is refused.
    """
    _require_later(devices, until, now)
    shares = tuple(_share(device, until, now) for device in devices)
    view = CoTermView(
        devices=shares, units=sum(each.units for each in shares), available=sum(len(block.free) for block in blocks)
    )
    if view.units > view.available:
        if calculate_only:
            return Decision(view)
        raise _not_enough(view)
    draft = Draft[Stored](facts, lambda parts: f"{len(parts)} devices co-terminated at {to_text(until)}")
    for device, share in zip(devices, shares, strict=True):
        _extend(draft, device, share, blocks, until, now)
    return Decision(view, "devices.co_terminated", draft.finish())


def _share(device: Device, until: datetime, now: datetime) -> CoTermShareView:
    end = _current_end(device, now)
    units = -(((end or now) - until) // DAY)
    start = to_text(end) if end else f"now ({to_text(now)})"
    why = f"From {start} to {to_text(until)}: {until - (end or now)}, rounded up to {units} units of one day."
    return CoTermShareView(serial=device.serial, current_end=end, units=units, why=why)


def _current_end(device: Device, now: datetime) -> datetime | None:
    end = coverage_of(device).end("pro")
    return end if end and end > now else None


def _extend(
    draft: Draft[Any], device: Device, share: CoTermShareView, blocks: Sequence[Block], until: datetime, now: datetime
) -> None:
    """The stretches of the keys that pay end where the units still to come begin, counted back from `until`."""
    payments = list(_payments(draft, blocks, share.units))
    draft.room_for(1 + len(payments))
    since, units_left = share.current_end or now, share.units
    paid = []
    for block, numbers in payments:
        units_left -= len(numbers)
        end = until - units_left * DAY
        paid.append(_paid(block, numbers, since, end, now))
        draft.put(block.without(numbers))
        since = end
    if paid:
        draft.put(device.plus(*paid))
        draft.note(share.model_dump(mode="json"), licenses=share.units)


def _paid(block: Block, numbers: Intervals, since: datetime, until: datetime, now: datetime) -> Association:
    return Association(
        **{name: getattr(block, name) for name in Bought.model_fields},
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


def _require_later(devices: Sequence[Device], until: datetime, now: datetime) -> None:
    if until <= now:
        raise invalid(Fault("until", f"must be later than now ({to_text(now)})"))
    later: list[Any] = [
        (device.serial, end) for device in devices if (end := _current_end(device, now)) and end > until
    ]
    if later:
        told = ", ".join(f"{serial} ends at {to_text(end)}" for serial, end in later[:5])
        more = f", and {len(later) - 5} more end later" if len(later) > 5 else ""
        raise invalid(Fault("until", f"must not be before a device's end: {told}{more}"))


def _not_enough(view: CoTermView) -> Refusal:
    return Refusal(
        "not_enough_licenses",
        f"This needs {view.units} co-termination units, and the organization has {view.available}.",
        "Claim more CO-TERM-LIC units, choose an earlier date or fewer devices; dry_run=true shows the arithmetic.",
        units=view.units,
        available=view.available,
    )
