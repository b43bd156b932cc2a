"""Go on with a job until it has finished, or the time of one run is up (docs/rules.md, Jobs)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyRecord
from licensing.domain.core.limits import MAX_RESULT
from licensing.domain.core.records import RecordSet
from licensing.domain.jobs.jobs import Job, JobMessage, OpenJobs, finished, started
from licensing.ports import Documents, Queue, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context

# A call that has not recorded its job by then never will: a request ends after 29 s.
RECORDED_BY = timedelta(minutes=1)
# In seconds, until it is looked for again.
LOOK_AGAIN = 5


class JobDeps(Struct, frozen=True):
    """What running a job takes. `carry_out` runs its command on the kept body, and answers as the call would; `told`
    makes the problem document of a refusal."""

    store: Store
    documents: Documents
    queue: Queue
    carry_out: Callable[[Job, bytes], dict[str, Any]]
    told: Callable[[Job, Refusal], dict[str, Any]]


class NoProgress(Exception):
    """Others were faster all the time: the queue brings the message again, a bounded number of times."""


def run_job(deps: JobDeps, context: Context, message: JobMessage) -> None:
    """Goes on from where it was. Any number of messages for one job, late or at once, do nothing twice: each of its
    steps is one commit, under the versions of what it stands on and of the reply that tells of it.

    Raises NoProgress.
    """
    job = deps.store.one(Job.ref_of(message.job_id))
    if job is None:
        _await(deps, context.now, message)
    elif job.finished_at:
        # The last thing to do, so it may not have been done.
        deps.documents.delete(job.body_name)
    elif not _overtaken(deps, job, context.now, message):
        _begin(deps.store, context, job)
        _carry_out(deps, context, job, message)


def _begin(store: Store, context: Context, job: Job) -> None:
    run_command(store, context, lambda reading: reading.one(job.ref), lambda now: started(now or job, context.now))


def _await(deps: JobDeps, now: datetime, message: JobMessage) -> None:
    """The message came before the job was recorded, or there is none: the call for it broke off, or it is long over."""
    if now < message.sent_at + RECORDED_BY:
        deps.queue.send([message.model_dump_json()], LOOK_AGAIN)


def _overtaken(deps: JobDeps, job: Job, now: datetime, message: JobMessage) -> bool:
    """Whether it has got on since the message was sent: then another is, so that the queue's attempts are counted anew
    from there, and only a job that stands still ever ends with the dead letters."""
    if (steps := _steps(deps.store, job)) > message.steps:
        _go_on(deps, job, steps, now)
        return True
    return False


def _carry_out(deps: JobDeps, context: Context, job: Job, message: JobMessage) -> None:
    try:
        body = deps.documents.get(job.body_name)
        result = json.dumps(deps.carry_out(job, body), ensure_ascii=False, separators=(",", ":")).encode()
    except Refusal as refusal:
        if refusal.code not in ("unfinished", "conflict"):
            _finish(deps, context, job, problem=deps.told(job, refusal))
            return
        steps = _steps(deps.store, job)
        if refusal.code == "conflict" and steps == message.steps:
            raise NoProgress from refusal
        # Where none of its steps tells of it, what follows from the command has got on, or the table is overloaded.
        _go_on(deps, job, steps, context.now, 0 if steps > message.steps else LOOK_AGAIN)
        return
    # Before it counts as finished, so that whoever sees that finds it.
    if len(result) > MAX_RESULT:
        deps.documents.put(job.result_name, result, "application/json")
    _finish(deps, context, job, result_bytes=len(result))


def _go_on(deps: JobDeps, job: Job, steps: int, now: datetime, delay: int = 0) -> None:
    message = JobMessage(job_id=job.job_id, steps=steps, sent_at=now)
    deps.queue.send([message.model_dump_json()], delay, job.tenant)


def _finish(deps: JobDeps, context: Context, job: Job, **outcome: Any) -> None:
    others = OpenJobs.ref_of(job.tenant)

    def decide(facts: RecordSet) -> Any:
        # Whoever else has finished it meanwhile says the same.
        return finished(facts[job.ref] or job, facts[others], context.now, **outcome)

    run_command(deps.store, context, lambda reading: reading.get(job.ref, others), decide)
    # Last, for what can't be done without it is done; there may be license keys in it (D8).
    deps.documents.delete(job.body_name)


def _steps(store: Store, job: Job) -> int:
    reply: IdempotencyRecord | None = store.one(job.reply_ref)
    return reply.parts if reply else 0
