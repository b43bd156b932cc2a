"""The one path of every command: dry run, plan, idempotency, races, ledger (D32, D33)."""

import random
import re
from functools import partial
from typing import Any, ClassVar

import pytest

from licensing.domain.core import actions
from licensing.domain.core.decisions import Change, Decision, Observation, Step, changed, created, decide
from licensing.domain.core.errors import LostRace, Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.ledger import Entry, rewind
from licensing.domain.core.quotas import DailyQuota
from licensing.domain.core.records import RecordSet, Stored, Value
from licensing.domain.people.tenants import Partner
from licensing.listings import LedgerOf
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading
from tests.worlds.examples import NOON, at, later
from tests.worlds.fakes import MemoryStore

KEY = IdempotencyKey.of("tester", "intent-1", "PUT acme")
ACME = Partner(partner_id="acme", name="Acme")


def rename(store: MemoryStore, context: Context, name: str = "Acme") -> Outcome[Partner]:
    """A command as small as can be: the partner with this name."""

    def decided(known: Partner | None) -> Decision[Partner]:
        partner = ACME.evolve(name=name)
        same = known is not None and known.name == name
        return decide(partner, actions.PARTNER_PUT, f"{name} set up", [] if same else [Change(known, partner)])

    return run_command(store, context, lambda reading: reading.one(ACME.ref), decided)


class Text(Value):
    text: str


def show(store: MemoryStore, context: Context, text: str) -> Outcome[Text]:
    """A command with nothing to do but a lot to say."""
    return run_command(store, context, lambda _: None, lambda _: Decision(Text(text=text)))


def ledger(store: MemoryStore, owner: str = "partner/acme") -> tuple[Entry, ...]:
    return store.page(LedgerOf(owner), 100).items


def test_a_command_writes_its_records_and_its_ledger_entry_in_one_commit() -> None:
    store = MemoryStore()
    assert rename(store, at(actor="olga")).changed
    (entry,) = ledger(store)
    assert store.commits == 1
    assert (entry.actor, entry.action, entry.summary, entry.at) == ("olga", "partner.put", "Acme set up", NOON)
    assert entry.changes[0].before is None
    assert entry.changes[0].after == {"partner_id": "acme", "name": "Acme"}


def test_the_ledger_keeps_only_the_facts_that_differ() -> None:
    store = MemoryStore()
    rename(store, at())
    rename(store, at(later(hours=1)), "Acme Ltd")
    newest = ledger(store)[0].changes[0]
    assert (newest.before, newest.after, newest.version) == ({"name": "Acme"}, {"name": "Acme Ltd"}, 2)


def test_what_has_nothing_to_do_commits_nothing() -> None:
    store = MemoryStore()
    rename(store, at())
    assert not rename(store, at()).changed
    assert store.commits == 1


def test_a_dry_run_answers_like_the_real_call_and_writes_nothing() -> None:
    store = MemoryStore()
    shown = rename(store, at(dry_run=True))
    assert store.items == {}
    real = rename(store, at())
    assert shown.body == real.body | {"dry_run": True, "plan": shown.body["plan"]}


def test_a_plan_holds_while_the_world_is_the_same_however_late_it_is_carried_out() -> None:
    store = MemoryStore()
    plan = rename(store, at(dry_run=True)).body["plan"]
    assert rename(store, at(later(minutes=5), plan=plan)).changed


def test_a_plan_for_another_world_is_stale() -> None:
    store = MemoryStore()
    plan = rename(store, at(dry_run=True)).body["plan"]
    rename(store, at(), "Somebody else")
    with pytest.raises(Refusal) as caught:
        rename(store, at(plan=plan))
    assert caught.value.code == "plan_stale"


def test_an_idempotency_key_answers_again_and_does_nothing_again() -> None:
    store = MemoryStore()
    first = rename(store, at(idempotency_key=KEY))
    rename(store, at(), "Renamed meanwhile")
    again = rename(store, at(later(days=29), idempotency_key=KEY))
    assert (again.body, again.changed, again.replayed) == (first.body, first.changed, True)
    assert store.commits == 2


def test_an_idempotency_key_is_free_again_after_thirty_days() -> None:
    store = MemoryStore()
    rename(store, at(idempotency_key=KEY))
    rename(store, at(), "Renamed meanwhile")
    assert not rename(store, at(later(days=30), idempotency_key=KEY)).replayed


def test_an_idempotency_key_for_another_request_is_refused() -> None:
    store = MemoryStore()
    rename(store, at(idempotency_key=KEY))
    with pytest.raises(Refusal) as caught:
        rename(store, at(idempotency_key=IdempotencyKey.of("tester", "intent-1", "PUT other")), "Other")
    assert caught.value.code == "idempotency_key_reused"


def test_an_answer_too_long_for_one_item_is_answered_again_whole() -> None:
    """Items may have 400 KB; what can't be compressed is cut up, and pieces of an earlier life never get in the way."""
    store, noise = MemoryStore(), random.Random(1).randbytes(400_000).hex()
    for moment in (NOON, later(days=31)):
        first, again = (show(store, at(moment, idempotency_key=KEY), noise) for _ in range(2))
        assert (again.replayed, again.body) == (True, first.body)
    kept = [record for record in store.items.values() if record.kind in ("reply", "piece")]
    assert all(len(record.model_dump_json()) < 350_000 for record in kept)
    assert len(kept) > 2


def test_two_callers_may_use_the_same_idempotency_key() -> None:
    assert IdempotencyKey.of("a", "k", "r").reply_id != IdempotencyKey.of("b", "k", "r").reply_id


class Racy(MemoryStore):
    """Somebody else writes between load and commit, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def commit(self, changes: Any, checks: Any = ()) -> None:
        if self.times:
            self.times -= 1
            raise LostRace
        super().commit(changes, checks)


def test_a_lost_race_is_decided_again() -> None:
    assert rename(Racy(3), at()).changed


def test_a_race_lost_again_and_again_ends_in_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(Refusal) as caught:
        rename(Racy(100), at())
    assert caught.value.code == "conflict"


def test_a_refusal_that_has_to_be_remembered_is_committed_and_then_raised_even_in_a_dry_run() -> None:
    for dry_run in (False, True):
        store = MemoryStore()
        refusal = Refusal("unknown_key", "No.", "Look again.")
        decision: Decision[Partner] = Decision(ACME, observed=Observation((created(ACME),)), refusal=refusal)
        with pytest.raises(Refusal) as caught:
            run_command(store, at(dry_run=dry_run), Reading.load_bookkeeping, partial(_always, decision))
        assert caught.value.code == "unknown_key"
        assert store.commits == 1


def _always(decision: Decision[Partner], _: None) -> Decision[Partner]:
    return decision


class Named(Stored):
    """What a step of the bulk command below answers."""

    kind: ClassVar[str] = "named"
    name: str


def in_steps(store: MemoryStore, context: Context, names: list[str], licenses: int = 0) -> Outcome[Partner]:
    """A bulk command: one step for each name, the answer joins them all."""

    def load(reading: Reading[Named]) -> tuple[Partner | None, tuple[Named, ...]]:
        return reading.one(ACME.ref), reading.done

    def decided(loaded: tuple[Partner | None, tuple[Named, ...]]) -> Decision[Partner]:
        known, done = loaded
        steps, before = [], known
        for name in names[len(done) :]:
            change = changed(before, name=name) if before else created(ACME.evolve(name=name))
            steps.append(Step((change,), name, (Named(name=name),), licenses))
            before = ACME.evolve(name=name, version=(before.version if before else 0) + 1)
        return Decision(ACME.evolve(name="+".join(names)), actions.PARTNER_PUT, tuple(steps))

    return run_command(store, context, load, decided, (Named,))


class Breaking(MemoryStore):
    """The machine dies before commit number `at`."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def commit(self, changes: Any, checks: Any = ()) -> None:
        if self.commits + 1 == self.at:
            self.at = 0
            raise ConnectionError("dead")
        super().commit(changes, checks)


@pytest.mark.parametrize("dies_before", [1, 2, 3])
def test_a_bulk_command_killed_between_steps_goes_on_where_it_stopped(dies_before: int) -> None:
    store = Breaking(dies_before)
    with pytest.raises(ConnectionError):
        in_steps(store, at(idempotency_key=KEY), ["one", "two", "three"])
    outcome = in_steps(store, at(later(minutes=1), idempotency_key=KEY), ["one", "two", "three"])
    assert outcome.body["name"] == "one+two+three"
    assert [entry.summary for entry in ledger(store)] == ["three", "two", "one"]
    assert in_steps(store, at(idempotency_key=KEY), ["one", "two", "three"]).replayed


def test_a_bulk_command_whose_time_is_up_stops_between_steps_and_goes_on_when_it_is_sent_again() -> None:
    store, names = MemoryStore(), ["one", "two", "three"]
    for steps in (1, 2):
        with pytest.raises(Refusal) as caught:
            in_steps(store, at(idempotency_key=KEY, seconds=0), names)
        assert (caught.value.code, caught.value.extra) == ("unfinished", {"retry_after": 1})
        assert f"after {steps} of 3 steps" in caught.value.detail
        assert len(ledger(store)) == steps
    outcome = in_steps(store, at(idempotency_key=KEY, seconds=0), names)
    assert (outcome.body["name"], outcome.replayed) == ("one+two+three", False)
    assert in_steps(store, at(idempotency_key=KEY), names).replayed


def test_a_bulk_command_found_nearly_done_still_says_that_it_changed_something() -> None:
    """Killed before its last step, which turned out to be needless meanwhile."""
    store = Breaking(2)
    with pytest.raises(ConnectionError):
        in_steps(store, at(idempotency_key=KEY), ["one", "two"])
    outcome = in_steps(store, at(later(minutes=1), idempotency_key=KEY), ["one"])
    again = in_steps(store, at(later(minutes=2), idempotency_key=KEY), ["one"])
    assert (outcome.changed, again.changed, again.replayed) == (True, True, True)


def test_commits_told_in_the_wrong_order_are_rewound_in_the_right_one() -> None:  # D31
    """The clock of whoever made the partner was ahead of the clocks of those who renamed it."""
    store = MemoryStore()
    for minute, name in ((2, "Acme"), (0, "Acme Ltd"), (1, "Acme Inc")):
        rename(store, at(later(minutes=minute)), name)
    told_so = [entry.changes[0].version for entry in ledger(store)]
    now = store.get(Partner.ref_of("acme"))
    assert told_so == [1, 3, 2]
    assert rewind(now, ledger(store), lambda _: True) == {}
    # What the names of others stand on was decided in time, whenever that was told.
    assert rewind(now, ledger(store)[:1], lambda _: True)["partner/acme"]["name"] == "Acme Inc"


class Versions(MemoryStore):
    """Notes under which version of each bookkeeping record every commit is tried."""

    def __init__(self) -> None:
        super().__init__()
        self.under: list[dict[str, int]] = []

    def commit(self, changes: Any, checks: Any = ()) -> None:
        self.under.append({each.ref.of.kind: each.version for each in changes if each.owner is None})
        super().commit(changes, checks)


def test_no_step_of_a_bulk_command_loses_a_race_with_the_one_before() -> None:
    """Each writes reply and quota under the version that the one before gave them: nothing is read in between."""
    store, names = Versions(), ["one", "two", "three"]
    quota = DailyQuota(token_id="t1", licenses_per_day=10)
    for first, key in ((0, KEY), (3, IdempotencyKey.of("tester", "intent-2", "PUT acme"))):
        store.under.clear()
        in_steps(store, at(later(minutes=first), idempotency_key=key, quota=quota), names, licenses=1)
        mine = [{kind: each[kind] for kind in ("reply", "spending")} for each in store.under]
        assert mine == [{"reply": number, "spending": first + number} for number in range(3)]
    assert store.get(quota.ref(NOON))[quota.ref(NOON)] == quota.spend(None, 6, NOON).evolve(version=6)


def test_a_quota_is_spent_where_licenses_are_taken_and_nowhere_else() -> None:
    for quota, licenses in ((DailyQuota(token_id="t1", licenses_per_day=10), 0), (None, 1)):
        store = Versions()
        in_steps(store, at(quota=quota), ["one"], licenses)
        assert [kind for kinds in store.under for kind in kinds if kind == "spending"] == []


class Overtaken(MemoryStore):
    """Somebody else's commit comes before each of those with these numbers, counted from 1."""

    def __init__(self, *numbers: int) -> None:
        super().__init__()
        self.numbers, self.tried, self.looks = numbers, 0, 0

    def get(self, *refs: Any) -> RecordSet:
        self.looks += 1
        return super().get(*refs)

    def commit(self, changes: Any, checks: Any = ()) -> None:
        self.tried += 1
        if self.tried in self.numbers:
            raise LostRace
        super().commit(changes, checks)


NAMES = ["one", "two", "three", "four"]


def test_a_plan_that_is_overtaken_between_steps_is_stale_and_says_how_far_it_came() -> None:
    for number, said in ((1, ""), (2, " 1 of its steps were carried out before that.")):
        store = Overtaken(number)
        plan = in_steps(store, at(dry_run=True), NAMES).body["plan"]
        if not said:
            assert in_steps(store, at(plan=plan), NAMES).changed
            continue
        with pytest.raises(Refusal) as caught:
            in_steps(store, at(plan=plan), NAMES)
        assert caught.value.detail == f"The world has changed since the plan was made.{said}"
    assert in_steps(Overtaken(2, 4), at(), NAMES).changed, "without a plan it is decided again"


def test_a_plan_is_stale_whichever_way_the_world_has_changed() -> None:
    for name in ("A", "B", "C", "D", "E", "F"):
        store = MemoryStore()
        plan = rename(store, at(dry_run=True), name).body["plan"]
        rename(store, at(), "Somebody else")
        with pytest.raises(Refusal) as caught:
            rename(store, at(plan=plan), name)
        assert caught.value.detail == "The world has changed since the plan was made."


def test_what_is_beyond_a_quota_is_refused_before_anything_is_written() -> None:
    store, quota = MemoryStore(), DailyQuota(token_id="t1", licenses_per_day=3)
    with pytest.raises(Refusal) as caught:
        in_steps(store, at(quota=quota), NAMES, licenses=1)
    assert (caught.value.code, store.items) == ("rate_limited", {})


def test_an_answer_that_changed_nothing_says_so_when_it_is_replayed() -> None:
    store = MemoryStore()
    rename(store, at())
    first, again = (rename(store, at(idempotency_key=KEY)) for _ in range(2))
    assert [(each.changed, each.replayed) for each in (first, again)] == [(False, False), (False, True)]


def test_an_idempotency_key_is_refused_to_every_other_request() -> None:
    store = MemoryStore()
    rename(store, at(idempotency_key=KEY))
    for request in ("PUT b", "PUT c", "PUT d", "PUT e", "PUT f", "PUT g"):
        with pytest.raises(Refusal) as caught:
            rename(store, at(idempotency_key=IdempotencyKey.of("tester", "intent-1", request)), "Other")
        assert caught.value.code == "idempotency_key_reused"


def test_a_command_is_tried_twelve_times_with_longer_and_longer_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Full jitter: each pause is drawn from nothing up to twice what it was before, 0.4 seconds at most."""
    pauses: list[tuple[float, float]] = []

    def shortest(low: float, high: float) -> float:
        pauses.append((low, high))
        return 0

    monkeypatch.setattr("random.uniform", shortest)
    assert rename(Racy(11), at()).changed
    assert pauses == [(0, each) for each in (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.4, 0.4, 0.4, 0.4, 0.4)]
    with pytest.raises(Refusal) as caught:
        rename(Racy(12), at())
    assert (caught.value.code, caught.value.remedy) == ("conflict", "Nothing was done: send the request again.")


@pytest.mark.parametrize(("key", "remedy"), [(KEY, "with the same Idempotency-Key"), (None, "Look at what was done")])
def test_who_was_beaten_or_late_halfway_hears_what_holds_and_how_to_go_on(
    key: IdempotencyKey | None, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    for store, seconds, said in (
        (Overtaken(*range(3, 99)), 60, "The first 2 steps hold."),
        (MemoryStore(), 0, "after 1 of 4 steps"),
    ):
        with pytest.raises(Refusal, match=said) as caught:
            in_steps(store, at(idempotency_key=key, seconds=seconds), NAMES)
        assert remedy in caught.value.remedy


def test_how_many_steps_are_left_is_told_however_often_it_was_stopped() -> None:
    store = MemoryStore()
    for done in (1, 2, 3):
        with pytest.raises(Refusal, match=f"after {done} of 4 steps"):
            in_steps(store, at(idempotency_key=KEY, seconds=0), NAMES)


def test_a_request_keeps_five_seconds_for_its_last_step(monkeypatch: pytest.MonkeyPatch) -> None:
    context = at(seconds=20, _since=10.0)
    for now, near in ((10.0, False), (25.0, False), (25.01, True), (40.0, True)):
        monkeypatch.setattr("time.monotonic", lambda now=now: now)
        assert context.deadline_near is near
        assert context.commit_time == later(seconds=now - 10.0)


def test_what_is_kept_about_the_caller_costs_no_call_of_its_own() -> None:
    store = Overtaken()
    in_steps(store, at(), NAMES)
    in_steps(store, at(idempotency_key=KEY), NAMES)
    assert store.looks == 2
    show(store, at(), "nothing is asked")
    assert store.looks == 2


def test_entries_are_named_by_instant_and_step() -> None:
    store = MemoryStore()
    in_steps(store, at(), ["one", "two"])
    pattern = re.compile(r"2026-03-01T12:00:00\.\d{6}Z\.(\d{4})\.[0-9a-f]{8}")
    names = [pattern.fullmatch(entry.entry_id) for entry in ledger(store)]
    assert [name and name[1] for name in names] == ["0001", "0000"]


def test_a_reply_names_its_parts_while_it_grows_and_the_rest_of_the_answer_when_it_is_whole() -> None:
    begun = KEY.begun(None, NOON)
    assert (begun.changed, begun.parts, begun.rest, begun.pieces, begun.expires_at) == (False, 0, 0, [], later(days=30))
    once, first = begun.advanced([Named(name="one")])
    twice, second = once.advanced([Named(name="two"), Named(name="three")])
    assert [each.number for each in (*first, *second)] == [1, 2]
    assert (once.pieces, twice.pieces) == ([each.ref for each in first], [each.ref for each in (*first, *second)])
    assert twice.done(RecordSet((*first, *second)), [Named]) == tuple(Named(name=name) for name in NAMES[:3])
    whole, rest = twice.answered({"text": random.Random(1).randbytes(600_000).hex()})
    assert whole.packed is not None
    assert (len(whole.packed), [each.number for each in rest]) == (300_000, [3, 4])
    assert whole.pieces == [each.ref for each in rest]
    late, rest = once.answered({"text": random.Random(1).randbytes(600_000).hex()})
    assert ([each.number for each in rest], late.pieces) == ([2, 3], [each.ref for each in rest])
