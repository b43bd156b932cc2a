"""The jobs room in memory: a queue that brings messages at least once, and workers that may die at any step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from licensing.domain.assigning.requests import AutomaticRequest
from licensing.domain.core.errors import Refusal
from licensing.domain.core.idempotency import IdempotencyKey
from licensing.domain.jobs.jobs import Asked, Job, JobMessage, Ticket, made
from licensing.domain.jobs.views import JobView
from licensing.domain.people.access import Caller
from licensing.ports import QueueLoad
from licensing.use_cases.assigning.associate_automatically import associate_automatically
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.jobs.read_jobs import show_job
from licensing.use_cases.jobs.run_job import JobDeps, run_job
from licensing.use_cases.jobs.take_job import take_job
from tests.worlds.assigning import NORTH, World
from tests.worlds.examples import NOON, at
from tests.worlds.fakes import MemoryDocuments

ADA = Caller(subject="sub-ada", email="ada@north.example")


@dataclass
class MemoryQueue:
    """`licensing.ports.Queue` in memory: the messages that nobody has worked off."""

    messages: list[JobMessage] = field(default_factory=list)

    def send(self, bodies: Sequence[str], delay: int = 0, group: str | None = None) -> None:  # noqa: ARG002 - SQS's
        self.messages += map(JobMessage.model_validate_json, bodies)

    def load(self) -> QueueLoad:
        return QueueLoad(wait=len(self.messages))


@dataclass
class JobWorld(World):
    """`most`, `round_of` and `seconds` are those of every run; `received` counts the messages handed out."""

    documents: MemoryDocuments = field(default_factory=MemoryDocuments)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    round_of: int | None = 60
    how: dict[str, Any] = field(default_factory=dict)
    received: int = 0

    def ask(self, key: IdempotencyKey | None = None, now: datetime = NOON, *, alone: bool = True, **other: Any) -> str:
        """Takes a job in that associates automatically; its id."""
        request = AutomaticRequest.model_validate(other)
        asked = Asked(method="POST", resource="/automatic", path={"org_id": NORTH}, plan=None, caller={})
        job = made(Ticket.of(key), "associate_automatically", f"org/{NORTH}", ADA.subject, asked, now)
        body = request.model_dump_json().encode()
        take_job(self.store, self.documents, self.queue, at(now), job, body, alone=alone)
        return job.job_id

    def directly(self, context: Context, request: AutomaticRequest) -> Outcome[Any]:
        return associate_automatically(self.store, context, NORTH, request)

    def carry_out(self, job: Job, body: bytes) -> dict[str, Any]:
        how: dict[str, Any] = {"round": self.round_of} | self.how
        context = at(NOON, actor="ada@north.example", idempotency_key=job.key, **how)
        return self.directly(context, AutomaticRequest.model_validate_json(body)).body

    @property
    def deps(self) -> JobDeps:
        return JobDeps(self.store, self.documents, self.queue, self.carry_out, told)

    def work_off_one(self, now: datetime = NOON) -> None:
        """A message stays where it is until it was handled."""
        self.received += 1
        message = self.queue.messages[0]
        run_job(self.deps, at(now, actor="jobs"), message)
        self.queue.messages.remove(message)

    def work(self) -> None:
        while self.queue.messages:
            self.work_off_one()

    def show(self, job_id: str) -> JobView:
        return show_job(self.store, self.documents, ADA, job_id)


def told(job: Job, refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.code, "detail": refusal.detail, "instance": job.job_id}
