"""The mail that reminds of what expires or starts soon (D34). It names no key."""

from collections.abc import Iterator

from licensing.adapters.mime import Envelope, plain
from licensing.adapters.wording import counted, local_moment, one_line
from licensing.domain.licenses.catalog import catalog
from licensing.domain.ordering.bounce_notifications import NO_SEND
from licensing.domain.ordering.documents import DeliveryTag
from licensing.domain.planning.reminders import MSP_PORTAL, Reminder, UpcomingEvent

MOST_LINES = 50

TEXT = """\
This is about {owner} in EnGenius Cloud.

{near}

What expires can be renewed: claim another license key, and associate its licenses with the devices in question. What
starts by itself does so whether it is used or not: associate it with a device before that, so that its days are used.

{portal_url}
"""


def compose_reminder(reminder: Reminder) -> list[bytes]:
    """One plain mail. Raises MailRefused for an address no mail can be sent to."""
    subject = f"{one_line(reminder.owner)[:100]}: {_summary(reminder)}"
    tag = DeliveryTag(reminder.about, reminder.recipient, NO_SEND)
    url = one_line(reminder.portal_url)
    text = TEXT.format(owner=one_line(reminder.owner), near="\n".join(_lines(reminder)), portal_url=url)
    return [plain(Envelope(reminder.sender, reminder.recipient, subject, tag), text)]


def _summary(reminder: Reminder) -> str:
    """`3 licenses expire, 20 licenses start by themselves soon`."""
    ends = sum(each.many for each in reminder.near if each.event == "expires" and each.what != MSP_PORTAL)
    starts = sum(each.many for each in reminder.near if each.event == "starts")
    parts = [
        "the MSP portal's validity ends" if any(each.what == MSP_PORTAL for each in reminder.near) else "",
        f"{counted(ends, 'license')} {_verb(ends, 'expire')}" if ends else "",
        f"{counted(starts, 'license')} {_verb(starts, 'start')} by {'itself' if starts == 1 else 'themselves'}"
        if starts
        else "",
    ]
    return f"{', '.join(filter(None, parts))} soon"


def _lines(reminder: Reminder) -> Iterator[str]:
    for each in reminder.near[:MOST_LINES]:
        yield f"  {local_moment(each.at, reminder.time_zone)}: {_told(each)}"
    if more := reminder.near[MOST_LINES:]:
        yield f"  and {counted(sum(each.many for each in more), 'license')} more, later"


def _told(each: UpcomingEvent) -> str:
    if each.what == MSP_PORTAL:
        return "the MSP portal's validity ends"
    verb = _verb(each.many, "expire" if each.event == "expires" else "start")
    return f"{counted(each.many, 'license')} {each.what} ({catalog()[each.what].name}) {verb}"


def _verb(many: int, verb: str) -> str:
    return f"{verb}s" if many == 1 else verb
