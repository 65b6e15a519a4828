"""异常数据跟踪: the figures of a month that stand out, for follow-up; each opens its report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select, type_coerce

from app.enterprises.models import EnterpriseVersion, Industry
from app.infra.json_rows import Cell, JsonRows
from app.infra.lists import Column, Filter, ListSpec, Lookup, Remote
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.infra.scope import scope_of
from app.infra.types import Scaled
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.lists import regions_in_scope
from app.organisations.models import Region
from app.queries.outlier_question import USUAL_INDICATORS, Question, read_question
from app.queries.outlier_scores import Found, TooMany, found_outliers
from app.reports.lists import filed_industry, in_region
from app.reports.models import Report
from app.reports.outliers import Against, per_cent
from app.reports.summary_filters import TRADE, trades
from app.reports.workflow import STATE_MARKS, STORED_STATES

AGAINST = {Against.HISTORY.value: Message("Own history"), Against.TRADE.value: Message("Its trade")}
SCORE_SCALE, SHARE_SCALE, FIGURE_SCALE = 1, 1, 4
PLACES = {
    "report": 0,
    "indicator": 1,
    "against": 2,
    "score": 3,
    "now": 4,
    "before": 5,
    "change": 6,
    "usual": 7,
}

OFF = Message("Hints at figures that stand out are switched off in the settings.")
NOTHING = Message("No figure of this month stands out.")
NARROW = Message("Too many figures to score at once. Choose a region, an industry or fewer indicators.")


def outlier_list(actor: Actor, args: Args) -> ListSpec:
    """A line for each figure and what it stands out against, the strongest first."""
    question = read_question(actor, args)
    found, empty = _found(question)
    rows = JsonRows("outliers", [_row(one) for one in found])
    indicator, against = rows.text(PLACES["indicator"]), rows.text(PLACES["against"])
    score = _scaled(rows, "score", SCORE_SCALE)
    return ListSpec(
        name="outliers",
        title=Message("Outliers for follow-up"),
        base=lambda actor, today: _base(rows, actor, today),
        key=(Report.id, indicator, against),
        columns=(
            *_report_columns(),
            Column(
                "indicator", Message("Indicator"), indicator, "choice", always=True, sortable=True,
                nullable=False, words={one.code: one.name for one in question.section.indicators},
            ),
            Column(
                "against", Message("Against"), against, "choice", words=AGAINST, sortable=True, nullable=False
            ),
            Column(
                "score", Message("Score"), score, "number", sortable=True, nullable=False,
                decimals=SCORE_SCALE,
            ),
            *_figure_columns(rows),
            Column(
                "state", Message("State"), Report.state, "state", words=STORED_STATES, marks=STATE_MARKS,
                default=False,
            ),
        ),
        filters=_filters(question, against, score),
        default_sort="-score",
        unit=Message("{count} outliers"),
        empty=empty,
        bounded_by="period",
    )  # fmt: skip


def _found(question: Question) -> tuple[Sequence[Found], Message]:
    """What stands out, and what is said where nothing does."""
    try:
        return found_outliers(question), OFF if question.limit is None else NOTHING
    except TooMany:
        return (), NARROW


def _row(found: Found) -> tuple[Cell, ...]:
    one = found.outlier
    return (
        found.report_id,
        found.indicator,
        one.against.value,
        _stored(abs(one.score), SCORE_SCALE),
        _stored(found.now, FIGURE_SCALE),
        _stored(found.before, FIGURE_SCALE),
        _stored(per_cent(one.change), SHARE_SCALE),
        _stored(per_cent(one.usual), SHARE_SCALE),
    )


def _stored(value: Decimal | None, scale: int) -> int | None:
    return None if value is None else int(value.scaleb(scale))


def _scaled(rows: JsonRows, name: str, scale: int) -> Any:
    return type_coerce(rows.number(PLACES[name]), Scaled(scale))


def _base(rows: JsonRows, actor: Actor, today: dt.date) -> Select[Any]:
    """Scope is asked here once more: what was scored some minutes ago may be somebody else's now."""
    joined = rows.table.join(Report, Report.id == rows.number(PLACES["report"]))
    return select(Report.id).select_from(joined).where(scope_of(Report)(actor, today))


def _report_columns() -> tuple[Column, ...]:
    return (
        Column(
            "enterprise", Message("Enterprise name"),
            lookup=Lookup(Report.enterprise_version_id, EnterpriseVersion), always=True, sortable=True,
            link="/reports/{}", link_from=Report.id,
        ),
        Column("period", Message("Report month"), Report.period, "month", default=False),
        Column(
            "region", Message("Region"), lookup=Lookup(Report.region_id, Region, "full_name"), css="place"
        ),
        Column("industry", Message("Industry"), filed_industry(), "local"),
    )  # fmt: skip


def _figure_columns(rows: JsonRows) -> tuple[Column, ...]:
    figures = (("before", Message("Last month")), ("now", Message("This month")))
    shares = (("change", Message("Change (%)")), ("usual", Message("Usual change (%)")))
    return (
        *(
            Column(name, words, _scaled(rows, name, FIGURE_SCALE), "number", sortable=True)
            for name, words in figures
        ),
        *(
            Column(
                name, words, _scaled(rows, name, SHARE_SCALE), "number", sortable=True, decimals=SHARE_SCALE
            )
            for name, words in shares
        ),
    )


def _filters(question: Question, against: Any, score: Any) -> tuple[Filter, ...]:
    """Month, trade and indicators say what is scored, so they cut no row a second time."""
    return (
        Filter(
            "period", Message("Report month"), "month", clause=every_row, required=True,
            default=str(question.current),
        ),
        Filter(
            "region", Message("Region"), "remote", Report.region_id, remote=regions_in_scope(),
            clause=in_region,
        ),
        Filter(
            "industry", Message("Industry"), "remote", Industry.code, remote=Remote(trades, TRADE),
            clause=every_row, combinable=False,
        ),
        Filter(
            "indicator", Message("Indicators"), "multi", clause=every_row, required=True,
            default=",".join(USUAL_INDICATORS),
            words={one.code: one.name for one in question.section.indicators},
        ),
        Filter("against", Message("Against"), "choice", against, words=AGAINST),
        Filter(
            "score", Message("Score"), "number_range", score, more_conditions=True,
        ),
    )  # fmt: skip
