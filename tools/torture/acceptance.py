"""kill -9 while waiting reports are accepted at once: each moved whole and once, or not at all."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.infra.database import db
from app.infra.jobs import Job, JobState, Outcome
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.scope import admin_subtree
from app.reports import bulk
from app.reports.models import Report
from app.reports.workflow import APPROVED, IN_REVIEW
from tools.torture.instance import Instance
from tools.torture.product import make_app
from tools.torture.rounds import Killer, actor_named
from tools.torture.traces import Trace, put_on_desk, traces_of, whole_step
from tools.torture.verdict import Verdict

ROUNDS = 100
REPORTS = 60


@dataclass(frozen=True, slots=True)
class Batch:
    """A way to accept many: who does it, what is ticked, and at whose desk the reports wait before."""

    account: str
    choice: bulk.Choice
    desk: str

    @property
    def work(self) -> str:
        """What it is called among the kinds of work."""
        return f"{self.choice.right} by {self.account}"


BATCHES = (
    Batch("province", bulk.Choice(bulk.LEAPFROG), "county"),
    Batch("prefecture", bulk.Choice(bulk.BULK, own=True, others=True), "prefecture"),
    Batch("province", bulk.Choice(bulk.BULK, others=True), "province"),
)


def kill_acceptance(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Let reports wait, accept them in each way in turn, and kill the worker in the middle of it."""
    app = make_app(instance.url, instance.data_dir)
    with app.app_context():
        verdict = Verdict("kill -9, acceptance of many", max(1, round(ROUNDS * share)))
        killer = Killer(instance, verdict, chance)
        actors = {name: actor_named(name) for batch in BATCHES for name in (batch.account, batch.desk)}
        reports = _reports(actors["prefecture"])
        started = time.monotonic()
        killer.start()
        for place, batch in enumerate(BATCHES):
            put_on_desk(reports, actors[batch.desk].admin_id or 0)
            job = _begin(actors[batch.account], batch.choice, f"first{place}")
            killer.recover(job.id, batch.work)
        for number in range(verdict.wished):
            batch = BATCHES[number % len(BATCHES)]
            put_on_desk(reports, actors[batch.desk].admin_id or 0)
            _round(killer, actors[batch.account], batch, f"round{number}", reports)
            verdict.counted += 1
        killer.stop()
        killer.note()
        verdict.seconds = time.monotonic() - started
        db.session.remove()
        db.engine.dispose()
    return [verdict]


def _reports(prefecture: Actor) -> Sequence[int]:
    """Reports that passed system screening, of enterprises whose reviewers are below a prefecture."""
    below = Report.direct_reviewer_id.in_(admin_subtree(prefecture.admin_id or 0))
    query = select(Report.id).where(
        below, Report.screening == bulk.PASSED, Report.state.in_((IN_REVIEW, APPROVED))
    )
    found = db.session.scalars(query.order_by(Report.id.desc()).limit(REPORTS)).all()
    if len(found) < REPORTS:
        raise RuntimeError("the demonstration data has too few reports to accept")
    return found


def _begin(actor: Actor, choice: bulk.Choice, key: str) -> Job:
    """As two clicks on the button do."""
    for _click in range(2):
        with unit_of_work():
            job = bulk.begin(actor, choice, key)
    return job


def _round(killer: Killer, actor: Actor, batch: Batch, key: str, reports: Sequence[int]) -> None:
    before = traces_of(reports)
    job = _begin(actor, batch.choice, key)
    left = killer.strike(job.id, batch.work)
    _compare(killer.verdict, left, before, traces_of(reports))
    done = killer.recover(job.id, batch.work)
    after = traces_of(reports)
    _compare(killer.verdict, done, before, after)
    accepted = [line.key for line in Outcome.from_json(done.outcome).lines if line.done]
    if not set(map(str, reports)) <= set(accepted) or len(set(accepted)) != len(accepted):
        killer.verdict.fault(f"{done} tells of {len(accepted)} reports, not of {len(reports)}")
    again = _begin(actor, batch.choice, key)
    if again.id != done.id or traces_of(reports) != after:
        killer.verdict.fault(f"{done}: a third click did something")


def _compare(verdict: Verdict, job: Job, before: Mapping[int, Trace], after: Mapping[int, Trace]) -> None:
    """Each report took one whole step or none, and all of them once the job is done."""
    for number, trace in after.items():
        if trace == before[number]:
            if job.state == JobState.DONE:
                verdict.fault(f"{job}: report {number} was left where it is")
        elif wrong := whole_step(before[number], trace):
            verdict.fault(f"{job}: report {number}: {wrong}")
