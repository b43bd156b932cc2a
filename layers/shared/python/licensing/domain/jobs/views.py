"""Jobs as the API shows them (openapi: jobs.read)."""

from typing import Any, Literal

from licensing.domain.core.idempotency import IdempotencyRecord
from licensing.domain.core.instants import Instant
from licensing.domain.core.records import Value
from licensing.domain.jobs.jobs import Job

JobStatus = Literal["queued", "running", "succeeded", "failed"]


class JobView(Value):
    """`done` and `of` count what it was asked for: licences, devices, keys. `of` is null until it is known, and then as
    many as there are at most. `result` is the body that the call would have answered; where that is too long,
    `result_url` leads to it for five minutes. `problem` says why it failed; what it did before that holds."""

    job_id: str
    action: str
    status: JobStatus
    done: int
    of: int | None
    created_at: Instant
    finished_at: Instant | None
    result: dict[str, Any] | None = None
    result_url: str | None = None
    problem: dict[str, Any] | None = None

    @classmethod
    def of_job(cls, job: Job, reply: IdempotencyRecord | None, **result: Any) -> "JobView":
        """The job with as much of its command's reply as there is."""
        own = job.model_dump(include={"job_id", "action", "created_at", "finished_at", "problem"})
        done, of = (reply.settled, reply.expected) if reply else (0, None)
        return cls(**own, status=_status(job), done=done, of=of, **result)


def _status(job: Job) -> JobStatus:
    if job.finished_at:
        return "failed" if job.problem else "succeeded"
    return "running" if job.started_at else "queued"
