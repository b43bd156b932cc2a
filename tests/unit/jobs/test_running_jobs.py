"""A job goes on after any crash, never does a thing twice, and ends (docs/rules.md, Jobs)."""

import threading
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from licensing.domain.assigning.requests import AutomaticRequest
from licensing.domain.core.errors import LostRace, Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.core.limits import MAX_JOBS
from licensing.domain.jobs.jobs import Job, JobMessage, OpenJobs
from licensing.use_cases.jobs.run_job import NoProgress, run_job
from tests.worlds.assigning import NORTH
from tests.worlds.examples import NOON, at, later
from tests.worlds.jobs import JobWorld
from tests.worlds.ordering import Fate, Killed, fateful

KEY = IdempotencyKey.of("sub-ada", "intent-1", "bind all")


def filled(count: int, **how: Any) -> JobWorld:
    """An org with as many devices as licences, both `count`."""
    world = JobWorld(**how)
    world.register_many(count)
    world.claim(quantity=count)
    return world


def bound(world: JobWorld, count: int) -> Counter[str]:
    """The licences on the devices, each as often as some device has it."""
    return Counter(each for n in range(count) for each in world.device(f"A{n:05}").license_ids)


def test_a_job_answers_what_the_call_would_have_answered() -> None:
    job_id, direct = (world := filled(150)).ask(), filled(150)
    assert (world.show(job_id).status, world.show(job_id).done, world.show(job_id).of) == ("queued", 0, None)
    world.work()
    shown = world.show(job_id)
    assert (shown.status, shown.done, shown.of, shown.problem) == ("succeeded", 150, 150, None)
    assert shown.result == direct.bind_all()
    assert world.documents.contents == {}, "what it was asked for is no longer kept"
    assert world.store.one(OpenJobs.ref_of(f"org/{NORTH}")).jobs == {}  # type: ignore[union-attr]


def test_its_done_moves_while_it_runs_and_never_passes_its_of(monkeypatch: pytest.MonkeyPatch) -> None:
    world, seen = filled(150), []
    job_id = world.ask()
    committed = world.store.commit

    def commit(*what: Any) -> None:
        committed(*what)
        seen.append((world.show(job_id).done, world.show(job_id).of))

    monkeypatch.setattr(world.store, "commit", commit)
    world.work()
    done = [each for each, _ in seen]
    assert done == sorted(done)
    assert {0, 60, 150} < set(done)
    assert all(of is None or each <= of for each, of in seen)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, 16))
def test_a_job_that_is_killed_at_any_step_ends_all_the_same_and_does_each_once(step: int, after: bool) -> None:
    world = filled(150)
    job_id, fate = world.ask(), Fate(last=step)
    for target, method in (
        (world.store, "commit"), (world.queue, "send"), (world.documents, "put"), (world.documents, "delete"),
    ):  # fmt: skip
        fateful(target, method, fate, after=after)
    with suppress(Killed):
        world.work()
    world.work()
    shown = world.show(job_id)
    assert (shown.status, shown.done, len(shown.result["associations"])) == ("succeeded", 150, 150)  # type: ignore[index]
    assert set(bound(world, 150).values()) == {1}
    assert sum(bound(world, 150).values()) == 150


def test_a_run_whose_time_is_up_sends_for_the_next_and_each_gets_on() -> None:
    world = filled(150, how={"seconds": 0})
    job_id = world.ask()
    world.work()
    assert world.show(job_id).done == 150
    assert world.received > 3, "at least one step a run"


def test_a_job_that_gets_on_is_never_among_the_dead_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message is handed out a bounded number of times: here twice, and every run dies in its second step."""
    world = filled(400)
    job_id, handed = world.ask(), Counter[int]()
    committed = world.store.commit
    steps = 0

    def commit(*what: Any) -> None:
        nonlocal steps
        steps += 1
        if steps % 3 == 0:
            raise Killed
        committed(*what)

    monkeypatch.setattr(world.store, "commit", commit)
    while world.queue.messages:
        handed[world.queue.messages[0].steps] += 1
        with suppress(Killed):
            world.work_off_one()
    assert world.show(job_id).status == "succeeded"
    assert max(handed.values()) <= 2
    assert set(bound(world, 400).values()) == {1}


def test_a_message_that_comes_twice_or_late_does_nothing_twice() -> None:
    world = filled(100)
    job_id = world.ask()
    first = world.queue.messages[0]
    world.queue.messages += [first, first]
    world.work()
    world.queue.messages.append(first)
    world.work()
    assert world.show(job_id).done == 100
    assert set(bound(world, 100).values()) == {1}


def test_two_workers_at_once_share_the_job() -> None:
    world = filled(300)
    job_id = world.ask()
    message = world.queue.messages.pop()

    def work() -> None:
        for _ in range(20):
            with suppress(NoProgress):
                run(world, message)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    world.work()
    assert world.show(job_id).done == 300
    assert set(bound(world, 300).values()) == {1}
    assert sum(bound(world, 300).values()) == 300


def run(world: JobWorld, message: JobMessage) -> None:
    run_job(world.deps, at(actor="jobs"), message)


def test_what_can_not_be_done_fails_with_its_problem_and_makes_room() -> None:
    world = filled(2)
    job_id = world.ask(serials=["NOBODY"])
    world.work()
    shown = world.show(job_id)
    assert (shown.status, shown.problem["code"]) == ("failed", "not_found")  # type: ignore[index]
    assert world.documents.contents == {}
    world.ask()


def test_a_job_that_loses_every_race_comes_again_and_stands_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    world = filled(60)
    job_id = world.ask()

    def lose(*_: Any) -> None:
        raise LostRace

    committed = world.store.commit
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.store, "commit", lambda *what: committed(*what) if is_about(Job, what) else lose())
        with pytest.raises(NoProgress):
            world.work()
    assert (world.show(job_id).status, len(world.queue.messages)) == ("running", 1)
    world.work()
    assert world.show(job_id).status == "succeeded"


def is_about(kind: type, what: tuple[Any, ...]) -> bool:
    return any(isinstance(change.after, kind) for change in what[0])


def test_a_message_of_a_call_that_broke_off_before_it_recorded_its_job_is_let_go() -> None:
    world, fate = filled(1), Fate(last=1)
    fateful(world.store, "commit", fate, after=False)
    with pytest.raises(Killed):
        world.ask()
    world.work_off_one()
    assert len(world.queue.messages) == 1, "it may be recorded yet"
    world.work_off_one(later(minutes=1))
    assert world.queue.messages == []


def cost_of(count: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Reads and commits of a job that is killed twice on its way."""
    world, calls = filled(count), Counter[str]()
    world.ask()
    kills = {count // 180, count // 90}

    def counted(name: str) -> Any:
        original = getattr(world.store, name)

        def call(*what: Any) -> Any:
            calls[name] += 1
            if name == "commit" and calls[name] in kills:
                kills.remove(calls[name])
                raise Killed
            return original(*what)

        return call

    for name in ("get", "page", "commit"):
        monkeypatch.setattr(world.store, name, counted(name))
    while world.queue.messages:
        with suppress(Killed):
            world.work()
    assert (kills, set(bound(world, count).values())) == (set(), {1})
    return calls["get"] + calls["page"], calls["commit"]


def test_twice_as_much_takes_twice_as_many_reads_and_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """In rounds of 60. By hand 100,000 in rounds of 2,500, killed twice: 2,244 commits, five times those of 20,000."""
    (reads, commits), (more_reads, more_commits) = (cost_of(count, monkeypatch) for count in (360, 720))
    assert more_commits <= 2.1 * commits
    assert more_reads <= 2.1 * reads


# --- who asks twice, and who asks for too much ---


def test_the_same_idempotency_key_gives_the_same_job() -> None:
    world = filled(60)
    first, again = world.ask(KEY), world.ask(KEY, later(hours=1))
    assert (first, len(world.queue.messages)) == (again, 1)
    world.work()
    assert world.ask(KEY, later(days=29)) == first
    assert world.queue.messages == []
    with pytest.raises(Refusal) as caught:
        world.ask(IdempotencyKey(KEY.reply_id, "another request"))
    assert caught.value.code == "idempotency_key_reused"


def test_a_call_and_a_job_with_one_idempotency_key_do_it_once() -> None:
    for call_first in (True, False):
        world = filled(60)
        job_id = world.ask(KEY)
        if not call_first:
            world.work()
        called = world.directly(at(idempotency_key=KEY), AutomaticRequest())
        world.work()
        assert called.replayed is not call_first
        assert world.show(job_id).result == called.body
        assert set(bound(world, 60).values()) == {1}


def test_a_call_goes_on_with_what_a_job_of_the_same_key_began() -> None:
    world = filled(150, how={"seconds": 0})
    job_id = world.ask(KEY)
    world.work_off_one()
    called = world.directly(at(idempotency_key=KEY), AutomaticRequest())
    assert len(called.body["associations"]) == 150
    world.work()
    assert world.show(job_id).result == called.body


def test_of_two_that_would_trample_each_other_the_second_waits() -> None:
    world = filled(60)
    world.ask()
    with pytest.raises(Refusal) as caught:
        world.ask()
    assert caught.value.code == "job_running"
    assert len(world.documents.contents) == len(world.queue.messages) == 1, "nothing is kept for it"
    world.work()
    world.ask()


def test_a_tenant_has_no_more_than_so_many_jobs_waiting() -> None:
    world = filled(1)
    for _ in range(MAX_JOBS):
        world.ask(alone=False)
    with pytest.raises(Refusal) as caught:
        world.ask(alone=False)
    assert caught.value.code == "too_many"
    world.ask(None, later(days=31), alone=False)  # what was never finished is forgotten


def test_a_job_is_kept_for_thirty_days() -> None:
    world = filled(1)
    job = world.store.one(Job.ref_of(world.ask()))
    assert job is not None
    assert job.expires_at == later(days=30)
    assert job.created_at == NOON
