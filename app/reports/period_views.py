"""Pages of the months that have reporting dates of their own (期限调整)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import request
from flask_babel import lazy_gettext

from app.infra import context
from app.infra.display import display
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.lists.cells import month_text
from app.infra.scope import visible
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import window_dates
from app.reports.form_fields import MonthTextField
from app.reports.form_lists import form_choices
from app.reports.form_models import ReportForm, ReportPeriod
from app.reports.form_views import FormEditingView
from app.reports.window_dates import PeriodInput

DATES = ["opens_on", "due_on", "closes_on"]


def period_list(name: str, row_link: str) -> ListSpec:
    """Months with dates of their own, the newest first."""
    return ListSpec(
        name=name,
        title=Message("Dates of single months"),
        base=lambda actor, today: visible(ReportPeriod, actor, today),
        key=(ReportPeriod.id,),
        columns=(
            Column(
                "period", Message("Report month"), ReportPeriod.period, "month", sortable=True, always=True
            ),
            Column("form", Message("Form"), lookup=Lookup(ReportPeriod.form_id, ReportForm), kind="local"),
            Column("opens_on", Message("Opens on"), ReportPeriod.opens_on, "date", sortable=True),
            Column("due_on", Message("Due on"), ReportPeriod.due_on, "date", sortable=True),
            Column("closes_on", Message("Closes on"), ReportPeriod.closes_on, "date"),
            Column("reason", Message("Reason"), ReportPeriod.reason),
        ),
        filters=(
            Filter("form", Message("Form"), "choice", ReportPeriod.form_id, words=form_choices),
            Filter("period", Message("Report month"), "month_range", ReportPeriod.period),
        ),
        default_sort="-period",
        row_link=row_link,
        unit=Message("{count} months"),
        empty=Message("Every month follows the dates of its form."),
    )


class ReportPeriodView(FormEditingView):
    """Months whose dates differ from the form's: opened later, due later, closed on a day of their own."""

    model = ReportPeriod
    route_base = "/report-periods"
    list_title = lazy_gettext("Dates of single months")
    show_title = lazy_gettext("Dates of a month")
    add_title = lazy_gettext("New dates of a month")
    edit_title = lazy_gettext("Change dates of a month")
    label_columns = {
        "form": lazy_gettext("Form"),
        "period": lazy_gettext("Report month"),
        "month": lazy_gettext("Report month"),
        "opens_on": lazy_gettext("Opens on"),
        "due_on": lazy_gettext("Due on"),
        "closes_on": lazy_gettext("Closes on"),
        "reason": lazy_gettext("Reason"),
        "updated_at": lazy_gettext("Changed"),
    }
    list_columns = ["period", "form", *DATES, "reason"]
    search_columns = ["period"]
    base_order = ("period", "desc")
    add_columns = ["form", "month", *DATES, "reason"]
    edit_columns = [*DATES, "reason"]
    show_columns = ["form", "period", *DATES, "reason", "updated_at"]
    required_columns = ("form",)
    formatters_columns = {"period": lambda key: display(month_text(key))}
    hints = {
        "opens_on": lazy_gettext("The first day on which the month can be filled."),
        "due_on": lazy_gettext(
            "The last day that is on time. Reports that were submitted already stay as late or on time "
            "as they are."
        ),
        "closes_on": lazy_gettext(
            "The last day on which late reports are taken; empty: the month never closes."
        ),
        "reason": lazy_gettext("Shown with the dates and kept in the audit trail."),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "month": MonthTextField(lazy_gettext("Report month"), must=True)
    }

    def initial(self) -> dict[str, Any]:
        """The form that the address names, or the only one there is."""
        named = request.args.get("form", "")
        offered = [str(key) for key in form_choices(self.actor, context.today())]
        if named not in offered:
            named = offered[0] if len(offered) == 1 else ""
        return {"form": int(named)} if named else {}

    def listing(self) -> ListSpec:
        """Months by form and time."""
        return period_list(self.listing_name, self._row_link())

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Give a month dates of its own."""
        return window_dates.add_period(actor, _given(values, values["form"], values["month"]), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change the dates of a month."""
        given = _given(values, row.form_id, row.month)
        return window_dates.change_period(actor, row.id, given, version, context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Give the month back to the dates of its form."""
        window_dates.remove_period(actor, row.id)

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        form, month = (row.form_id, row.month) if row else (values["form"], values["month"])
        return window_dates.period_problems(actor, _given(values, form, month), row)


def _given(values: Mapping[str, Any], form_id: int | None, month: Month | None) -> PeriodInput:
    return PeriodInput(
        form_id=form_id,
        month=month,
        opens_on=values["opens_on"],
        due_on=values["due_on"],
        closes_on=values["closes_on"],
        reason=values["reason"] or "",
    )
