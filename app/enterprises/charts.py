"""Charts of the enterprises in sight: by region, industry, size, control, and registrations over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, Select, String, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from app.enterprises.models import ControlType, Enterprise, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.charts import DomainChartView, Grouping
from app.infra.database import db
from app.kernel.texts import Message
from app.organisations.models import Region


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


def _names(model: Any, key: Any, name: Any) -> Callable[[Sequence[Any]], Mapping[Any, Any]]:
    """The readable names of groups, in one statement."""

    def words(values: Sequence[Any]) -> Mapping[Any, Any]:
        rows = db.session.execute(select(key, name).select_from(model).where(key.in_(values)))
        return {None: Message("Not known"), **dict(rows.all())}

    return words


def _with_industry(query: Select[Any]) -> Select[Any]:
    return query.join(Industry, Industry.id == Enterprise.industry_id)


def _sizes(_values: Sequence[Any]) -> Mapping[Any, Any]:
    return SIZE_NAMES


_REGION_NAMES = _names(Region, Region.id, Region.full_name)
_MONTH: ColumnElement[str] = shanghai_month(Enterprise.created_at)


class EnterpriseChartView(DomainChartView):
    """How many enterprises there are, cut in several ways."""

    model = Enterprise
    route_base = "/enterprise-charts"
    chart_title = lazy_gettext("Charts of enterprises")
    unit = Message("Enterprises")
    groupings = (
        Grouping(Message("By prefecture"), Enterprise.prefecture_id, _REGION_NAMES),
        Grouping(Message("By county"), Enterprise.county_id, _REGION_NAMES),
        Grouping(
            Message("By industry"),
            Industry.division,
            _names(Industry, Industry.code, Industry.name),
            join=_with_industry,
        ),
        Grouping(Message("By size"), Enterprise.size, _sizes),
        Grouping(
            Message("By control"),
            Enterprise.control_type_id,
            _names(ControlType, ControlType.id, ControlType.name),
        ),
        Grouping(Message("Registrations by month"), _MONTH, by_value=False),
    )
