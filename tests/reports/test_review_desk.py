"""The review desk and the page of a report over HTTP: what they show to whom, and what they refuse."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import update

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.models import AdminRegion
from app.reports import filling, review
from app.reports.models import Report
from tests.factories.reports import OCTOBER, approved, ref_for, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def test_a_report_out_of_the_regions_of_today_neither_shows_nor_closes_the_desk(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)
    elsewhere = next(iter(actor("county2").region_ids))
    db.session.execute(
        update(AdminRegion)
        .where(AdminRegion.admin_id == actor("county").admin_id)
        .values(region_id=elsewhere)
    )
    db.session.commit()

    page = sign_in("county").get("/review/")

    assert page.status_code == 200
    assert f"report={report.id}" not in page.get_data(as_text=True)


def test_the_page_of_a_report_flags_a_prefilled_figure_that_was_changed(
    sign_in: SignIn, actor: ActorOf, clock: MovableClock
) -> None:
    owner = actor("enterprise")
    clock.advance(days=-365)
    approved(owner, clock.now(), OCTOBER.last_year())
    clock.advance(days=365)
    with context.acting_as(owner), unit_of_work():
        report = filling.save_cells(
            owner, ref_for(owner), {"revenue.ly_ytd": "1"}, 0, clock.now()
        ).opened.report

    page = sign_in("enterprise").get(f"/reports/{report.id}")  # type: ignore[union-attr]

    changed = re.search(
        r'title="系统带出的数：[0-9,.]+"><span class="cap">[^<]+</span><span class="v">1<', page.text
    )
    assert changed is not None


def test_a_comment_longer_than_can_be_kept_is_refused(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)

    answer = sign_in("county").post(
        f"/review/{report.id}/accept", data={"version": report.version, "comment": "字" * 501}
    )

    db.session.expire_all()
    assert answer.status_code == 422
    assert db.session.get(Report, report.id).accepted_levels == 0


def test_each_row_of_the_queue_says_where_how_large_and_when(
    sign_in: Callable[[str], FlaskClient], actor: Callable[[str], Actor], now: dt.datetime
) -> None:
    submitted(actor("enterprise"), now)

    page = sign_in("county").get("/review/").get_data(as_text=True)

    assert "萧山区，中型，11-06 12:00 上报" in page


def test_queue_and_report_compare_with_the_same_figure_of_last_year(
    actor: ActorOf, clock: MovableClock
) -> None:
    owner = actor("enterprise")
    clock.advance(days=-365)
    approved(owner, clock.now(), OCTOBER.last_year())
    clock.advance(days=365)
    with context.acting_as(owner), unit_of_work():
        opened = filling.save_cells(
            owner, ref_for(owner), {"revenue.m": "5", "revenue.ly_m": ""}, 0, clock.now()
        ).opened
    place = (opened.ref.month.key, opened.ref.enterprise_id)

    in_queue = review.compared_figure(opened.version, "revenue", [place])[place]
    on_page = [
        line
        for section in opened.version.grids
        for line in review.compare(opened, section)
        if line.indicator.code == "revenue"
    ]

    assert ("revenue", "ly_m") not in opened.cells
    assert in_queue.last_year is not None
    assert on_page == [in_queue]
