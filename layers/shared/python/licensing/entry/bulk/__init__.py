"""The commands that name many things, by the function that takes them: whatever stands here may also run as a job.

A command becomes one by a `JobKind` on its route; `licensing/entry/jobs.py` finds it here.
"""
