"""报送龙虎榜 and the enterprises behind its numbers. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.views import PageView, protected
from app.queries.ranking import ranking_behind_list, ranking_list


class RankingView(PageView):
    """报送龙虎榜 for bureaus."""

    route_base = "/queries/ranking"
    default_view = "list"
    title = lazy_gettext("Ranking of reporting")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """A line for each place or admin."""
        return self._answer(ranking_list(self.actor, request.values))

    @expose("/enterprises", methods=["GET", "POST"])
    @protected("list")
    def behind(self) -> Any:
        """The enterprises that a number counts."""
        return self._answer(ranking_behind_list(self.actor, request.values))

    def _answer(self, spec: ListSpec) -> Any:
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())
