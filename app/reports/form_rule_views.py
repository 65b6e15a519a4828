"""The page on which rules of a version are written, with the names that they may use."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, jsonify, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.infra import context
from app.infra.forms import REQUIRED, PlatformForm, refuse_control_characters
from app.infra.i18n import say
from app.infra.views import protected
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.expressions import Given
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import form_parts
from app.reports.definitions import ALL, CELL_KINDS, VersionDefinition
from app.reports.form_fields import (
    LONGEST_EXPRESSION,
    RULE_CELL_CHOICES,
    CodesField,
    ExpressionField,
    MonthTextField,
    cells_field,
    code_field,
    draft_field,
    months_field,
    reading_words,
)
from app.reports.form_lists import RULES
from app.reports.form_loading import load
from app.reports.form_models import FormVersion, ReportRule
from app.reports.form_names import NameGroup, usable_names
from app.reports.form_part_views import (
    LABELS,
    ORDER_HINT,
    FormPartView,
    certain,
    filled,
    months_words,
    order_field,
    words_among,
)
from app.reports.form_rules import APPLIES_TO, SEVERITIES, RuleInput, rule_of, rule_problems
from app.reports.form_views import seen, version_named
from app.reports.grid_page import shown
from app.reports.rule_reading import read_expression
from app.reports.rule_trial import SECONDS, Example, Trial, try_rule

JUDGED_BY = {"expression": ("section",), "indicators": ("section", "cells"), "cells": ("section",)}
"""By field of a rule the others that say what it may hold."""


class ReportRuleView(FormPartView):
    """Rules 审核关系: expressions that must hold, checked when they are saved."""

    model = ReportRule
    parts = RULES
    route_base = "/form-rules"
    add_template = edit_template = "reports/rule_form.html"
    show_template = "reports/rule_show.html"
    list_title = lazy_gettext("Rules")
    show_title = lazy_gettext("Rule")
    add_title = lazy_gettext("New rule")
    edit_title = lazy_gettext("Change rule")
    list_columns = ["code", "severity", "expression", "message"]
    search_columns = ["severity"]
    base_order = ("ord", "asc")
    edit_columns = [
        *("severity", "expression", "message", "indicators", "cells"),
        *("section", "applies_to", "months", "ord"),
    ]
    add_columns = ["draft", "code", *edit_columns]
    show_columns = ["version", "code", *edit_columns[:5], "section_code", *edit_columns[6:]]
    label_columns = {**LABELS, "section_code": LABELS["section"]}
    choices_columns = {"severity": list(SEVERITIES.items()), "applies_to": list(APPLIES_TO.items())}
    hints = {
        "message": lazy_gettext("{name} stands for the indicator and {unit} for its unit."),
        "ord": ORDER_HINT,
    }
    formatters_columns = {
        "months": months_words,
        "cells": words_among(dict(RULE_CELL_CHOICES)),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "draft": draft_field(),
        "code": code_field(20),
        "expression": ExpressionField(
            lazy_gettext("Expression"),
            validators=[InputRequired(REQUIRED), Length(max=LONGEST_EXPRESSION), refuse_control_characters],
            description=lazy_gettext(
                "What must hold, such as revenue.ytd >= total_profit.ytd. The names are listed below."
            ),
        ),
        "indicators": CodesField(
            lazy_gettext("Indicators"),
            default=[ALL],
            description=lazy_gettext("Codes of the indicators at which it is asked; * means each of them."),
        ),
        "cells": cells_field(lazy_gettext("Cells"), (ALL,), RULE_CELL_CHOICES),
        "section": StringField(
            lazy_gettext("Form section"),
            validators=[Length(max=20), refuse_control_characters],
            description=lazy_gettext("Code of a section; empty means every grid of indicators."),
        ),
        "months": months_field(),
        "ord": order_field(),
    }

    def initial(self) -> dict[str, Any]:
        """A rule for whoever sees the indicator."""
        return {**super().initial(), "applies_to": "visible"}

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        if row is not None:
            found = rule_problems(RuleInput(code=row.code, **filled(values)), load(row.version_id))
            return certain(found, values, JUDGED_BY)
        draft = self.chosen_draft(values)
        if draft is None:
            return ()
        return certain(form_parts.new_rule_problems(draft, RuleInput(**filled(values))), values, JUDGED_BY)

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a rule to a draft."""
        draft = self.draft_of(values)
        return form_parts.add_rule(actor, draft, RuleInput(**filled(values)), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a rule of a draft."""
        given = RuleInput(code=row.code, **filled(values))
        return form_parts.edit_rule(actor, row.id, given, seen(version), context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Take a rule out of a draft."""
        form_parts.remove_rule(actor, row.id, context.now())

    @expose("/reading", methods=["POST"])
    @protected("add")
    def reading(self) -> Any:
        """What an expression says, or where it is wrong: JSON in and out, for the page as one types."""
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            abort(400)
        given = {name: str(body.get(name) or "") for name in ("version", "section", "expression")}
        version = version_named(given["version"])
        if version is None:
            raise NotFound
        found = read_expression(given["expression"][:LONGEST_EXPRESSION], given["section"], load(version.id))
        return jsonify(
            words=reading_words(found),
            wrong=found.problem is not None,
            before=found.before,
            marked=found.marked or "▲",
            after=found.after,
        )

    @expose("/trial", methods=["POST"])
    @protected("add")
    def trial(self) -> Any:
        """Try a rule that is not saved yet on the reports of a month."""
        return self._trial(self.add_form(), None)

    @expose("/trial/<pk>", methods=["POST"])
    @protected("edit")
    def trial_of(self, pk: str) -> Any:
        """Try a rule of a draft, as it is typed, on the reports of a month."""
        row: ReportRule = self._find(pk)
        self._refuse_closed(row)
        return self._trial(self.edit_form(), row)

    def _trial(self, form: Any, row: ReportRule | None) -> Any:
        page = (
            (self.edit_template, self.edit_title, "edit")
            if row
            else (self.add_template, self.add_title, "add")
        )
        named = {"pk": str(row.id)} if row else {}
        asked = TrialForm(meta={"csrf": False})
        if not (form.validate_on_submit() and asked.validate()):
            return self._form_page(*page, form, (), asked=asked, **named)
        values = filled(self._values(form, self.edit_columns if row else self.add_columns))
        version = load(row.version_id if row else self.draft_of(values))
        given = RuleInput(code=row.code, **values) if row else RuleInput(**values)
        if problems := rule_problems(given, version):
            return self._form_page(*page, form, form.take(Invalid(problems)), asked=asked, **named)
        month: Any = asked.trial_month.data
        ends = time.monotonic() + SECONDS
        tried = try_rule(
            self.actor, version, rule_of(given), month, context.now(), lambda: time.monotonic() < ends
        )
        return self._form_page(*page, form, (), asked=asked, trial=trial_context(tried, version), **named)

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        found = read_expression(row.expression, row.section_code, load(row.version_id))
        return super()._show_page(pk, row, reading=reading_words(found), **values)

    def _form_page(
        self, template: str, title: Any, widget: str, form: Any, problems: Sequence[str], **values: Any
    ) -> Any:
        version = self._version_of(form, values.get("pk"))
        asked = values.pop("asked", None) or TrialForm(
            formdata=None, data={"trial_month": Month.containing(context.now()).previous()}
        )
        names: list[NameGroup] = []
        if version is not None:
            known = load(version.id)
            names = usable_names(known)
            form.expression.reading = read_expression(
                form.expression.data or "", form.section.data or "", known
            )
        form.expression.reading_url = self._url("reading")
        pk = values.get("pk")
        trial_url = self._url("trial_of", pk=pk) if pk else self._url("trial")
        answer, status = super()._form_page(
            template,
            title,
            widget,
            form,
            problems,
            names=names,
            asked=asked,
            version_id=version.id if version else "",
            trial_url=trial_url,
            **values,
        )
        return answer, 422 if asked.errors else status

    def _version_of(self, form: Any, key: str | None) -> FormVersion | None:
        if key is None:
            return version_named(form.draft.data)
        try:
            row: ReportRule = self._find(key)
        except NotFound:
            return None
        return row.version


class TrialForm(PlatformForm):
    """The month on whose reports a rule is tried."""

    trial_month = MonthTextField(lazy_gettext("Month to try it on"), must=True)


def trial_context(trial: Trial, version: VersionDefinition) -> dict[str, Any]:
    """The outcome of a trial in words."""
    counts = {"month": trial.month, "found": trial.found, "checked": trial.checked, "silent": trial.silent}
    if not trial.checked:
        words = Message("No report of {month} in your regions is asked this.", **counts)
    else:
        words = Message(
            "Found in {found} of {checked} reports of {month}; {silent} could not be asked.", **counts
        )
    return {
        "words": say(words),
        "note": "" if trial.complete else say(Message("The time ran out; these are the first of them.")),
        "examples": [
            {
                "enterprise": one.enterprise,
                "url": url_for("ReportPageView.page_of", report_id=one.report_id),
                "place": _place(one, version),
                "more": one.places - 1,
                "values": [{"name": name, "value": _value(value)} for name, value in one.values],
            }
            for one in trial.examples
        ],
    }


def _place(example: Example, version: VersionDefinition) -> str:
    if example.row_no:
        columns = (column for section in version.row_sections for column in section.columns)
        name = next((say(column.name) for column in columns if column.code == example.indicator), "")
        return say(Message("Row {number}, {name}", number=example.row_no, name=name))
    words = Message(
        "{indicator} ({cell})",
        indicator=version.indicator(example.indicator).name,
        cell=CELL_KINDS[example.cell].name,
    )
    return say(words)


def _value(value: Given) -> str:
    if isinstance(value, bool):
        return say(Message("true") if value else Message("false"))
    if value is None:
        return "—"
    return shown(value) if isinstance(value, Decimal) else str(value)
