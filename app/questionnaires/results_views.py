"""问卷统计 and 问卷查询导出: analyses, charts, cross-tabulations, texts, raw responses. HTTP only."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.views import PageView, protected
from app.questionnaires.results_cross import cross_list
from app.questionnaires.results_index import ANALYSES, TABLES, index_list
from app.questionnaires.results_one import question_list
from app.questionnaires.results_page import analysis_context, kept_conditions, notes, page_links
from app.questionnaires.results_raw import raw_list
from app.questionnaires.results_response import read_response
from app.questionnaires.results_selection import read_selection
from app.questionnaires.results_summary import analyse_part, list_of, summary_list
from app.questionnaires.results_texts import texts_list

LIST = "questionnaires/results/list.html"


class _ListPages(PageView):
    """Pages that are declared lists about one questionnaire."""

    def answer(self, spec: ListSpec, template: str = LIST, **values: Any) -> Any:
        """The list, or the file or job that its form asks for."""
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today(), template, **values)

    def about(self, here: str = "") -> dict[str, Any]:
        """What stands around a list about one questionnaire.

        :raises NotFound: none is named, or none in sight.
        """
        selection = read_selection(self.actor, request.values)
        kept = kept_conditions(selection, request.values)
        return {
            "questionnaire": selection.questionnaire,
            "notes": notes(selection),
            "links": page_links(selection, kept, here),
        }


class ResultView(_ListPages):
    """问卷统计: what came out of questionnaires."""

    route_base = "/questionnaire-results"
    default_view = "list"
    title = lazy_gettext("Statistics of questionnaires")

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The questionnaires in sight."""
        return self.answer(index_list(ANALYSES), "lists/list.html")

    @expose("/analysis", methods=["GET", "POST"])
    @protected("show")
    def analysis(self) -> Any:
        """Every question with counts, shares and spreads, and the same as a table to export."""
        if request.method == "POST":
            return self.answer(summary_list(self.actor, request.values))
        found = analyse_part(self.actor, request.values)
        shown = analysis_context(found, request.values)
        return self.answer(list_of(found), "questionnaires/results/analysis.html", **shown)

    @expose("/question", methods=["GET", "POST"])
    @protected("show")
    def question(self) -> Any:
        """One question, drawn."""
        return self.answer(question_list(self.actor, request.values), **self.about())

    @expose("/cross", methods=["GET", "POST"])
    @protected("show")
    def cross(self) -> Any:
        """A question told apart by round, place, trade, size or another question."""
        return self.answer(cross_list(self.actor, request.values), **self.about("cross"))

    @expose("/texts", methods=["GET", "POST"])
    @protected("show")
    def texts(self) -> Any:
        """What was written in answer to a question."""
        return self.answer(texts_list(self.actor, request.values), **self.about())


class ResponseView(_ListPages):
    """问卷查询导出: the raw responses."""

    route_base = "/questionnaire-results/responses"
    default_view = "list"
    title = lazy_gettext("Responses to questionnaires")

    @expose("/list/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The questionnaires in sight."""
        return self.answer(index_list(TABLES), "lists/list.html")

    @expose("/", methods=["GET", "POST"])
    @protected("show")
    def table(self) -> Any:
        """The raw table of one questionnaire."""
        return self.answer(raw_list(self.actor, request.values), **self.about("table"))

    @expose("/<response_id>", methods=["GET"])
    @protected("show")
    def response(self, response_id: str) -> Any:
        """One response in full."""
        found = read_response(self.actor, response_id)
        kept = kept_conditions(found.selection, request.args)
        return self.page(
            "questionnaires/results/response.html",
            questionnaire=found.selection.questionnaire,
            response=found.row,
            round=found.selection.rounds.words[found.row.round_id],
            told=found.told,
            links=page_links(found.selection, kept, ""),
        )
