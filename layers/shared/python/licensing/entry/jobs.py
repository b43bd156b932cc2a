"""Jobs between HTTP and the queue: a call is taken in as a job, and carried out by the same route later.

Which routes may run as jobs is declared in `licensing/entry/bulk/`, and there alone.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from typing import Any

from licensing.domain.core.limits import JOB_ROUND
from licensing.domain.jobs.jobs import Asked, Job, JobMessage, Ticket, made
from licensing.domain.people.access import Caller
from licensing.entry import problems, wiring
from licensing.entry.answers import Accepted
from licensing.entry.caller_context import from_context, to_context
from licensing.entry.http import Api, Call, Route
from licensing.entry.job_kinds import JobKind
from licensing.entry.requests import read_body
from licensing.use_cases.core.context import Context, Outcome
from licensing.use_cases.core.read_records import existing
from licensing.use_cases.jobs.read_jobs import shown
from licensing.use_cases.jobs.recheck import as_of_now
from licensing.use_cases.jobs.run_job import JobDeps, run_job
from licensing.use_cases.jobs.take_job import take_job

BULK = ("claiming", "binding", "inventory", "portals", "planning")
QUEUE = "jobs"
# The parameter of a path, and the kind of tenant that it names.
TENANTS = {"org_id": "org", "msp_id": "msp"}


def take(route: Route, call: Call, body: bytes) -> Accepted:
    """Raises `idempotency_key_reused`, `too_many`, `job_running`."""
    kind = route.job
    assert kind is not None, "it may run as a job"
    job = _made(route, kind, call)
    outcome = take_job(
        wiring.store(), wiring.documents(), wiring.queue(QUEUE), call.context, job, body, alone=kind.alone
    )
    known = existing(wiring.store(), job.ref, "job")
    (view,) = shown(wiring.store(), [known])
    return Accepted(view, f"/jobs/{job.job_id}", replayed=not outcome.changed)


def _made(route: Route, kind: JobKind, call: Call) -> Job:
    asked = Asked(
        method=route.method,
        resource=route.path,
        path=dict(call.path),
        plan=call.context.plan,
        caller=to_context(call.caller.unnamed),
    )
    return made(
        Ticket.of(call.context.idempotency_key), kind.action, _tenant(call.path), call.caller.subject, asked, call.now
    )


def _tenant(path: Mapping[str, str]) -> str:
    """The owner of the job: `org/org-north`."""
    return next(f"{kind}/{path[name]}" for name, kind in TENANTS.items() if name in path)


def work_off(body: str, context: Context) -> None:
    """One message of the queue."""
    deps = JobDeps(
        store=wiring.store(),
        documents=wiring.documents(),
        queue=wiring.queue(QUEUE),
        carry_out=partial(_carry_out, moment=context.moment, seconds=context.seconds),
        told=lambda job, refusal: problems.problem(refusal, job.job_id),
    )
    run_job(deps, context, JobMessage.model_validate_json(body))


def _carry_out(job: Job, body: bytes, *, moment: datetime, seconds: float) -> dict[str, Any]:
    """What the call would have answered; it is checked, authorized and decided as if it came now."""
    route = _routes()[job.asked.method, job.asked.resource]
    caller = as_of_now(wiring.store(), from_context(job.asked.caller), moment)
    route.require(caller, job.asked.path)
    call = Call(caller, job.asked.path, moment, _context(job, caller, moment, seconds))
    asked = read_body(body, route.body, as_job=job.asked.plan is None)
    route.require_allowed(call, asked)
    outcome = route.carry_out(call, asked)
    assert isinstance(outcome, Outcome), "a job is a command"
    return outcome.body


def _context(job: Job, caller: Caller, moment: datetime, seconds: float) -> Context:
    return Context(
        caller.actor,
        moment,
        idempotency_key=job.key,
        plan=job.asked.plan,
        quota=caller.quota,
        seconds=seconds,
        # A plan is a whole: it can't be compared with a round.
        round=None if job.asked.plan else JOB_ROUND,
    )


@cache
def _routes() -> dict[tuple[str, str], Route]:
    apis: list[Api] = [import_module(f"licensing.entry.bulk.{name}").BULK for name in BULK]
    return {(route.method, route.path): route for api in apis for route in api.routes}
