"""Jobs as their makers look at them: one with its result, and all of theirs."""

from licensing.domain.jobs.views import JobView
from licensing.entry import wiring
from licensing.entry.http import Api, Call
from licensing.entry.paging import Items, ListQuery, listed_together
from licensing.entry.rules import SIGNED_IN
from licensing.listings import JobsOf
from licensing.use_cases.jobs.read_jobs import show_job, shown

api = Api()


@api.route("GET", "/jobs/{job_id}", rule=SIGNED_IN, gives=JobView)
def read(call: Call) -> JobView:
    return show_job(wiring.store(), wiring.documents(), call.caller, call.path["job_id"])


@api.route("GET", "/jobs", rule=SIGNED_IN, takes=ListQuery, lists=JobView)
def find(call: Call, query: ListQuery) -> "Items[JobView]":
    """The caller's own, newest first, without their results."""
    store = wiring.store()
    return listed_together(store, JobsOf(call.caller.subject), query, lambda jobs: shown(store, jobs))


handler = api
