"""Pages of the maps of the territory, and the shapes for charts. HTTP only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import Response, g, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.files import tidy_name
from app.infra.files.field import FileField
from app.infra.i18n import say
from app.infra.lists.drawing import UNREACHED
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations import maps
from app.organisations.map_models import RegionMap
from app.organisations.models import Region


def named_regions(codes: str) -> str:
    """How many regions a map shows, and which."""
    query = select(Region.name).where(Region.code.in_(codes.split(","))).order_by(Region.code)
    names = list(db.session.scalars(query))
    return say(Message("{count}: {names}", count=len(names), names="、".join(names)))


_USED = Message("Charts draw on this map from its day on.")
_NOT_YET = Message(
    "Charts do not draw on this map yet: compare names and outlines before you put it into use."
)


def preview(row: RegionMap) -> dict[str, Any]:
    """The map as a chart of ``list_charts.js``: each region that was recognised, with its name and code."""
    query = select(Region.code, Region.name).where(Region.code.in_(row.region_codes)).order_by(Region.code)
    known = [tuple(found) for found in db.session.execute(query)]
    codes, names = ([found[place] for found in known] for place in (0, 1))
    words = say(Message("Regions on the map"))
    return {
        "kind": "map",
        "title": row.title,
        "measure": words,
        "day": row.valid_from.isoformat(),
        "file": tidy_name(row.title),
        "missing": "",
        "labels": names,
        "codes": codes,
        "series": [{"name": words, "values": [1] * len(codes), "texts": codes, "urls": [""] * len(codes)}],
        "map": url_for("RegionMapView.shapes", pk=row.id, v=row.shapes_id),
        "unreached": say(UNREACHED),
    }


class RegionMapView(DomainView):
    """地图: imported outlines of regions that charts can be drawn on."""

    model = RegionMap
    route_base = "/region-maps"
    list_title = lazy_gettext("Maps of the territory")
    show_title = lazy_gettext("Map of the territory")
    add_title = lazy_gettext("Import a map")
    edit_title = lazy_gettext("Change the map")
    label_columns = {
        "title": lazy_gettext("Title of the map"),
        "approval_number": lazy_gettext("Approval number of the map"),
        "valid_from": lazy_gettext("Valid from"),
        "in_use": lazy_gettext("Used by charts"),
        "codes": lazy_gettext("Regions on the map"),
        "unmatched": lazy_gettext("Shapes that are no region"),
        "created_at": lazy_gettext("Imported at"),
        "shapes": lazy_gettext("GeoJSON file"),
    }
    list_columns = ["title", "approval_number", "valid_from", "in_use", "created_at"]
    search_columns = ["title"]
    base_order = ("valid_from", "desc")
    add_columns = ["title", "approval_number", "valid_from", "shapes"]
    edit_columns = [*add_columns, "in_use"]
    show_columns = [*list_columns, "codes", "unmatched"]
    show_template = "organisations/map.html"
    formatters_columns = {"codes": named_regions}
    hints = {
        "approval_number": lazy_gettext("A map that people see needs one; it stands below every chart."),
        "in_use": lazy_gettext("Look first whether the regions of the map were recognised."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "shapes": FileField(
            lazy_gettext("GeoJSON file"),
            rule=maps.SHAPES,
            description=lazy_gettext(
                "Polygons and MultiPolygons in longitude and latitude, at most 8 MB, with a property that "
                "holds the code or the name of the region. To replace the outlines, choose another file."
            ),
        )
    }

    def initial(self) -> dict[str, Any]:
        """A map holds from today on."""
        return {"valid_from": context.today()}

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Import a map."""
        return maps.import_map(actor, _draft(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Put a map into use, or replace it."""
        return maps.change_map(actor, row, _draft(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a map."""
        maps.delete_map(row, context.now())

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        notes = [_USED if row.in_use else _NOT_YET]
        return super()._show_page(pk, row, drawn=preview(row), notes=[say(note) for note in notes], **values)

    @expose("/shapes/<pk>", methods=["GET"])
    @protected("shapes")
    def shapes(self, pk: str) -> Response:
        """The outlines of the actor's own territory, for a chart."""
        found = maps.shapes_for(self._find(pk), self.actor, context.today())
        response = Response(mimetype=maps.KEPT_AS)
        response.set_etag(found.etag)
        # kept by the browser, yet asked for each time: whoever signs in next has another territory
        response.headers["Cache-Control"] = "private, no-cache"
        g.asked_again = True
        response.make_conditional(request)
        if response.status_code != 304:
            response.set_data(found.content())
        return response


def _draft(values: Mapping[str, Any]) -> maps.MapDraft:
    return maps.MapDraft(
        title=values["title"] or "",
        approval_number=values["approval_number"] or "",
        valid_from=values["valid_from"],
        shapes=values["shapes"],
        in_use=bool(values.get("in_use")),
    )
