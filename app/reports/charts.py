"""Charts of reports: of a month by state, region, industry, size and lateness, and by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, Select, true

from app.enterprises.charts import PLACES, REGION_NAMES, level_below, names_of
from app.enterprises.models import Enterprise, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra import context
from app.infra.charts import DomainChartView, Grouping
from app.infra.lists.cells import month_text
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.filing_views import DEFAULT_FORM
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.opening import calendar_of
from app.reports.workflow import STORED_STATES

LATENESS = {False: Message("In time"), True: Message("Late")}


def _months(values: Sequence[Any]) -> Mapping[Any, str]:
    return {value: month_text(value) for value in values}


def _with_enterprise(query: Select[Any]) -> Select[Any]:
    return query.join(Enterprise, Enterprise.id == Report.enterprise_id)


def _with_industry(query: Select[Any]) -> Select[Any]:
    return _with_enterprise(query).join(Industry, Industry.id == Enterprise.industry_id)


class ReportChartView(DomainChartView):
    """How many reports there are of a month, cut in several ways; by month, of all of them."""

    model = Report
    route_base = "/report-charts"
    chart_title = lazy_gettext("Charts of reports")
    unit: ClassVar[Message] = Message("Reports counted")
    groupings: ClassVar[Sequence[Grouping]] = (
        Grouping(Message("By state"), Report.state, lambda _values: STORED_STATES),
        Grouping(Message("By month"), Report.period, _months, by_value=False),
        Grouping(Message("By region"), Enterprise.county_id, REGION_NAMES, join=_with_enterprise),
        Grouping(
            Message("By industry"),
            Industry.section,
            names_of(Industry, Industry.code, Industry.name),
            join=_with_industry,
        ),
        Grouping(Message("By size"), Enterprise.size, lambda _values: SIZE_NAMES, join=_with_enterprise),
        Grouping(Message("By lateness"), Report.late, lambda _values: LATENESS),
    )
    conditions: ClassVar[Sequence[str]] = ("state", "period", "region", "industry", "size", "late")
    """The condition of the list that each grouping opens."""

    def narrowed(self, actor: Actor, today: dt.date) -> ColumnElement[bool]:
        """Reports of the month that the address names, else of the current one."""
        return true() if self._is_by_month() else Report.period == self._month().key

    def kept(self) -> Mapping[str, str]:
        """The month stays when another cut is chosen."""
        return {"period": str(self._month())} if request.args.get("period") else {}

    def note(self) -> tuple[str, str] | None:
        """Which month is counted, and the way to all of them."""
        if self._is_by_month():
            return None
        words = gettext("Reports of %(month)s", month=str(self._month()))
        return words, url_for("ReportChartView.chart", group_by=self.conditions.index("period"))

    def column_of(self, grouping: Grouping) -> Any:
        """Regions are told apart one level below the admin's own."""
        if grouping.column is Enterprise.county_id:
            return PLACES[level_below(self.actor.level)]
        return super().column_of(grouping)

    def links_of(self, grouping: Grouping, values: Sequence[Any]) -> Mapping[Any, str]:
        """Each group opens its reports."""
        name = self.conditions[self.groupings.index(grouping)]
        return {value: self._list(name, value) for value in values if value is not None}

    def _list(self, name: str, value: Any) -> str:
        written = month_text(value) if name == "period" else str(int(value)) if name == "late" else str(value)
        asked = {"asked": "1", "period": str(self._month()), name: written}
        return f"{url_for('ReportPageView.list')}?{urlencode(asked)}"

    def _is_by_month(self) -> bool:
        number = int((request.view_args or {}).get("group_by", 0))
        return self.conditions[number] == "period"

    @staticmethod
    def _month() -> Month:
        """What cannot be read counts as not asked."""
        try:
            return Month.parse(request.args.get("period", "").strip())
        except ValueError:
            return calendar_of(find_form(DEFAULT_FORM)).current(context.now())
