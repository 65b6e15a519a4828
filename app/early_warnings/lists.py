"""The declared lists of warning points and of their staff."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, select

from app.early_warnings import points
from app.early_warnings.models import PointStaff, TradeSector, WarningPoint
from app.early_warnings.scope import visible_staff
from app.early_warnings.terms import DUTIES, LEVELS
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.lists.spec import Remote
from app.infra.scope import scope_of
from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message
from app.organisations.lists import STATE_MARKS, region_filter, scoped, switches
from app.organisations.models import Region
from app.organisations.terms import STATE_NAMES

BUREAUS = (Kind.BUREAU,)


def _sectors() -> Remote:
    def source(actor: Actor, today: dt.date) -> Any:
        seen = select(TradeSector.id, TradeSector.name).where(scope_of(TradeSector)(actor, today))
        return seen.order_by(TradeSector.position)

    return Remote(source, (TradeSector.name, TradeSector.code))


def point_list(name: str, link: str) -> ListSpec:
    """预警点查询: by batch, name, region, type and sector."""
    return ListSpec(
        name=name,
        title=Message("Query of warning points"),
        base=scoped(WarningPoint),
        key=(WarningPoint.id,),
        columns=(
            Column("name", Message("Name of the point"), WarningPoint.name, sortable=True, always=True),
            Column("level", Message("Type of the point"), WarningPoint.level, "choice", words=LEVELS),
            Column("batch", Message("Batch"), WarningPoint.batch, "number", sortable=True),
            Column("host", Message("Host organisation"), WarningPoint.host, sortable=True),
            Column("region", Message("Region"), lookup=Lookup(WarningPoint.region_id, Region, "full_name")),
            Column("sector", Message("Sector of trade"), lookup=Lookup(WarningPoint.sector_id, TradeSector)),
            Column("phone", Message("Phone"), WarningPoint.phone, default=False),
            Column(
                "state", Message("State"), WarningPoint.state, "state", words=STATE_NAMES, marks=STATE_MARKS
            ),
        ),
        filters=(
            Filter("keyword", Message("Name"), expression=WarningPoint.name_key, by_name_key=True),
            Filter("batch", Message("Batch"), "number_range", WarningPoint.batch),
            region_filter(WarningPoint.region_id.in_),
            Filter("level", Message("Type of the point"), "choice", WarningPoint.level, words=LEVELS),
            Filter("sector", Message("Sector of trade"), "remote", WarningPoint.sector_id, remote=_sectors()),
            Filter("state", Message("State"), "choice", WarningPoint.state, words=STATE_NAMES),
        ),
        default_sort="name",
        row_link=link,
        actions=switches(
            lambda actor, key, now: points.switch_point(actor, key, now, state="disabled"),
            lambda actor, key, now: points.switch_point(actor, key, now, state="active"),
            Message("Disable the ticked warning points?"),
            kinds=BUREAUS,
        ),
        unit=Message("{count} warning points"),
    )


def staff_list(name: str, link: str) -> ListSpec:
    """Heads and staff of points, by point, duty and name."""
    return ListSpec(
        name=name,
        title=Message("Staff of warning points"),
        base=_staff,
        key=(PointStaff.id,),
        columns=(
            Column("name", Message("Person's name"), PointStaff.name, sortable=True, always=True),
            Column("point", Message("Warning point"), WarningPoint.name, sortable=True),
            Column("duty", Message("Duty"), PointStaff.duty, "choice", words=DUTIES),
            Column("title", Message("Title of the person"), PointStaff.title),
            Column("phone", Message("Phone"), PointStaff.phone),
            Column("mobile", Message("Mobile"), PointStaff.mobile),
            Column("email", Message("E-mail"), PointStaff.email),
        ),
        filters=(
            Filter("keyword", Message("Person's name"), expression=PointStaff.name),
            Filter("point", Message("Warning point"), expression=WarningPoint.name_key, by_name_key=True),
            Filter("duty", Message("Duty"), "choice", PointStaff.duty, words=DUTIES),
        ),
        default_sort="point",
        row_link=link,
        unit=Message("{count} persons"),
    )


def _staff(actor: Actor, today: dt.date) -> Select[Any]:
    joined = select(PointStaff).join(WarningPoint, PointStaff.point_id == WarningPoint.id)
    return joined.where(visible_staff(actor, today))
