"""Filling in: the wizard of an enterprise, its drafts and its submission. HTTP only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.infra import context
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.infra.web import refusal_json
from app.kernel.errors import Conflict, DomainError, Invalid, NotFound
from app.reports import enterprise_step, filling, steps
from app.reports.definitions import SectionDefinition
from app.reports.form_loading import reported_month
from app.reports.forms_input import lock_of, typed_cells, typed_explanations, typed_rows
from app.reports.grid_page import conflict_details, refused_cells, save_answer
from app.reports.known_forms import find_form
from app.reports.opening import Closed, OpenReport, Ref, calendar_of, open_report
from app.reports.wizard import CONFIRM, find_step, frame, locked, step_url, wizard_steps
from app.reports.wizard_pages import ENTERPRISE

DEFAULT_FORM = "sme_monthly"


class FilingView(PageView):
    """The enterprise's own reports: fill, save, submit."""

    route_base = "/filing"
    default_view = "current"

    @expose("/", methods=["GET"])
    @protected("fill")
    def current(self) -> Any:
        """The current month's report, at its first step."""
        calendar = calendar_of(find_form(DEFAULT_FORM))
        return redirect(self._first(DEFAULT_FORM, str(calendar.current(context.now()))))

    @expose("/<form>/<month>/", methods=["GET"])
    @protected("fill")
    def start(self, form: str, month: str) -> Any:
        """A month's report, at its first step."""
        return redirect(self._first(form, month))

    @expose("/<form>/<month>/<code>", methods=["GET", "POST"])
    @protected("fill")
    def step(self, form: str, month: str, code: str) -> Any:
        """A step of the wizard; a POST comes from a page without scripts."""
        ref = self._ref(form, month)
        if request.method == "GET":
            return self._page(open_report(self.actor, ref, context.now()), code)
        if code == ENTERPRISE:
            return self._keep_enterprise(ref)
        try:
            self._save_form(ref, code)
        except (Invalid, Closed) as refusal:  # a window that closed meanwhile keeps what was typed, too
            opened = open_report(self.actor, ref, context.now())
            return self._page(opened, code, refusal, request.form), refusal.status
        return redirect(self._next(ref, code))

    @expose("/<form>/<month>/<code>/save", methods=["POST"])
    @protected("fill")
    def save(self, form: str, month: str, code: str) -> Any:
        """Autosave: JSON in, JSON out; nothing is half saved."""
        ref = self._ref(form, month)
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            abort(400)
        try:
            with unit_of_work():
                saved = self._save_json(ref, code, body)
                _section_of(saved.opened, code)
        except filling.DraftConflict as refusal:
            section = _section_of(refusal.opened, code)
            return jsonify(
                {**refusal_json(refusal), **conflict_details(refusal.opened, section)}
            ), refusal.status
        return jsonify(save_answer(saved, code))

    @expose("/<form>/<month>/submit", methods=["POST"])
    @protected("fill")
    def submit(self, form: str, month: str) -> Any:
        """上报: send the report to the direct reviewer."""
        ref = self._ref(form, month)
        try:
            with unit_of_work():
                report = steps.submit(
                    self.actor,
                    ref,
                    lock_of(request.form.get("version")),
                    request.form.get("filler", ""),
                    context.now(),
                )
        except Invalid as refusal:
            opened = open_report(self.actor, ref, context.now())
            return self._page(opened, CONFIRM, refusal, request.form), refusal.status
        except Conflict as refusal:  # saved in another tab, or by the page that was left just now
            opened = open_report(self.actor, ref, context.now())
            if not opened.is_open:
                raise
            flash(
                gettext("The report was saved once more meanwhile: look at it and submit again."), "warning"
            )
            return self._page(opened, CONFIRM, refusal, request.form), refusal.status
        flash(gettext("Submitted. The report now waits for review."), "success")
        return redirect(url_for("ReportPageView.page_of", report_id=report.id))

    def _ref(self, form: str, month: str) -> Ref:
        if self.actor.enterprise_id is None:
            raise NotFound
        return Ref(form, reported_month(form, month), self.actor.enterprise_id)

    def _first(self, form: str, month: str) -> str:
        ref = self._ref(form, month)
        return step_url(ref, wizard_steps(open_report(self.actor, ref, context.now()))[0].code)

    def _page(
        self,
        opened: OpenReport,
        code: str,
        refusal: DomainError | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> str:
        now = context.now()
        step = find_step(opened, code)
        template, values = step.page(opened, now, typed)
        problems = refusal.problems if refusal else ()
        if "grid" in values:
            values["grid"]["findings"] = [*refused_cells(problems), *values["grid"]["findings"]]
        return self.page(template, **frame(opened, code, now, problems), **values)

    def _keep_enterprise(self, ref: Ref) -> Any:
        """The first step: saved and on, or the page again with what is wrong or asked."""
        opened = open_report(self.actor, ref, context.now())
        if locked(opened, context.now()):
            return redirect(self._next(ref, ENTERPRISE))
        found = enterprise_step.answer(self.actor, ref, context.now())
        if found.page is not None:
            opened = open_report(self.actor, ref, context.now())
            shown = {**frame(opened, ENTERPRISE, context.now()), **found.page}
            return self.page("reports/enterprise_step.html", **shown), found.status
        if found.kept is not None and found.kept.frozen:
            flash(gettext("The change is recorded; the report is frozen until it is reviewed."), "success")
            return redirect(step_url(ref, ENTERPRISE))
        if found.kept is not None and found.kept.changed:
            flash(gettext("Saved. The report is filed with this information."), "success")
        return redirect(self._next(ref, ENTERPRISE))

    def _save_form(self, ref: Ref, code: str) -> None:
        form = request.form
        opened = open_report(self.actor, ref, context.now())
        find_step(opened, code)
        section = next((found for found in opened.version.sections if found.code == code), None)
        if section is None or not opened.is_fillable:
            return
        with unit_of_work():
            if section.is_grid:
                cells, told = typed_cells(form), typed_explanations(form)
                filling.save_cells(self.actor, ref, cells, lock_of(form.get("version")), context.now(), told)
            else:
                rows = typed_rows(form, section)
                filling.save_rows(self.actor, ref, code, rows, lock_of(form.get("version")), context.now())

    def _save_json(self, ref: Ref, code: str, body: Mapping[str, Any]) -> filling.Saved:
        lock, now = lock_of(body.get("version")), context.now()
        if isinstance(body.get("rows"), list):
            rows = [_texts(row) for row in body["rows"]]
            return filling.save_rows(self.actor, ref, code, rows, lock, now)
        return filling.save_cells(
            self.actor, ref, _texts(body.get("cells")), lock, now, _texts(body.get("explanations"))
        )

    def _next(self, ref: Ref, code: str) -> str:
        codes = [step.code for step in wizard_steps(open_report(self.actor, ref, context.now()))]
        at = codes.index(code)
        move = {"next": 1, "previous": -1}.get(request.form.get("go", ""), 0)
        return step_url(ref, codes[min(max(at + move, 0), len(codes) - 1)])


def _section_of(opened: OpenReport, code: str) -> SectionDefinition:
    """The section that a step fills; the steps before and after the sections have nothing to save."""
    try:
        return opened.version.section(code)
    except KeyError:
        raise NotFound from None


def _texts(found: object) -> dict[str, str]:
    """A JSON object of texts; numbers as they were written, nothing else.

    What is no such object is answered with 400.
    """
    if found is None:
        return {}
    if not isinstance(found, dict) or any(isinstance(value, dict | list | bool) for value in found.values()):
        abort(400)
    return {str(name): "" if value is None else str(value) for name, value in found.items()}
