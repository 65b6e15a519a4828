"""The first page after sign-in: what waits, then where one can go."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import expose
from flask_babel import format_date

from app.infra import context
from app.infra.registries import table
from app.infra.security import current_principal
from app.infra.shell import todos_of
from app.infra.views import PageView
from app.infra.web import require_sign_in


class HomeView(PageView):
    """``/`` for everybody who is signed in."""

    route_base = ""
    default_view = "index"

    @expose("/", methods=["GET"])
    def index(self) -> Any:
        """To-dos first, then what each domain shows on the home page of this kind of account."""
        if current_principal() is None:
            return require_sign_in()
        now = context.now()
        panels = [panel for source in table("HOME_PANELS") for panel in source(self.actor, now)]
        return self.page(
            "home/index.html",
            todos=[*todos_of(self.actor), *(todo for panel in panels for todo in panel.todos)],
            panels=panels,
            today=format_date(context.today(), "full"),
        )
