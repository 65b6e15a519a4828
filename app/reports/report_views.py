"""Reports to look at: the list, the page of one report with its history, its workbook. HTTP only."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from flask import Response, flash, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.infra import audit, context, scope
from app.infra.lists import render_list, run_action
from app.infra.registries import record_links
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.kernel.actor import Kind
from app.reports import steps
from app.reports.forms_input import lock_of
from app.reports.history import history_list
from app.reports.lists import reports_list
from app.reports.models import Report
from app.reports.opening import open_report, ref_of
from app.reports.report_page import report_context

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReportPageView(PageView):
    """Reports in the actor's scope."""

    route_base = "/reports"
    default_view = "list"

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list: for an enterprise its history, for a bureau the month."""
        own = self.actor.kind is Kind.ENTERPRISE
        spec = history_list(self.actor) if own else reports_list(self.actor)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())

    @expose("/<report_id>", methods=["GET"])
    @protected("show")
    def page_of(self, report_id: str) -> Any:
        """One report: figures, findings, timeline, what can be done."""
        report = self._find(report_id)
        opened = open_report(self.actor, ref_of(report), context.now())
        page = report_context(opened, self.actor, context.now())
        return self.page("reports/report.html", **page, links=record_links(report))

    @expose("/<report_id>/workbook", methods=["GET"])
    @protected("export")
    def workbook(self, report_id: str) -> Response:
        """The report in the form's layout, as XLSX."""
        from app.reports.sheets import file_name, report_workbook  # noqa: PLC0415 - openpyxl is slow to load

        report = self._find(report_id)
        opened = open_report(self.actor, ref_of(report), context.now())
        content = report_workbook(opened)
        with unit_of_work():
            audit.record(self.actor, "export", "report", report.id, after={"format": "xlsx"})
        return send_file(io.BytesIO(content), WORKBOOK, as_attachment=True, download_name=file_name(opened))

    @expose("/<report_id>/withdraw", methods=["POST"])
    @protected("withdraw")
    def withdraw(self, report_id: str) -> Any:
        """撤销: take the report back while nobody has accepted it."""
        with unit_of_work():
            report = self._find(report_id, lock=True)
            steps.withdraw(self.actor, report, lock_of(request.form.get("version")), context.now())
        flash(gettext("Withdrawn. The report can be edited again."), "success")
        return redirect(url_for("ReportPageView.page_of", report_id=report_id))

    def _find(self, report_id: str, *, lock: bool = False) -> Report:
        today: dt.date = context.today()
        found: Report = scope.find(Report, report_id, self.actor, today, lock=lock)
        return found
