"""Jobs: long work that a user starts, can leave, come back to and cancel.

Glossary
--------
job 任务         one piece of work, a row of its own: who asked, for what, how it went
kind 种类        which registered function does it
owner 所有者     the account that asked; only it sees the outcome
outcome 结果     a sentence and a line per row, written in the transaction of the work
lease 租约       how long a worker may keep silent before its job is given to another
attempt 次数     how often a worker took the job up; the number tells an old worker from the present one
delivery 派送    handing the job's number to the queue, after the commit
progress 进度    kept beside the database, so that a long transaction hides nothing
"""

from __future__ import annotations

from app.infra.jobs.context import JobContext
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.outcome import Outcome, OutcomeLine
from app.infra.jobs.queue import deliver
from app.infra.jobs.registry import JobKind, job
from app.infra.jobs.service import JobQueued, enqueue
from app.infra.jobs.setup import init_jobs

__all__ = [
    "Job",
    "JobContext",
    "JobKind",
    "JobQueued",
    "JobState",
    "Outcome",
    "OutcomeLine",
    "deliver",
    "enqueue",
    "init_jobs",
    "job",
]
