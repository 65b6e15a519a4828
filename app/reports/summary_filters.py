"""The conditions of a summary and of the reports behind it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_, select, true

from app.enterprises.known_names import control_types
from app.enterprises.models import Enterprise, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.lists import Filter, Remote
from app.infra.lists.filters import every_row
from app.infra.scope import among
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.reports.summary_groups import GROUPINGS
from app.reports.summary_question import USUAL_GROUPING, Choice, Question
from app.reports.workflow import APPROVED, STORED_STATES

NO_YES = {"0": Message("No"), "1": Message("Yes")}
LARGE = "large"
DIVISION = 2

CONDITIONS = (
    *("by", "period", "state", "indicator", "region", "industry", "size", "control"),
    *("no_large", "no_disabled", "same", "where"),
)
"""What an address keeps on the way into a group and to the reports behind a number."""


def conditions(question: Question) -> tuple[Filter, ...]:
    """Month, states, indicators and places. What columns and groups depend on cuts no row a second time."""
    table = question.table
    return (
        Filter(
            "by", Message("Summary type"), "choice", clause=every_row, tabs=True, required=True,
            default=USUAL_GROUPING, words={code: words for code, (words, _make) in GROUPINGS.items()},
        ),
        Filter(
            "period", Message("Report month"), "month", clause=every_row, required=True,
            default=str(question.current),
        ),
        Filter(
            "state", Message("State"), "multi", table.c.state, words=STORED_STATES, required=True,
            default=APPROVED,
        ),
        indicator_filter(question.choice),
        region_filter(lambda subtree: among(table.c.region_id, subtree)),
        industry_filter(table),
    )  # fmt: skip


def exclusions(table: Table) -> tuple[Filter, ...]:
    """What is left out of the sums, and of what kind the enterprises are."""
    listed = and_(or_(table.c.size.is_(None), table.c.size != LARGE), table.c.is_listed.is_(False))
    disabled = select(Enterprise.id).where(Enterprise.state == "disabled")
    return (
        Filter(
            "size", Message("Size"), "multi", table.c.size, words=SIZE_NAMES, more_conditions=True,
        ),
        Filter(
            "control", Message("Control type"), "multi", table.c.control_type, words=_control_types,
            more_conditions=True,
        ),
        _switch("no_large", Message("Leave out large and listed enterprises"), listed),
        _switch(
            "no_disabled", Message("Leave out disabled enterprises"), table.c.enterprise_id.not_in(disabled)
        ),
        _switch("same", Message("Like for like"), true()),
    )  # fmt: skip


def _switch(key: str, label: Message, held: ColumnElement[bool]) -> Filter:
    """A choice of no and yes that begins with no."""
    return Filter(
        key, label, "choice", words=NO_YES, required=True, default="0",
        clause=lambda value, _actor, _today: held if value == "1" else true(),
    )  # fmt: skip


TRADE = (Industry.code, Industry.name)


def industry_filter(table: Table) -> Filter:
    """A trade of any level and all below it, as of the filing."""
    return Filter(
        "industry", Message("Industry"), "remote", table.c.industry_code, remote=Remote(trades, TRADE),
        clause=lambda value, _actor, _today: of_trade(table, str(value)),
    )  # fmt: skip


def indicator_filter(indicators: Choice) -> Filter:
    """Which indicators have columns."""
    return Filter(
        "indicator", Message("Indicators"), "multi", clause=every_row, required=True,
        default=",".join(indicators.usual), words={found.code: found.name for found in indicators.offered},
    )  # fmt: skip


def trades(_actor: Actor, _today: dt.date) -> Any:
    """Sections first, then what lies below them, by code."""
    return select(*TRADE).order_by(Industry.level, Industry.code)


def of_trade(table: Table, code: str) -> ColumnElement[bool]:
    """Reports filed in a section, a division or a trade, by its code."""
    if len(code) == 1:
        return table.c.industry_section == code
    if len(code) == DIVISION:
        return table.c.industry_division == code
    return table.c.industry_code.startswith(code, autoescape=True)


def _control_types(_actor: Actor, _today: dt.date) -> dict[str, Any]:
    return {known.code: known.name for known in control_types()}
