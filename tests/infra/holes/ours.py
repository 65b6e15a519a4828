"""The same records at the same addresses, behind the family of the product."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask_appbuilder import expose
from flask_babel import lazy_gettext

import config as configuration
from app.infra import audit, scope
from app.infra.api import DomainApi, scoped
from app.infra.assembly import assemble
from app.infra.charts import DomainChartView, Grouping
from app.infra.database import db
from app.infra.forms import RemoteSelectField
from app.infra.home import HomeView
from app.infra.lists import Column, Filter, ListSpec
from app.infra.preferences import PreferencesView
from app.infra.security import TAG, Credentials, session_tag
from app.infra.settings.models import SettingChange
from app.infra.views import DomainView, PageView, protected
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Conflict
from app.kernel.texts import LocalText, Message
from tests.infra.holes import records
from tests.infra.holes.records import MINE, Item, Team

PACKAGE = Path(__file__).resolve().parents[3] / "app"
VISITOR = Actor(kind=Kind.BUREAU, name="visitor", account_id=7, user_id=7, region_ids=frozenset({MINE}))
ROLE = frozenset({1})

scope.register(Team, lambda actor, today: Team.id.in_(actor.region_ids))
scope.register(Item, lambda actor, today: Item.team_id.in_(actor.region_ids))


class ItemView(DomainView):
    """Items in the visitor's scope."""

    model = Item
    route_base = "/items"
    list_title = show_title = add_title = edit_title = lazy_gettext("Items")
    list_columns = ["name"]
    search_columns = ["name", "team"]
    base_order = ("name", "asc")
    add_columns = edit_columns = ["name", "team"]

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Refuse as a service does, or fail as a bug does."""
        if values["name"].startswith("refused by a bug"):
            raise ValueError("password=hunter2")
        if values["name"].startswith("refused"):
            raise Conflict(Message("Not now."))
        return super().create(actor, values)


class PlainView(ItemView):
    """The same at the address where the stock view has every default."""

    route_base = "/plain"


class AjaxView(ItemView):
    """Items whose team is looked up while typing."""

    route_base = "/ajax"
    extra_fields = {"team": RemoteSelectField("Team", model=Team, url="/ajax/choices/team")}


class TeamView(DomainView):
    """Teams, without a tab of items."""

    model = Team
    route_base = "/teams"
    list_title = show_title = add_title = edit_title = lazy_gettext("Teams")
    list_columns = ["name"]
    search_columns = ["name"]
    base_order = ("name", "asc")
    add_columns = ["name"]


class ItemChart(DomainChartView):
    """Items by name."""

    model = Item
    route_base = "/itemchart"
    chart_title = lazy_gettext("Items")
    groupings = (Grouping(Message("Name"), Item.name),)


class ItemApi(DomainApi):
    """Items for scripts."""

    resource_name = "items"

    def listing(self) -> ListSpec:
        """Names."""
        return ListSpec(
            name="api.items",
            title=Message("Items"),
            base=scoped(Item),
            key=(Item.id,),
            columns=(Column("name", Message("Name"), Item.name, sortable=True),),
            filters=(Filter("name", Message("Name"), expression=Item.name),),
        )


class NestedApi(ItemApi):
    """The same at the address where the stock interface takes nested records."""

    resource_name = "nested"


class OwnAccountView(PageView):
    """Where the frame of every page links to."""

    route_base = "/me"
    default_view = "show"

    @expose("/")
    @protected("show")
    def show(self) -> str:
        """Nothing."""
        return ""


class InboxView(OwnAccountView):
    """As above."""

    route_base = "/inbox"
    default_view = "list"

    @expose("/")
    @protected("list")
    def list(self) -> str:
        """Nothing."""
        return ""


class TodoView(InboxView):
    """As above."""

    route_base = "/todos"


VIEWS = (
    HomeView,
    PreferencesView,
    OwnAccountView,
    InboxView,
    TodoView,
    ItemView,
    PlainView,
    AjaxView,
    TeamView,
    ItemChart,
    ItemApi,
    NestedApi,
)


def credentials(_user_id: int) -> Credentials:
    """The visitor's, whoever is asked for."""
    return Credentials(actor=VISITOR, secret="none", role_ids=ROLE, stamp=0)


WIRING: dict[str, Any] = {
    "PLATFORM_NAME": LocalText("平台", "Platform"),
    "VIEWS": VIEWS,
    "MENU": (),
    "GUARDS": (),
    "HOOKS": {},
    "EVENTS": {},
    "PRINCIPAL_LOADER": credentials,
    "QUEUES": (),
    "WAITING": (),
    "HOME_PANELS": (),
    "ROLE_LABELS": {},
    "DEMO_ACCOUNTS": (),
    "SHIPPED_ROLES": {},
    "LISTS": {},
    "DELETION_VETOES": {},
    "PREPARATIONS": (),
    "HELP_FOR_PAGE": lambda _endpoint, _actor: "",
}


def build(folder: Path) -> Flask:
    """The application, whose visitor may open every page."""
    app = Flask("app", root_path=str(PACKAGE))
    settings = {
        "TESTING": True,
        "PROPAGATE_EXCEPTIONS": False,
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'ours.db'}",
        "DATA_DIR": folder,
        "WTF_CSRF_ENABLED": False,
        "LOG_LEVEL": "CRITICAL",
        "QUEUE_URL": "",
        "DEMO": False,
    }
    app.config.update(configuration.load(settings))
    assemble(app, WIRING)
    pairs = {
        (name, view.class_permission_name)
        for view in app.extensions["appbuilder"].baseviews
        for name in view.base_permissions or ()
    }
    app.extensions["permissions"][0, ROLE] = frozenset(pairs)
    with app.app_context():
        audit.AuditEntry.__table__.create(db.engine)
        SettingChange.__table__.create(db.engine)
        records.fill()
    return app


def sign_in(app: Flask) -> Any:
    """The visitor's browser."""
    visitor = app.test_client()
    with visitor.session_transaction() as session, app.app_context():
        session["_user_id"] = str(VISITOR.user_id)
        session["_fresh"] = True
        session[TAG] = session_tag(credentials(7))
    return visitor
