"""A worker that dies at the worst instant: all is done, and nothing yet says so."""

from __future__ import annotations

from typing import NoReturn

import pytest
from sqlalchemy import update

from app.infra.database import db
from app.infra.jobs import Job, JobState, runner
from app.infra.jobs.queue import engine
from app.infra.transactions import unit_of_work


class Killed(BaseException):
    """Nothing of the program may catch it, as it cannot catch SIGKILL."""


def run_and_kill(job_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a job up to the statement that says it is done, and leave it to the next worker."""

    def die(*_arguments: object, **_values: object) -> NoReturn:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(runner, "_move", die)
        with pytest.raises(Killed):
            runner.run(engine(), job_id)
    with unit_of_work():
        db.session.execute(update(Job).where(Job.id == job_id).values(state=JobState.QUEUED))
