"""Forms of the panel: WTForms fields from a model's columns, our number and text types included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from flask import has_request_context, request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto
from markupsafe import Markup
from sqlalchemy import Boolean, Date, Integer, String, Text, inspect
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import Choice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import html_params

from app.infra import context, scope
from app.infra.database import db
from app.infra.i18n import say
from app.infra.types import LocalTextType, Scaled
from app.infra.widgets import described_by
from app.kernel.errors import DomainError, NotFound
from app.kernel.numbers import format_number, parse_number
from app.kernel.texts import LocalText

Choices = Sequence[tuple[str, Any]] | Callable[[], Sequence[tuple[str, Any]]]
REQUIRED = lazy_gettext("This entry is required.")
SMALLEST, LARGEST = -(2**31), 2**31 - 1


class PlatformForm(FlaskForm):
    """A form that takes what a service refused and shows it where it belongs."""

    class Meta(FlaskForm.Meta):
        """How requests become form data."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """A form's own encoding only: Flask-WTF also takes JSON, in which a text may be anything."""
            if formdata is _Auto and has_request_context() and request.is_json:
                return MultiDict()
            return super().wrap_formdata(form, formdata)

    def take(self, refusal: DomainError) -> list[str]:
        """Put each problem at its field; the words of those that belong to none come back."""
        general = []
        for problem in refusal.problems:
            field = self._fields.get(problem.field)
            if field is None:
                general.append(say(problem.message))
            else:
                field.errors = [*field.errors, say(problem.message)]
        if not refusal.problems:
            general.append(say(refusal.message))
        return general

    @property
    def enctype(self) -> str:
        """How a page sends this form: in parts where it takes files."""
        sends_files = any(getattr(field, "sends_files", False) for field in self)
        return "multipart/form-data" if sends_files else "application/x-www-form-urlencoded"

    def remember(self, row: Any) -> None:
        """Note which records a sent form refers to now, since what stands may stay."""
        for name, field in self._fields.items():
            related = getattr(row, name, None) if isinstance(field, RemoteSelectField) else None
            if related is not None:
                field.stood = str(inspect(related).identity[0])

    def values(self, names: Iterable[str]) -> dict[str, Any]:
        """What the user entered, for a service."""
        return {name: self._fields[name].data for name in names if name in self._fields}


def refuse_control_characters(_form: Any, field: Any) -> None:
    """A validator: a text has no characters that a database cannot keep; what is shown loses them."""
    given = field.data
    if isinstance(given, LocalText) and "\x00" in given.zh + given.en:
        field.data = LocalText(given.zh.replace("\x00", ""), given.en.replace("\x00", ""))
    elif isinstance(given, str) and "\x00" in given:
        field.data = given.replace("\x00", "")
    if field.data != given:
        raise ValidationError(
            lazy_gettext("This entry held a character that cannot be stored; it was removed.")
        )


class NumberField(StringField):
    """An exact number as people write it: full-width digits, separators and brackets are understood."""

    def __init__(self, *args: Any, scale: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale = scale

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else format_number(self.data, self.scale)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number, or say how to write it."""
        if not valuelist:
            return
        try:
            self.data = parse_number(valuelist[0])
        except ValueError as error:
            self.data = None
            raise ValueError(str(lazy_gettext("Enter a number, such as 1,234.5."))) from error
        if self.data is not None and -Decimal(self.data).as_tuple().exponent > self.scale:  # type: ignore[operator]
            if self.scale == 0:
                raise ValueError(str(lazy_gettext("Enter a whole number.")))
            raise ValueError(str(lazy_gettext("At most %(count)d decimals.", count=self.scale)))
        if self.data is not None and abs(self.data) >= Decimal(10) ** (18 - self.scale):
            raise ValueError(str(lazy_gettext("This number is too large.")))


class LocalTextWidget:
    """Two inputs side by side, Chinese and English."""

    def __call__(self, field: LocalTextField, **_kwargs: Any) -> Markup:
        """The inputs as HTML; the label points at the first one."""
        titles = (("zh", lazy_gettext("Chinese")), ("en", lazy_gettext("English")))
        parts = [self._input(field, language, str(title)) for language, title in titles]
        return Markup('<span class="qj-pair">') + Markup("").join(parts) + Markup("</span>")

    @staticmethod
    def _input(field: LocalTextField, language: str, title: str) -> Markup:
        name = field.name if language == "zh" else f"{field.name}-en"
        given = {"class": "qj-in", "type": "text", "id": name, "name": name, "lang": language}
        given |= {
            "aria-label": f"{field.label.text} · {title}",
            "placeholder": title,
            "value": field.part(language),
        }
        attributes = described_by(field, given)
        if language == "zh":
            attributes["required"] = bool(field.flags.required)
        else:
            attributes.pop("aria-invalid", None)
        return Markup("<input {}>").format(Markup(html_params(**attributes)))


class LocalTextField(Field):
    """A text of the data in both languages; Chinese is required where the field is."""

    widget = LocalTextWidget()

    def part(self, language: str) -> str:
        """What stands in the input of a language."""
        return str(getattr(self.data, language)) if isinstance(self.data, LocalText) else ""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take both inputs from the form, or the text of the record."""
        super().process(formdata, data, extra_filters)
        if formdata is not None and self.name in formdata:
            chinese, english = (formdata.get(name, "").strip() for name in (self.name, f"{self.name}-en"))
            self.data = LocalText(chinese, english) if chinese or english else None


class RemoteSelectField(SelectField):
    """One record of a model, found by typing; only records that the actor sees can be chosen."""

    def __init__(self, *args: Any, model: type, url: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("validate_choice", False)
        super().__init__(*args, choices=[], coerce=str, **kwargs)
        self.model = model
        self.remote_url = url
        self.stood: str | None = None
        """The key that the record has now: it may stay even where it can no longer be chosen."""

    def process_data(self, value: Any) -> None:
        """Take a record, or its key."""
        self.data = self.stood = (
            None
            if value is None
            else str(inspect(value).identity[0] if hasattr(value, "__table__") else value)
        )

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the key that was sent; nothing chosen is None."""
        self.data = (valuelist[0].strip() or None) if valuelist else None

    def iter_choices(self) -> Any:
        """An empty choice and the current one; the rest comes by typing."""
        yield Choice("", "", not self.data, {})
        row = self._row()
        if row is not None:
            yield Choice(self.data, say(getattr(row, "label", None) or row), True, {})

    def has_groups(self) -> bool:
        """Choices are never grouped."""
        return False

    def pre_validate(self, form: Any) -> None:
        """Refuse what the actor does not see, and what can no longer be chosen unless it stood there."""
        row = self._row()
        if self.data and row is None:
            raise ValidationError(lazy_gettext("Choose one of the entries that the list offers."))
        if row is not None and self._is_over(row):
            raise ValidationError(lazy_gettext("This entry is no longer valid. Choose another one."))

    def _is_over(self, row: Any) -> bool:
        ends = hasattr(row, "is_valid_on")
        return ends and self.data != self.stood and not row.is_valid_on(context.today())

    def _row(self) -> Any:
        if not self.data:
            return None
        try:
            return scope.find(self.model, self.data, context.current_actor(), context.today())
        except NotFound:
            return None

    @property
    def key(self) -> int | None:
        """The chosen key as a number; None for what cannot be one."""
        entered = self.data or ""
        return int(entered) if entered.isascii() and entered.isdigit() and len(entered) < 19 else None


class RelatedMultipleField(SelectMultipleField):
    """Several records of a small model; only those that the actor sees are offered and taken."""

    def __init__(self, *args: Any, model: type, **kwargs: Any) -> None:
        super().__init__(*args, choices=[], coerce=str, **kwargs)
        self.model = model

    def process_data(self, value: Any) -> None:
        """Take records, or their keys."""
        self.data = [
            str(inspect(row).identity[0]) if hasattr(row, "__table__") else str(row) for row in value or ()
        ]

    def iter_choices(self) -> Any:
        """Every record in scope."""
        chosen = set(self.data or ())
        for row in self._rows():
            key = str(inspect(row).identity[0])
            yield Choice(key, say(getattr(row, "label", None) or row), key in chosen, {})

    def pre_validate(self, form: Any) -> None:
        """Refuse what the actor does not see."""
        known = {str(inspect(row).identity[0]) for row in self._rows()}
        if any(key not in known for key in self.data or ()):
            raise ValidationError(lazy_gettext("Choose from the entries that the list offers."))

    def _rows(self) -> Sequence[Any]:
        query = scope.visible(self.model, context.current_actor(), context.today())
        return db.session.scalars(query.limit(500)).all()

    @property
    def keys(self) -> list[int]:
        """The chosen keys as numbers; asked anew, since ``Optional`` drops what was found before it."""
        chosen = set(self.data or ())
        keys = [inspect(row).identity[0] for row in self._rows()]
        return [key for key in keys if str(key) in chosen]


def form_for(
    model: Any,
    columns: Sequence[str],
    *,
    labels: Mapping[str, Any],
    hints: Mapping[str, Any],
    choices: Mapping[str, Choices],
    remote_url: Callable[[str], str],
    extra: Mapping[str, Any] | None = None,
    required: Iterable[str] = (),
    version_name: str = "",
) -> type[PlatformForm]:
    """A form class with a field for each column or relationship of a model.

    :raises LookupError: a related model without a registered scope: the form must not exist.
    """
    mapper = inspect(model)
    fields: dict[str, Any] = {}
    for name in columns:
        if extra and name in extra:
            fields[name] = extra[name]
            continue
        settings = {"label": labels.get(name, name), "description": hints.get(name, "")}
        if name in mapper.relationships:
            fields[name] = _relation_field(
                mapper.relationships[name], name, settings, remote_url, required=name in required
            )
        else:
            column = mapper.columns[name]
            must = name in required or (not column.nullable and column.default is None)
            fields[name] = _column_field(column, settings, choices.get(name), must=must)
    if version_name:
        fields[version_name] = HiddenField(validators=[Optional()])
    return type(f"{model.__name__}Form", (PlatformForm,), fields)


def _relation_field(
    relation: Any, name: str, settings: dict[str, Any], remote_url: Any, *, required: bool
) -> Any:
    model = relation.mapper.class_
    scope.scope_of(model)
    if relation.uselist:
        return RelatedMultipleField(settings["label"], model=model, description=settings["description"])
    must = required or any(not column.nullable for column in relation.local_columns)
    validators = [InputRequired(REQUIRED)] if must else [Optional()]
    return RemoteSelectField(
        settings["label"],
        model=model,
        url=remote_url(name),
        validators=validators,
        description=settings["description"],
    )


def _column_field(column: Any, settings: dict[str, Any], choices: Choices | None, *, must: bool) -> Any:
    kind = column.type
    label, hint = settings["label"], settings["description"]
    validators: list[Any] = [InputRequired(REQUIRED)] if must else [Optional()]
    if choices is not None:
        return ChoiceField(label, choices=choices, must=must, description=hint)
    if isinstance(kind, LocalTextType):
        return LocalTextField(label, validators=[*validators, refuse_control_characters], description=hint)
    if isinstance(kind, Scaled):
        return NumberField(label, scale=kind.scale, validators=validators, description=hint)
    if isinstance(kind, Boolean):
        return BooleanField(label, description=hint)
    if isinstance(kind, Date):
        return DateField(label, validators=validators, description=hint)
    if isinstance(kind, Integer):
        limits = NumberRange(SMALLEST, LARGEST, lazy_gettext("This number is too large."))
        filters = [partial(_or_usual, column.default.arg)] if _has_usual(column) else []
        return IntegerField(label, validators=[*validators, limits], description=hint, filters=filters)
    if isinstance(kind, Text) or not isinstance(kind, String):
        return TextAreaField(label, validators=[*validators, refuse_control_characters], description=hint)
    length = Length(max=kind.length or 400, message=lazy_gettext("At most %(max)d characters."))
    return StringField(
        label, validators=[*validators, length, refuse_control_characters], filters=[_strip], description=hint
    )


def _has_usual(column: Any) -> bool:
    """Whether a column that is never empty has a value of its own to take instead."""
    return not column.nullable and column.default is not None and column.default.is_scalar


def _or_usual(usual: Any, typed: Any) -> Any:
    return usual if typed is None else typed


class ChoiceField(SelectField):
    """One of a fixed set of words, in the user's language."""

    def __init__(self, label: Any, *, choices: Choices, must: bool, **kwargs: Any) -> None:
        validators = [InputRequired(REQUIRED)] if must else [Optional()]
        super().__init__(label, choices=[], validators=validators, validate_choice=False, **kwargs)
        self.offered = choices
        self.must = must

    def _pairs(self) -> Sequence[tuple[str, Any]]:
        return self.offered() if callable(self.offered) else self.offered

    def process_formdata(self, valuelist: list[str]) -> None:
        """Nothing chosen is None."""
        self.data = valuelist[0] if valuelist and valuelist[0] else None

    def iter_choices(self) -> Any:
        """The words; an empty one where nothing has to be chosen, or nothing is yet."""
        if not self.must or not self.data:
            yield Choice("", "", not self.data, {})
        for value, words in self._pairs():
            yield Choice(value, say(words), str(self.data) == str(value), {})

    def has_groups(self) -> bool:
        """Choices are never grouped."""
        return False

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not offered."""
        if self.data and str(self.data) not in {str(value) for value, _words in self._pairs()}:
            raise ValidationError(lazy_gettext("Choose one of the entries that the list offers."))


def _strip(text: str | None) -> str | None:
    return text.strip() if isinstance(text, str) else text


def parse_version(text: str | None) -> int | None:
    """The version that a form was opened at."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


__all__ = [
    "ChoiceField",
    "LocalTextField",
    "NumberField",
    "PlatformForm",
    "RelatedMultipleField",
    "RemoteSelectField",
    "form_for",
    "parse_version",
]
