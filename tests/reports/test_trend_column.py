"""Twelve months of an indicator beside an enterprise and beside a report: own figures only, one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.enterprises.lists import query_list
from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.lists import ListSpec, ask, rows_of
from app.infra.lists.sparks import Spark
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.reports import figures
from app.reports.form_loading import version_for
from app.reports.lists import reports_list
from app.reports.models import Report
from tests.factories.reports import approved, filled

ActorOf = Callable[[str], Actor]
TODAY = dt.date(2026, 11, 6)


def trends(spec: ListSpec, actor: Actor) -> dict[Any, Spark | None]:
    """The line of each key."""
    column = spec.column("trend")
    assert column.each is not None
    keys = [(key,) for key in db.session.scalars(select(spec.key[0]))]
    found = column.each(keys, actor)
    return {key: found.get(key) for key in keys}


def own(actor: ActorOf) -> tuple[int]:
    found = actor("enterprise").enterprise_id
    assert found is not None
    return (found,)


def revenue(actor: ActorOf, month: Month) -> Decimal:
    """What the enterprise reported for the month itself."""
    cells = figures.read(version_for("sme_monthly", month), figures.Key(month.key, own(actor)[0]))
    return cells["revenue", "m"]


def test_the_months_that_were_handed_in_are_drawn_and_the_others_are_gaps(
    app: Flask, actor: ActorOf, clock: MovableClock
) -> None:
    approved(actor("enterprise"), clock.now(), Month(2026, 10))
    filled(actor("enterprise2"), clock.now(), Month(2026, 10))

    found = trends(query_list(), actor("province"))

    line = found[own(actor)]
    assert line is not None
    assert (line.labels[0], line.labels[-1]) == ("2025-11", "2026-10")
    assert line.values[-1] == revenue(actor, Month(2026, 10))
    assert all(value is None for value in line.values[:-1])
    assert found[(actor("enterprise2").enterprise_id,)] is None


def test_who_may_not_see_the_reports_sees_no_line(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    approved(actor("enterprise"), now)

    for name in ("admin", "prefecture2"):
        assert trends(query_list(), actor(name))[own(actor)] is None


def test_a_report_has_the_year_that_ends_with_its_own_month(
    app: Flask, actor: ActorOf, clock: MovableClock
) -> None:
    report: Report = approved(actor("enterprise"), clock.now(), Month(2026, 9))

    line = trends(reports_list(actor("province")), actor("province"))[(report.id,)]

    assert line is not None
    assert (line.labels[0], line.labels[-1]) == ("2025-10", "2026-09")
    assert line.values[-1] == revenue(actor, Month(2026, 9))


def test_a_page_of_lines_is_one_statement_and_a_file_says_them(
    app: Flask, actor: ActorOf, now: dt.datetime, count: Callable[[], Any]
) -> None:
    approved(actor("enterprise"), now)
    spec, province = query_list(), actor("province")
    asked = ask(spec, {"cols": "name,trend"}, province, TODAY)

    with count() as seen:
        lines = list(rows_of(spec, province, TODAY, asked, asked.columns, None))

    names = dict(db.session.execute(select(Enterprise.id, Enterprise.name)).all())
    said = {line[0]: str(line[-1]) for line in lines}
    assert f"2026-10 {revenue(actor, Month(2026, 10)):,.0f}" in said[names[own(actor)[0]]]
    assert sum("revenue_m" in statement for statement in seen) == 1
