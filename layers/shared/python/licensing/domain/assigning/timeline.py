"""The timeline: every end date explained, stretch by stretch (D29)."""

from datetime import datetime, timedelta

from licensing.domain.assigning.coverage import Stretch, coverage_of
from licensing.domain.assigning.devices import Association, Device
from licensing.domain.assigning.views import StretchView, TimelineView
from licensing.domain.core.instants import DAY, to_text
from licensing.domain.licenses.types import PRO, Chain, runs_parallel


def timeline(device: Device) -> TimelineView:
    """All stretches that cover anything, in the order of time; Pro before what runs beside it."""
    told = [(_since(stretch), stretch) for stretch in coverage_of(device).stretches]
    shown = sorted((each for each in told if each[0] < each[1].until), key=lambda each: each[0])
    return TimelineView(stretches=tuple(_view(device, stretch) for _, stretch in shown))


def _since(stretch: Stretch) -> datetime:
    """A gateway is covered by what it shares from the sharing on."""
    return max(stretch.since, stretch.by.joined_at) if stretch.by and stretch.by.shared_at else stretch.since


def _view(device: Device, stretch: Stretch) -> StretchView:
    if (by := stretch.by) is None:
        why = f"The device's free period of {_length(device.free_days * DAY)}, counted from its first registration."
        if device.free_ended_at:
            why += f" It ended at {to_text(device.free_ended_at)}: another unit took the device's place."
        return StretchView(since=stretch.since, until=stretch.until, source="free", why=why)
    return StretchView(
        since=_since(stretch),
        until=stretch.until,
        source="license",
        license_id=by.license_id,
        license_model=by.license_model,
        key_fingerprint=by.key_fingerprint,
        po_number=by.po_number,
        line=by.line,
        why=" ".join(part for part in (_start(stretch, by), _length_of(by), _end(device, stretch)) if part),
    )


def _start(stretch: Stretch, by: Association) -> str:
    since = to_text(stretch.since)
    if by.shared_at:
        return f"Shares the license since {to_text(by.shared_at)}; the license itself started at {since}."
    if by.networked_by and stretch.reason in ("associated", "network"):
        return f"Starts at {since}, when gateway {by.networked_by}, which shares the license, was in a network."
    return {
        "free": "",
        "follows": f"Starts at {since}, when what covered the device before ends.",
        "undone": f"Starts at {since}, when the license that ran before was taken back.",
        "burning": f"Goes on: it had burned since {_text(by.burns_from)} when it was associated.",
        "associated": f"Starts at {since}, when it was associated: the device was in a network{_uncovered(by.chain)}.",
        "network": f"Starts at {since}, when the device entered a network.",
        "forced": f"Starts at {since}, its forced activation date, unless the device enters a network before.",
        "co_term": f"Added by co-termination at {to_text(by.associated_at)}, from the end the device had then.",
    }[stretch.reason]


def _uncovered(chain: Chain) -> str:
    """What else had to be so, for a licence to start with its association (D21, D22)."""
    if runs_parallel(chain):
        return ""
    return " and not covered" if chain == PRO else ", and had no running license of this kind"


def _length_of(by: Association) -> str:
    if by.units is not None:
        return f"{by.units} device-days paid for {_length(by.remaining_term)}."
    if (burned := by.burned_by(by.associated_at)) > timedelta():
        left = _length(by.remaining_term)
        return f"Of its {by.model.term_days} days, {_length(burned)} had burned before; {left} were left."
    return f"Brings its whole term of {by.model.term_days} days."


def _end(device: Device, stretch: Stretch) -> str:
    if stretch.undone_at:
        return f"Its association was undone at {to_text(stretch.undone_at)}; what had burned stays burned."
    lost = device.parked_until
    return "Ends early: the device was de-registered for too long." if lost and stretch.until == lost else ""


def _length(span: timedelta) -> str:
    """`30 days`, `1 day 2 h 3 min 4 s`."""
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{span.days} {'day' if span.days == 1 else 'days'}"] if span.days or not span else []
    clock = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(parts + [f"{number} {unit}" for number, unit in clock if number])


def _text(at: datetime | None) -> str:
    return to_text(at) if at else ""
