"""What is asked of the analysis of an enterprise, read from an address: indicator, figure, months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import aliased, joinedload

from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.lists.asked import Args
from app.infra.scope import parse_key, visible
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import NotFound
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.organisations.models import Region
from app.reports.definitions import IndicatorDefinition
from app.reports.figures_layout import column
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_loading import table_of_form, version_for
from app.reports.known_forms import KnownForm, find_form
from app.reports.opening import calendar_of
from app.reports.summary_question import GRID
from app.reports.windows import Calendar

USUAL_INDICATOR = "revenue"
MONTH, CUMULATIVE = "m", "ytd"
FIGURES = {MONTH: Message("Month"), CUMULATIVE: Message("Cumulative")}
SPANS = (12, 24, 36)
"""How many months back can be looked at, the current one counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """A region around an enterprise, and the column of enterprises that says who else is in it."""

    name: str
    column: str
    region_id: int


@dataclass(frozen=True, slots=True)
class Subject:
    """The enterprise, and the trade and regions that it can be compared with.

    ``trade`` is the division of its industry in its province. ``places`` are its county and its
    prefecture, as far as it belongs to one, the nearer first.
    """

    enterprise: Enterprise
    industry: Industry
    trade: LocalText
    region: str
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Question:
    """An enterprise, one of its indicators, which figure of it, and the months, oldest first."""

    subject: Subject
    form: KnownForm
    calendar: Calendar
    table: Table
    offered: Sequence[IndicatorDefinition]
    indicator: IndicatorDefinition
    cell: str
    months: Sequence[Month]

    @property
    def this(self) -> Any:
        """The column of this year's figure."""
        return self.table.c[column(self.indicator.code, self.cell)]

    @property
    def last(self) -> Any:
        """The column of last year's figure."""
        return self.table.c[column(self.indicator.code, f"ly_{self.cell}")]


def read_question(
    actor: Actor, enterprise_id: object, args: Args | Mapping[str, str], now: dt.datetime
) -> Question:
    """What is asked; what cannot be read counts as not asked. Three statements.

    :raises NotFound: the actor sees no such enterprise.
    """
    subject = find_subject(actor, enterprise_id, local_date(now))
    form = find_form(DEFAULT_FORM)
    calendar = calendar_of(form)
    current = calendar.current(now)
    offered = [
        one
        for one in version_for(DEFAULT_FORM, current).section(GRID).indicators
        if subject.industry.is_industrial or not one.industrial_only
    ]
    indicator = _indicator(offered, args.get("indicator", ""))
    cell = args.get("figure", "") or MONTH
    return Question(
        subject=subject,
        form=form,
        calendar=calendar,
        table=table_of_form(form, GRID),
        offered=offered,
        indicator=indicator,
        cell=cell if cell in FIGURES and cell in indicator.cells else _usual_cell(indicator),
        months=[current.plus(-back) for back in range(_span(args.get("months", "")) - 1, -1, -1)],
    )


def find_subject(actor: Actor, enterprise_id: object, today: dt.date) -> Subject:
    """An enterprise that the actor sees, with the names of its trade and place: one statement.

    :raises NotFound: there is none, or not for this actor.
    """
    division, region, county, prefecture = (
        aliased(Industry),
        aliased(Region),
        aliased(Region),
        aliased(Region),
    )
    query = (
        visible(Enterprise, actor, today)
        .where(Enterprise.id == parse_key(enterprise_id, int))
        .options(joinedload(Enterprise.industry))
        .join(region, region.id == Enterprise.region_id)
        .outerjoin(county, county.id == Enterprise.county_id)
        .outerjoin(prefecture, prefecture.id == Enterprise.prefecture_id)
        .join(Industry, Industry.id == Enterprise.industry_id)
        .outerjoin(division, division.code == Industry.division)
        .add_columns(
            division.name.label("trade"),
            region.full_name.label("region"),
            county.name.label("county"),
            prefecture.name.label("prefecture"),
        )
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    enterprise = row.Enterprise
    around = (
        Place(row.county, "county_id", enterprise.county_id),
        Place(row.prefecture, "prefecture_id", enterprise.prefecture_id),
    )
    return Subject(
        enterprise=enterprise,
        industry=enterprise.industry,
        trade=row.trade or enterprise.industry.name,
        region=row.region,
        places=[place for place in around if place.region_id is not None],
    )


def _indicator(offered: Sequence[IndicatorDefinition], wanted: str) -> IndicatorDefinition:
    by_code = {one.code: one for one in offered}
    return by_code.get(wanted) or by_code.get(USUAL_INDICATOR) or offered[0]


def _usual_cell(indicator: IndicatorDefinition) -> str:
    return MONTH if MONTH in indicator.cells else CUMULATIVE


def _span(text: str) -> int:
    return next((span for span in SPANS if str(span) == text), SPANS[0])
