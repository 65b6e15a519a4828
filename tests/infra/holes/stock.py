"""The records behind Flask-AppBuilder's stock views, narrowed to the visitor's team as its manual says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder, MasterDetailView, ModelView
from flask_appbuilder.actions import action
from flask_appbuilder.api import ModelRestApi
from flask_appbuilder.charts.views import GroupByChartView
from flask_appbuilder.fields import AJAXSelectField
from flask_appbuilder.fieldwidgets import Select2AJAXWidget
from flask_appbuilder.models.group import aggregate_count
from flask_appbuilder.models.sqla.filters import FilterEqualFunction
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import select

import app.wiring  # noqa: F401 - FAB creates every table that it knows, so all must be known
from app.infra.database import db
from app.kernel.clock import SystemClock
from tests.infra.holes import records
from tests.infra.holes.records import MINE, Item, Team

PASSWORD = "Holes-Only-1357"
OWN_ITEMS = [["team_id", FilterEqualFunction, lambda: MINE]]
OWN_TEAM = [["id", FilterEqualFunction, lambda: MINE]]


class ItemView(ModelView):
    """Items, narrowed by base filters."""

    datamodel = SQLAInterface(Item)
    route_base = "/items"
    base_filters = OWN_ITEMS
    list_columns = ["name"]
    add_columns = edit_columns = ["name", "team"]

    @action("wipe", "Wipe", "Sure?")
    def wipe(self, items: Any) -> Any:
        """Note what the action was given."""
        records.wiped.extend(item.name for item in (items if isinstance(items, list) else [items]) if item)
        return "wiped"

    def pre_add(self, item: Item) -> None:
        """Refuse, as FAB's hook does it."""
        if item.name.startswith("refused"):
            raise ValueError("password=hunter2")


class PlainView(ModelView):
    """Items with the stock class's own choice of what is searched and written."""

    datamodel = SQLAInterface(Item)
    route_base = "/plain"
    base_filters = OWN_ITEMS
    list_columns = ["name"]


class AjaxView(ModelView):
    """Items whose team is looked up while typing."""

    datamodel = SQLAInterface(Item)
    route_base = "/ajax"
    base_filters = OWN_ITEMS
    add_columns = ["name", "team"]
    add_form_extra_fields = {
        "team": AJAXSelectField(
            "Team", datamodel=datamodel, col_name="team", widget=Select2AJAXWidget(endpoint="/nowhere")
        )
    }


class TabView(ModelView):
    """Items as a part of their team, by which they are narrowed; the visitor may not list them."""

    datamodel = SQLAInterface(Item)
    route_base = "/tabs"
    list_columns = ["name"]


class TeamView(ModelView):
    """Teams with the tab of their items."""

    datamodel = SQLAInterface(Team)
    route_base = "/teams"
    base_filters = OWN_TEAM
    related_views = [TabView]


class TeamMasterView(MasterDetailView):
    """A team beside its items."""

    datamodel = SQLAInterface(Team)
    route_base = "/master"
    base_filters = OWN_TEAM
    related_views = [TabView]


class ItemChart(GroupByChartView):
    """Items by team."""

    datamodel = SQLAInterface(Item)
    route_base = "/itemchart"
    base_filters = OWN_ITEMS
    search_columns = ["name", "team"]
    definitions = [{"group": "name", "series": [(aggregate_count, "id")]}]


class ItemApi(ModelRestApi):
    """Items for programs."""

    datamodel = SQLAInterface(Item)
    resource_name = "items"
    allow_browser_login = True
    base_filters = OWN_ITEMS
    add_columns = edit_columns = ["name", "team"]


class NestedApi(ModelRestApi):
    """Items for programs, with their team by its name."""

    datamodel = SQLAInterface(Item)
    resource_name = "nested"
    allow_browser_login = True
    base_filters = OWN_ITEMS
    add_columns = ["name", "team.name"]


VIEWS = (ItemView, PlainView, AjaxView, TabView, TeamMasterView, TeamView, ItemChart, ItemApi, NestedApi)


def build(folder: Path) -> Flask:
    """The application, with its administrator and a visitor who may open everything but the users."""
    (folder / "uploads").mkdir()
    (folder / "uploads" / "1_sep_paper.txt").write_text("somebody's file")
    app = Flask("stock_app", root_path=str(folder))
    app.config.update(
        SECRET_KEY="only for these tests",
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'stock.db'}",
        FAB_PASSWORD_HASH_METHOD="pbkdf2:sha256:1000",
        FAB_ROLES={"Reader": [["ItemView", "can_list"]]},
        FAB_API_SHOW_STACKTRACE=False,
        UPLOAD_FOLDER=f"{folder / 'uploads'}/",
        LANGUAGES={"en": {"flag": "gb", "name": "English"}, "zh": {"flag": "cn", "name": "Chinese"}},
        WTF_CSRF_ENABLED=False,
    )
    app.extensions.update(clock=SystemClock(), wiring={"HOOKS": {}, "EVENTS": {}, "DELETION_VETOES": {}})
    db.init_app(app)
    with app.app_context():
        stock = AppBuilder(app, db.session)
        for view in VIEWS:
            stock.add_view_no_menu(view)
        records.fill()
        _add_users(stock)
    return app


def _add_users(stock: AppBuilder) -> None:
    sm = stock.sm
    sm.add_user("boss", "A", "B", "boss@example.org", sm.find_role("Admin"), PASSWORD)
    member = sm.add_role("Member")
    shown = {view.__name__ for view in VIEWS if view is not TabView} | {"ResetPasswordView"}
    for pair in db.session.scalars(select(sm.permissionview_model)):
        if pair.view_menu.name in shown:
            sm.add_permission_role(member, pair)
    sm.add_user("visitor", "C", "D", "visitor@example.org", member, PASSWORD)


def sign_in(app: Flask) -> Any:
    """The visitor's browser."""
    visitor = app.test_client()
    visitor.post("/login/", data={"username": "visitor", "password": PASSWORD})
    return visitor
