"""Charts of bureaus: by level and by region; each bar opens its bureaus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from flask import url_for
from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.infra import context
from app.infra.charts import DomainChartView, Grouping
from app.infra.database import db
from app.kernel.texts import Message
from app.organisations.models import Bureau, Region, RegionClosure
from app.organisations.scope import on_day
from app.organisations.terms import LEVEL_NAMES

TOLD_APART = {None: "province", "ministry": "province", "province": "prefecture"}
"""At which level the places of an actor's bureaus are told apart; below that it is the county."""


def _region_names(values: Sequence[Any]) -> Mapping[Any, Any]:
    rows = db.session.execute(select(Region.id, Region.name).where(Region.id.in_(values)))
    return {None: Message("Above these regions"), **dict(rows.all())}


class BureauChartView(DomainChartView):
    """How many bureaus there are at each level and in each region."""

    model = Bureau
    route_base = "/bureau-charts"
    chart_title = lazy_gettext("Charts of bureaus")
    unit: ClassVar[Message] = Message("Bureaus")
    groupings: ClassVar[Sequence[Grouping]] = (
        Grouping(Message("By level"), Bureau.level, lambda _values: LEVEL_NAMES),
        Grouping(Message("By region"), Bureau.region_id, _region_names),
    )
    conditions: ClassVar[Sequence[str]] = ("level", "region")
    """The condition of the list that each grouping opens."""

    def column_of(self, grouping: Grouping) -> Any:
        """A bureau counts at the region of the level below the actor's in which it lies."""
        if grouping is self.groupings[0]:
            return super().column_of(grouping)
        place = aliased(Region)
        lies_in = (
            select(place.id)
            .join(RegionClosure, RegionClosure.ancestor_id == place.id)
            .where(RegionClosure.descendant_id == Bureau.region_id, on_day(context.today()))
            .where(place.level == TOLD_APART.get(self.actor.level, "county"))
        )
        return lies_in.order_by(place.id).limit(1).scalar_subquery().label("place")

    def links_of(self, grouping: Grouping, values: Sequence[Any]) -> Mapping[Any, str]:
        """Each group opens its bureaus."""
        here, name = url_for("BureauView.list"), self.conditions[self.groupings.index(grouping)]
        return {value: f"{here}?{urlencode({name: value})}" for value in values if value is not None}
