"""字典管理: every dictionary of the platform with the number of its entries and the way to them."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_appbuilder import expose
from flask_babel import lazy_gettext
from sqlalchemy import func, select

from app.infra import context, scope
from app.infra.database import db
from app.infra.i18n import say
from app.infra.pages import PageView, protected
from app.infra.registries import table
from app.infra.security import current_permissions
from app.infra.views import DomainView


class DictionaryView(PageView):
    """The dictionaries that the wiring names, as far as the visitor may open them."""

    route_base = "/dictionaries"
    default_view = "list"
    title = lazy_gettext("Dictionaries")

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> str:
        """Names, entries, links."""
        views = {type(view).__name__: view for view in current_app.extensions["appbuilder"].baseviews}
        offered = [views[name] for name in table("DICTIONARY_PAGES") if name in views]
        held = current_permissions()
        rows = [
            (say(view.list_title), self._count(view.model), f"{view.route_base}/list/")
            for view in offered
            if isinstance(view, DomainView) and ("can_list", view.class_permission_name) in held
        ]
        return self.page("dictionaries/list.html", rows=rows)

    def _count(self, model: Any) -> int:
        seen = scope.scope_of(model)(self.actor, context.today())
        return int(db.session.execute(select(func.count()).select_from(model).where(seen)).scalar_one())
