"""Pages of the size standards: what holds, what held, and another one from a day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import lazy_gettext
from markupsafe import Markup
from wtforms.validators import InputRequired

from app.enterprises.size import METRIC_NAMES
from app.enterprises.size_models import GROUPS, SizeStandard, threshold_name, threshold_names
from app.enterprises.size_standards import (
    IN_FORCE,
    StandardDraft,
    change_standard,
    is_in_force,
    publish_standard,
    standard_problems,
    standards,
    withdraw_standard,
)
from app.enterprises.size_tables import BANDS, group_names, metrics_of, standard_on
from app.infra import context
from app.infra.forms import REQUIRED, NumberField
from app.infra.i18n import marked, say
from app.infra.views import DomainView
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.numbers import format_number
from app.kernel.texts import LocalText, Message

FIELD_LABELS = {
    ("revenue", "large"): lazy_gettext("Revenue, large from (1,000 yuan)"),
    ("revenue", "medium"): lazy_gettext("Revenue, medium from (1,000 yuan)"),
    ("revenue", "small"): lazy_gettext("Revenue, small from (1,000 yuan)"),
    ("employees", "large"): lazy_gettext("Employees, large from"),
    ("employees", "medium"): lazy_gettext("Employees, medium from"),
    ("employees", "small"): lazy_gettext("Employees, small from"),
    ("assets", "large"): lazy_gettext("Total assets, large from (1,000 yuan)"),
    ("assets", "medium"): lazy_gettext("Total assets, medium from (1,000 yuan)"),
    ("assets", "small"): lazy_gettext("Total assets, small from (1,000 yuan)"),
}
HEADINGS = (
    Message("Size group"),
    Message("Measured by"),
    Message("Large from"),
    Message("Medium from"),
    Message("Small from"),
)
ROW = Markup('<tr><th scope="row">{}</th><td>{}</td>' + '<td class="num">{}</td>' * 3 + "</tr>")
TABLE = Markup(
    '<div class="qj-tablebox" tabindex="0" role="group" aria-label="{}"><table class="qj-t">'
    "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
)


class GroupName:
    """The name of a size group, in the language of whoever looks at the form."""

    def __init__(self, code: str) -> None:
        self.code = code

    def __str__(self) -> str:
        return say(group_names()[self.code])


def _limit_fields() -> dict[str, Any]:
    return {
        threshold_name(group, metric, band): NumberField(
            FIELD_LABELS[metric, band], scale=0, validators=[InputRequired(REQUIRED)]
        )
        for group in GROUPS
        for metric in metrics_of(group)
        for band in BANDS
    }


def _limit_names(group: str) -> list[str]:
    return [threshold_name(group, metric, band) for metric in metrics_of(group) for band in BANDS]


def threshold_table(rows: Sequence[Any]) -> Markup:
    """The thresholds of a standard as a table."""
    names = group_names()
    lines = (
        ROW.format(
            marked(say(names.get(row.size_group, row.size_group))),
            say(METRIC_NAMES[row.metric]),
            *(format_number(getattr(row, band).normalize()) for band in BANDS),
        )
        for row in rows or ()
    )
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(say(words)) for words in HEADINGS)
    return TABLE.format(say(Message("Thresholds")), heads, Markup("").join(lines))


class SizeStandardView(DomainView):
    """企业划型标准: the thresholds by which enterprises are sized, each standard from a day on."""

    model = SizeStandard
    route_base = "/size-standards"
    list_title = lazy_gettext("Size standards")
    show_title = lazy_gettext("Size standard")
    add_title = lazy_gettext("New size standard")
    edit_title = lazy_gettext("Change size standard")
    label_columns = {
        "code": lazy_gettext("Standard's short name"),
        "document": lazy_gettext("Document of the standard"),
        "in_force_from": lazy_gettext("In force from"),
        "reason": lazy_gettext("Reason"),
        "created_at": lazy_gettext("Entered"),
        "thresholds": lazy_gettext("Thresholds"),
    }
    list_columns = ["code", "document", "in_force_from", "reason", "created_at"]
    search_columns = ["code"]
    base_order = ("in_force_from", "desc")
    add_columns = ["code", "document", "in_force_from", "reason", *threshold_names()]
    show_columns = ["code", "document", "in_force_from", "reason", "created_at", "thresholds"]
    add_fieldsets = [
        (lazy_gettext("Standard"), {"fields": ["code", "document", "in_force_from", "reason"]}),
        *((GroupName(group), {"fields": _limit_names(group)}) for group in GROUPS),
    ]
    edit_fieldsets = add_fieldsets
    formatters_columns = {"thresholds": threshold_table}
    hints = {
        "in_force_from": lazy_gettext(
            "From tomorrow on. Enterprises keep the size that they were measured with until they enter "
            "their figures again."
        ),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = _limit_fields()

    def initial(self) -> dict[str, Any]:
        """The thresholds that hold now, to be changed."""
        current = standard_on(standards(), context.today())
        if current is None:
            return {}
        return {
            threshold_name(group.code, limits.metric, band): getattr(limits, band).normalize()
            for group in current.groups.values()
            for limits in group.thresholds
            for band in BANDS
        }

    def closed_because(self, row: Any) -> Message | None:
        """What enterprises were measured by stays."""
        return IN_FORCE if is_in_force(row, context.today()) else None

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Publish a standard."""
        return publish_standard(actor, _draft(values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Mend a standard before it holds."""
        return change_standard(actor, row.id, _draft(values), version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Take a standard back before it holds."""
        withdraw_standard(actor, row.id, context.now())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What else is wrong with a standard of which an entry cannot be read."""
        return standard_problems(_draft(values), context.today())


def _draft(values: Mapping[str, Any]) -> StandardDraft:
    return StandardDraft(
        code=values["code"] or "",
        document=values["document"] or LocalText(""),
        in_force_from=values["in_force_from"],
        reason=values["reason"] or "",
        limits={name: values[name] for name in threshold_names()},
    )
