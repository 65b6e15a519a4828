"""Pages of regions and bureaus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask_babel import lazy_gettext

from app.infra import context
from app.infra.lists import Action, ListSpec
from app.infra.views import DomainView
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations import service
from app.organisations.fields import RemoteMultipleField, text_field
from app.organisations.lists import bureau_list
from app.organisations.models import Bureau, Region
from app.organisations.region_service import region_problems, set_tag
from app.organisations.terms import (
    CONTACT_DUTIES,
    LEVEL_NAMES,
    REGION_KIND_NAMES,
    REGION_LEVEL_NAMES,
    STATE_NAMES,
)

TAG_ACTIONS = tuple(
    Action(
        name,
        words,
        lambda actor, key, _comment, now, tagged=tagged: set_tag(  # type: ignore[misc]
            actor, key[0], strong_exporter=tagged, now=now
        ),
        allowed=lambda actor: actor.kind in (Kind.PLATFORM, Kind.BUREAU),
    )
    for name, words, tagged in (
        ("tag", Message("Tag as strong exporting county"), True),
        ("untag", Message("Take the tag off"), False),
    )
)


class RegionView(DomainView):
    """The territory with its dates and successors."""

    model = Region
    route_base = "/regions"
    offers_past = True
    list_title = lazy_gettext("Regions")
    show_title = lazy_gettext("Region")
    add_title = lazy_gettext("New region")
    edit_title = lazy_gettext("Change region")
    label_columns = {
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "full_name": lazy_gettext("Full name"),
        "level": lazy_gettext("Level"),
        "parent": lazy_gettext("Lies within"),
        "kind": lazy_gettext("Kind"),
        "valid_from": lazy_gettext("Exists from"),
        "valid_to": lazy_gettext("Abolished on"),
        "successors": lazy_gettext("Successors"),
        "strong_exporter": lazy_gettext("Strong exporting county"),
        "note": lazy_gettext("Note"),
    }
    list_columns = ["code", "full_name", "level", "kind", "strong_exporter", "valid_from", "valid_to"]
    search_columns = ["full_name", "code", "level", "kind", "strong_exporter"]
    base_order = ("code", "asc")
    add_columns = [
        *("code", "name", "level", "parent", "kind", "valid_from", "valid_to"),
        *("successors", "strong_exporter", "note"),
    ]
    show_columns = [*add_columns[:2], "full_name", *add_columns[2:]]
    choices_columns = {
        "level": list(REGION_LEVEL_NAMES.items()),
        "kind": list(REGION_KIND_NAMES.items()),
    }
    hints = {
        "valid_to": lazy_gettext("The first day on which the region no longer exists."),
        "parent": lazy_gettext("The region at the next higher level."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "successors": RemoteMultipleField(
            lazy_gettext("Successors"), model=Region, url="/regions/choices/successors"
        ),
    }

    def listing(self) -> ListSpec:
        """Regions by code; a bureau or the platform tags several counties at once."""
        return replace(super().listing(), actions=TAG_ACTIONS)

    def initial(self) -> dict[str, Any]:
        """A bureau adds development zones at county level, and nothing else."""
        if self.actor.kind is Kind.BUREAU:
            return {"level": "county", "kind": "functional_zone"}
        return {}

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return region_problems(actor, _region_draft(values), row, context.now())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a region."""
        return service.create_region(actor, _region_draft(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a region."""
        return service.edit_region(actor, row.id, _region_draft(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a development zone that was added by mistake."""
        service.delete_region(actor, row.id, context.now())


def _region_draft(values: Mapping[str, Any]) -> service.RegionDraft:
    return service.RegionDraft(
        code=values["code"] or "",
        name=values["name"] or "",
        level=values["level"] or "",
        parent_id=values["parent"],
        kind=values["kind"] or "admin",
        valid_from=values["valid_from"],
        valid_to=values["valid_to"],
        successor_ids=values["successors"] or (),
        strong_exporter=bool(values["strong_exporter"]),
        note=values["note"] or "",
    )


class BureauView(DomainView):
    """Bureaus with their contacts."""

    model = Bureau
    route_base = "/bureaus"
    import_name = "bureaus"
    list_title = lazy_gettext("Bureaus")
    show_title = lazy_gettext("Bureau")
    add_title = lazy_gettext("New bureau")
    edit_title = lazy_gettext("Change bureau")
    label_columns = {
        "name": lazy_gettext("Name"),
        "level": lazy_gettext("Level"),
        "region": lazy_gettext("Region"),
        "superior": lazy_gettext("Superior bureau"),
        "state": lazy_gettext("State"),
        "leader_name": lazy_gettext("Responsible leader"),
        "leader_phone": lazy_gettext("Leader's phone"),
        "handler_name": lazy_gettext("Handler"),
        "handler_title": lazy_gettext("Handler's title"),
        "handler_phone": lazy_gettext("Handler's phone"),
    }
    list_columns = ["name", "level", "region", "superior", "state"]
    search_columns = ["name", "level", "state"]
    base_order = ("name", "asc")
    add_columns = [
        *("name", "level", "region", "superior", "leader_name", "leader_phone"),
        *("handler_name", "handler_title", "handler_phone"),
    ]
    show_columns = [*add_columns, "state"]
    choices_columns = {"level": list(LEVEL_NAMES.items()), "state": list(STATE_NAMES.items())}
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "leader_name": text_field(lazy_gettext("Responsible leader"), 40),
        "leader_phone": text_field(lazy_gettext("Leader's phone"), 30),
        "handler_name": text_field(lazy_gettext("Handler"), 40),
        "handler_title": text_field(lazy_gettext("Handler's title"), 40),
        "handler_phone": text_field(lazy_gettext("Handler's phone"), 30),
    }

    def listing(self) -> ListSpec:
        """Bureaus by region, level, name and state."""
        return bureau_list(self.listing_name, self._row_link())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return service.bureau_problems(actor, _bureau_draft(values), row, context.now())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a bureau."""
        return service.create_bureau(actor, _bureau_draft(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a bureau."""
        return service.edit_bureau(actor, row.id, _bureau_draft(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a bureau that was never used."""
        service.delete_bureau(actor, row.id, context.now())


def _bureau_draft(values: Mapping[str, Any]) -> service.BureauDraft:
    return service.BureauDraft(
        name=values["name"] or "",
        level=values["level"] or "",
        region_id=values["region"] or 0,
        superior_id=values["superior"],
        contacts=[
            service.ContactDraft(
                duty,
                values[f"{duty}_name"] or "",
                values[f"{duty}_phone"] or "",
                values.get(f"{duty}_title") or "",
            )
            for duty in CONTACT_DUTIES
            if values[f"{duty}_name"] or values[f"{duty}_phone"] or values.get(f"{duty}_title")
        ],
    )
