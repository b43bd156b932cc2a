"""Jobs: commands that go on after the request that asked for them (docs/rules.md, Jobs).

A job is a call as it was made, and whose it is. What it has done so far, and its answer, lie in the idempotency record
of its command, so that it goes on like any call that is sent again.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct
from pydantic import Field

from licensing.domain.core.decisions import Change, Decision, changed, decide
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import KEPT, IdempotencyKey, IdempotencyRecord
from licensing.domain.core.instants import Instant
from licensing.domain.core.limits import MAX_JOBS
from licensing.domain.core.records import Record, Ref, Value


class Asked(Value):
    """The call, but for its body: the route, the ids in its path, the plan it shall keep to, and who made it, as the
    authorizer told it."""

    method: str
    resource: str
    path: dict[str, str]
    caller: dict[str, str]
    plan: str | None = None


class Job(Record):
    """One job. `tenant` is whose it is (`org/org-north`), `maker` the subject of who asked; `reply_id` and `digest` are
    those of the command's idempotency key. `result_bytes` is the answer's length once there is one.

    No ledger tells of it: what it does is told by its command.
    """

    kind: ClassVar[str] = "job"
    job_id: str
    action: str
    tenant: str
    maker: str
    asked: Asked
    reply_id: str
    digest: str
    created_at: Instant
    expires_at: Instant
    started_at: Instant | None = None
    finished_at: Instant | None = None
    result_bytes: int | None = None
    problem: dict[str, Any] | None = None

    @property
    def ref(self) -> Ref["Job"]:
        return Job.ref_of(self.job_id)

    @staticmethod
    def ref_of(job_id: str) -> Ref["Job"]:
        return Ref(Job, (job_id,))

    @property
    def key(self) -> IdempotencyKey:
        return IdempotencyKey(self.reply_id, self.digest)

    @property
    def reply_ref(self) -> Ref[IdempotencyRecord]:
        return self.key.ref

    @property
    def body_name(self) -> str:
        """Under which the call's body is kept until the job has finished."""
        # With the digest: of two requests with one idempotency key at once the one that is refused overwrites nothing.
        return f"jobs/{self.job_id}/{self.digest[:16]}.json"

    @property
    def result_name(self) -> str:
        """Under which an answer is kept that is too long to be shown with the job."""
        return f"jobs/{self.job_id}/result.json"


class JobMessage(Value):
    """What brings a worker to a job: that it has to go on from where it was after so many steps, asked at `sent_at`."""

    job_id: str
    steps: int
    sent_at: Instant


class OpenJob(Value):
    action: str
    created_at: Instant


class OpenJobs(Record):
    """A tenant's jobs that have not finished, by id: whoever makes or finishes one writes here too.

    No ledger tells of it: it is bookkeeping.
    """

    kind: ClassVar[str] = "open_jobs"
    tenant: str
    jobs: dict[str, OpenJob] = Field(default_factory=dict)

    @property
    def ref(self) -> Ref["OpenJobs"]:
        return OpenJobs.ref_of(self.tenant)

    @staticmethod
    def ref_of(tenant: str) -> Ref["OpenJobs"]:
        return Ref(OpenJobs, (tenant,))

    def plus(self, job: Job, *, alone: bool) -> "OpenJobs":
        """With one more. Raises `too_many`, and `job_running` when it can't be done beside another of its action."""
        # What was never finished is forgotten with its job.
        still = {job_id: each for job_id, each in self.jobs.items() if job.created_at < each.created_at + KEPT}
        if len(still) >= MAX_JOBS:
            raise Refusal(
                "too_many",
                f"{len(still)} jobs have not finished yet, and no tenant may have more than {MAX_JOBS}.",
                "Wait until one of them has finished, then send the request again.",
                jobs=sorted(still),
            )
        if alone and (others := sorted(job_id for job_id, each in still.items() if each.action == job.action)):
            raise Refusal(
                "job_running",
                "A job that does the same has not finished yet: each would take what the other is about to take.",
                "Wait until that job has finished, then send the request again.",
                jobs=others,
            )
        return self.evolve(jobs=still | {job.job_id: OpenJob(action=job.action, created_at=job.created_at)})

    def minus(self, job: Job) -> "OpenJobs":
        return self.evolve(jobs={job_id: each for job_id, each in self.jobs.items() if job_id != job.job_id})


class Ticket(Struct, frozen=True):
    """Under which id a job is known, and under which key its command."""

    job_id: str
    key: IdempotencyKey

    @classmethod
    def of(cls, key: IdempotencyKey | None) -> "Ticket":
        """The same for the same key of the caller, a fresh one without a key."""
        if key is None:
            fresh = secrets.token_hex(16)
            return cls(fresh, IdempotencyKey.of("job", fresh, fresh))
        return cls(hashlib.sha256(f"job\n{key.reply_id}".encode()).hexdigest()[:32], key)


def made(ticket: Ticket, action: str, tenant: str, maker: str, asked: Asked, now: datetime) -> Job:
    return Job(
        job_id=ticket.job_id,
        action=action,
        tenant=tenant,
        maker=maker,
        asked=asked,
        reply_id=ticket.key.reply_id,
        digest=ticket.key.digest,
        created_at=now,
        expires_at=now + KEPT,
    )


class Taken(Value):
    """A job that was taken in, or had been."""

    job_id: str


def take(job: Job, known: Job | None, others: OpenJobs | None, *, alone: bool) -> Decision[Taken]:
    """The same idempotency key gives the same job. Raises `idempotency_key_reused`, `too_many` and `job_running`."""
    answer = Taken(job_id=job.job_id)
    if known and job.created_at < known.expires_at:
        known.key.require(job.digest)
        return Decision(answer)
    before = others or OpenJobs(tenant=job.tenant)
    changes = [Change(known, job), Change(others, before.plus(job, alone=alone))]
    return decide(answer, None, "", changes)


def started(job: Job, now: datetime) -> Decision[Taken]:
    """A worker has begun, unless one had before."""
    changes = [] if job.started_at else [changed(job, started_at=now)]
    return decide(Taken(job_id=job.job_id), None, "", changes)


def finished(job: Job, others: OpenJobs | None, now: datetime, **outcome: Any) -> Decision[Taken]:
    """It has ended, with its result or with the `problem` that forbids it."""
    if job.finished_at:
        return Decision(Taken(job_id=job.job_id))
    changes = [changed(job, finished_at=now, **outcome)]
    if others and job.job_id in others.jobs:
        changes.append(Change(others, others.minus(job)))
    return decide(Taken(job_id=job.job_id), None, "", changes)
