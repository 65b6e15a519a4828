"""The outliers of a month: reports that were handed in, scored as their pages score them; three statements.

The rule is that of ``app.reports.outliers``: the change over last month against the enterprise's own
history, and against its trade in the province. What is found is kept in the process for some minutes:
reports that come meanwhile hardly move what is usual.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import Select, and_, func, or_, select

from app.enterprises.models import Enterprise
from app.enterprises.scope import counted
from app.infra.database import db
from app.infra.scope import among, scope_of
from app.kernel.periods import Month
from app.organisations.scope import region_subtree
from app.queries.outlier_question import Question
from app.reports.definitions import Cell, Cells
from app.reports.due import FILED
from app.reports.outlier_hints import MONTHS
from app.reports.outliers import (
    EMPTY,
    LEAST_PEERS,
    Outlier,
    Sample,
    month_series,
    outliers,
)
from app.reports.summary_filters import of_trade
from app.reports.trade_samples import (
    KEPT_FOR,
    MOST_PEERS,
    Trade,
    month_columns,
    sample_of_pairs,
)

MOST_SERIES = 6_000
"""Reports times indicators of one question; beyond that a page would take longer than people wait."""

MOST_FOUND = 5_000
"""Outliers of one question that are kept, the strongest."""

MOST_KEPT = 20
CACHE = "outlier_rows"

Pair = tuple[Cells, Cells]
Samples = Mapping[tuple[Trade, str], Sample]


class TooMany(Exception):
    """The question asks for more figures than are scored at once."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A report of the month that was handed in."""

    report_id: int
    trade: Trade
    is_industrial: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A figure that stands out, with the figure of last month; None where that is derived from nothing."""

    report_id: int
    indicator: str
    outlier: Outlier
    now: Decimal | None
    before: Decimal | None


def found_outliers(question: Question) -> Sequence[Found]:
    """What stands out, the strongest first; nothing where hints are switched off.

    :raises TooMany: more than ``MOST_SERIES`` figures would have to be scored.
    """
    if question.limit is None or not question.indicators:
        return ()
    kept: dict[Any, tuple[dt.datetime, Sequence[Found]]] = current_app.extensions.setdefault(CACHE, {})
    key = _key(question)
    known = kept.get(key)
    if known is not None and known[0] <= question.now < known[0] + KEPT_FOR:
        return known[1]
    found = _score(question, question.limit)
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = (question.now, found)
    return found


def _key(question: Question) -> tuple[Any, ...]:
    """What the answer depends on; whose it is stands in it, and the list asks scope again."""
    actor = question.actor
    return (
        (actor.kind, tuple(actor.region_ids), question.today, question.month, question.limit),
        (question.region_ids, question.trades, tuple(question.indicators)),
    )


def _score(question: Question, limit: Decimal) -> Sequence[Found]:
    reports = _candidates(question)
    if len(reports) * len(question.indicators) > MOST_SERIES:
        raise TooMany
    if not reports:
        return ()
    series = _filed(question, reports)
    samples = _samples(question, {one.trade for one in reports.values()})
    months = [question.month.plus(-back) for back in range(MONTHS - 1, -1, -1)]
    found: list[Found] = []
    for enterprise_id, report in reports.items():
        found += _of_report(question, limit, report, months, series.get(enterprise_id, {}), samples)
    return sorted(found, key=lambda one: -abs(one.outlier.score))[:MOST_FOUND]


def _of_report(
    question: Question,
    limit: Decimal,
    report: Candidate,
    months: Sequence[Month],
    filed: Mapping[int, Cells],
    samples: Samples,
) -> list[Found]:
    found = []
    for indicator in question.indicators:
        if not indicator.applies(question.month.month, industrial=report.is_industrial):
            continue
        series = month_series(indicator, months, filed)
        sample = samples.get((report.trade, indicator.code), EMPTY)
        found += [
            Found(report.report_id, indicator.code, one, series[-1], series[-2])
            for one in outliers(series, sample, limit)
        ]
    return found


def _reports(question: Question) -> Any:
    """Enterprises in scope that statistics count, and which handed in a report of the month."""
    table = question.table
    query = select(table.c.enterprise_id).where(
        table.c.period == question.month.key,
        table.c.state.in_(FILED),
        table.c.enterprise_id.in_(
            select(Enterprise.id).where(scope_of(Enterprise)(question.actor, question.today), counted())
        ),
    )
    if question.region_ids:
        query = query.where(among(table.c.region_id, region_subtree(question.region_ids, question.today)))
    if question.trades:
        query = query.where(or_(*(of_trade(table, trade) for trade in question.trades)))
    return query


def _candidates(question: Question) -> dict[int, Candidate]:
    """The reports of the month by enterprise; one more than can be scored where there are too many."""
    table = question.table
    query = _reports(question).add_columns(
        table.c.report_id,
        table.c.province_id,
        table.c.industry_division,
        table.c.industry_section,
        table.c.is_industrial,
    )
    return {
        enterprise_id: Candidate(report_id, Trade(province, division or "", section or ""), industrial)
        for enterprise_id, report_id, province, division, section, industrial in db.session.execute(
            query.limit(MOST_SERIES + 1)
        )
    }


def _filed(question: Question, reports: Mapping[int, Candidate]) -> dict[int, dict[int, Cells]]:
    """The figures of the candidates by enterprise and month, two years back: one statement."""
    table = question.table
    columns = month_columns(table, question.indicators)
    places: list[Cell] = [(indicator.code, cell) for indicator, cell, _column in columns]
    periods = [question.month.plus(-back).key for back in range(MONTHS)]
    query = select(table.c.enterprise_id, table.c.period, *(one for _indicator, _cell, one in columns)).where(
        table.c.period.in_(periods),
        table.c.state.in_(FILED),
        table.c.enterprise_id.in_(_reports(question)),
    )
    found: dict[int, dict[int, Cells]] = {number: {} for number in reports}
    for enterprise_id, period, *values in db.session.execute(query):
        if enterprise_id in found:
            found[enterprise_id][period] = dict(zip(places, values, strict=True))
    return found


def _samples(question: Question, trades: set[Trade]) -> Samples:
    """The usual changes of each trade and indicator, as ``trade_samples`` has them: one statement for all."""
    divisions, sections = _pairs(question, {trade.province_id for trade in trades})
    samples = {}
    for trade in trades:
        pairs = divisions.get((trade.province_id, trade.division), [])
        if len(pairs) <= LEAST_PEERS:
            pairs = sections.get((trade.province_id, trade.section), [])
        for indicator in question.indicators:
            sample = sample_of_pairs(indicator, question.month, pairs)
            # the enterprise in question is among them
            samples[trade, indicator.code] = replace(sample, count=max(0, sample.count - 1))
    return samples


Groups = dict[tuple[int, str], list[Pair]]


def _pairs(question: Question, provinces: set[int]) -> tuple[Groups, Groups]:
    """Figures of this month and of the one before, by province and division, and by province and section."""
    ranked, places = _ranked(question, provinces)
    divisions: Groups = {}
    sections: Groups = {}
    for province, division, section, in_division, in_section, *values in db.session.execute(ranked):
        now, before = values[: len(places)], values[len(places) :]
        pair = (dict(zip(places, now, strict=True)), dict(zip(places, before, strict=True)))
        if in_division <= MOST_PEERS:
            divisions.setdefault((province, division), []).append(pair)
        if in_section <= MOST_PEERS:
            sections.setdefault((province, section), []).append(pair)
    return divisions, sections


def _ranked(question: Question, provinces: set[int]) -> tuple[Select[Any], list[Cell]]:
    """The first enterprises of each division and of each section, which are the sample of a report's page."""
    now, before = question.table.alias("now"), question.table.alias("before")
    wanted, former = (month_columns(table, question.indicators) for table in (now, before))
    dimensions = (now.c.province_id, now.c.industry_division, now.c.industry_section)
    earlier = and_(
        before.c.period == question.month.previous().key, before.c.enterprise_id == now.c.enterprise_id
    )
    rows = (
        select(
            *dimensions,
            _rank(now, now.c.industry_division).label("in_division"),
            _rank(now, now.c.industry_section).label("in_section"),
            now.c.enterprise_id,
            *(one.label(f"f{place}") for place, (_i, _c, one) in enumerate((*wanted, *former))),
        )
        .join_from(now, before, earlier)
        .where(now.c.period == question.month.key, now.c.province_id.in_(sorted(provinces)))
        .where(now.c.state.in_(FILED), before.c.state.in_(FILED))
        .subquery("ranked")
    )
    shown = [one for one in rows.c if one.name != "enterprise_id"]
    query = select(*shown).where(or_(rows.c.in_division <= MOST_PEERS, rows.c.in_section <= MOST_PEERS))
    places = [(indicator.code, cell) for indicator, cell, _column in wanted]
    return query.order_by(rows.c.enterprise_id), places


def _rank(table: Any, group: Any) -> Any:
    return func.row_number().over(partition_by=(table.c.province_id, group), order_by=table.c.enterprise_id)
