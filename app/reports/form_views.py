"""Pages of report forms and their versions: a draft is edited, published from a month on, and then stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField

from app.infra import context, scope
from app.infra.display import display
from app.infra.forms import NumberField, PlatformForm, parse_version
from app.infra.lists import ListSpec
from app.infra.lists.cells import month_text
from app.infra.security import current_permissions
from app.infra.transactions import unit_of_work
from app.infra.views import DomainView, protected
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, DomainError
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import form_service
from app.reports.form_editing import may_edit_forms
from app.reports.form_fields import MonthTextField, code_field
from app.reports.form_lists import VERSION_STATES, form_list, version_list
from app.reports.form_loading import load
from app.reports.form_models import DRAFT, PUBLISHED, FormVersion, ReportForm
from app.reports.form_publishing import problems_of, publish
from app.reports.form_rules import FormInput

READING = frozenset({"list", "show", "choices"})
NEVER_CHANGES = Message("A published version never changes. Make a new draft from it.")


class FormEditingView(DomainView):
    """What the pages of forms share: many read them, few edit them."""

    def can(self, permission: str) -> bool:
        """Editing takes more than the permission: being at the top of a chain, or running the platform."""
        return super().can(permission) and (permission in READING or may_edit_forms(self.actor))


def seen(version: int | None) -> int:
    """The revision that a form was opened at; one that says none has seen none."""
    return version if version is not None else 0


class ReportFormView(FormEditingView):
    """Report forms 报表: name and reporting window; what is asked stands in their versions."""

    model = ReportForm
    route_base = "/report-forms"
    deletable = False
    list_title = lazy_gettext("Report forms")
    show_title = lazy_gettext("Report form")
    add_title = lazy_gettext("New report form")
    edit_title = lazy_gettext("Change report form")
    label_columns = {
        "code": lazy_gettext("Code"),
        "name": lazy_gettext("Name"),
        "make_up_months": lazy_gettext("Months that can be made up"),
        "opens_day": lazy_gettext("Opens on day"),
        "due_day": lazy_gettext("Due on day"),
        "closes_after_days": lazy_gettext("Closes so many days later"),
    }
    list_columns = ["name", "code", "opens_day", "due_day", "closes_after_days", "make_up_months"]
    search_columns = ["code"]
    base_order = ("code", "asc")
    edit_columns = ["name", "opens_day", "due_day", "closes_after_days", "make_up_months"]
    add_columns = ["code", *edit_columns]
    show_columns = add_columns
    required_columns = ("opens_day", "due_day", "make_up_months")
    hints = {
        "opens_day": lazy_gettext("Day of the month after the period, from 1 to 28."),
        "due_day": lazy_gettext("Day of the month after the period, from 1 to 28."),
        "closes_after_days": lazy_gettext(
            "Days after the due date until which late reports are taken; empty: a month never closes."
        ),
        "make_up_months": lazy_gettext(
            "How many months back a missing report may still be filed; 0: earlier months not at all."
        ),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {"code": code_field(20)}

    def initial(self) -> dict[str, Any]:
        """A window as the shipped form has it."""
        return {"opens_day": 1, "due_day": 15, "make_up_months": 12}

    def listing(self) -> ListSpec:
        """Forms by name and code."""
        return form_list(self.listing_name, self._row_link())

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """The versions of the form, and the months with dates of their own."""
        found = [(gettext("Versions"), url_for("FormVersionView.list", form=row.id))]
        if ("can_list", "ReportPeriodView") in current_permissions():
            found.append((gettext("Dates of single months"), url_for("ReportPeriodView.list", form=row.id)))
        return found

    def show_actions(self, row: Any) -> list[tuple[str, str]]:
        """A new draft, where there is none."""
        drafted = any(version.state == DRAFT for version in row.versions)
        if drafted or not self.can("draft"):
            return []
        return [(gettext("New draft"), self._url("draft", pk=row.id))]

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a form with an empty draft."""
        return form_service.create_form(actor, FormInput(**values), context.now())

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change name and window."""
        return form_service.edit_form(actor, row.id, FormInput(code=row.code, **values), seen(version))

    @expose("/draft/<pk>", methods=["POST"])
    @protected("draft")
    def draft(self, pk: str) -> Any:
        """Make a draft from the newest version and open it."""
        row = self._find(pk)
        with unit_of_work():
            made = form_service.create_draft(self.actor, row.id, context.now())
        flash(gettext("The draft is a copy of the newest version."), "success")
        return redirect(url_for("FormVersionView.show", pk=made.id))


class PublishForm(PlatformForm):
    """From which month on a draft is in effect, and perhaps until which."""

    effective_from = MonthTextField(lazy_gettext("In effect from"), must=True)
    effective_to = MonthTextField(
        lazy_gettext("In effect until"),
        description=lazy_gettext("Empty: until a newer version takes its place."),
    )
    revision = HiddenField()


class FormVersionView(FormEditingView):
    """Versions of forms 表样版本: what is asked in which months."""

    model = FormVersion
    route_base = "/form-versions"
    show_template = "reports/form_version.html"
    exclude_route_methods = DomainView.exclude_route_methods | {"add"}
    list_title = lazy_gettext("Form versions")
    show_title = lazy_gettext("Form version")
    edit_title = lazy_gettext("Change draft")
    label_columns = {
        "form": lazy_gettext("Form"),
        "number": lazy_gettext("Version"),
        "state": lazy_gettext("State"),
        "effective_from": lazy_gettext("In effect from"),
        "effective_to": lazy_gettext("In effect until"),
        "tolerance": lazy_gettext("Tolerance of equalities"),
        "edited_at": lazy_gettext("Last edited"),
        "published_at": lazy_gettext("Published at"),
    }
    list_columns = ["form", "number", "state", "effective_from", "effective_to", "edited_at"]
    search_columns = ["state"]
    base_order = ("edited_at", "desc")
    edit_columns = ["tolerance"]
    show_columns = [*list_columns[:5], "tolerance", "edited_at", "published_at"]
    choices_columns = {"state": list(VERSION_STATES.items())}
    formatters_columns = {
        "effective_from": lambda value: display(month_text(value)),
        "effective_to": lambda value: display(month_text(value)),
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "tolerance": NumberField(
            lazy_gettext("Tolerance of equalities"),
            scale=4,
            description=lazy_gettext("Two figures that differ by at most this much count as equal in rules."),
        )
    }

    def listing(self) -> ListSpec:
        """Versions by form and state."""
        return version_list(self.listing_name, self._row_link())

    def closed_because(self, row: Any) -> Message | None:
        """Nothing changes once it is published."""
        return NEVER_CHANGES if row.state == PUBLISHED else None

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Set the tolerance of the draft."""
        tolerance = values["tolerance"] if values["tolerance"] is not None else row.tolerance
        return form_service.edit_draft(actor, row.id, tolerance, seen(version), context.now())

    def remove(self, actor: Actor, row: Any) -> None:
        """Discard the draft."""
        form_service.discard_draft(actor, row.id, row.revision, context.now())

    @expose("/publish/<pk>", methods=["POST"])
    @protected("publish")
    def publish(self, pk: str) -> Any:
        """Put the draft into effect; a refusal shows the page again with what was typed."""
        row = self._find(pk)
        form = PublishForm()
        if not form.validate_on_submit():
            return self._show_page(pk, row, form=form), 422
        try:
            with unit_of_work():
                revision = seen(parse_version(form.revision.data))
                first: Any = form.effective_from.data
                publish(self.actor, row.id, first, form.effective_to.data, revision, context.now())
        except DomainError as refusal:
            problems = self._refused(form, refusal)
            status = 409 if isinstance(refusal, Conflict) else 422
            return self._show_page(pk, self._find(pk), form=form, problems=problems), status
        flash(gettext("The version is published and in effect from %(month)s.", month=first), "success")
        return redirect(self._after(pk))

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        publishing = row.state == DRAFT and self.can("publish")
        if publishing and "form" not in values:
            values["form"] = PublishForm(formdata=None, data=self._usual(row))
        return super()._show_page(
            pk,
            row,
            version=load(row.id),
            publishing=publishing,
            obstacles=problems_of(row.id) if publishing else [],
            editing=row.state == DRAFT and self.can("edit"),
            **values,
        )

    @staticmethod
    def _usual(row: FormVersion) -> dict[str, Any]:
        next_month = Month.containing(context.now()).next()
        return {"effective_from": next_month, "revision": row.revision}


def version_named(key: str | None) -> FormVersion | None:
    """The version that an address names, if the actor sees it."""
    try:
        found: FormVersion = scope.find(FormVersion, key or "", context.current_actor(), context.today())
    except DomainError:
        return None
    return found
