"""Admins hear in time of what expires or starts by itself, once for each threshold (D34)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.adapters.reminder import MOST_LINES, compose_reminder
from licensing.domain.core.decisions import Change, changed, created
from licensing.domain.core.errors import Refusal
from licensing.domain.core.instants import DAY
from licensing.domain.licenses.msp_portals import MspPortal
from licensing.domain.people.access import Grant
from licensing.domain.people.tenants import Msp, Org
from licensing.domain.planning.due import NextDue
from licensing.domain.planning.reminders import Reminder, ReminderCursor, Thresholds, UpcomingEvent, due, never_reminded
from licensing.ports import MailRefused
from licensing.use_cases.core.rounds import Source, hand_out
from licensing.use_cases.core.send_once import Mailing
from licensing.use_cases.planning.remind import everybody, owner_of, remind, whoever_is_due
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import Outbox, read
from tests.worlds.gateway import id_for
from tests.worlds.ordering import LEASE, Fate, Killed, fateful
from tests.worlds.people import admit

ADA, BEN, MAY = "ada@north.example", "ben@north.example", "may@msp.example"
DAYS: Thresholds = {"expires": (60, 30, 3), "starts": (30, 7)}


class Room(World):
    """An org with an admin, and what reminds him."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox()
        org = Org(org_id=NORTH, name="North Hotels", msp_id="msp-1")
        self.store.commit([created(org), created(Msp(msp_id="msp-1", name="Managed Networks"))])
        # As the table's stream leaves it behind whoever is made.
        self.store.commit([created(NextDue(about=each, since=NOON - DAY)) for each in (f"org/{NORTH}", "msp/msp-1")])

    def admit(self, email: str, role: str = "org_admin", **tenant: str) -> "Room":
        tenant = tenant or {"org_id": NORTH}
        grant = Grant.model_validate({"role": role, **tenant})
        admit(self.store, email, grant)
        return self

    @property
    def mailing(self) -> Mailing[Reminder]:
        return Mailing(compose_reminder, self.outbox, "us@x.example", "https://x.example", LEASE)

    def run(self, now: datetime) -> int:
        names: list[str] = []
        hand_out(everybody(self.store), names.extend, None, lambda: True)
        owners = (owner for name in names if (owner := owner_of(self.store, name)))
        return sum(remind(self.store, self.mailing, DAYS, at(now), owner) for owner in owners)

    def run_daily(self, days: Iterable[int]) -> list[int]:
        """The days on which a mail went out."""
        return [day for day in days for _ in range(self.run(later(days=day)))]

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for _, message in self.outbox.sent]


def test_each_threshold_is_told_once_on_its_day() -> None:
    room = Room().admit(ADA)
    room.claim(quantity=20)  # starts by itself on day 90, and expires a year later
    assert room.run_daily(range(470)) == [60, 83, 395, 425, 452]
    starting, expiring = "North Hotels: 20 licenses start by themselves soon", "North Hotels: 20 licenses expire soon"
    assert room.subjects == [starting] * 2 + [expiring] * 3
    assert all(recipient == ADA for recipient, _ in room.outbox.sent)


def test_the_mail_says_what_when_and_what_to_do() -> None:
    room = Room().admit(ADA)
    room.claim(quantity=20)
    room.run(later(days=60))
    text = room.outbox.sent[0][1].get_content()
    for told in ("North Hotels", "20 licenses AP-1YR-LIC (", "start", "https://x.example", "30 May 2026, 12:00 UTC"):
        assert told in text


@pytest.mark.parametrize(
    ("time_zone", "told"),
    [
        ("Asia/Taipei", "30 May 2026, 20:00 in Asia/Taipei (12:00 UTC)"),
        ("Pacific/Auckland", "31 May 2026, 00:00 in Pacific/Auckland (30 May 2026, 12:00 UTC)"),
        ("America/New_York", "30 May 2026, 08:00 in America/New_York (12:00 UTC)"),  # summer time
        ("Etc/UTC", "30 May 2026, 12:00 UTC"),
        ("Nowhere/Atlantis", "30 May 2026, 12:00 UTC"),  # taken before names were checked
    ],
)
def test_dates_are_told_in_the_orgs_time_zone_with_utc_beside_it(time_zone: str, told: str) -> None:  # D34
    room = Room().admit(ADA)
    org = room.find(Org.ref_of(NORTH))
    assert isinstance(org, Org)
    room.store.commit([changed(org, time_zone=time_zone)])
    room.claim()
    room.run(later(days=60))
    assert f"  {told}: 1 license AP-1YR-LIC" in room.outbox.sent[0][1].get_content()


def test_a_license_on_a_device_is_told_of_by_the_end_its_device_gives_it() -> None:
    room = Room().admit(ADA)
    serial = room.register("A1")
    (one,) = room.claim()
    room.bind(one, serial)
    assert room.run_daily(range(365)) == [305, 335, 362]


def test_an_outage_makes_a_reminder_late_and_loses_none() -> None:
    room = Room().admit(ADA)
    room.claim()
    assert room.run_daily([0, 1, 2, 100, 101]) == []  # it started on day 90, and ends on day 455
    assert room.run_daily([394, 460, 461]) == [460]
    assert room.subjects == ["North Hotels: 1 license expires soon"]


def test_another_run_of_the_same_day_tells_nothing_new() -> None:
    room = Room().admit(ADA)
    room.claim()
    assert room.run(later(days=60)) == 1
    assert room.run(later(days=60)) == 0
    assert room.run(later(days=60, hours=3)) == 0


def test_all_admins_of_the_org_are_told_and_nobody_else() -> None:
    room = (
        Room().admit(ADA).admit(BEN).admit("viewer@north.example", "org_viewer").admit(MAY, "msp_admin", msp_id="msp-1")
    )
    room.claim()
    room.run(later(days=60))
    assert {recipient for recipient, _ in room.outbox.sent} == {ADA, BEN}


def test_an_org_without_an_admin_is_its_msps_business() -> None:
    room = Room().admit(MAY, "msp_admin", msp_id="msp-1")
    room.claim()
    room.run(later(days=60))
    assert [recipient for recipient, _ in room.outbox.sent] == [MAY]


def test_an_org_nobody_administers_is_passed_over() -> None:
    room = Room()
    room.claim()
    assert room.run(later(days=60)) == 0


def test_an_msp_hears_of_the_end_of_its_portal() -> None:
    room = Room().admit(MAY, "msp_admin", msp_id="msp-1")
    portal = MspPortal(msp_id="msp-1", keys=1, run_from=NOON, run_days=365)
    room.store.commit([created(portal)])
    assert room.run_daily(range(380)) == [305, 335, 362]
    assert room.subjects[0] == "Managed Networks: the MSP portal's validity ends soon"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 4))
def test_a_crash_at_any_step_costs_one_mail_more_at_most_and_never_one_less(step: int, after: bool) -> None:
    room = Room().admit(ADA)
    room.claim()
    room.run(later(days=59))
    fate = Fate(last=step)
    fateful(room.store, "commit", fate, after=after)
    fateful(room.outbox, "send", fate, after=after)
    with pytest.raises(Killed):
        room.run(later(days=60))
    room.run(later(days=61))
    assert 1 <= len(room.outbox.sent) <= 2
    sent_but_unrecorded = (step, after) in {(2, True), (3, False)}
    assert len(room.outbox.sent) == (2 if sent_but_unrecorded else 1)


def test_two_runs_at_once_do_not_tell_the_same_twice() -> None:
    room = Room().admit(ADA)
    room.claim()
    original = room.outbox.send

    def while_sending(mail: bytes, recipient: str) -> str:
        with pytest.raises(Refusal) as caught:
            room.run(later(days=60, seconds=1))
        assert caught.value.code == "conflict"
        return original(mail, recipient)

    room.outbox.send = while_sending  # type: ignore[method-assign]
    assert room.run(later(days=60)) == 1
    assert len(room.outbox.sent) == 1


def test_a_mail_that_is_never_taken_is_not_tried_for_ever() -> None:
    room = Room().admit(ADA)
    room.claim()
    tried: list[str] = []

    def refuse(_: object, recipient: str) -> str:
        tried.append(recipient)
        raise MailRefused("no such address")

    room.outbox.send = refuse  # type: ignore[method-assign, assignment]
    room.run(later(days=60))
    room.run(later(days=61))
    assert tried == [ADA]


def test_a_long_list_is_cut_and_says_so() -> None:
    near = [UpcomingEvent(later(days=day), "expires", "AP-1YR-LIC", 2) for day in range(MOST_LINES + 5)]
    (mail,) = compose_reminder(Reminder("us@x.example", ADA, "org/o", "North", near, "https://x.example"))
    message = read(mail)
    text = message.get_content()
    assert text.count("AP-1YR-LIC") == MOST_LINES
    assert "and 10 licenses more, later" in text
    assert message["Subject"] == f"North: {2 * len(near)} licenses expire soon"


GAPS = st.lists(st.integers(1, 40 * 24), min_size=1, max_size=60)


@given(GAPS, st.integers(0, 200 * 24))
def test_however_runs_fall_each_threshold_is_told_by_the_first_run_after_it_and_no_other(
    gaps: list[int], end: int
) -> None:
    event = UpcomingEvent(NOON + timedelta(hours=end), "expires", "AP-1YR-LIC")
    seen = never_reminded("org/o", ADA, NOON - DAY)
    crossed = [event.at - days * DAY for days in DAYS["expires"]]
    now, reminded, runs = NOON, 0, list[datetime]()
    for hours in gaps:
        now += timedelta(hours=hours)
        reminded += len(due([event], seen, seen.until, now, DAYS))
        runs += [now]
        seen = seen.evolve(until=now)
    firsts = {next(run for run in runs if run >= moment) for moment in crossed if NOON - DAY < moment <= now}
    assert reminded == len(firsts)


def test_what_was_told_is_remembered_for_each_person_and_owner() -> None:
    room = Room().admit(ADA)
    room.claim()
    room.run(later(days=59))
    assert room.find(ReminderCursor.ref_of(f"org/{NORTH}", id_for(ADA))) is None, "nothing was told"
    room.run(later(days=60))
    mark = room.find(ReminderCursor.ref_of(f"org/{NORTH}", id_for(ADA)))
    assert isinstance(mark, ReminderCursor)
    assert (mark.until, mark.owner) == (later(days=60), None)
    assert Change(mark, mark).owner is None


def index_of(room: Room, at: datetime | None, since: datetime = NOON) -> NextDue:
    """What the index of due dates says of the org."""
    known = room.find(NextDue.ref_of(f"org/{NORTH}"))
    due_at = known.evolve(at=at, since=since) if isinstance(known, NextDue) else NextDue(about="?", since=since)
    room.store.commit([Change(known, due_at)])
    return due_at


def handed_out(sources: list[Source]) -> list[str]:
    names: list[str] = []
    hand_out(sources, names.extend, None, lambda: True)
    return names


def test_the_daily_round_names_only_those_of_whom_something_is_due_until_they_were_told() -> None:
    room = Room().admit(ADA)
    room.claim()
    index_of(room, later(days=60))
    assert handed_out(whoever_is_due(room.store, later(days=59))) == []
    assert handed_out(whoever_is_due(room.store, later(days=60))) == [f"org/{NORTH}"]
    assert room.run(later(days=60)) == 1
    assert handed_out(whoever_is_due(room.store, later(days=60))) == []


def test_an_owner_with_nobody_to_tell_and_one_with_nothing_to_tell_are_not_handed_out_again() -> None:
    for room in (Room(), Room().admit(ADA)):
        index_of(room, later(days=1))
        assert room.run(later(days=1)) == 0
        assert handed_out(whoever_is_due(room.store, later(days=2))) == []


def test_whoever_broke_off_between_two_admins_tells_the_second_and_not_the_first_again() -> None:
    room = Room().admit(ADA).admit(BEN)
    room.claim()
    index_of(room, later(days=60))
    fateful(room.outbox, "send", Fate(last=2), after=False)
    with pytest.raises(Killed):
        room.run(later(days=60))
    assert handed_out(whoever_is_due(room.store, later(days=61))) == [f"org/{NORTH}"]
    room.run(later(days=61))
    assert sorted(recipient for recipient, _ in room.outbox.sent) == [ADA, BEN]


def test_the_weekly_sweep_tells_late_and_once_what_the_index_missed() -> None:
    room = Room().admit(ADA)
    room.claim()
    index_of(room, None)  # though the licences start by themselves on day 90
    assert room.run_daily([7 * week for week in range(13)]) == [63, 84]
    unknown = room.find(NextDue.ref_of(f"org/{NORTH}"))
    room.store.commit([Change(unknown, None)])
    assert room.run_daily([7 * week for week in range(54, 66)]) == [399, 427, 455]
