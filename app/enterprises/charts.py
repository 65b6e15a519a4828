"""Charts of the enterprises in sight: by region, industry, size, control, and registrations over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, Select, String, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from app.enterprises.models import ControlType, Enterprise, Industry
from app.enterprises.scope import COUNTED_CODES, counted
from app.enterprises.size import SIZE_NAMES
from app.infra import context, scope
from app.infra.charts import DomainChartView, Grouping
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.models import Region
from app.organisations.scope import region_subtree

LEVEL_BELOW = {"country": "province", "province": "prefecture", "prefecture": "county"}
"""At which level the enterprises of a region are told apart; those of a county are a list."""


def level_below(level: str | None) -> str:
    """The level at which the regions of a bureau or of a region are told apart."""
    return LEVEL_BELOW.get("country" if level == "ministry" else level or "", "county")


class shanghai_month(GenericFunction[str]):  # noqa: N801 - named as it reads in SQL
    """The month of an instant in Shanghai, as ``2026-01``."""

    type = String()
    inherit_cache = True


@compiles(shanghai_month, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"strftime('%Y-%m', {compiler.process(element.clauses, **options)}, '+8 hours')"


@compiles(shanghai_month, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    instant = compiler.process(element.clauses, **options)
    return f"to_char({instant} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"


def names_of(model: Any, key: Any, name: Any) -> Callable[[Sequence[Any]], Mapping[Any, Any]]:
    """What gives the readable names of groups by their keys, in one statement."""

    def words(values: Sequence[Any]) -> Mapping[Any, Any]:
        rows = db.session.execute(select(key, name).select_from(model).where(key.in_(values)))
        return {None: Message("Not known"), **dict(rows.all())}

    return words


def _with_industry(query: Select[Any]) -> Select[Any]:
    return query.join(Industry, Industry.id == Enterprise.industry_id)


def _division_ids(values: Sequence[Any]) -> Mapping[Any, int]:
    rows = db.session.execute(select(Industry.code, Industry.id).where(Industry.code.in_(values)))
    return dict(rows.all())


def _sizes(_values: Sequence[Any]) -> Mapping[Any, Any]:
    return SIZE_NAMES


REGION_NAMES = names_of(Region, Region.id, Region.name)
PLACES = {
    "province": Enterprise.province_id,
    "prefecture": Enterprise.prefecture_id,
    "county": Enterprise.county_id,
}
"""Where an enterprise lies, by the level at which regions are told apart."""
_MONTH: ColumnElement[str] = shanghai_month(Enterprise.created_at)


class EnterpriseChartView(DomainChartView):
    """How many enterprises there are, cut in several ways, within the own regions or one of them.

    Enterprises that came in with a test code are left out (``counted``).
    """

    model = Enterprise
    route_base = "/enterprise-charts"
    chart_title = lazy_gettext("Charts of enterprises")
    unit = Message("Enterprises")
    groupings: ClassVar[Sequence[Grouping]] = (
        Grouping(Message("By region"), Enterprise.county_id, REGION_NAMES),
        Grouping(
            Message("By industry"),
            Industry.division,
            names_of(Industry, Industry.code, Industry.name),
            join=_with_industry,
        ),
        Grouping(Message("By size"), Enterprise.size, _sizes),
        Grouping(
            Message("By control"),
            Enterprise.control_type_id,
            names_of(ControlType, ControlType.id, ControlType.name),
        ),
        Grouping(Message("Registrations by month"), _MONTH, by_value=False),
    )

    def narrowed(self, actor: Actor, today: dt.date) -> ColumnElement[bool]:
        """What statistics count, within the region that the address names."""
        within = self._within()
        if within is None:
            return counted()
        return counted() & Enterprise.region_id.in_(region_subtree([within.id], today))

    def kept(self) -> Mapping[str, str]:
        """The region stays when another cut is chosen."""
        within = self._within()
        return {} if within is None else {"region": str(within.id)}

    def note(self) -> tuple[str, str] | None:
        """Which region is looked at, and the way back to all of them."""
        within = self._within()
        if within is None:
            return None
        words = gettext("Within %(region)s", region=within.full_name)
        return words, url_for("EnterpriseChartView.chart", group_by=self._number())

    def column_of(self, grouping: Grouping) -> Any:
        """Regions are told apart one level below the one that is looked at."""
        if grouping is not self.groupings[0]:
            return super().column_of(grouping)
        return PLACES[self._level()]

    def links_of(self, grouping: Grouping, values: Sequence[Any]) -> Mapping[Any, str]:
        """A region opens its own regions, at last its enterprises; every other group its enterprises."""
        number = self.groupings.index(grouping)
        known = [value for value in values if value is not None]
        if number == 0 and self._level() != "county":
            here = url_for("EnterpriseChartView.chart", group_by=0)
            return {value: f"{here}?region={value}" for value in known}
        if number == 1:
            return {code: self._list(industry=key) for code, key in _division_ids(known).items()}
        name = {0: "region", 2: "size", 3: "control_type"}.get(number)
        return {value: self._list(**{name: value}) for value in known} if name else {}

    def _list(self, **conditions: Any) -> str:
        """The enterprises of a group that are counted: all of the own regions, whoever reviews them."""
        asked = {"reviewed": "all", "code_status": COUNTED_CODES, **self.kept(), **conditions}
        return f"{url_for('EnterpriseView.list')}?{urlencode(asked, doseq=True)}"

    def _within(self) -> Region | None:
        """The region that the address names.

        :raises NotFound: it is none of the actor's.
        """
        wanted = request.args.get("region", "")
        if not wanted:
            return None
        found: Region = scope.find(Region, wanted, self.actor, context.today())
        return found

    def _level(self) -> str:
        """The level at which regions are told apart: below the one named, else below the admin's own."""
        within = self._within()
        return level_below(within.level if within is not None else self.actor.level)

    def _number(self) -> int:
        return int((request.view_args or {}).get("group_by", 0))
