"""Pages know a form without asking for it, and hear of every change with the next request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.reports.form_loading import version_for
from app.reports.form_models import FormVersion, ReportForm, ReportPeriod
from app.reports.known_forms import PublishedVersion, find_form, published_versions
from app.reports.opening import calendar_of

SignIn = Callable[[str], FlaskClient]


def due_words(client: FlaskClient) -> str:
    page = BeautifulSoup(client.get("/queries/ranking/?period=2026-10").data, "html.parser")
    return " ".join(hint.text for hint in page.select("#ql-filters .qj-help"))


def test_new_dates_of_a_form_and_of_a_month_hold_with_the_next_request(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("province")
    form = db.session.scalars(select(ReportForm).where(ReportForm.code == "sme_monthly")).one()
    assert "2026-11-15 23:59" in due_words(client)

    with unit_of_work():
        form.due_day = 18
    assert "2026-11-18 23:59" in due_words(client)

    with unit_of_work():
        db.session.add(
            ReportPeriod(
                form_id=form.id, period=202610, opens_on=dt.date(2026, 11, 1), due_on=dt.date(2026, 11, 20),
                reason="国庆假期", updated_at=dt.datetime(2026, 11, 6, tzinfo=dt.UTC),
            )
        )  # fmt: skip
    assert "2026-11-20 23:59" in due_words(client)


def test_a_form_and_its_versions_cost_a_page_no_statement(app: Flask, sign_in: SignIn, count: Any) -> None:
    client = sign_in("province")
    for address in ("/reports/", "/queries/ranking/", "/queries/details/", "/summaries/"):
        client.get(address)
        with count() as statements:
            client.get(address)
        read = [found for found in statements if " FROM report_form" in found or "form_version" in found]
        assert read == []


def test_what_is_known_of_a_form_is_what_its_rows_say(app: Flask, clock: MovableClock) -> None:
    form = db.session.scalars(select(ReportForm).where(ReportForm.code == "sme_monthly")).one()

    known = find_form("sme_monthly")

    assert (known.id, known.name, known.schema_stamp) == (form.id, form.name, form.schema_stamp)
    for month in (Month(2026, 1), Month(2026, 10), Month(2026, 12)):
        assert calendar_of(known).dates(month) == calendar_of(form).dates(month)


def test_of_the_versions_that_cover_a_month_the_newest_is_filled(app: Flask) -> None:
    kept = published_versions("sme_monthly")

    assert [found.number for found in kept] == sorted((found.number for found in kept), reverse=True)
    assert {found.id for found in kept} == set(
        db.session.scalars(select(FormVersion.id).where(FormVersion.state == "published"))
    )
    assert version_for("sme_monthly", Month(2026, 10)).id == kept[0].id


def test_a_version_covers_the_months_from_its_first_to_its_last() -> None:
    bounded = PublishedVersion(1, 1, 202601, 202603, "")
    lasting = PublishedVersion(2, 2, 202602, None, "")

    assert [bounded.covers(key) for key in (202512, 202601, 202603, 202604)] == [False, True, True, False]
    assert [lasting.covers(key) for key in (202601, 202602, 203001)] == [False, True, True]
