"""Form controls in the look: one drawing for each kind of field, whatever widget the field was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_appbuilder.fields import AJAXSelectField
from flask_appbuilder.upload import FileUploadField, ImageUploadField
from flask_babel import gettext
from markupsafe import Markup
from wtforms import fields, widgets

SEARCH_FROM = 12
"""A list longer than this gets a box to type into; a shorter one stays the browser's own."""

Attributes = dict[str, Any]


class TextControl(widgets.TextInput):
    """A line of text. Numbers use it too: a number box would throw away what cannot be read."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        return Markup(super().__call__(field, **_attributes(field, "qj-in", kwargs)))


class NumberControl(TextControl):
    """A number as typed, full-width digits and separators included; the server reads it."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        kwargs.setdefault("inputmode", "numeric" if isinstance(field, fields.IntegerField) else "decimal")
        return Markup(super().__call__(field, **_with_class(kwargs, "num")))


class PasswordControl(widgets.PasswordInput):
    """A password, never sent back to the page."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        kwargs.setdefault("autocomplete", "current-password" if field.name == "password" else "new-password")
        return Markup(super().__call__(field, **_attributes(field, "qj-in", kwargs)))


class TextAreaControl(widgets.TextArea):
    """Several lines of text."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        kwargs.setdefault("rows", 4)
        return Markup(super().__call__(field, **_attributes(field, "qj-area", kwargs)))


class DateControl(widgets.DateInput):
    """The browser's own date box."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        return Markup(super().__call__(field, **_attributes(field, "qj-in", kwargs)))


class DateTimeControl(widgets.TextInput):
    """A date and a time: the browser's own box where the field reads what it sends, else a typed line."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        if isinstance(field, fields.DateTimeLocalField):
            kwargs.setdefault("type", "datetime-local")
        else:
            kwargs.setdefault("placeholder", "2026-01-31 09:00:00")
        return Markup(super().__call__(field, **_attributes(field, "qj-in", kwargs)))


class CheckControl(widgets.CheckboxInput):
    """A tick box; its label stands after it."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        return Markup(super().__call__(field, **_attributes(field, "qj-check", kwargs)))


class SelectControl(widgets.Select):
    """A list to choose from, with a search box when it is long or allows several."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        address = getattr(field, "remote_url", "")
        if address:
            kwargs.setdefault("data-remote", address)
            kwargs.setdefault("data-placeholder", gettext("Type to search"))
        elif self.multiple or len(list(field.iter_choices())) > SEARCH_FROM:
            kwargs.setdefault("data-search-select", "")
            kwargs.setdefault("data-placeholder", gettext("Choose"))
        return Markup(super().__call__(field, **_attributes(field, "qj-select", kwargs)))


class RemoteSelectControl:
    """A list whose rows the server finds while the user types (``data-remote`` names the address)."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        kwargs.setdefault("data-remote", getattr(field.widget, "endpoint", ""))
        kwargs.setdefault("data-placeholder", gettext("Type to search"))
        attributes = _attributes(field, "qj-select", kwargs)
        chosen = field.data if field.data not in (None, "") else ""
        option = Markup('<option value="{0}" selected>{0}</option>').format(chosen) if chosen != "" else ""
        params = Markup(widgets.html_params(id=field.id, name=field.name, **attributes))
        return Markup("<select {}>{}</select>").format(params, option)


class FileControl(widgets.FileInput):
    """A file to send."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        return Markup(super().__call__(field, **_attributes(field, "qj-file", kwargs)))


class RadioControl:
    """One choice of a few, all in sight."""

    def __call__(self, field: fields.Field, **kwargs: Any) -> Markup:
        """The control as HTML."""
        choices = (
            Markup('<label class="qj-choice">{} {}</label>').format(one(), one.label.text) for one in field
        )
        described = Markup(widgets.html_params(**described_by(field, kwargs)))
        return Markup('<div class="qj-choices" role="radiogroup" {}>{}</div>').format(
            described, Markup("").join(choices)
        )


Drawing = Callable[..., Markup]
STOCK_PACKAGES = frozenset({"flask_appbuilder", "wtforms"})

CONTROLS: tuple[tuple[tuple[type, ...], Drawing], ...] = (
    ((fields.HiddenField,), widgets.HiddenInput()),
    ((AJAXSelectField,), RemoteSelectControl()),
    ((fields.RadioField,), RadioControl()),
    ((fields.BooleanField,), CheckControl()),
    ((fields.PasswordField,), PasswordControl()),
    ((fields.TextAreaField,), TextAreaControl()),
    ((fields.FileField, FileUploadField, ImageUploadField), FileControl()),
    ((fields.MonthField,), TextControl("month")),
    ((fields.DateField,), DateControl()),
    ((fields.DateTimeField,), DateTimeControl()),
    ((fields.IntegerField, fields.DecimalField, fields.FloatField), NumberControl()),
)
"""First match draws: a month is a kind of date and a date a kind of date with time, so the order matters."""


def control(field: fields.Field, **kwargs: Any) -> Markup:
    """The control of a form field, drawn in the look.

    A field whose own widget comes from neither Flask-AppBuilder nor WTForms keeps it; one with
    a ``scale`` is an exact number of ours.
    """
    return _drawing(field)(field, **kwargs)


def _drawing(field: fields.Field) -> Drawing:
    if type(field.widget).__module__.split(".")[0] not in STOCK_PACKAGES:
        drawn: Drawing = field.widget
        return drawn
    if _is_choice(field):
        return SelectControl(multiple=_allows_several(field))
    if hasattr(field, "scale"):
        return NumberControl()
    for kinds, drawing in CONTROLS:
        if isinstance(field, kinds):
            return drawing
    return TextControl(input_type=getattr(field.widget, "input_type", None))


def _is_choice(field: fields.Field) -> bool:
    return hasattr(field, "iter_choices") and not isinstance(field, (fields.RadioField, AJAXSelectField))


def _allows_several(field: fields.Field) -> bool:
    return isinstance(field, fields.SelectMultipleField) or "Multiple" in type(field).__name__


def is_wide(field: fields.Field) -> bool:
    """Whether a field takes the whole width of a form."""
    return (
        isinstance(field, (fields.TextAreaField, fields.RadioField))
        or getattr(field, "is_wide", False)
        or (_is_choice(field) and _allows_several(field))
    )


def _attributes(field: fields.Field, css_class: str, kwargs: Attributes) -> Attributes:
    attributes = described_by(field, _with_class(kwargs, css_class))
    renamed = attributes.pop("name_", None)  # Flask-AppBuilder's way of naming a search box
    if renamed:
        field.name = renamed
    return attributes


def described_by(field: fields.Field, kwargs: Attributes) -> Attributes:
    """Tie the control to its help text and to its errors, for readers."""
    described = [f"{field.id}-help"] if field.description else []
    attributes = dict(kwargs)
    if field.errors:
        described.append(f"{field.id}-error")
        attributes["aria-invalid"] = "true"
    if described:
        attributes.setdefault("aria-describedby", " ".join(described))
    return attributes


def _with_class(kwargs: Attributes, css_class: str) -> Attributes:
    classes = f"{css_class} {kwargs.get('class', '') or kwargs.get('class_', '')}".strip()
    return {**{key: value for key, value in kwargs.items() if key != "class_"}, "class": classes}
