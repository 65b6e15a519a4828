"""企业上报审核: the desk of an admin, with the queue at the left and the report beside it. HTTP only."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.infra import context, scope
from app.infra.i18n import say
from app.infra.lists import render_list, run_action
from app.infra.queues import next_of, place_in
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.kernel.actor import Kind
from app.kernel.errors import Invalid, NotFound
from app.reports import bulk, steps
from app.reports.filing_views import DEFAULT_FORM
from app.reports.forms_input import lock_of
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.opening import calendar_of, open_report, ref_of
from app.reports.return_reasons import told
from app.reports.review_detail import detail_context
from app.reports.review_list import MINE, is_fresh_tab, queue_of, review_list, tab_of

LEFT_BEHIND = frozenset({"report", "after", "before"})
"""Words of the address that name a place in the queue and not what the queue is."""


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
        if is_fresh_tab(request.args):
            month = calendar_of(find_form(DEFAULT_FORM)).current(context.now())
            return redirect(url_for("ReviewView.desk") + _conditions(period=month))
        return self._desk(request.args.get("report", ""))

    @expose("/<report_id>/accept", methods=["POST"])
    @protected("review")
    def accept(self, report_id: str) -> Any:
        """接收: one level up, or approved at the top; the next one opens at once."""
        waiting = queue_of(self.actor, request.args, context.today())
        with unit_of_work():
            report = self._find(report_id, lock=True)
            version = lock_of(request.form.get("version"))
            steps.accept(self.actor, report, version, request.form.get("comment", ""), context.now())
        flash(gettext("Accepted: %(name)s", name=report.enterprise_version.name), "success")
        return self._next(waiting, int(report_id))

    @expose("/<report_id>/leapfrog", methods=["POST"])
    @protected("leapfrog")
    def leapfrog(self, report_id: str) -> Any:
        """越级接收 of one report, whatever its screening said."""
        bulk.require(self.actor, bulk.LEAPFROG)
        with unit_of_work():
            report = self._find(report_id, lock=True)
            version = lock_of(request.form.get("version"))
            steps.leapfrog(self.actor, report, version, request.form.get("comment", ""), context.now())
        flash(gettext("Accepted: %(name)s", name=report.enterprise_version.name), "success")
        return redirect(url_for("ReportPageView.page_of", report_id=report_id))

    @expose("/bulk", methods=["GET", "POST"])
    @protected("bulk")
    def accept_all(self) -> Any:
        """一键接收: how many reports of subordinates wait here, then all of them as a job."""
        bulk.require(self.actor, bulk.BULK)
        if request.method == "POST":
            ticked = (request.form.get(name) == "1" for name in ("own", "others"))
            return self._begin(bulk.Choice(bulk.BULK, *ticked))
        today = context.today()
        below = bulk.waiting(self.actor, bulk.Choice(bulk.BULK), today)
        both = bulk.waiting(self.actor, bulk.Choice(bulk.BULK, own=True), today)
        own = bulk.Waiting(both.passed - below.passed, both.others - below.others)
        return self.page("reports/bulk.html", below=below, own=own, both=both, once=secrets.token_hex(16))

    @expose("/leapfrog", methods=["GET", "POST"])
    @protected("leapfrog")
    def leapfrog_all(self) -> Any:
        """越级接收: every screened report below the top desk, as a job; the others are named."""
        bulk.require(self.actor, bulk.LEAPFROG)
        choice = bulk.Choice(bulk.LEAPFROG)
        if request.method == "POST":
            return self._begin(choice)
        today = context.today()
        return self.page(
            "reports/leapfrog.html",
            waiting=bulk.waiting(self.actor, choice, today),
            left_out=bulk.left_out(self.actor, choice, today),
            once=secrets.token_hex(16),
        )

    def _begin(self, choice: bulk.Choice) -> Any:
        with unit_of_work():
            started = bulk.begin(self.actor, choice, request.form.get("once") or None)
            public_id = started.public_id
        return redirect(url_for("JobView.show", public_id=public_id))

    @expose("/<report_id>/return", methods=["POST"])
    @protected("review")
    def give_back(self, report_id: str) -> Any:
        """退回: back to the enterprise with a reason; the next one opens at once."""
        waiting = queue_of(self.actor, request.args, context.today())
        try:
            with unit_of_work():
                report = self._find(report_id, lock=True)
                version = lock_of(request.form.get("version"))
                comment = told(report, request.form.get("comment", ""))
                steps.give_back(self.actor, report, version, comment, context.now())
        except Invalid as refusal:
            return self._desk(report_id, refusal, request.form.get("comment", "")), refusal.status
        flash(gettext("Returned: %(name)s", name=report.enterprise_version.name), "success")
        return self._next(waiting, int(report_id))

    def _desk(self, report_id: str, refusal: Invalid | None = None, comment: str = "") -> Any:
        waiting = queue_of(self.actor, request.args, context.today())
        mine = tab_of(request.args) == MINE
        current = report_id or (str(waiting[0]) if waiting and mine else "")
        detail = self._detail(current, waiting) if current else None
        problems = [say(problem.message) for problem in refusal.problems] if refusal else []
        return render_list(
            review_list(self.actor),
            self.actor,
            context.today(),
            template="reports/review_queue.html",
            url=url_for("ReviewView.desk"),
            detail=detail,
            waiting=len(waiting),
            bulk_url=url_for("ReviewView.accept_all") if bulk.BULK in self.actor.rights else "",
            leapfrog_url=url_for("ReviewView.leapfrog_all") if bulk.LEAPFROG in self.actor.rights else "",
            problems=problems,
            comment=comment,
        )

    def _detail(self, report_id: str, waiting: list[int]) -> dict[str, Any]:
        report = self._find(report_id)
        opened = open_report(self.actor, ref_of(report), context.now())
        detail = detail_context(opened, self.actor, context.now())
        for action in detail["actions"]:
            action["url"] += _conditions()
        return {**detail, **place_in(waiting, report.id, _desk_url)}

    def _find(self, report_id: str, *, lock: bool = False) -> Report:
        found: Report = scope.find(Report, report_id, self.actor, context.today(), lock=lock)
        return found

    @staticmethod
    def _next(waiting: list[int], done: int) -> Any:
        key = next_of(waiting, done)
        return redirect(url_for("ReviewView.desk") + _conditions() if key is None else _desk_url(key))


def _conditions(**more: object) -> str:
    """The conditions of the queue as they stand in the address, so that what comes next keeps to them."""
    kept = [(name, text) for name, text in request.args.items(multi=True) if name not in LEFT_BEHIND]
    query = urlencode([*kept, *((name, str(value)) for name, value in more.items())])
    return f"?{query}" if query else ""


def _desk_url(report_id: int) -> str:
    return url_for("ReviewView.desk") + _conditions(report=report_id)
