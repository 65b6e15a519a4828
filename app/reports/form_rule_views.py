"""The page on which rules of a version are written, with the names that they may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.infra import context
from app.infra.forms import REQUIRED, refuse_control_characters
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.reports import form_parts
from app.reports.definitions import ALL
from app.reports.form_fields import (
    RULE_CELL_CHOICES,
    CodesField,
    cells_field,
    code_field,
    draft_field,
    months_field,
)
from app.reports.form_lists import RULES
from app.reports.form_loading import load
from app.reports.form_models import FormVersion, ReportRule
from app.reports.form_names import usable_names
from app.reports.form_part_views import (
    LABELS,
    ORDER_HINT,
    FormPartView,
    filled,
    months_words,
    order_field,
    words_among,
)
from app.reports.form_rules import APPLIES_TO, SEVERITIES, RuleInput
from app.reports.form_views import seen, version_named


class ReportRuleView(FormPartView):
    """Rules 审核关系: expressions that must hold, checked when they are saved."""

    model = ReportRule
    parts = RULES
    route_base = "/form-rules"
    add_template = edit_template = "reports/rule_form.html"
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
        "expression": StringField(
            lazy_gettext("Expression"),
            validators=[InputRequired(REQUIRED), Length(max=1000), refuse_control_characters],
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

    def _form_page(
        self, template: str, title: Any, widget: str, form: Any, problems: Sequence[str], **values: Any
    ) -> Any:
        version = self._version_of(form, values.get("pk"))
        names = usable_names(load(version.id)) if version is not None else []
        return super()._form_page(template, title, widget, form, problems, names=names, **values)

    def _version_of(self, form: Any, key: str | None) -> FormVersion | None:
        if key is None:
            return version_named(form.draft.data)
        try:
            row: ReportRule = self._find(key)
        except NotFound:
            return None
        return row.version
