"""Charts of changes of key fields: by state, field, month and region; each bar opens its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import Select

from app.enterprises.charts import PLACES, REGION_NAMES, level_below
from app.enterprises.key_change_list import CHANGED_FIELDS, changed_field
from app.enterprises.key_change_models import KeyChange
from app.enterprises.key_change_workflow import STATE_LABELS
from app.enterprises.models import Enterprise
from app.infra.charts import DomainChartView, Grouping
from app.infra.lists.cells import month_text
from app.kernel.texts import Message


def _months(values: Sequence[Any]) -> Mapping[Any, str]:
    return {value: month_text(value) for value in values}


def _with_enterprise(query: Select[Any]) -> Select[Any]:
    return query.join(Enterprise, Enterprise.id == KeyChange.enterprise_id)


class KeyChangeChartView(DomainChartView):
    """How many changes of name, credit code and industry were asked for, cut in several ways."""

    model = KeyChange
    route_base = "/key-change-charts"
    chart_title = lazy_gettext("Charts of changed enterprise information")
    unit: ClassVar[Message] = Message("Changes")
    groupings: ClassVar[Sequence[Grouping]] = (
        Grouping(Message("By state"), KeyChange.state, lambda _values: STATE_LABELS),
        # called by its name: databases take equal expressions with parameters for different ones
        Grouping(Message("By field"), changed_field().label("field"), lambda _values: CHANGED_FIELDS),
        Grouping(Message("By month"), KeyChange.period, _months, by_value=False),
        Grouping(Message("By region"), Enterprise.county_id, REGION_NAMES, join=_with_enterprise),
    )
    conditions: ClassVar[Sequence[str]] = ("state", "field", "period", "region")
    """The condition of the list that each grouping opens."""

    def column_of(self, grouping: Grouping) -> Any:
        """Regions are told apart one level below the admin's own."""
        if grouping is self.groupings[-1]:
            return PLACES[level_below(self.actor.level)]
        return super().column_of(grouping)

    def links_of(self, grouping: Grouping, values: Sequence[Any]) -> Mapping[Any, str]:
        """Each group opens its changes."""
        number = self.groupings.index(grouping)
        here, name = url_for("KeyChangeQueryView.list"), self.conditions[number]
        shown = _months(values) if name == "period" else {value: value for value in values}
        return {
            value: f"{here}?{urlencode({name: words})}" for value, words in shown.items() if value is not None
        }
