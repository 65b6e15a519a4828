"""Two reviewers at once: exactly one step and one line of history for each race, and a clear refusal."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import Any

import httpx
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select, update

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.organisations.accounts import load_credentials
from app.organisations.models import Account
from app.reports.models import Report, ReportStep
from app.reports.workflow import APPROVED, IN_REVIEW, RETURNED
from tools.torture.instance import Instance
from tools.torture.product import make_app
from tools.torture.verdict import Verdict
from tools.torture.visitor import Visitor

RACES = 1000
REVIEWERS = ("county", "prefecture", "province")
TIME_LIMIT = 1200.0
OUTCOMES = frozenset({IN_REVIEW, APPROVED, RETURNED})


@dataclass(frozen=True, slots=True)
class Desk:
    """A reviewer, twice signed in, and the reports that can wait at that desk."""

    account: str
    admin_id: int
    reports: tuple[int, ...]
    sessions: tuple[Visitor, Visitor]


def race_reviewers(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Accept and return, or accept twice, the same report at the same moment."""
    app = make_app(instance.url, instance.data_dir)
    instance.serve()
    verdict = Verdict("reviewer races", max(1, round(RACES * share)))
    started = time.monotonic()
    with app.app_context():
        desks = [_desk(instance, name, str(app.config["DEMO_PASSWORD"])) for name in REVIEWERS]
        while verdict.counted < verdict.wished and time.monotonic() - started < TIME_LIMIT:
            desk = desks[verdict.counted % len(desks)]
            _race(verdict, desk, chance.choice(desk.reports), chance.choice(("accept", "return")))
            verdict.counted += 1
        for desk in desks:
            for session in desk.sessions:
                session.close()
        db.session.remove()
        db.engine.dispose()
    verdict.seconds = time.monotonic() - started
    return [verdict]


def _desk(instance: Instance, name: str, password: str) -> Desk:
    query = select(User.id).join(Account, Account.user_id == User.id).where(User.username == name)
    credentials = load_credentials(db.session.execute(query).scalar_one())
    if credentials is None or credentials.actor.admin_id is None:
        raise RuntimeError(f"{name} is no reviewer")
    admin_id = credentials.actor.admin_id
    county = db.session.scalars(
        select(Report.id)
        .join(Enterprise, Enterprise.id == Report.enterprise_id)
        .where(Enterprise.direct_reviewer_id == _county_admin())
        .order_by(Report.id)
    )
    reports = tuple(county)
    if not reports:
        raise RuntimeError("the demonstration data has no report to race for")
    sessions = (Visitor(instance, name).sign_in(password), Visitor(instance, name).sign_in(password))
    return Desk(name, admin_id, reports, sessions)


def _county_admin() -> int:
    query = select(User.id).join(Account, Account.user_id == User.id).where(User.username == "county")
    credentials = load_credentials(db.session.execute(query).scalar_one())
    if credentials is None or credentials.actor.admin_id is None:
        raise RuntimeError("county is no reviewer")
    return credentials.actor.admin_id


def _race(verdict: Verdict, desk: Desk, report_id: int, rival: str) -> None:
    version = _put_on(desk, report_id)
    steps = _steps(report_id)
    barrier = threading.Barrier(2)
    answers: list[httpx.Response | Exception] = []

    def move(session: Visitor, verb: str) -> None:
        form = {"version": str(version), "comment": "数据与上月相差较大，请核对"}
        barrier.wait()
        try:
            answers.append(session.post(f"/review/{report_id}/{verb}", form))
        except httpx.HTTPError as error:
            answers.append(error)

    threads = [
        threading.Thread(target=move, args=(session, verb))
        for session, verb in zip(desk.sessions, ("accept", rival), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _judge(
        verdict,
        f"{desk.account}, report {report_id}, accept against {rival}",
        answers,
        report_id,
        version,
        steps,
    )


def _put_on(desk: Desk, report_id: int) -> int:
    """Put a report on a desk as if it had just arrived; gives its version."""
    with unit_of_work():
        values: dict[str, Any] = {
            "state": IN_REVIEW,
            "holder_id": desk.admin_id,
            "accepted_levels": 0,
            "approved_at": None,
            "submitted_at": func.coalesce(Report.submitted_at, Report.created_at),
            "version": Report.version + 1,
        }
        db.session.execute(
            update(Report)
            .where(Report.id == report_id)
            .values(values)
            .execution_options(synchronize_session=False)
        )
    return _seen(report_id)[0]


def _seen(report_id: int) -> tuple[int, str]:
    db.session.rollback()
    version, state = db.session.execute(
        select(Report.version, Report.state).where(Report.id == report_id)
    ).one()
    db.session.rollback()
    return version, state


def _steps(report_id: int) -> list[str]:
    db.session.rollback()
    query = select(ReportStep.target).where(ReportStep.report_id == report_id).order_by(ReportStep.id)
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def _judge(
    verdict: Verdict,
    what: str,
    answers: list[httpx.Response | Exception],
    report_id: int,
    version: int,
    steps: list[str],
) -> None:
    statuses = sorted(answer.status_code if isinstance(answer, httpx.Response) else 599 for answer in answers)
    if statuses != [302, 409]:
        verdict.fault(f"{what}: answers {statuses}")
    after, state = _seen(report_id)
    if after != version + 1 or state not in OUTCOMES:
        verdict.fault(f"{what}: version {version} -> {after}, {state}")
    now = _steps(report_id)
    if len(now) != len(steps) + 1 or now[-1] != state:
        verdict.fault(f"{what}: {len(now) - len(steps)} lines of history, the report is {state}")
