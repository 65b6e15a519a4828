"""The summary of a month and the reports behind its numbers. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.views import PageView, protected
from app.reports.summary import behind_list, summary_list


class SummaryView(PageView):
    """经济指标月报汇总查询 for bureaus."""

    route_base = "/summaries"
    default_view = "list"
    title = lazy_gettext("Monthly summary of indicators")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """Sums of a month by group."""
        return self._answer(summary_list(self.actor, request.values))

    @expose("/reports", methods=["GET", "POST"])
    @protected("list")
    def behind(self) -> Any:
        """The reports that a number counts."""
        return self._answer(behind_list(self.actor, request.values))

    def _answer(self, spec: ListSpec) -> Any:
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())
