"""The builder: questions, branches, checks and layout of a draft, and its preview. HTTP only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, flash, g, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context, scope
from app.infra.database import db
from app.infra.i18n import language, say
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.infra.web import refusal_json
from app.kernel.clock import SHANGHAI
from app.kernel.errors import DomainError, Invalid, Problem
from app.questionnaires import drafts, lifecycle
from app.questionnaires.builder_changes import MEND_WORDS, STEPS, Outcome, Step, apply
from app.questionnaires.builder_forms import read_checks, read_layout, read_logic, read_question
from app.questionnaires.builder_logic import findings_of, logic_view, paths_view
from app.questionnaires.builder_page import expression_names, frame, kinds, outline, question_view
from app.questionnaires.definition import Definition, Question
from app.questionnaires.logic_sheet import sheet_rows
from app.questionnaires.models import Questionnaire
from app.questionnaires.preview import Preview, answered, opened

DEVICES = ("desktop", "phone")


class QuestionnaireBuilderView(PageView):
    """Building a questionnaire, step by step, each saved by itself."""

    route_base = "/questionnaire-builder"
    default_view = "step"
    title = lazy_gettext("Build questionnaires")

    @expose("/<pk>/<step>", methods=["GET"])
    @protected("show")
    def step(self, pk: str, step: str) -> Any:
        """One of the steps with a question in view; an enabled questionnaire can be read here too."""
        questionnaire, at = self._find(pk), request.args.get("at", "")
        if _by_script():
            return jsonify({"html": self._page(questionnaire, _known(step), at, fragment=True)})
        return self._page(questionnaire, _known(step), at)

    @expose("/<pk>/<step>", methods=["POST"])
    @protected("edit")
    def change(self, pk: str, step: str) -> Any:
        """Change the draft: a script gets JSON with the page's new parts, others the page."""
        questionnaire = self._find(pk)
        asked = self._asked(questionnaire, _known(step))
        try:
            with unit_of_work():
                outcome = apply(asked, step)
        except (Invalid, drafts.EditConflict) as refusal:
            return self._refused(pk, step, asked, refusal)
        return self._changed(step, outcome)

    @expose("/<pk>/preview", methods=["GET"])
    @protected("show")
    def preview(self, pk: str) -> Any:
        """The questionnaire as respondents see it, on a desktop and on a phone; nothing is stored."""
        questionnaire = self._find(pk)
        device = request.args.get("device", "")
        return self.page(
            "questionnaires/preview.html",
            questionnaire=questionnaire,
            device=device if device in DEVICES else DEVICES[0],
            builder_url=url_for(".step", pk=questionnaire.id, step=STEPS[0]),
        )

    @expose("/<pk>/paths", methods=["GET"])
    @protected("show")
    def paths(self, pk: str) -> Any:
        """Every path through the questionnaire, where they can be counted on a page."""
        questionnaire = self._find(pk)
        definition = drafts.definition_of(questionnaire)
        return self.page(
            "questionnaires/paths.html",
            questionnaire=questionnaire,
            builder_url=url_for(".step", pk=questionnaire.id, step="logic"),
            **paths_view(definition),
        )

    @expose("/<pk>/logic-sheet", methods=["GET"])
    @protected("show")
    def logic_sheet(self, pk: str) -> Any:
        """逻辑说明单: questions, branches and checks in words, to be printed."""
        questionnaire = self._find(pk)
        return self.page(
            "questionnaires/logic_sheet.html",
            questionnaire=questionnaire,
            builder_url=url_for(".step", pk=questionnaire.id, step="logic"),
            rows=sheet_rows(drafts.definition_of(questionnaire), language()),
        )

    @expose("/<pk>/sheet", methods=["GET"])
    @protected("show")
    def sheet(self, pk: str) -> Any:
        """The sheet alone, for the frame of the preview."""
        questionnaire = self._find(pk)
        return self._sheet(questionnaire, opened(drafts.definition_of(questionnaire), language()))

    @expose("/<pk>/sheet", methods=["POST"])
    @protected("show")
    def try_sheet(self, pk: str) -> Any:
        """Answers on trial: judged as a submission is, and forgotten."""
        questionnaire = self._find(pk)
        found = answered(drafts.definition_of(questionnaire), request.form, language())
        return self._sheet(questionnaire, found), 422 if found.problems else 200

    def _sheet(self, questionnaire: Questionnaire, preview: Preview) -> str:
        g.framed = True
        return self.page("questionnaires/preview_sheet.html", questionnaire=questionnaire, preview=preview)

    def _asked(self, questionnaire: Questionnaire, step: str) -> Step:
        form = request.form
        at = form.get("at", "")
        labels = drafts.definition_of(questionnaire).labels
        seen = form.get("seen", "")
        return Step(
            self.actor,
            questionnaire.id,
            int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
            at,
            labels.get(at, at),
            form,
            context.now(),
        )

    def _changed(self, step: str, outcome: Outcome) -> Any:
        questionnaire = outcome.questionnaire
        at = request.form.get("show") or outcome.at
        if not _by_script():
            if outcome.message is not None:
                flash(say(outcome.message), "warning")
            return redirect(url_for(".step", pk=questionnaire.id, step=step, at=at))
        return jsonify(
            {
                "edit": questionnaire.edit_number,
                "at": at,
                "saved": f"{questionnaire.updated_at.astimezone(SHANGHAI):%H:%M}",
                "reshaped": outcome.reshaped,
                "message": say(outcome.message) if outcome.message is not None else "",
                "html": self._page(questionnaire, step, at, fragment=True),
            }
        )

    def _refused(self, pk: str, step: str, asked: Step, refusal: DomainError) -> Any:
        """What was typed stays in the page; whoever saves again has seen the edit that holds now."""
        db.session.rollback()
        if _by_script():
            return jsonify(refusal_json(refusal)), refusal.status
        problems = refusal.problems or (Problem(refusal.message),)
        page = self._page(self._find(pk), step, asked.at, problems=problems, typed=request.form)
        return page, refusal.status

    def _page(
        self,
        questionnaire: Questionnaire,
        step: str,
        at: str,
        *,
        problems: Sequence[Problem] = (),
        typed: Any = None,
        fragment: bool = False,
    ) -> str:
        definition = drafts.definition_of(questionnaire)
        question = definition.find(at) or next(iter(definition.questions), None)
        if typed is not None:
            definition, question = _as_typed(definition, question, step, typed)
        at = question.code if question else ""
        extra = {"findings": findings_of(definition, at)} if step in {"questions", "checks"} else {}
        if step == "logic":
            extra = logic_view(questionnaire, definition, at, request.args, language())
        framed = frame(questionnaire, step, can_change=self._may_change(questionnaire))
        return self.page(
            f"questionnaires/builder_{step}.html",
            **framed,
            fragment=fragment,
            definition=definition,
            questions=outline(definition, at, language()),
            labels=definition.labels,
            languages=definition.languages,
            language=language(),
            at=at,
            view=question_view(definition, question, language()),
            names=expression_names(definition, question, language()),
            kinds=kinds(),
            problems=problems,
            typed=typed,
            by_sets="sets" in request.args,
            mend_words=MEND_WORDS,
            **extra,
        )

    def _may_change(self, questionnaire: Questionnaire) -> bool:
        return self.can("edit") and lifecycle.manages(self.actor, questionnaire, context.today())

    def _find(self, pk: str) -> Questionnaire:
        found: Questionnaire = scope.find(Questionnaire, pk, self.actor, context.today())
        return found


def _known(step: str) -> str:
    if step not in STEPS:
        abort(404)
    return step


def _by_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _as_typed(
    definition: Definition, question: Question | None, step: str, typed: Any
) -> tuple[Definition, Question | None]:
    """The definition as a refused form would have it, as far as it can be taken."""
    if step == "layout":
        return read_layout(definition, typed)[0], question
    if question is None:
        return definition, question
    if step == "questions":
        return definition, read_question(definition, question, typed).question
    if step == "logic":
        return definition, read_logic(definition, question, typed).question
    return definition, read_checks(question, typed).question
