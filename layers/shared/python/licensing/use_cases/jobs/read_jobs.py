"""Jobs as their makers and the admins of their tenants see them."""

from collections.abc import Sequence

from licensing.domain.core.errors import not_found
from licensing.domain.core.limits import MAX_RESULT
from licensing.domain.jobs.jobs import Job
from licensing.domain.jobs.views import JobView
from licensing.domain.people.access import Caller
from licensing.ports import Documents, Store
from licensing.use_cases.core.read_records import existing


def show_job(store: Store, documents: Documents, caller: Caller, job_id: str) -> JobView:
    """With its result. Raises `not_found`, for somebody else's too."""
    job = existing(store, Job.ref_of(job_id), "job")
    if not _may_see(caller, job):
        raise not_found("job")
    reply = store.one(job.reply_ref)
    if job.result_bytes is None or reply is None:
        return JobView.of_job(job, reply)
    if job.result_bytes > MAX_RESULT:
        return JobView.of_job(job, reply, result_url=documents.link(job.result_name, f"{job_id}.json"))
    return JobView.of_job(job, reply, result=reply.body(store.get(*reply.pieces)))


def shown(store: Store, jobs: Sequence[Job]) -> list[JobView]:
    """Without their results."""
    replies = store.get(*(job.reply_ref for job in jobs))
    return [JobView.of_job(job, replies[job.reply_ref]) for job in jobs]


def _may_see(caller: Caller, job: Job) -> bool:
    administered = {f"org/{org_id}" for org_id in caller.tenants("org_admin")}
    administered |= {f"msp/{msp_id}" for msp_id in caller.tenants("msp_admin")}
    return caller.is_operator or caller.subject == job.maker or job.tenant in administered
