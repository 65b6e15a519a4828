"""问卷调查管理: the list, the theme, and the steps of a questionnaire's life. HTTP only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, jsonify, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.infra import context
from app.infra.charts import DomainChartView, Grouping
from app.infra.forms import PlatformForm, parse_version
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.page_fields import submitted
from app.infra.transactions import unit_of_work
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor
from app.kernel.errors import DomainError, Invalid, Problem
from app.kernel.texts import Message
from app.questionnaires import handing_out, life_pages, lifecycle, theme_fields
from app.questionnaires.builder_page import ENABLE, THEME, frame, step_url
from app.questionnaires.lists import questionnaire_list
from app.questionnaires.models import FREQUENCIES, PLACEMENTS, SECTORS, TITLE_LENGTH, Questionnaire
from app.questionnaires.readiness import readiness
from app.questionnaires.themes import Theme
from app.questionnaires.workflow import STATES


class QuestionnaireView(DomainView):
    """Questionnaires of an admin and its subordinates, and those that were handed out to it."""

    model = Questionnaire
    route_base = "/questionnaires"
    batch_permission = "delete"
    show_template = "questionnaires/questionnaire.html"
    add_template = "questionnaires/theme_new.html"
    edit_template = "questionnaires/theme.html"
    list_title = lazy_gettext("Administration of questionnaires")
    show_title = lazy_gettext("Questionnaire")
    add_title = lazy_gettext("New questionnaire")
    edit_title = lazy_gettext("Theme")
    label_columns = {
        **theme_fields.LABELS,
        "state": lazy_gettext("State of the questionnaire"),
        "revision": lazy_gettext("Revision"),
        "admin": lazy_gettext("Drawn up by"),
        "enabled_at": lazy_gettext("Enabled at"),
        "stopped_at": lazy_gettext("Stopped at"),
    }
    list_columns = ["title", "state", "frequency", "starts_on", "ends_on"]
    search_columns = ["title", "state"]
    base_order = ("updated_at", "desc")
    add_columns = [*theme_fields.COLUMNS]
    show_columns = [
        *("state", "revision", "admin", "frequency", "starts_on", "ends_on", "placement", "anonymous"),
        *("regions", "industries", "sector", "sizes", "control_types", "named"),
        *("introduction", "thanks", "enabled_at", "stopped_at"),
    ]
    choices_columns = {
        "state": list(STATES.items()),
        "frequency": list(FREQUENCIES.items()),
        "placement": list(PLACEMENTS.items()),
        "sector": list(SECTORS.items()),
    }
    formatters_columns = life_pages.FORMATTERS

    def _init_forms(self) -> None:
        """The fields look records up, so they are made once all models are loaded."""
        type(self).extra_fields = theme_fields.theme_fields("/questionnaires/choices")
        super()._init_forms()

    def initial(self) -> dict[str, Any]:
        """What is usual."""
        return {"frequency": "once", "placement": "required"}

    def listing(self) -> ListSpec:
        """Questionnaires by frequency, state and days."""
        return questionnaire_list(self.listing_name, self._row_link())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        return life_pages.problems_of(actor, row, values)

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Draw up a draft."""
        return lifecycle.create_questionnaire(actor, _theme(actor, values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change the theme of a draft."""
        return lifecycle.edit_theme(actor, row.id, _theme(actor, values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a draft."""
        lifecycle.delete_questionnaire(actor, row.id, context.now())

    def closed_because(self, row: Any) -> Message | None:
        """What was handed out is another admin's; what is enabled never changes."""
        if not lifecycle.manages(self.actor, row, context.today()):
            return lifecycle.FOREIGN
        return lifecycle.closed_because(row)

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """What can be done with it."""
        return life_pages.buttons(self.actor, row)

    def _after(self, key: Any) -> str:
        """Building goes on with the questions, or stays at the theme."""
        if request.endpoint == f"{self.endpoint}.add" or request.form.get("go") == "next":
            return step_url(lifecycle.find_managed(self.actor, key, context.now()), "questions")
        return self._url("edit" if request.endpoint == f"{self.endpoint}.edit" else "show", pk=key)

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        return super()._show_page(pk, row, **life_pages.life_of(self.actor, row), **values)

    def _form_page(
        self,
        template: str,
        title: Any,
        widget: str,
        form: PlatformForm,
        problems: Sequence[str],
        **values: Any,
    ) -> Any:
        """The theme stands in the frame of the six steps; a new questionnaire has no other step yet."""
        framed: dict[str, Any] = {"groups": theme_fields.fieldsets(), "refusals": problems}
        if widget == "edit":
            row = self._find(values["pk"])
            framed |= frame(row, THEME, can_change=True)
            framed["counted"] = say(life_pages.told_number(self.actor, row))
        status = 422 if form.errors or problems else 200
        page = self.render_template(
            template, title=title, form=form, back_url=self._url("list"), **framed, **values
        )
        return page, status

    # Steps

    @expose("/theme/<pk>", methods=["GET"])
    @protected("show")
    def theme(self, pk: str) -> Any:
        """主题定义: the form for who may change it, else the record."""
        may = self.can("edit") and self.closed_because(self._find(pk)) is None
        return redirect(self._url("edit" if may else "show", pk=pk))

    @expose("/audience", methods=["POST"])
    @protected("list")
    def audience(self) -> Any:
        """How many enterprises the entered audience means, as JSON, while the theme is written."""
        form = self.edit_form()
        form.validate()
        values = self._values(form, self.edit_columns)
        wrong = {name for name in self.edit_columns if form[name].errors}
        told = life_pages.entered_number(
            self.actor, {**values, **dict.fromkeys(wrong)}, request.form.get("of", "")
        )
        return jsonify(words=say(told))

    @expose("/enable/<pk>", methods=["GET", "POST"])
    @protected("enable")
    def enable(self, pk: str) -> Any:
        """问卷启用: what stands in the way, what will be asked of whom, and the step itself."""
        refusals: list[str] = []
        if request.method == "POST":
            version = parse_version(request.form.get("version"))
            try:
                with unit_of_work():
                    lifecycle.enable_questionnaire(self.actor, pk, version, context.now())
            except DomainError as refusal:
                refusals = [say(one.message) for one in refusal.problems] or [say(refusal.message)]
            else:
                flash(gettext("Enabled."), "success")
                return redirect(self._url("show", pk=pk))
        row = self._find(pk)
        if not row.is_draft and not refusals:
            return redirect(self._url("show", pk=pk))
        lifecycle.find_managed(self.actor, pk, context.now())
        judged = readiness(row, context.today())
        page = self.render_template(
            "questionnaires/enable.html",
            **frame(row, ENABLE, can_change=True),
            **life_pages.confirmation(row, judged),
            judged=judged,
            refusals=refusals,
        )
        return page, 422 if refusals else 200

    @expose("/stop/<pk>", methods=["GET", "POST"])
    @protected("stop")
    def stop(self, pk: str) -> Any:
        """停用: with a reason."""
        form = life_pages.StopForm()
        return self._asked(
            pk,
            form,
            gettext("Stop the questionnaire"),
            gettext("The open round closes now and no further one opens. What was answered stays."),
            lambda: lifecycle.stop_questionnaire(self.actor, pk, form.comment.data or "", context.now()),
        )

    @expose("/copy/<pk>", methods=["GET", "POST"])
    @protected("add")
    def copy(self, pk: str) -> Any:
        """复制: a draft of one's own, under a title that may be changed first."""
        row = self._find(pk)
        usual = gettext("%(title)s (copy)", title=row.title)[:TITLE_LENGTH]
        form = life_pages.CopyForm(data={"title": usual})
        if request.method == "POST" and "title" not in request.form:
            form.title.data = form.title.raw_data = usual
        return self._asked(
            pk,
            form,
            gettext("Copy the questionnaire"),
            gettext("The copy is a draft of yours with the same questions and no days yet."),
            lambda: lifecycle.copy_questionnaire(self.actor, pk, form.title.data or usual, context.now()),
        )

    @expose("/revise/<pk>", methods=["GET", "POST"])
    @protected("add")
    def revise(self, pk: str) -> Any:
        """修订: a draft that continues the series."""
        return self._asked(
            pk,
            PlatformForm(),
            gettext("Revise the questionnaire"),
            gettext(
                "The revision is a draft with the same questions. Once it is enabled and its first day "
                "comes, it takes the place of this questionnaire; results of the series can be read together."
            ),
            lambda: lifecycle.revise_questionnaire(self.actor, pk, context.now()),
        )

    @expose("/hand-out/<pk>", methods=["GET", "POST"])
    @protected("hand_out")
    def hand_out(self, pk: str) -> Any:
        """分发 to subordinate admins, and taking it back."""
        row = lifecycle.find_managed(self.actor, pk, context.now())
        taking = request.form.get("do") == "take_back"
        form = life_pages.hand_out_form(self.actor, row)

        def work() -> None:
            step = handing_out.take_back if taking else handing_out.hand_out
            chosen = form.taken.data if taking else form.admins.data
            step(self.actor, pk, [int(key) for key in chosen or ()], context.now())

        if submitted(form, work):
            flash(gettext("Taken back.") if taking else gettext("Handed out."), "success")
            return redirect(self._url("hand_out", pk=pk))
        page = self.render_template(
            "questionnaires/hand_out.html", row=row, form=form, back_url=self._url("show", pk=pk)
        )
        return page, 422 if form.errors or form.form_errors else 200

    def _asked(self, pk: str, form: PlatformForm, title: str, note: str, work: Any) -> Any:
        """A step with a page of its own that says what it does; what it makes is opened afterwards."""
        row = self._find(pk)
        made: list[Questionnaire] = []
        if submitted(form, lambda: made.append(work())):
            flash(gettext("Saved."), "success")
            key = made[0].id
            return redirect(self._url("show" if key == row.id else "edit", pk=key))
        page = self.render_template(
            "questionnaires/ask.html",
            title=title,
            sub=row.title,
            note=note,
            form=form,
            back_url=self._url("show", pk=pk),
        )
        return page, 422 if form.errors or form.form_errors else 200


def _theme(actor: Actor, values: dict[str, Any]) -> Theme:
    theme, problems = theme_fields.theme_from(values, actor, context.today())
    if problems:
        raise Invalid(problems)
    return theme


class QuestionnaireChartView(DomainChartView):
    """How many questionnaires there are, by how far they are and how often they are asked."""

    model = Questionnaire
    route_base = "/questionnaire-charts"
    chart_title = lazy_gettext("Charts of questionnaires")
    unit: ClassVar[Message] = Message("Questionnaires")
    groupings = (
        Grouping(Message("By state"), Questionnaire.state, lambda _values: STATES),
        Grouping(Message("By frequency"), Questionnaire.frequency, lambda _values: FREQUENCIES),
        Grouping(Message("By where it is answered"), Questionnaire.placement, lambda _values: PLACEMENTS),
    )
