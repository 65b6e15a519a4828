"""Reports follow the reviewer of their enterprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select

from app.enterprises import service
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.models import Admin
from app.reports.handover import waiting_reports
from app.reports.models import Report, ReportStep
from tests.factories.reports import OCTOBER, accepted, approved, submitted

ActorOf = Callable[[str], Actor]


def test_reports_of_every_period_move_and_those_on_the_desk_wait_at_the_new_reviewer(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, prefecture = actor("enterprise"), actor("prefecture")
    old = approved(owner, now, OCTOBER.previous())
    waiting = submitted(owner, now)
    with unit_of_work():
        service.change_reviewer(prefecture, [owner.enterprise_id or 0], prefecture.admin_id or 0, now)

    db.session.expire_all()
    assert {report.direct_reviewer_id for report in (old, waiting)} == {prefecture.admin_id}
    assert waiting.holder_id == prefecture.admin_id
    assert old.state == "approved"
    line = db.session.scalars(
        select(ReportStep).where(ReportStep.report_id == waiting.id).order_by(ReportStep.id.desc())
    )
    assert line.first().verb == "hand_over"  # type: ignore[union-attr]


def test_a_report_that_has_climbed_stays_where_it_waits(actor: ActorOf, now: dt.datetime) -> None:
    owner, province = actor("enterprise"), actor("province")
    report = accepted(submitted(owner, now), now)
    holder = report.holder_id
    with unit_of_work():
        service.change_reviewer(province, [owner.enterprise_id or 0], province.admin_id or 0, now)

    db.session.expire_all()
    assert db.session.get(Report, report.id).holder_id == holder  # type: ignore[union-attr]


def test_an_admin_with_reports_to_review_cannot_be_disabled(actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)

    admin = db.session.get(Admin, actor("county").admin_id)

    assert admin is not None
    assert "1" in str(waiting_reports(admin).message)  # type: ignore[union-attr]
