"""Pages of roles: which pages each opens, in words; shipped roles are shown and stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, ClassVar

from flask import current_app
from flask_appbuilder.security.sqla.models import PermissionView, Role
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import ColumnElement, false, true
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.infra.choice_fields import CheckListField, Group
from app.infra.display import MISSING, display
from app.infra.forms import REQUIRED, refuse_control_characters
from app.infra.i18n import listed, say
from app.infra.lists import ListSpec
from app.infra.registries import table
from app.infra.scope import register
from app.infra.views import DomainView
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations import role_service
from app.organisations.terms import ROLE_NAMES

VERBS = {
    "list": Message("See the list"),
    "show": Message("Open a record"),
    "add": Message("Add"),
    "edit": Message("Change"),
    "delete": Message("Delete"),
    "choices": Message("Look up entries"),
    "chart": Message("See charts"),
    "shapes": Message("Draw charts on maps"),
    "export": Message("Export"),
    "publish": Message("Publish"),
    "draft": Message("Make drafts"),
    "register": Message("Register an enterprise"),
    "review": Message("Review"),
    "bulk": Message("Accept all waiting reports"),
    "leapfrog": Message("Accept by leapfrog"),
    "remind": Message("Remind"),
    "import": Message("Import"),
    "grant": Message("Grant timed unfreezes"),
    "fill": Message("Fill in reports"),
    "withdraw": Message("Withdraw reports"),
    "answer": Message("Answer questionnaires"),
    "reopen": Message("Reopen what was submitted"),
    "again": Message("Run or send again"),
    "cancel": Message("Cancel"),
    "change": Message("Change"),
    "transfer": Message("Transfer work"),
    "step": Message("Publish and withdraw"),
    "enable": Message("Enable questionnaires"),
    "stop": Message("Stop questionnaires"),
    "hand_out": Message("Hand out questionnaires"),
    "reset": Message("Reset passwords"),
    "get": Message("Read by a program"),
    "read": Message("Look at files and download them"),
}
"""Words for permissions; one that is not here is shown by its own name."""


def visible_roles(actor: Actor, _today: object) -> ColumnElement[bool]:
    """Roles and their permissions: the platform's administration only."""
    return true() if actor.kind in {Kind.PLATFORM, Kind.SYSTEM} else false()


register(Role, visible_roles)
register(PermissionView, visible_roles)


def view_titles() -> dict[str, str]:
    """What the pages behind a permission are called, by the permission's view name."""
    titles = {item.endpoint.split(".")[0]: say(item.label) for area in table("MENU") for item in area.items}
    for view in current_app.extensions["appbuilder"].baseviews:
        named = (getattr(view, name, None) for name in ("list_title", "chart_title", "title", "show_title"))
        title = next((words for words in named if words), view.class_permission_name)
        titles.setdefault(view.class_permission_name, say(title))
    return titles


def verb_words(permission: str) -> str:
    """``can_list`` as people read it."""
    verb = permission.removeprefix("can_")
    return say(VERBS.get(verb, verb.replace("_", " ")))


def permission_groups(pairs: Sequence[PermissionView]) -> list[Group]:
    """Permissions by page, each with its verbs in words; ``pairs`` come sorted by view."""
    titles = view_titles()
    found: list[Group] = [
        (titles.get(view, view), [(pair.id, verb_words(pair.permission.name)) for pair in chosen])
        for view, chosen in groupby(pairs, key=lambda pair: str(pair.view_menu.name))
    ]
    return sorted(found, key=lambda group: str(group[0]))


def shown_permissions(pairs: Sequence[PermissionView]) -> str:
    """The permissions of a role, a line for each page."""
    ordered = sorted(pairs or (), key=lambda pair: (pair.view_menu.name, pair.permission.name))
    lines = [
        Markup("<li>{}: {}</li>").format(title, listed(words for _id, words in verbs))
        for title, verbs in permission_groups(ordered)
    ]
    return Markup("<ul>{}</ul>").format(Markup("").join(lines)) if lines else MISSING


class RoleView(DomainView):
    """Roles. The security administrator makes new ones beside the shipped ones."""

    model = Role
    route_base = "/roles"
    list_title = lazy_gettext("Roles")
    show_title = lazy_gettext("Role")
    add_title = lazy_gettext("New role")
    edit_title = lazy_gettext("Change role")
    label_columns = {"name": lazy_gettext("Name"), "permissions": lazy_gettext("Permissions")}
    list_columns = ["name"]
    search_columns = ["name"]
    base_order = ("name", "asc")
    add_columns = ["name", "permissions"]
    show_columns = ["name", "permissions"]
    formatters_columns = {
        "name": lambda name: display(ROLE_NAMES.get(name, name)),
        "permissions": shown_permissions,
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "name": StringField(
            lazy_gettext("Name"),
            validators=[
                InputRequired(REQUIRED),
                Length(max=role_service.LONGEST_NAME),
                refuse_control_characters,
            ],
        ),
        "permissions": CheckListField(
            lazy_gettext("Permissions"),
            groups=lambda: permission_groups(role_service.offered_permissions()),
            coerce=int,
            description=lazy_gettext(
                "A role says which pages open; which records they show depends on the account."
            ),
        ),
    }

    def listing(self) -> ListSpec:
        """Roles by name; the shipped ones by their words."""
        spec = super().listing()
        named = [replace(column, kind="choice", words=ROLE_NAMES) for column in spec.columns]
        return replace(spec, columns=tuple(named))

    def name_of(self, row: Any) -> str:
        """Shipped roles by their words."""
        return say(ROLE_NAMES.get(row.name, row.name))

    def closed_because(self, row: Any) -> Message | None:
        """A change of a shipped role would be undone by the next update."""
        return role_service.SHIPPED if role_service.is_shipped(row) else None

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        key = None if row is None else row.id
        return role_service.role_entry_problems(key, values["name"] or "", values["permissions"] or ())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a role."""
        return role_service.create_role(actor, values["name"], values["permissions"])

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a role that an administrator made."""
        return role_service.edit_role(actor, row, values["name"], values["permissions"])

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a role that nobody holds."""
        role_service.delete_role(actor, row)
