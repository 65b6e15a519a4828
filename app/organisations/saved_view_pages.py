"""我的视图: the page on which an account finds, renames, shares, copies and deletes its views. HTTP only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select

from app.infra import context
from app.infra.audit_views import titles_of_lists
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup
from app.infra.lists.spec import Key
from app.infra.scope import visible
from app.infra.views import DomainView
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations import saved_views as service
from app.organisations.models import Account
from app.organisations.saved_views import NOT_OWN, SavedView, may_share


class SavedViewView(DomainView):
    """The views of whoever is signed in, and those shared by the admins above."""

    model = SavedView
    route_base = "/views"
    list_title = lazy_gettext("My views")
    show_title = lazy_gettext("View of a list")
    edit_title = lazy_gettext("Rename the view")
    label_columns = {
        "name": lazy_gettext("Name of the view"),
        "list_name": lazy_gettext("List"),
        "query": lazy_gettext("Conditions"),
        "account": lazy_gettext("Kept by"),
        "is_default": lazy_gettext("Opens by itself"),
        "is_shared": lazy_gettext("Shared with subordinates"),
        "updated_at": lazy_gettext("Last edited"),
    }
    choices_columns = {"list_name": lambda: list(titles_of_lists().items())}
    list_columns = ["name", "list_name", "is_default", "is_shared", "updated_at"]
    search_columns = ["name"]
    base_order = ("name", "asc")
    edit_columns = ["name", "is_default"]
    show_columns = ["name", "list_name", "account", "is_default", "is_shared", "updated_at"]
    exclude_route_methods = {"download", "action", "action_post", "add"}

    def listing(self) -> ListSpec:
        """Own views and shared ones, with the way into each."""
        return _list(self.listing_name, self._row_link())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Rename a view."""
        return service.change_view(
            actor, row, values["name"] or "", is_default=bool(values["is_default"]), version=version,
            now=context.now(),
        )  # fmt: skip

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete an own view."""
        service.remove_view(actor, row, context.now())

    def closed_because(self, row: Any) -> Message | None:
        """A view of somebody else is read only."""
        return None if row.account_id == self.actor.account_id else NOT_OWN

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """The list as the view shows it."""
        return [(say(Message("Open the view")), _address(row))]


def _list(name: str, link: str) -> ListSpec:
    row, titles = SavedView, titles_of_lists()
    return ListSpec(
        name=name,
        title=Message("My views"),
        base=lambda actor, today: visible(SavedView, actor, today),
        key=(row.id,),
        columns=(
            Column("name", Message("Name of the view"), row.name, sortable=True, always=True),
            Column("list_name", Message("List"), row.list_name, "choice", words=titles, sortable=True),
            Column("account", Message("Kept by"), lookup=Lookup(row.account_id, Account, "display_name")),
            Column("is_default", Message("Opens by itself"), row.is_default, "bool"),
            Column("is_shared", Message("Shared with subordinates"), row.is_shared, "bool"),
            Column("updated_at", Message("Last edited"), row.updated_at, "instant", sortable=True),
            Column("open", Message("Actions"), each=_ways_in, kind="links"),
        ),
        filters=(
            Filter("name", Message("Name of the view"), expression=row.name),
            Filter("list_name", Message("List"), "choice", row.list_name, words=titles),
            Filter("shared", Message("Shared with subordinates"), "bool", row.is_shared),
        ),
        default_sort="name",
        row_link=link,
        actions=_actions(),
        unit=Message("{count} views"),
        empty=Message("No view is kept yet. Save one from the menu “Views” of any list."),
    )  # fmt: skip


def _ways_in(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, Any]:
    found = select(SavedView).where(SavedView.id.in_([key[0] for key in keys]))
    return {
        (view.id,): [(say(Message("Open the view")), _address(view))] for view in db.session.scalars(found)
    }


def _address(view: SavedView) -> str:
    return f"{view.path}?view={view.id}"


def _actions() -> tuple[Action, ...]:
    def default(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
        service.make_default(actor, key[0], now)

    def share(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
        service.share(actor, key[0], now)

    def unshare(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
        service.share(actor, key[0], now, wanted=False)

    def copy(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
        service.copy_view(actor, key[0], now)

    return (
        Action("default", Message("Let it open by itself"), default),
        Action("share", Message("Share with subordinates"), share, allowed=may_share),
        Action("unshare", Message("Stop sharing"), unshare, allowed=may_share),
        Action("copy", Message("Copy to own views"), copy),
    )
