"""What an address asks of the summary of a month, read before its lists are declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table

from app.infra import context
from app.infra.lists.asked import Args
from app.infra.lists.filters import MOST_VALUES
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.reports.definitions import IndicatorDefinition
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_loading import has_version_for, table_of_form, version_for
from app.reports.known_forms import find_form
from app.reports.opening import calendar_of
from app.reports.summary_groups import GROUPINGS, Asked, Grouping

GRID = "main"
USUAL_INDICATORS = ("revenue", "cost")
USUAL_GROUPING = "region"
LONGEST_ID = 9
LONGEST_TRADE = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """Indicators: those to choose from, the codes in force without a choice, and those that are chosen."""

    offered: Sequence[IndicatorDefinition]
    usual: Sequence[str]
    chosen: Sequence[IndicatorDefinition]


@dataclass(frozen=True, slots=True)
class Question:
    """The month, how its reports are grouped, and which indicators are summed."""

    asked: Asked
    current: Month
    table: Table
    grouping: Grouping
    choice: Choice
    like_for_like: bool
    args: Args

    @property
    def indicators(self) -> Sequence[IndicatorDefinition]:
        """Those that are summed."""
        return self.choice.chosen


def read_question(actor: Actor, args: Args) -> Question:
    """What is asked. What cannot be read counts as not asked: the list itself tells what is wrong with it."""
    now = context.now()
    form = find_form(DEFAULT_FORM)
    current = calendar_of(form).current(now)
    month = month_of(args.get("period", "")) or current
    asked = Asked(actor, local_date(now), month.key, numbers_of(args, "region"), _trade(args))
    table = table_of_form(form, GRID)
    return Question(
        asked=asked,
        current=current,
        table=table,
        grouping=_grouping(table, asked, args.get("by", "")),
        choice=read_indicators(args, month, current),
        like_for_like=args.get("same") == "1",
        args=args,
    )


def read_indicators(args: Args, month: Month, current: Month) -> Choice:
    """The indicators of the form as it is in a month, and which of them are asked for."""
    version = version_for(DEFAULT_FORM, month if has_version_for(DEFAULT_FORM, month) else current)
    offered = version.section(GRID).indicators
    codes = [found.code for found in offered]
    usual = [code for code in USUAL_INDICATORS if code in codes] or codes[:1]
    wanted = set(filter(None, args.getlist("indicator"))) or set(usual)
    return Choice(offered, usual, [found for found in offered if found.code in wanted])


def month_of(text: str) -> Month | None:
    """The month that was typed; None for what is none, since the list itself tells what is wrong."""
    try:
        return Month.parse(text.strip())
    except ValueError:
        return None


def numbers_of(args: Args, name: str) -> tuple[int, ...]:
    """The keys that a filter was given, without what cannot be one."""
    texts = args.getlist(name)[:MOST_VALUES]
    return tuple(int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID)


def _trade(args: Args) -> str:
    """The industry that is opened; several of them stand side by side as sections."""
    texts = args.getlist("industry")
    text = texts[0] if len(texts) == 1 else ""
    return text if text.isascii() and text.isalnum() and len(text) <= LONGEST_TRADE else ""


def _grouping(table: Table, asked: Asked, by: str) -> Grouping:
    _words, make = GROUPINGS[by if by in GROUPINGS else USUAL_GROUPING]
    return make(table, asked)
