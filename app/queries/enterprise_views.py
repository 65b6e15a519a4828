"""企业分析: a page for each enterprise, and its figures as a list. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.lists import render_list, run_action
from app.infra.views import PageView, protected
from app.kernel.actor import Kind
from app.queries.enterprise_list import figures_list
from app.queries.enterprise_page import analysis_context
from app.queries.enterprise_question import read_question


class EnterpriseAnalysisView(PageView):
    """The course of an enterprise's figures and reports, beside its trade and its region."""

    route_base = "/queries/enterprises"
    default_view = "own"
    title = lazy_gettext("Enterprise analysis")

    @expose("/", methods=["GET"])
    @protected("show")
    def own(self) -> Any:
        """The analysis of the own enterprise; a bureau first chooses one."""
        if self.actor.kind is Kind.ENTERPRISE:
            return redirect(url_for(".analysis", enterprise_id=self.actor.enterprise_id or 0))
        return redirect(url_for("EnterpriseQueryView.list"))

    @expose("/<enterprise_id>/", methods=["GET"])
    @protected("show")
    def analysis(self, enterprise_id: str) -> Any:
        """One enterprise in sight."""
        now = context.now()
        question = read_question(self.actor, enterprise_id, request.args, now)
        return self.page("queries/analysis.html", **analysis_context(self.actor, question, now))

    @expose("/figures", methods=["GET", "POST"])
    @protected("show")
    def figures(self) -> Any:
        """The months of an enterprise as a list, to be exported."""
        spec = figures_list(self.actor, request.values)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())
