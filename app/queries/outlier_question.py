"""What is asked of the outliers of a month, read from an address before the list is declared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Table

from app.infra import context
from app.infra.lists.asked import Args
from app.infra.lists.filters import MOST_VALUES
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.reports.definitions import IndicatorDefinition, SectionDefinition
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_loading import has_version_for, table_of_form, version_for
from app.reports.known_forms import find_form
from app.reports.opening import calendar_of
from app.reports.settings import outlier_limit
from app.reports.summary_question import GRID, LONGEST_TRADE, numbers_of

USUAL_INDICATORS = ("revenue", "total_profit")


@dataclass(frozen=True, slots=True)
class Question:
    """Whose reports of which month, narrowed to a region and a trade; which indicators; beyond which score.

    ``limit`` is None where hints at outliers are switched off. ``trades`` are codes of industries.
    """

    actor: Actor
    now: dt.datetime
    form_id: int
    month: Month
    current: Month
    section: SectionDefinition
    table: Table
    indicators: Sequence[IndicatorDefinition]
    region_ids: tuple[int, ...]
    trades: tuple[str, ...]
    limit: Decimal | None

    @property
    def today(self) -> dt.date:
        """The day in Shanghai, for scope."""
        return local_date(self.now)


def read_question(actor: Actor, args: Args) -> Question:
    """What is asked; what cannot be read counts as not asked, since the list itself says what is wrong."""
    now = context.now()
    form = find_form(DEFAULT_FORM)
    current = calendar_of(form).current(now)
    month = _month(args.get("period", "")) or current
    month = month if has_version_for(DEFAULT_FORM, month) else current
    section = version_for(DEFAULT_FORM, month).section(GRID)
    wanted = set(filter(None, args.getlist("indicator"))) or set(USUAL_INDICATORS)
    return Question(
        actor=actor,
        now=now,
        form_id=form.id,
        month=month,
        current=current,
        section=section,
        table=table_of_form(form, GRID),
        indicators=[one for one in section.indicators if one.code in wanted],
        region_ids=numbers_of(args, "region"),
        trades=_trades(args),
        limit=outlier_limit(now),
    )


def _month(text: str) -> Month | None:
    try:
        return Month.parse(text.strip())
    except ValueError:
        return None


def _trades(args: Args) -> tuple[str, ...]:
    texts = args.getlist("industry")[:MOST_VALUES]
    return tuple(text for text in texts if text.isascii() and text.isalnum() and len(text) <= LONGEST_TRADE)
