"""企业上报审核: the desk of an admin, with the queue at the left and the report beside it. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.infra import context, scope
from app.infra.i18n import say
from app.infra.lists import render_list, run_action
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.kernel.actor import Kind
from app.kernel.errors import Invalid, NotFound
from app.reports import steps
from app.reports.forms_input import lock_of
from app.reports.models import Report
from app.reports.opening import open_report, ref_of
from app.reports.report_page import comparison, report_context
from app.reports.review import next_waiting
from app.reports.review_list import review_list, waiting_ids


class ReviewView(PageView):
    """Reports that wait at the signed-in admin."""

    route_base = "/review"
    default_view = "desk"

    @expose("/", methods=["GET", "POST"])
    @protected("review")
    def desk(self) -> Any:
        """The queue; ``?report=`` opens one beside it, by default the first."""
        if self.actor.kind is not Kind.BUREAU:
            raise NotFound
        spec = review_list(self.actor)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return self._desk(request.args.get("report", ""))

    @expose("/<report_id>/accept", methods=["POST"])
    @protected("review")
    def accept(self, report_id: str) -> Any:
        """接收: one level up, or approved at the top; the next one opens at once."""
        waiting = waiting_ids(self.actor, context.today())
        with unit_of_work():
            report = self._find(report_id, lock=True)
            version = lock_of(request.form.get("version"))
            steps.accept(self.actor, report, version, request.form.get("comment", ""), context.now())
        flash(gettext("Accepted: %(name)s", name=report.enterprise_version.name), "success")
        return self._next(waiting, int(report_id))

    @expose("/<report_id>/return", methods=["POST"])
    @protected("review")
    def give_back(self, report_id: str) -> Any:
        """退回: back to the enterprise with a reason; the next one opens at once."""
        waiting = waiting_ids(self.actor, context.today())
        try:
            with unit_of_work():
                report = self._find(report_id, lock=True)
                version = lock_of(request.form.get("version"))
                steps.give_back(self.actor, report, version, request.form.get("comment", ""), context.now())
        except Invalid as refusal:
            return self._desk(report_id, refusal, request.form.get("comment", "")), refusal.status
        flash(gettext("Returned: %(name)s", name=report.enterprise_version.name), "success")
        return self._next(waiting, int(report_id))

    def _desk(self, report_id: str, refusal: Invalid | None = None, comment: str = "") -> Any:
        waiting = waiting_ids(self.actor, context.today())
        current = report_id or (str(waiting[0]) if waiting else "")
        detail = self._detail(current, waiting) if current else None
        problems = [say(problem.message) for problem in refusal.problems] if refusal else []
        return render_list(
            review_list(self.actor),
            self.actor,
            context.today(),
            template="reports/review_queue.html",
            detail=detail,
            waiting=len(waiting),
            problems=problems,
            comment=comment,
        )

    def _detail(self, report_id: str, waiting: list[int]) -> dict[str, Any]:
        report = self._find(report_id)
        opened = open_report(self.actor, ref_of(report), context.now())
        at = waiting.index(report.id) if report.id in waiting else -1
        around = (
            [waiting[place] if 0 <= place < len(waiting) else None for place in (at - 1, at + 1)]
            if at >= 0
            else [None, None]
        )
        return {
            **report_context(opened, self.actor, context.now()),
            "comparison": comparison(opened),
            "position": at + 1 if at >= 0 else None,
            "of": len(waiting),
            "previous_url": _desk_url(around[0]),
            "next_url": _desk_url(around[1]),
            "report_url": url_for("ReportPageView.page_of", report_id=report.id),
        }

    def _find(self, report_id: str, *, lock: bool = False) -> Report:
        found: Report = scope.find(Report, report_id, self.actor, context.today(), lock=lock)
        return found

    @staticmethod
    def _next(waiting: list[int], done: int) -> Any:
        return redirect(_desk_url(next_waiting(waiting, done)) or url_for("ReviewView.desk"))


def _desk_url(report_id: int | None) -> str:
    return url_for("ReviewView.desk", report=report_id) if report_id is not None else ""
