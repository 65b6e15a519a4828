"""异常数据跟踪 for bureaus. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.lists import render_list, run_action
from app.infra.views import PageView, protected
from app.queries.outlier_list import outlier_list


class OutlierView(PageView):
    """Figures that stand out against an enterprise's own history or its trade."""

    route_base = "/queries/outliers"
    default_view = "list"
    title = lazy_gettext("Outliers for follow-up")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The outliers of a month."""
        spec = outlier_list(self.actor, request.values)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())
