"""Take a job in: its body is kept, a worker is called, and it is recorded (docs/rules.md, Jobs)."""

from functools import partial
from typing import Any

from licensing.domain.core.records import RecordSet
from licensing.domain.jobs.jobs import Job, JobMessage, OpenJobs, Taken, take
from licensing.ports import Documents, Queue, Store
from licensing.use_cases.core.command import run_command
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.reading import Reading

# By then a call that was going well has recorded its job.
HEAD_START = 1


def take_job(
    store: Store, documents: Documents, queue: Queue, context: Context, job: Job, body: bytes, *, alone: bool
) -> Outcome[Taken]:
    """The same idempotency key gives the same job. Raises `idempotency_key_reused`, `too_many`, `job_running`."""
    others = OpenJobs.ref_of(job.tenant)

    def load(reading: Reading) -> RecordSet:
        return reading.get(job.ref, others)

    def decide(facts: RecordSet) -> Any:
        return take(job, facts[job.ref], facts[others], alone=alone)

    taken = partial(run_command, store, load=load, decide=decide)
    # First as a dry run: nothing is kept for a job that is refused, and nobody called for one that there is already.
    if (shown := taken(context=Context(context.actor, context.moment, dry_run=True))).changed:
        documents.put(job.body_name, body, "application/json")
        # Called before there is anything to do: the other way round a crash in between would leave a job that nobody
        # takes up. A worker that finds nothing lets the message go.
        message = JobMessage(job_id=job.job_id, steps=0, sent_at=context.now)
        queue.send([message.model_dump_json()], HEAD_START, job.tenant)
        return taken(context=Context(context.actor, context.moment))
    return shown
