"""一键接收 and 越级接收 (spec 20): all waiting reports that an admin may accept at once, a line for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from app.enterprises.models import EnterpriseVersion
from app.infra.database import db
from app.infra.jobs import Job, JobContext, Outcome, OutcomeLine, enqueue, job
from app.infra.lists import batch
from app.infra.scope import scope_of
from app.infra.transactions import independent_step
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import DomainError, Forbidden
from app.kernel.texts import Message
from app.organisations.models import Admin
from app.organisations.scope import admin_subtree
from app.reports import steps
from app.reports.models import Report
from app.reports.workflow import IN_REVIEW

BULK, LEAPFROG = "bulk_accept", "leapfrog_accept"
PASSED = "passed"
CHUNK = 200
"""Reports that are loaded together: enough for few statements, few enough to lock at a time."""

LISTED = 200
"""Reports named on the page before a batch; the outcome names all of them."""

NOT_SCREENED = Message("Did not pass system screening; it stays where it is.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be accepted: by which right, and which of two boxes are ticked.

    ``own`` adds reports whose direct reviewer is the actor, ``others`` those that did not pass
    system screening; leapfrog acceptance knows neither box.
    """

    right: str
    own: bool = False
    others: bool = False

    def to_json(self) -> dict[str, Any]:
        """As a job carries it."""
        return {"right": self.right, "own": self.own, "others": self.others}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many reports wait: those that passed system screening, and the others."""

    passed: int = 0
    others: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + self.others


def require(actor: Actor, right: str) -> None:
    """Refuse who was not given a right.

    :raises Forbidden: with words about whom to ask.
    """
    if actor.kind is not Kind.BUREAU or actor.admin_id is None or right not in actor.rights:
        raise Forbidden(Message("You have no permission for this. Your superior admin can give it to you."))


def waiting(actor: Actor, choice: Choice, today: dt.date) -> Waiting:
    """How many reports a choice means, those that it leaves out for their screening included."""
    meant = _meant(actor, choice, today).subquery()
    query = select(func.count().filter(meant.c.screening == PASSED), func.count()).select_from(meant)
    passed, total = db.session.execute(query).one()
    return Waiting(passed, total - passed)


def left_out(actor: Actor, choice: Choice, today: dt.date) -> Sequence[tuple[int, str, str]]:
    """Number, enterprise and reviewer now of the reports that did not pass screening, the earliest first."""
    meant = _meant(actor, choice, today).subquery()
    query = (
        select(Report, EnterpriseVersion.name)
        .join(meant, meant.c.id == Report.id)
        .join(EnterpriseVersion, EnterpriseVersion.id == Report.enterprise_version_id)
        .where(or_(Report.screening.is_(None), Report.screening != PASSED))
        .order_by(Report.submitted_at, Report.id)
        .limit(LISTED)
    )
    return [(report.id, name, str(report.holder or "")) for report, name in db.session.execute(query)]


def begin(actor: Actor, choice: Choice, key: str | None) -> Job:
    """Write the batch down as a job, inside the caller's unit of work.

    :raises Forbidden: the actor was not given the right.
    """
    require(actor, choice.right)
    return enqueue("accept_waiting", actor, choice.to_json(), key)


@job("accept_waiting", title=Message("Accept waiting reports"))
def run_job(ctx: JobContext) -> Outcome:
    """Accept as the owner; one transaction, so that a killed worker leaves every report whole."""
    return run(ctx.actor, _choice(ctx.params), ctx.now, ctx)


def run(actor: Actor, choice: Choice, now: dt.datetime, ctx: JobContext | None = None) -> Outcome:
    """Accept every report that is meant, each by itself; a refusal becomes its line.

    :raises Forbidden: the right was taken away meanwhile.
    """
    require(actor, choice.right)
    meant = _meant(actor, choice, local_date(now)).subquery()
    order = select(meant.c.id).order_by(meant.c.submitted_at, meant.c.id)
    keys = list(db.session.scalars(order))
    lines: list[OutcomeLine] = []
    desks: set[Admin | None] = set()  # held, or each report would fetch the admins above it anew
    for report, name in _loaded(keys):
        desks.add(report.holder)
        lines.append(_line(actor, choice, report, name, now))
        if ctx is not None:
            ctx.progress(len(lines), len(keys))
    done = sum(line.done for line in lines)
    words = Message("{done} accepted, {skipped} left where they are.", done=done, skipped=len(lines) - done)
    return Outcome.of(words, lines)


def _choice(params: Mapping[str, Any]) -> Choice:
    return Choice(params["right"], params["own"], params["others"])


def _loaded(keys: Sequence[int]) -> Iterator[tuple[Report, str]]:
    """The reports of these numbers with the names they were filed under, locked, in the order given."""
    for first in range(0, len(keys), CHUNK):
        part = keys[first : first + CHUNK]
        query = (
            select(Report, EnterpriseVersion.name)
            .join(EnterpriseVersion, EnterpriseVersion.id == Report.enterprise_version_id)
            .where(Report.id.in_(part))
            .with_for_update(of=Report)
            .execution_options(populate_existing=True)
        )
        found = {report.id: (report, name) for report, name in db.session.execute(query)}
        yield from (found[key] for key in part if key in found)


def _line(actor: Actor, choice: Choice, report: Report, name: str, now: dt.datetime) -> OutcomeLine:
    label = f"{name} {report.month}"
    if report.screening != PASSED and not (choice.others and choice.right == BULK):
        return OutcomeLine(label, False, NOT_SCREENED, str(report.id))
    try:
        with independent_step():
            if choice.right == LEAPFROG and report.holder_id != actor.admin_id:
                steps.leapfrog(actor, report, report.version, "", now)
            else:
                steps.accept(actor, report, report.version, "", now)
    except DomainError as refusal:
        return OutcomeLine(label, False, batch.reasons(refusal), str(report.id))
    return OutcomeLine(label, True, None, str(report.id))


def _meant(actor: Actor, choice: Choice, today: dt.date) -> Select[int, str | None, dt.datetime | None]:
    """The waiting reports of a choice: of subordinates, or of the territory below the top desk."""
    seen = scope_of(Report)(actor, today)
    columns = select(Report.id, Report.screening, Report.submitted_at)
    query = columns.where(seen, Report.state == IN_REVIEW)
    if choice.right == LEAPFROG:
        return query.where(_below_the_top(actor))
    mine = Report.direct_reviewer_id == actor.admin_id
    below = Report.direct_reviewer_id.in_(admin_subtree(actor.admin_id or 0)) & ~mine
    return query.where(Report.holder_id == actor.admin_id, or_(below, mine) if choice.own else below)


def _below_the_top(actor: Actor) -> ColumnElement[bool]:
    """Waits at a desk that has another one above; the actor's own counts, also where it is the top."""
    ends = select(Admin.id).where(Admin.superior_id.is_(None), Admin.id != actor.admin_id)
    return Report.holder_id.not_in(ends)
