"""The review desk over HTTP: what it shows to whom, and what it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import update

from app.infra.database import db
from app.kernel.actor import Actor
from app.organisations.models import AdminRegion
from app.reports.models import Report
from tests.factories.reports import submitted

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
