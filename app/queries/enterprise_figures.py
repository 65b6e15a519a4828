"""The figures of an enterprise month by month, and how those of its trade and its region lie beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, or_, select, true

from app.enterprises.models import Enterprise, Industry
from app.enterprises.scope import counted
from app.infra.database import db
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.queries.enterprise_question import Place, Question
from app.queries.spread import Spread, growth, spread_of
from app.reports.due import FILED
from app.reports.models import Report

COMPARED = 12
"""Months, up to the newest, for which others are read: the figures of a trade stand on as many pages."""


@dataclass(frozen=True, slots=True)
class OwnMonth:
    """What an enterprise filed for a month. Figures are None until the report is handed in."""

    report_id: int
    state: str
    due_on: dt.date
    late: bool
    first_submitted_at: dt.datetime | None
    this: Decimal | None
    last: Decimal | None


@dataclass(frozen=True, slots=True)
class Compared:
    """How others of a month lie: their figures, and their growth over last year; None where too few."""

    figure: Spread | None
    growth: Spread | None


NOTHING = Compared(None, None)


Pairs = dict[int, list[tuple[Decimal | None, Decimal | None]]]
"""Month key -> this year's and last year's figure of each enterprise."""


@dataclass(frozen=True, slots=True)
class Others:
    """What there is to compare with, by month key: the trade, and the region that ``place`` names.

    ``place`` is empty where the enterprise belongs to none.
    """

    trade: Mapping[int, Compared]
    region: Mapping[int, Compared]
    place: str


def own_months(actor: Actor, question: Question, today: dt.date) -> dict[int, OwnMonth]:
    """The reports of the months asked for, by month key: one statement."""
    report, table = Report, question.table
    periods = [month.key for month in question.months]
    shown = shown_figure(question)
    query = (
        select(
            report.period,
            report.id,
            report.state,
            report.due_on,
            report.late,
            report.first_submitted_at,
            case((shown, question.this)),
            case((shown, question.last)),
        )
        .outerjoin(
            table, and_(table.c.period == report.period, table.c.enterprise_id == report.enterprise_id)
        )
        .where(
            scope_of(Report)(actor, today),
            report.enterprise_id == question.subject.enterprise.id,
            report.form_id == question.form.id,
            report.period.in_(periods),
        )
    )
    return {period: OwnMonth(*values) for period, *values in db.session.execute(query)}


def others(question: Question) -> Others:
    """Median and quartiles of the trade and of the region for the latest months.

    The region is the county; where in no month enough others of it reported it is the prefecture, which
    takes a second statement. Whose figures they are is never told, so they need not be in scope.
    """
    subject, kind = question.subject, question.indicator.growth_kind
    near = subject.places[0] if subject.places else None
    trade, region = _read(question, _of_trade(question), _of_place(near))
    found = _compared_each(kind, region)
    if len(subject.places) > 1 and not any(one.figure for one in found.values()):
        near = subject.places[1]
        found = _compared_each(kind, _read(question, false(), _of_place(near))[1])
    return Others(_compared_each(kind, trade), found, near.name if near else "")


def _compared_each(kind: str, pairs: Pairs) -> dict[int, Compared]:
    return {period: compared(kind, known) for period, known in pairs.items()}


def compared(kind: str, pairs: Iterable[tuple[Decimal | None, Decimal | None]]) -> Compared:
    """How figures and their growth lie, of (this year, last year) of each enterprise."""
    known = list(pairs)
    return Compared(
        spread_of(this for this, _last in known),
        spread_of(growth(kind, this, last) for this, last in known),
    )


def compared_months(question: Question) -> list[Month]:
    """The months for which others are read."""
    return list(question.months[-COMPARED:])


def _of_trade(question: Question) -> ColumnElement[bool]:
    subject = question.subject
    return and_(
        Enterprise.province_id == subject.enterprise.province_id,
        Industry.division == subject.industry.division,
    )


def _of_place(place: Place | None) -> ColumnElement[bool]:
    return false() if place is None else getattr(Enterprise, place.column) == place.region_id


def _read(
    question: Question, in_trade: ColumnElement[bool], in_region: ColumnElement[bool]
) -> tuple[Pairs, Pairs]:
    """This year's and last year's figure of every other enterprise of the trade, and of the region.

    Enterprises are found first, and their months then by the key of the figures.
    """
    table = question.table
    query = (
        select(
            table.c.period, case((in_trade, 1), else_=0), case((in_region, 1), else_=0),
            question.this, question.last,
        )
        .select_from(Enterprise)
        .join(Industry, Industry.id == Enterprise.industry_id)
        .join(table, table.c.enterprise_id == Enterprise.id)
        .where(
            or_(in_trade, in_region),
            Enterprise.id != question.subject.enterprise.id,
            counted(),
            table.c.period.in_([month.key for month in compared_months(question)]),
            table.c.state.in_(FILED),
            _applies(question),
        )
    )  # fmt: skip
    trade: Pairs = {}
    region: Pairs = {}
    for period, is_trade, is_region, this, last in db.session.execute(query):
        if is_trade:
            trade.setdefault(period, []).append((this, last))
        if is_region:
            region.setdefault(period, []).append((this, last))
    return trade, region


def shown_figure(question: Question) -> ColumnElement[bool]:
    """Whether a figure of the enterprise's own report is one: it was handed in, and applies."""
    return and_(Report.state.in_(FILED), _applies(question))


def _applies(question: Question) -> Any:
    """Figures of industry that were filled in before an enterprise left it do not count."""
    return question.table.c.is_industrial.is_(True) if question.indicator.industrial_only else true()
