"""FAB's chart views, drawn by ECharts from SQL GROUP BY: the stock ones load every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import abort
from flask_appbuilder import expose
from flask_appbuilder.charts.views import GroupByChartView
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, func, select, true

from app.infra import context, scope
from app.infra.database import db
from app.infra.display import in_words
from app.infra.files import tidy_name
from app.infra.forms import PlatformForm
from app.infra.i18n import say
from app.infra.interface import DomainInterface
from app.infra.views import QuietView, protected
from app.kernel.actor import Actor
from app.kernel.numbers import format_number
from app.kernel.texts import Message

MOST_GROUPS = 60
"""More bars than this cannot be read; the rest is one bar, named as such."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """One way to count the rows of a model.

    ``column`` is what is grouped by. ``words`` gives the readable names of the groups in one
    statement at the most, from their values. ``join`` adds what ``column`` needs to a SELECT.
    """

    label: Message
    column: Any
    words: Callable[[Sequence[Any]], Mapping[Any, Any]] | None = None
    join: Callable[[Select[Any]], Select[Any]] | None = None
    kind: str = "BarChart"
    by_value: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """One bar: the value that was grouped by, its words, how many rows, and the page that it opens."""

    value: Any
    words: Any
    number: int
    url: str = ""
    is_rest: bool = False


class DomainChartView(QuietView, GroupByChartView):
    """Counts of a model's rows in the actor's scope; each ``Grouping`` is a tab of the page."""

    model: ClassVar[Any]
    groupings: ClassVar[Sequence[Grouping]] = ()
    unit: ClassVar[Message] = Message("Records")
    search_columns: Sequence[str] = ()
    definitions: Sequence[Any] = ()

    def __init__(self, **kwargs: Any) -> None:
        scope.scope_of(self.model)
        self.datamodel = DomainInterface(self.model)
        self.search_form = PlatformForm
        self.search_columns = ["id"]
        self.definitions = []
        super().__init__(**kwargs)

    @expose("/chart/<int:group_by>")
    @expose("/chart/")
    @protected("chart")
    def chart(self, group_by: int = 0) -> Any:
        """The chart of one grouping, with its table."""
        if group_by >= len(self.groupings):
            abort(404)
        grouping = self.groupings[group_by]
        definitions = [
            {"label": say(item.label), "group": item.label.msgid, "series": []} for item in self.groupings
        ]
        return self.render_template(
            self.chart_template,
            route_base=self.route_base,
            title=self.chart_title,
            definitions=definitions,
            current=group_by,
            kept=self.kept(),
            note=self.note(),
            widgets={"chart": self._chart_widget(grouping)},
        )

    # What a domain overrides

    def narrowed(self, actor: Actor, today: dt.date) -> ColumnElement[bool]:
        """Which rows of those in scope are counted."""
        return true()

    def kept(self) -> Mapping[str, str]:
        """What of the address stays when another grouping is chosen."""
        return {}

    def note(self) -> tuple[str, str] | None:
        """What the counts are narrowed to, and the address without it."""
        return None

    def column_of(self, grouping: Grouping) -> Any:
        """What a grouping counts by for this actor."""
        return grouping.column

    def links_of(self, grouping: Grouping, values: Sequence[Any]) -> Mapping[Any, str]:
        """The address that a group opens, by its value; none for a group that cannot be opened."""
        return {}

    def _groups(self, grouping: Grouping) -> list[Group]:
        narrowed = self.narrowed(self.actor, context.today())
        found = counts(self.model, replace(grouping, column=self.column_of(grouping)), self.actor, narrowed)
        links = self.links_of(grouping, [group.value for group in found if not group.is_rest])
        return [replace(group, url=links.get(group.value, "")) for group in found]

    def _chart_widget(self, grouping: Grouping) -> Any:
        groups = self._groups(grouping)
        label = say(grouping.label)
        return self.chart_widget(
            route_base=self.route_base,
            chart_title=label,
            chart_type=grouping.kind,
            chart_3d="false",
            height=self.height,
            value_columns=value_table(grouping.label, self.unit, groups),
            modelview_name=type(self).__name__,
            drawn=block_of(str(self.chart_title), label, say(self.unit), groups, context.today()),
            words=gettext("Chart: %(title)s; the table below has the figures", title=label),
        )


def counts(
    model: Any, grouping: Grouping, actor: Actor, narrowed: ColumnElement[bool] | None = None
) -> list[Group]:
    """Each group in scope, largest first, in one statement and one for the words."""
    number = func.count()
    query = select(grouping.column, number).select_from(model)
    if grouping.join is not None:
        query = grouping.join(query)
    query = query.where(scope.scope_of(model)(actor, context.today())).group_by(grouping.column)
    if narrowed is not None:
        query = query.where(narrowed)
    order = (number.desc(), grouping.column) if grouping.by_value else (grouping.column,)
    found = [tuple(row) for row in db.session.execute(query.order_by(*order))]
    names = grouping.words([value for value, _number in found]) if grouping.words else {}
    return _cut([Group(value, names.get(value, value), number) for value, number in found])


def _cut(groups: list[Group]) -> list[Group]:
    if len(groups) <= MOST_GROUPS:
        return groups
    rest = sum(group.number for group in groups[MOST_GROUPS:])
    return [*groups[:MOST_GROUPS], Group(None, gettext("All others"), rest, is_rest=True)]


def block_of(title: str, label: str, unit: str, groups: Sequence[Group], today: dt.date) -> dict[str, Any]:
    """The groups in the shape that ``list_charts.js`` draws, as those of declared lists."""
    day = today.isoformat()
    return {
        "kind": "bar",
        "title": title,
        "measure": label,
        "day": day,
        "file": tidy_name(f"{title}_{label}_{day}"),
        "missing": "",
        "labels": [_words(group.words) for group in groups],
        "series": [
            {
                "name": unit,
                "values": [group.number for group in groups],
                "texts": [format_number(group.number, 0) for group in groups],
                "urls": [group.url for group in groups],
            }
        ],
    }


def value_table(label: Message, unit: Message, groups: Sequence[Group]) -> dict[str, Any]:
    """The groups in the shape that FAB's chart widgets take, with the address that each opens."""
    return {
        "cols": [
            {"id": "group", "label": say(label), "type": "string"},
            {"id": "number", "label": say(unit), "type": "number"},
        ],
        "rows": [
            {"c": [{"v": _words(group.words), "url": group.url}, {"v": group.number}]} for group in groups
        ],
    }


def _words(value: Any) -> str:
    if isinstance(value, Message):
        return say(value)
    return in_words(value)
