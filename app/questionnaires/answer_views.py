"""Pages of answering: an enterprise's questionnaires, the sheet, what was submitted, and its reopening."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.infra import context
from app.infra.forms import parse_version
from app.infra.i18n import say
from app.infra.lists import render_list, run_action
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.infra.web import refusal_json
from app.kernel.errors import Conflict, Invalid, NotFound, Problem, Words
from app.kernel.texts import Message
from app.questionnaires import answering, answers_form
from app.questionnaires.answer_list import answers_list
from app.questionnaires.answer_page import answer_page, badge, identity, saved_at, saved_text
from app.questionnaires.answer_reading import reading_page
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.answers import judge
from app.questionnaires.sheet import turned, unseen

MORE = Message("Further questions follow from your answers.")
DECIDES = Message("Answer the last question shown: what follows depends on it.")


class AnswerView(PageView):
    """The questionnaires that an enterprise was asked to answer, and what it answered."""

    route_base = "/answers"
    default_view = "list"

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """我的问卷: every round that the enterprise was asked in."""
        spec = answers_list(self.actor)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today())

    @expose("/<int:respondent_id>", methods=["GET", "POST"])
    @protected("answer")
    def answer(self, respondent_id: int) -> Any:
        """The sheet. A POST turns its pages where no script runs, or submits it."""
        opened = self._opened(respondent_id)
        if request.method == "GET":
            if opened.respondent.state == ANSWERED:
                return redirect(url_for("AnswerView.show", respondent_id=respondent_id))
            return self._sheet(opened, page=parse_version(request.args.get("page")) or 1)
        typed = answers_form.read(opened.definition, request.form)
        typed.pop(request.form.get("clear", ""), None)
        if request.form.get("go") == "submit":
            return self._submit(opened, typed)
        return self._go_on(opened, typed)

    @expose("/<int:respondent_id>/save", methods=["POST"])
    @protected("answer")
    def save(self, respondent_id: int) -> Any:
        """Autosave: JSON in, JSON out."""
        body = request.get_json(silent=True)
        changed = body.get("answers") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(changed, dict):
            abort(400)
        lock = parse_version(str(body.get("version")))
        try:
            with unit_of_work():
                opened = answering.save_draft(self.actor, respondent_id, changed, lock, context.now())
        except answering.DraftConflict as refusal:
            stored = refusal.opened
            answer = {**refusal_json(refusal), "answers": dict(stored.draft), "who": self.actor.name}
            answer |= {"version": stored.respondent.version, "when": saved_at(stored.respondent)}
            return jsonify(answer), refusal.status
        except Conflict as refusal:
            return jsonify(refusal_json(refusal)), refusal.status
        respondent = opened.respondent
        return jsonify(version=respondent.version, saved_at=saved_at(respondent), state=badge(respondent))

    @expose("/<int:respondent_id>/thanks", methods=["GET"])
    @protected("answer")
    def thanks(self, respondent_id: int) -> Any:
        """The thank-you page."""
        opened = self._opened(respondent_id)
        if opened.respondent.state != ANSWERED:
            return redirect(url_for("AnswerView.answer", respondent_id=respondent_id))
        questionnaire = opened.questionnaire
        return self.page(
            "questionnaires/thanks.html",
            title=questionnaire.title,
            thanks=questionnaire.thanks or gettext("Thank you. Your answers were submitted."),
            anonymous=questionnaire.anonymous,
            in_report=questionnaire.placement != "apart",
            respondent=opened.respondent,
            data=identity(opened, self.actor),
        )

    @expose("/<int:respondent_id>/response", methods=["GET"])
    @protected("show")
    def show(self, respondent_id: int) -> Any:
        """What a respondent submitted, to be read; of an anonymous one only that it did."""
        opened = answering.open_respondent(self.actor, respondent_id, context.now())
        shown = reading_page(opened, self.actor, context.now())
        shown["may_reopen"] = shown["may_reopen"] and self.can("reopen")
        return self.page("questionnaires/response.html", **shown)

    @expose("/<int:respondent_id>/reopen", methods=["GET", "POST"])
    @protected("reopen")
    def reopen(self, respondent_id: int) -> Any:
        """Let a respondent change what it submitted, for a reason."""
        problems: Sequence[Problem] = ()
        reason = request.form.get("comment", "")
        if request.method == "POST":
            try:
                with unit_of_work():
                    answering.reopen(self.actor, respondent_id, reason, context.now())
            except Invalid as refusal:
                problems = refusal.problems
            else:
                flash(gettext("Reopened. The enterprise was told."), "success")
                return redirect(url_for("AnswerView.show", respondent_id=respondent_id))
        opened = answering.open_respondent(self.actor, respondent_id, context.now())
        if not reading_page(opened, self.actor, context.now())["may_reopen"]:
            raise Conflict(Message("Only what was submitted by a named respondent can be reopened."))
        words = [say(problem.message) for problem in problems]
        page = self.page(
            "questionnaires/reopen.html", opened=opened, reason=reason, problems=words,
            longest=answering.LONGEST_REASON,
        )  # fmt: skip
        return page, 422 if problems else 200

    def _opened(self, respondent_id: int) -> answering.Opened:
        """The enterprise's own; what others were asked is theirs to answer.

        :raises NotFound: not the enterprise's own.
        """
        opened = answering.open_respondent(self.actor, respondent_id, context.now())
        if opened.respondent.enterprise_id != self.actor.enterprise_id:
            raise NotFound
        return opened

    def _sheet(
        self,
        opened: answering.Opened,
        typed: Mapping[str, Any] | None = None,
        problems: Sequence[Problem] = (),
        *,
        page: int = 1,
        notices: Sequence[Words] = (),
    ) -> str:
        shown = answer_page(opened, self.actor, context.now(), typed, problems, page=page, notices=notices)
        return self.page("questionnaires/answer.html", saved_text=saved_text(opened), **shown)

    def _again(self, respondent_id: int, typed: Mapping[str, Any], refusal: Conflict, page: int) -> Any:
        """The sheet once more, with what was typed and why it was not taken; nothing of it is noted down."""
        opened = self._opened(respondent_id)
        return self._sheet(opened, typed, page=page, notices=[refusal.message]), refusal.status

    def _go_on(self, opened: answering.Opened, typed: dict[str, Any]) -> Any:
        """Keep the draft, then show the page that was asked for; an anonymous draft travels in the page."""
        respondent_id, definition = opened.respondent.id, opened.definition
        step = {"next": 1, "previous": -1}.get(request.form.get("go", ""), 0)
        at = parse_version(request.form.get("page")) or 1
        page, more = turned(definition, typed, at, step, request.form.get("shown", "").split())
        notices = [MORE] if more else [DECIDES] if step > 0 and page == at else []
        if opened.is_anonymous:
            return self._sheet(opened, typed, page=page, notices=notices)
        changed = {question.code: typed.get(question.code) for question in definition}
        lock = parse_version(request.form.get("version"))
        try:
            with unit_of_work():
                answering.save_draft(self.actor, respondent_id, changed, lock, context.now())
        except Conflict as refusal:
            return self._again(respondent_id, typed, refusal, page)
        for words in notices:
            flash(say(words), "info")
        return redirect(url_for("AnswerView.answer", respondent_id=respondent_id, page=page))

    def _submit(self, opened: answering.Opened, typed: dict[str, Any]) -> Any:
        """Submit what was typed, unless it leads to questions that were not shown yet."""
        respondent_id, definition = opened.respondent.id, opened.definition
        if problems := answers_form.faults(definition, request.form):
            problems = (*problems, *judge(definition, typed).problems)
            return self._sheet(opened, typed, problems), Invalid.status
        page = unseen(definition, typed, request.form.get("shown", "").split())
        if page is not None and opened.refusal(self.actor, context.now()) is None:
            return self._sheet(opened, typed, page=page, notices=[MORE])
        lock = None if opened.is_anonymous else parse_version(request.form.get("version")) or 0
        try:
            with unit_of_work():
                answering.submit(self.actor, respondent_id, typed, context.now(), lock)
        except Invalid as refusal:
            return self._sheet(self._opened(respondent_id), typed, refusal.problems), refusal.status
        except Conflict as refusal:
            return self._again(respondent_id, typed, refusal, 1)
        return redirect(url_for("AnswerView.thanks", respondent_id=respondent_id))
