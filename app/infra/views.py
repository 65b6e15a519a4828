"""The family of page views: FAB's screens and permissions with every hole of the stock classes closed.

``PageView`` (see ``pages``) is for pages of our own, ``DomainView`` for generated CRUD. Rows are reached
through the register of scopes only; actions, choices and related records included. Writes go
through a service in one unit of work, and a refusal gives the form back as it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import ModelView, expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import inspect

from app.infra import audit, context, crud, scope
from app.infra.database import db
from app.infra.display import display, formatters_for
from app.infra.forms import (
    Choices,
    PlatformForm,
    RelatedMultipleField,
    RemoteSelectField,
    form_for,
    parse_version,
)
from app.infra.i18n import say
from app.infra.interface import DomainInterface, ScopeFilter
from app.infra.lists import ListSpec, answer_choices, render_list, run_action, spec_for_model
from app.infra.pages import PageView, Permitted, QuietView, protected
from app.infra.registries import record_links, table
from app.infra.security import current_permissions
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, DomainError, Invalid, Problem
from app.kernel.texts import LocalText, Message

__all__ = ["DomainView", "PageView", "Permitted", "QuietView", "protected"]


class DomainView(QuietView, ModelView):
    """Generated CRUD over a model, safe by default.

    A subclass declares its columns and texts, and overrides ``create``, ``change`` and ``remove``
    where its domain has rules. ``editable`` False leaves a read-only view.
    """

    model: ClassVar[Any]
    editable: ClassVar[bool] = True
    deletable: ClassVar[bool] = True
    batch_permission: ClassVar[str] = "edit"
    """What a role must hold here, beside the list, to be offered and let do the batch actions."""
    offers_past: ClassVar[bool] = False
    """Whether the selects of its forms offer what is over as well, marked: for records of history."""
    import_name: ClassVar[str] = ""
    """The import that fills this list from a workbook; its button stands there for who may use it."""
    choices_columns: ClassVar[Mapping[str, Choices]] = {}
    extra_fields: ClassVar[Mapping[str, Any]] = {}
    required_columns: ClassVar[Sequence[str]] = ()
    hints: ClassVar[Mapping[str, Any]] = {}
    label_columns: Any = None
    add_columns: Any
    edit_columns: Any
    show_columns: Any
    formatters_columns: Any
    search_form: Any
    exclude_route_methods: set[str] = {"download", "action", "action_post"}

    def __init__(self, **kwargs: Any) -> None:
        cls = type(self)
        if not self.search_columns or not self.base_order or not self.list_columns:
            raise TypeError(f"{cls.__name__}: list_columns, search_columns and base_order must be declared")
        if self.related_views:
            raise TypeError(f"{cls.__name__}: related views show rows out of scope; link to a list instead")
        scope.scope_of(self.model)
        self.datamodel = DomainInterface(self.model)
        self.exclude_route_methods = set(self.exclude_route_methods) | self._closed_routes()
        super().__init__(**kwargs)

    def _closed_routes(self) -> set[str]:
        closed: set[str] = set()
        if not self.editable:
            closed |= {"add", "edit"}
        if not self.editable or not self.deletable:
            closed |= {"delete"}
        return closed

    def _init_properties(self) -> None:
        self.label_columns = dict(self.label_columns or {})  # FAB adds to it, and the class is shared
        key = inspect(self.model).primary_key[0].name
        self.base_filters = [[key, ScopeFilter, None]]
        self.add_columns = list(self.add_columns or [])
        self.edit_columns = list(self.edit_columns or self.add_columns)
        self.show_columns = list(self.show_columns or self.list_columns)
        super()._init_properties()
        self.formatters_columns = {
            **formatters_for(self.model, self.show_columns, self.choices_columns),
            **(self.formatters_columns or {}),
        }

    def _init_forms(self) -> None:
        """Our forms, built anew for this class: FAB's load every related row and share their validators."""
        self.search_form = self.search_form or PlatformForm
        if not self.editable:
            self.add_form = self.edit_form = PlatformForm
            return
        self.add_form = self._form(self.add_columns)
        self.edit_form = self._form(self.edit_columns, crud.version_name(self.model))

    def _form(self, columns: Sequence[str], version_name: str = "") -> type[PlatformForm]:
        return form_for(
            self.model,
            columns,
            labels=self.label_columns,
            hints=self.hints,
            choices=self.choices_columns,
            remote_url=lambda name: f"{self.route_base or '/' + type(self).__name__.lower()}/choices/{name}",
            extra=self.extra_fields,
            required=self.required_columns,
            version_name=version_name,
        )

    # What a domain overrides

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Add a record from a valid form."""
        return crud.create(self.model, values)

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change a record that the actor sees."""
        return crud.change(row, values, version)

    def remove(self, actor: Actor, row: Any) -> None:
        """Delete a record that the actor sees."""
        crud.remove(row)

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What a service would refuse, where fields of the form are wrong already: told in the same round.

        The values of wrong fields are None; nothing may be written.

        :param row: the record to be changed; None for a new one.
        """
        return ()

    def initial(self) -> dict[str, Any]:
        """What stands in the form for a new record; a view checks what it takes from the address."""
        return {}

    def closed_because(self, row: Any) -> Message | None:
        """Why a record that the actor sees can be neither changed nor deleted; None where it can."""
        return None

    def may_be_deleted(self, row: Any) -> bool:
        """Whether the page of a record offers to delete it; where not, ``remove`` would refuse it anyway."""
        return True

    @property
    def listing_name(self) -> str:
        """The name under which jobs find the list."""
        return type(self).__name__

    def listing(self) -> ListSpec:
        """The declared list of this view; from its columns unless a domain declares one."""
        return spec_for_model(
            self.model,
            name=self.listing_name,
            title=self.list_title,
            columns=self.list_columns,
            search=self.search_columns,
            order=self.base_order,
            labels=self.label_columns,
            choices=self.choices_columns,
            row_link=self._row_link(),
        )

    def name_of(self, row: Any) -> str:
        """What a record is called at the head of its page."""
        return say(getattr(row, "label", None) or row)

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """(words, address) of pages that belong to a record, shown on its page."""
        return []

    def show_actions(self, row: Any) -> list[Any]:
        """(words, address) of buttons on a record's page; each posts to its address.

        A third part names values that are sent along, such as a batch action for this one record.
        """
        return []

    def list_links(self) -> list[tuple[str, str]]:
        """(words, address) of pages that belong to the list, shown above it."""
        return []

    # Pages

    @expose("/list/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list, its exports and its batch actions."""
        spec = self.listing()
        if not self.can(self.batch_permission):
            spec = replace(spec, actions=())
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        adding = "add" not in self.exclude_route_methods and self.can("add")
        return render_list(
            spec,
            self.actor,
            context.today(),
            add_url=self._url("add") if adding else "",
            import_url=self._import_url(),
            links=self.list_links(),
        )

    @expose("/choices/<column>", methods=["GET"])
    @protected("list")
    def choices(self, column: str) -> Any:
        """Records that a select of this view's forms may take: in scope, by typing."""
        relations = inspect(self.model).relationships
        offered = {*self.add_columns, *self.edit_columns}
        field = self.extra_fields.get(column)
        if column in offered and column in relations:
            model = relations[column].mapper.class_
        else:
            model = field.kwargs.get("model") if field is not None else None
        if model is None:
            abort(404)
        text = request.args.get("q", "")
        return answer_choices(model, text, self.actor, context.today(), past=self.offers_past)

    @expose("/show/<pk>", methods=["GET"])
    @protected("show")
    def show(self, pk: str) -> Any:
        """One record."""
        return self._show_page(pk, self._find(pk))

    @expose("/add", methods=["GET", "POST"])
    @protected("add")
    def add(self) -> Any:
        """The form for a new record."""
        form = self.add_form(data=self.initial()) if request.method == "GET" else self.add_form()
        problems: Sequence[str] = ()
        if form.validate_on_submit():
            try:
                with unit_of_work():
                    row = self.create(self.actor, self._values(form, self.add_columns))
                    key = inspect(row).identity[0]
            except DomainError as refusal:
                problems = self._refused(form, refusal)
            else:
                flash(gettext("Saved."), "success")
                return redirect(self._after(key))
        elif form.errors:
            problems = self._examined(form, None, self.add_columns)
        return self._form_page(self.add_template, self.add_title, "add", form, problems)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @protected("edit")
    def edit(self, pk: str) -> Any:
        """The form for a record."""
        row = self._find(pk)
        self._refuse_closed(row)
        form = self.edit_form(obj=row) if request.method == "GET" else self.edit_form()
        form.remember(row)
        problems: Sequence[str] = ()
        if form.validate_on_submit():
            try:
                with unit_of_work():
                    found = scope.find(self.model, pk, self.actor, context.today(), lock=True)
                    seen = form._fields.get(crud.version_name(self.model))
                    version = parse_version(seen.data) if seen is not None else None
                    self.change(self.actor, found, self._values(form, self.edit_columns), version)
            except DomainError as refusal:
                problems = [*self._refused(form, refusal), *self._current_values(form, pk)]
            else:
                flash(gettext("Saved."), "success")
                return redirect(self._after(pk))
        elif form.errors:
            problems = self._examined(form, row, self.edit_columns)
        return self._form_page(self.edit_template, self.edit_title, "edit", form, problems, pk=pk)

    @expose("/delete/<pk>", methods=["POST"])
    @protected("delete")
    def delete(self, pk: str) -> Any:
        """Delete a record, if nobody objects."""
        self._refuse_closed(self._find(pk))
        try:
            with unit_of_work():
                self.remove(self.actor, scope.find(self.model, pk, self.actor, context.today(), lock=True))
        except DomainError as refusal:
            db.session.rollback()
            for words in [problem.message for problem in refusal.problems] or [refusal.message]:
                flash(say(words), "danger")
            return redirect(self._after(pk))
        flash(gettext("Deleted."), "success")
        return redirect(self._url("list"))

    # Small parts

    def list_address(self) -> str:
        """Where a record's page leads back to; empty for nowhere."""
        return self._url("list")

    def _refuse_closed(self, row: Any) -> None:
        reason = self.closed_because(row)
        if reason is not None:
            raise Conflict(reason)

    def _import_url(self) -> str:
        if not self.import_name:
            return ""
        specs = (spec for spec in table("IMPORTS") if spec.name == self.import_name)
        opened = ("can_add", "ImportView") in current_permissions()
        offered = opened and any(spec.allowed(self.actor) for spec in specs)
        return url_for("ImportView.new", name=self.import_name) if offered else ""

    def _open(self, route: str) -> bool:
        return route not in self.exclude_route_methods and self.can(route)

    def _row_link(self) -> str:
        return f"{self.route_base or '/' + type(self).__name__.lower()}/show/{{}}"

    def _url(self, route: str, **values: Any) -> str:
        return url_for(f"{self.endpoint}.{route}", **values)

    def _after(self, key: Any) -> str:
        return self._url("show", pk=key) if self._open("show") else self._url("list")

    def _find(self, pk: str) -> Any:
        return scope.find(self.model, pk, self.actor, context.today())

    def _values(self, form: PlatformForm, columns: Sequence[str]) -> dict[str, Any]:
        values = form.values(columns)
        relations = inspect(self.model).relationships
        for name in columns:
            field = form._fields[name]
            if name in relations and isinstance(field, RemoteSelectField | RelatedMultipleField):
                values[name] = field.keys if relations[name].uselist else field.key
        return values

    def _examined(self, form: PlatformForm, row: Any, columns: Sequence[str]) -> Sequence[str]:
        """What the service would refuse besides; a field that is wrong already keeps its own words."""
        wrong = {name for name, field in form._fields.items() if field.errors}
        try:
            values = {**self._values(form, columns), **dict.fromkeys(wrong & set(columns))}
            found = [*self.examine(self.actor, row, values)]
        except DomainError as refusal:
            found = [*refusal.problems] or [Problem(refusal.message)]
        db.session.rollback()
        further = [problem for problem in found if problem.field not in wrong]
        return form.take(Invalid(further)) if further else ()

    @staticmethod
    def _refused(form: PlatformForm, refusal: DomainError) -> Sequence[str]:
        db.session.rollback()
        return form.take(refusal)

    def _current_values(self, form: PlatformForm, pk: str) -> Sequence[str]:
        """After a conflict: who changed the record last, and what it holds now where the form differs.

        Whoever saves again has seen it and overwrites it.
        """
        row = self._find(pk)
        seen = form._fields.get(crud.version_name(self.model))
        if seen is None or parse_version(seen.data) == getattr(row, seen.name):
            return []
        seen.data = str(getattr(row, seen.name))
        stored = self.edit_form(formdata=None, obj=row)
        shown = [
            name
            for name in self.edit_columns
            if hasattr(row, name) and _entry(stored, name) != _entry(form, name)
        ]
        values = {name: self.formatters_columns.get(name, display)(getattr(row, name)) for name in shown}
        last = audit.last_change(row)
        told = (
            []
            if last is None
            else [gettext("Last change: %(name)s, %(when)s", name=last[0], when=display(last[1]))]
        )
        return told + [
            gettext(
                "Now: %(field)s %(value)s", field=self.label_columns[name], value=Markup(value).striptags()
            )
            for name, value in values.items()
        ]

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        closed = self.closed_because(row)
        deletable = self._open("delete") and not closed and self.may_be_deleted(row)
        return self.render_template(
            self.show_template,
            pk=pk,
            row=row,
            title=self.show_title,
            name=self.name_of(row),
            note=say(closed) if closed else "",
            widgets=self._get_show_widget(pk, row),
            links=[*self.show_links(row), *record_links(row)],
            posts=self.show_actions(row),
            edit_url=self._url("edit", pk=pk) if self._open("edit") and not closed else "",
            delete_url=self._url("delete", pk=pk) if deletable else "",
            list_url=self.list_address(),
            **values,
        )

    def _form_page(
        self,
        template: str,
        title: Any,
        widget: str,
        form: PlatformForm,
        problems: Sequence[str],
        **values: Any,
    ) -> Any:
        make = self._get_add_widget if widget == "add" else self._get_edit_widget
        status = 422 if form.errors or problems else 200
        page = self.render_template(
            template,
            title=title,
            widgets=make(form=form),
            form=form,
            problems=problems,
            back_url=self._url("list"),
            **values,
        )
        return page, status


def _entry(form: PlatformForm, name: str) -> Any:
    """What stands in a field, to be compared: nothing is nothing, and several choices have no order."""
    entered = form._fields[name].data
    if isinstance(entered, list | tuple | set):
        return sorted(str(item) for item in entered)
    return None if entered in ("", LocalText("")) else entered
