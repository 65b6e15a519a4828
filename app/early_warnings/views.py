"""Pages of warning points and their staff, and of the dictionaries of early warnings. HTTP only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy import select
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from app.early_warnings import points
from app.early_warnings.lists import point_list, staff_list
from app.early_warnings.models import (
    LONGEST_INTRODUCTION,
    Country,
    HsChapter,
    PointStaff,
    TradeSector,
    WarningCategory,
    WarningPoint,
)
from app.early_warnings.points import PointDraft
from app.early_warnings.scope import visible_points
from app.early_warnings.terms import COUNTRY_KINDS, DUTIES, LEVELS
from app.enterprises.views import VALIDITY, VALIDITY_HINTS, DictionaryEntryView
from app.infra import context
from app.infra.charts import DomainChartView, Grouping
from app.infra.database import db
from app.infra.forms import refuse_control_characters
from app.infra.i18n import listed, say
from app.infra.lists import ListSpec
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.models import Region
from app.organisations.terms import STATE_NAMES

PARTS = {
    "introduction": Message("Introduction of the point"),
    "address": Message("Address"),
    "phone": Message("Phone"),
    "sector_id": Message("Sector of trade"),
    "head": Message("Head of the point"),
}
"""Parts of the basic information, by the names that ``WarningPoint.missing`` tells."""


class WarningPointView(DomainView):
    """预警点查询: points by batch and name, with their basic information, head and staff."""

    model = WarningPoint
    route_base = "/warning-points"
    show_template = "early_warnings/point.html"
    offers_past = True
    list_title = lazy_gettext("Query of warning points")
    show_title = lazy_gettext("Warning point")
    add_title = lazy_gettext("New warning point")
    edit_title = lazy_gettext("Change warning point")
    label_columns = {
        "name": lazy_gettext("Name of the point"),
        "level": lazy_gettext("Type of the point"),
        "batch": lazy_gettext("Batch"),
        "host": lazy_gettext("Host organisation"),
        "region": lazy_gettext("Region"),
        "sector": lazy_gettext("Sector of trade"),
        "introduction": lazy_gettext("Introduction of the point"),
        "address": lazy_gettext("Address"),
        "phone": lazy_gettext("Phone"),
        "note": lazy_gettext("Note of the bureau"),
        "account": lazy_gettext("Account of the point"),
        "state": lazy_gettext("State"),
    }
    list_columns = ["name", "level", "host", "region"]
    search_columns = ["name", "batch", "level", "state"]
    base_order = ("name", "asc")
    add_columns = [
        *("name", "level", "batch", "host", "region", "sector"),
        *("introduction", "address", "phone", "note"),
    ]
    show_columns = [*add_columns, "account", "state"]
    choices_columns = {"level": list(LEVELS.items()), "state": list(STATE_NAMES.items())}
    hints = {"note": lazy_gettext("Only bureaus read it.")}
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "introduction": TextAreaField(
            lazy_gettext("Introduction of the point"),
            validators=[Optional(), Length(max=LONGEST_INTRODUCTION), refuse_control_characters],
            render_kw={"rows": 6},
        ),
    }

    def listing(self) -> ListSpec:
        """Points by batch, name, region, type, sector and state."""
        return point_list(self.listing_name, self._row_link())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return points.point_problems(actor, _draft(values), row, context.now())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a point."""
        return points.create_point(actor, _draft(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a point."""
        return points.edit_point(actor, row.id, _draft(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a point that nothing belongs to."""
        points.delete_point(actor, row.id, context.now())

    def closed_because(self, row: Any) -> Message | None:
        """A point reads its record; the bureau keeps it."""
        if self.actor.kind is Kind.BUREAU:
            return None
        return Message("The bureau of your region keeps this record: tell it what has changed.")

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """Another person of the point."""
        if self.actor.kind is not Kind.BUREAU:
            return []
        return [(gettext("Enter a person"), url_for("PointStaffView.add", point=row.id))]

    @expose("/show/<pk>", methods=["GET"])
    @protected("show")
    def show(self, pk: str) -> Any:
        """One point: what its basic information lacks, and its people."""
        row = self._find(pk)
        return self._show_page(
            pk,
            row,
            missing=listed(say(PARTS[name]) for name in row.missing),
            people=[_person(person) for person in row.staff],
        )


def _person(person: PointStaff) -> tuple[Any, ...]:
    address = url_for("PointStaffView.show", pk=person.id)
    named = Markup('<a href="{}">{}</a>').format(address, person.name)
    return (named, say(DUTIES[person.duty]), person.title, person.phone, person.mobile, person.email)


def _draft(values: Mapping[str, Any]) -> PointDraft:
    return PointDraft(
        name=values["name"] or "",
        level=values["level"] or "",
        host=values["host"] or "",
        region_id=values["region"] or 0,
        batch=values["batch"],
        sector_id=values["sector"],
        introduction=values["introduction"] or "",
        address=values["address"] or "",
        phone=values["phone"] or "",
        note=values["note"] or "",
    )


class PointStaffView(DomainView):
    """预警负责人 and 工作人员 of the points in scope."""

    model = PointStaff
    route_base = "/warning-point-staff"
    list_title = lazy_gettext("Staff of warning points")
    show_title = lazy_gettext("Person of a warning point")
    add_title = lazy_gettext("New person of a warning point")
    edit_title = lazy_gettext("Change person of a warning point")
    label_columns = {
        "point": lazy_gettext("Warning point"),
        "duty": lazy_gettext("Duty"),
        "name": lazy_gettext("Person's name"),
        "title": lazy_gettext("Title of the person"),
        "phone": lazy_gettext("Phone"),
        "mobile": lazy_gettext("Mobile"),
        "email": lazy_gettext("E-mail"),
        "position": lazy_gettext("Order"),
    }
    list_columns = ["name", "point", "duty", "title", "phone", "mobile"]
    search_columns = ["name", "duty"]
    base_order = ("name", "asc")
    add_columns = ["point", "duty", "name", "title", "phone", "mobile", "email", "position"]
    show_columns = add_columns
    choices_columns = {"duty": list(DUTIES.items())}

    def listing(self) -> ListSpec:
        """People by point, duty and name."""
        return staff_list(self.listing_name, self._row_link())

    def initial(self) -> dict[str, Any]:
        """The point from whose page one came."""
        key = request.args.get("point", "")
        if not key.isascii() or not key.isdigit() or len(key) > 18:
            return {"duty": "staff"}
        seen = select(WarningPoint.id).where(visible_points(self.actor, context.today()))
        found = db.session.scalar(seen.where(WarningPoint.id == int(key)))
        return {"duty": "staff", **({"point": found} if found else {})}

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return points.staff_problems(actor, row, values)

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Enter a person."""
        return points.keep_staff(actor, None, values, None, context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a person."""
        return points.keep_staff(actor, row, values, version, context.now())


def _batches(values: Sequence[Any]) -> Mapping[Any, Any]:
    named = {value: Message("Batch {number}", number=value) for value in values if value is not None}
    return {None: Message("Batch not entered"), **named}


def _sectors(values: Sequence[Any]) -> Mapping[Any, Any]:
    rows = db.session.execute(select(TradeSector.id, TradeSector.name).where(TradeSector.id.in_(values)))
    return {None: Message("Sector not entered"), **dict(rows.all())}


def _regions(values: Sequence[Any]) -> Mapping[Any, Any]:
    rows = db.session.execute(select(Region.id, Region.name).where(Region.id.in_(values)))
    return dict(rows.all())


class WarningPointChartView(DomainChartView):
    """How many points there are of each type, batch, sector and region."""

    model = WarningPoint
    route_base = "/warning-point-charts"
    chart_title = lazy_gettext("Charts of warning points")
    unit: ClassVar[Message] = Message("Warning points")
    groupings: ClassVar[Sequence[Grouping]] = (
        Grouping(Message("By type"), WarningPoint.level, lambda _values: LEVELS),
        Grouping(Message("By batch"), WarningPoint.batch, _batches),
        Grouping(Message("By sector"), WarningPoint.sector_id, _sectors),
        Grouping(Message("By region"), WarningPoint.region_id, _regions),
    )


class TradeSectorView(DictionaryEntryView):
    """外贸行业."""

    model = TradeSector
    route_base = "/trade-sectors"
    list_title = lazy_gettext("Sectors of trade")
    show_title = lazy_gettext("Sector of trade")
    add_title = lazy_gettext("New sector of trade")
    edit_title = lazy_gettext("Change sector of trade")
    label_columns = {
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "chapters": lazy_gettext("HS chapters"),
        "position": lazy_gettext("Position"),
        **VALIDITY,
    }
    list_columns = ["code", "name", "chapters", "position", "valid_until"]
    search_columns = ["name", "code", "valid_until"]
    base_order = ("position", "asc")
    add_columns = ["code", "name", "chapters", "position", *VALIDITY]
    show_columns = add_columns
    hints = VALIDITY_HINTS


class WarningCategoryView(DictionaryEntryView):
    """预警类别."""

    model = WarningCategory
    route_base = "/warning-categories"
    list_title = lazy_gettext("Categories of warnings")
    show_title = lazy_gettext("Category of warnings")
    add_title = lazy_gettext("New category of warnings")
    edit_title = lazy_gettext("Change category of warnings")
    label_columns = {
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "field": lazy_gettext("Field of the category"),
        "is_remedy": lazy_gettext("Classical trade remedy"),
        "position": lazy_gettext("Position"),
        **VALIDITY,
    }
    list_columns = ["code", "name", "field", "is_remedy", "position", "valid_until"]
    search_columns = ["name", "code", "is_remedy", "valid_until"]
    base_order = ("position", "asc")
    add_columns = ["code", "name", "field", "is_remedy", "position", *VALIDITY]
    show_columns = add_columns
    hints = VALIDITY_HINTS


class CountryView(DictionaryEntryView):
    """国别地区: countries and areas, and the blocs that warnings name."""

    model = Country
    route_base = "/countries"
    list_title = lazy_gettext("Countries and areas")
    show_title = lazy_gettext("Country or area")
    add_title = lazy_gettext("New country or area")
    edit_title = lazy_gettext("Change country or area")
    label_columns = {
        "code": lazy_gettext("Code"),
        "alpha3": lazy_gettext("Three-letter code"),
        "kind": lazy_gettext("Kind"),
        "name": lazy_gettext("Name"),
        "members": lazy_gettext("Members of the bloc"),
        **VALIDITY,
    }
    list_columns = ["code", "name", "kind", "members", "valid_until"]
    search_columns = ["name", "code", "kind", "valid_until"]
    base_order = ("code", "asc")
    add_columns = ["code", "alpha3", "kind", "name", "members", *VALIDITY]
    show_columns = add_columns
    choices_columns = {"kind": list(COUNTRY_KINDS.items())}
    hints = {**VALIDITY_HINTS, "members": lazy_gettext("Two-letter codes of countries, with spaces between.")}


class HsChapterView(DictionaryEntryView):
    """HS 章. Numbers are the convention's, so chapters are neither added nor deleted here."""

    model = HsChapter
    route_base = "/hs-chapters"
    deletable = False
    exclude_route_methods = {"download", "action", "action_post", "add"}
    list_title = lazy_gettext("HS chapters")
    show_title = lazy_gettext("HS chapter")
    edit_title = lazy_gettext("Change HS chapter")
    label_columns = {
        "code": lazy_gettext("HS chapter"),
        "name": lazy_gettext("Name"),
        "section": lazy_gettext("Section of the HS"),
        **VALIDITY,
    }
    list_columns = ["code", "name", "section", "valid_until"]
    search_columns = ["name", "code", "section", "valid_until"]
    base_order = ("code", "asc")
    edit_columns = ["name", *VALIDITY]
    show_columns = ["code", "name", "section", *VALIDITY]
    hints = VALIDITY_HINTS
