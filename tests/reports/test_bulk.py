"""一键接收 and 越级接收: what is meant, what is left out; each report gets its line, history and audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.jobs import Job, Outcome
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Forbidden
from app.kernel.periods import Month
from app.organisations.models import Admin
from app.reports import bulk
from app.reports.bulk import BULK, LEAPFROG, Choice
from app.reports.models import Report, ReportStep
from app.reports.workflow import APPROVED, IN_REVIEW
from tests.factories.reports import accepted, submitted

ActorOf = Callable[[str], Actor]


@pytest.fixture
def two(actor: ActorOf, now: dt.datetime) -> list[Report]:
    """Reports in two prefectures, each waiting at its county."""
    return [submitted(actor(name), now) for name in ("enterprise", "enterprise2")]


def run(actor: Actor, choice: Choice, now: dt.datetime) -> Outcome:
    with context.acting_as(actor), unit_of_work():
        return bulk.run(actor, choice, now)


def fail_screening(report: Report) -> None:
    with unit_of_work():
        db.session.execute(update(Report).where(Report.id == report.id).values(screening="failed"))


def state(report: Report) -> tuple[str, int | None]:
    found = db.session.execute(select(Report.state, Report.holder_id).where(Report.id == report.id)).one()
    return found[0], found[1]


def test_bulk_acceptance_takes_what_subordinates_passed_on_and_leaves_the_own(
    two: list[Report], actor: ActorOf, now: dt.datetime
) -> None:
    accepted(two[0], now)
    prefecture, county2 = actor("prefecture"), actor("county2")

    taken = run(prefecture, Choice(BULK), now)
    own = run(county2, Choice(BULK), now)

    assert [line.done for line in taken.lines] == [True]
    assert state(two[0]) == (IN_REVIEW, actor("province").admin_id)
    assert own.lines == () and state(two[1]) == (IN_REVIEW, county2.admin_id)


def test_a_box_adds_the_own_reports(two: list[Report], actor: ActorOf, now: dt.datetime) -> None:
    county = actor("county")

    taken = run(county, Choice(BULK, own=True), now)

    assert taken.done == 1 and state(two[0]) == (IN_REVIEW, actor("prefecture").admin_id)


def test_what_did_not_pass_screening_is_named_and_stays_unless_the_box_is_ticked(
    two: list[Report], actor: ActorOf, now: dt.datetime
) -> None:
    accepted(two[0], now)
    fail_screening(two[0])
    prefecture = actor("prefecture")
    before = bulk.waiting(prefecture, Choice(BULK), now.date())

    left = run(prefecture, Choice(BULK), now)
    taken = run(prefecture, Choice(BULK, others=True), now)

    assert (before.passed, before.others) == (0, 1)
    assert [str(line.message) for line in left.lines] == [str(bulk.NOT_SCREENED)]
    assert taken.done == 1 and state(two[0])[1] == actor("province").admin_id


def test_leapfrog_acceptance_approves_from_every_level_where_the_province_is_the_top(
    two: list[Report], actor: ActorOf, now: dt.datetime
) -> None:
    accepted(two[0], now)  # one at a prefecture, one at a county
    province = actor("province")

    taken = run(province, Choice(LEAPFROG), now)

    verbs = db.session.scalars(select(ReportStep.verb).where(ReportStep.actor_name == province.name)).all()
    audited = db.session.scalar(
        select(func.count())
        .select_from(AuditEntry)
        .where(AuditEntry.entity == "report", AuditEntry.account_id == province.account_id)
    )
    assert taken.done == 2 and {state(report)[0] for report in two} == {APPROVED}
    assert list(verbs) == ["leapfrog_approve"] * 2
    assert audited == 2


def test_leapfrog_acceptance_never_takes_what_did_not_pass_but_one_by_one(
    two: list[Report], actor: ActorOf, now: dt.datetime, sign_in: Callable[[str], FlaskClient]
) -> None:
    fail_screening(two[0])
    province = actor("province")

    taken = run(province, Choice(LEAPFROG, others=True), now)
    page = sign_in("province").get("/review/leapfrog").get_data(as_text=True)
    report = db.session.get_one(Report, two[0].id)
    version = report.version
    done = sign_in("province").post(f"/review/{report.id}/leapfrog", data={"version": version})

    assert (taken.done, taken.skipped) == (1, 1)
    assert f"/reports/{report.id}" in page
    assert done.status_code == 302 and state(report)[0] == APPROVED


def test_the_admins_of_a_chain_are_read_once_for_all_of_its_reports(actor: ActorOf, now: dt.datetime) -> None:
    for month in (Month(2026, 8), Month(2026, 9), Month(2026, 10)):
        with unit_of_work():
            submitted(actor("enterprise"), now, month)
    db.session.expunge_all()
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        taken = run(actor("province"), Choice(LEAPFROG), now)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert taken.done == 3
    assert sum("WHERE bureau_admin.id =" in statement for statement in asked) <= 3


def test_where_the_ministry_is_above_leapfrog_goes_to_its_desk(
    two: list[Report], actor: ActorOf, now: dt.datetime, ministry: int
) -> None:
    taken = run(actor("province"), Choice(LEAPFROG), now)

    assert taken.done == 2
    assert {state(report) for report in two} == {(IN_REVIEW, ministry)}


@pytest.mark.parametrize(
    ("who", "right"), [("county", LEAPFROG), ("prefecture", LEAPFROG), ("enterprise", BULK)]
)
def test_who_has_not_the_right_is_refused(actor: ActorOf, now: dt.datetime, who: str, right: str) -> None:
    with pytest.raises(Forbidden):
        run(actor(who), Choice(right), now)


def test_a_right_that_was_taken_away_since_stops_the_job(
    two: list[Report], actor: ActorOf, now: dt.datetime
) -> None:
    with unit_of_work():
        db.session.execute(
            update(Admin).where(Admin.id == actor("prefecture").admin_id).values(bulk_accept=False)
        )

    with pytest.raises(Forbidden):
        run(actor("prefecture"), Choice(BULK), now)


def test_reports_of_another_prefecture_are_not_meant(
    two: list[Report], actor: ActorOf, now: dt.datetime
) -> None:
    accepted(two[1], now)

    assert bulk.waiting(actor("prefecture"), Choice(BULK, own=True), now.date()).total == 0
    assert run(actor("prefecture"), Choice(BULK, own=True, others=True), now).lines == ()


def test_the_page_counts_both_kinds_and_starts_one_job_however_often_it_is_sent(
    two: list[Report], now: dt.datetime, sign_in: Callable[[str], FlaskClient]
) -> None:
    accepted(two[0], now)
    visitor = sign_in("prefecture")

    page = visitor.get("/review/bulk")
    for _click in range(2):
        begun = visitor.post("/review/bulk", data={"once": "one-click", "own": "1"})

    jobs = db.session.scalars(select(Job).where(Job.kind == "accept_waiting")).all()
    assert page.status_code == 200 and begun.status_code == 302
    assert [job.params for job in jobs] == [{"right": BULK, "own": True, "others": False}]


@pytest.fixture
def ministry(app: Any, actor: ActorOf, now: dt.datetime) -> int:
    """An admin above the province; gives the number."""
    province = db.session.get_one(Admin, actor("province").admin_id)
    return _above(province, now)


def _above(province: Admin, now: dt.datetime) -> int:
    from app.kernel.actor import SYSTEM, Kind  # noqa: PLC0415
    from app.organisations import service  # noqa: PLC0415
    from app.organisations.models import Region  # noqa: PLC0415

    with context.acting_as(SYSTEM), unit_of_work():
        country = db.session.scalars(select(Region).where(Region.level == "country")).one()
        bureau = service.create_bureau(
            SYSTEM, service.BureauDraft(name="示范部", level="ministry", region_id=country.id), now
        )
        account = service.AccountDraft(
            username="ministry", email="ministry@bureau.example", kind=Kind.BUREAU, display_name="部管理员"
        )
        draft = service.AdminDraft(bureau_id=bureau.id, region_ids=[country.id], account=account)
        top = service.create_admin(SYSTEM, draft, now)
        db.session.get_one(Admin, province.id).superior_id = top.id
        return top.id
