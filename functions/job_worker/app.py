"""Goes on with jobs, one message of the queue for each; a job that takes longer than one run sends itself the next."""

from licensing.entry.jobs import work_off
from licensing.entry.worker import worker

handler = worker("jobs", work_off)
