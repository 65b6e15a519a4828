"""Form fields of the panel's pages about report forms: drafts, months, cells, codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import select
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput, html_params

from app.infra import context, scope
from app.infra.choice_fields import CheckListField, one_group
from app.infra.database import db
from app.infra.forms import REQUIRED, ChoiceField, refuse_control_characters
from app.infra.i18n import say
from app.infra.widgets import described_by
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.reports.definitions import ALL, CELL_KINDS, EVERY_MONTH
from app.reports.definitions import REQUIRED as REQUIRED_CELLS
from app.reports.form_models import DRAFT, FormSection, FormVersion
from app.reports.form_rules import MAX_SCALE
from app.reports.rule_reading import Reading

CELL_CHOICES = [(kind.code, kind.name) for kind in CELL_KINDS.values()]
RULE_CELL_CHOICES = [
    (ALL, Message("Every cell that the indicator takes")),
    (REQUIRED_CELLS, Message("The required cells")),
    *CELL_CHOICES,
]
LONGEST_CODES = 2_000
LONGEST_EXPRESSION = 1_000
_BETWEEN = re.compile(r"[\s,，、;；]+")


def code_field(longest: int) -> StringField:
    """A permanent code."""
    return StringField(
        lazy_gettext("Code"),
        validators=[InputRequired(REQUIRED), Length(max=longest), refuse_control_characters],
        filters=[lambda text: text.strip() if text else text],
        description=lazy_gettext("Permanent: figures and findings are stored under it."),
    )


def scale_field() -> IntegerField:
    """How many decimals are kept."""
    limits = NumberRange(
        0, MAX_SCALE, lazy_gettext("Enter a number of decimals from 0 to %(limit)d.", limit=MAX_SCALE)
    )
    return IntegerField(
        lazy_gettext("Decimals"),
        validators=[InputRequired(REQUIRED), limits],
        default=4,
        description=lazy_gettext("Permanent once published: figures are stored as exactly as this."),
    )


def months_field() -> CheckListField:
    """The months of the year in which something is asked."""
    return CheckListField(
        lazy_gettext("Months"),
        groups=one_group([(month, Message("Month {number}", number=month)) for month in EVERY_MONTH]),
        coerce=int,
        default=list(EVERY_MONTH),
    )


def cells_field(label: Any, default: Sequence[str], choices: Sequence[Any] = CELL_CHOICES) -> CheckListField:
    """Some of the four figures of an indicator."""
    return CheckListField(label, groups=one_group(choices), default=list(default))


def draft_field() -> ChoiceField:
    """The draft that a new part belongs to."""
    return ChoiceField(
        lazy_gettext("Draft version"),
        choices=drafts,
        must=True,
        description=lazy_gettext("Only a draft can be changed. Make one on the page of the form."),
    )


def section_field(kind: str) -> ChoiceField:
    """The section of a draft that a new part belongs to."""
    return ChoiceField(
        lazy_gettext("Form section"),
        choices=_sections_of_drafts(kind),
        must=True,
        description=lazy_gettext("Only a draft can be changed. Make one on the page of the form."),
    )


def drafts() -> list[tuple[str, LocalText]]:
    """The drafts that the actor may change."""
    query = scope.visible(FormVersion, context.current_actor(), context.today()).where(
        FormVersion.state == DRAFT
    )
    return [(str(draft.id), draft.label) for draft in db.session.scalars(query.order_by(FormVersion.id))]


def draft_sections(kind: str) -> list[FormSection]:
    """The sections of one kind in drafts that the actor may change."""
    of_drafts = FormSection.version_id.in_(select(FormVersion.id).where(FormVersion.state == DRAFT))
    query = scope.visible(FormSection, context.current_actor(), context.today()).where(of_drafts)
    query = query.where(FormSection.kind == kind).order_by(FormSection.version_id, FormSection.ord)
    return list(db.session.scalars(query))


def _sections_of_drafts(kind: str) -> Callable[[], list[tuple[str, Any]]]:
    def offered() -> list[tuple[str, Any]]:
        return [
            (
                str(section.id),
                Message("{version}: {section}", version=section.version.label, section=section.name),
            )
            for section in draft_sections(kind)
        ]

    return offered


class CodesField(StringField):
    """Codes in one line, between blanks or commas."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, validators=[InputRequired(REQUIRED), Length(max=LONGEST_CODES)], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return " ".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the codes apart."""
        text = valuelist[0].replace("\x00", " ") if valuelist else ""
        self.data = [code for code in _BETWEEN.split(text) if code]


class ExpressionControl:
    """Draws an expression: a box of lines, and below it the same in words or the place where it is wrong."""

    def __call__(self, field: ExpressionField, **_kwargs: Any) -> Markup:
        """The control as HTML; scripts read the expression again at ``data-url`` as one types."""
        given = {"id": field.id, "name": field.name, "class": "qj-area rl-expression", "rows": 3}
        given |= {"maxlength": LONGEST_EXPRESSION, "spellcheck": "false", "autocapitalize": "off"}
        if field.flags.required:
            given["required"] = True
        box = Markup("<textarea {}>\n{}</textarea>").format(
            Markup(html_params(**described_by(field, given))), field._value()
        )
        return box + self._reading(field)

    @staticmethod
    def _reading(field: ExpressionField) -> Markup:
        found = field.reading
        place = Markup("{}<mark>{}</mark>{}").format(found.before, found.marked or "▲", found.after)
        return Markup(
            '<div class="rl-reading" data-url="{}"><pre{}>{}</pre><p role="status">{}</p></div>'
        ).format(
            field.reading_url,
            Markup("") if found.problem else Markup(" hidden"),
            place if found.problem else "",
            reading_words(found),
        )


def reading_words(reading: Reading) -> str:
    """What stands below an expression: its problem, or what it says."""
    if reading.problem:
        return say(reading.problem)
    return say(Message("It must hold that {words}.", words=reading.words)) if reading.words else ""


class ExpressionField(TextAreaField):
    """An expression of a rule; the view sets what is read of it before the page is drawn."""

    widget = ExpressionControl()
    reading = Reading()
    reading_url = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Lines end as the grammar counts them."""
        self.data = valuelist[0].replace("\r\n", "\n").replace("\r", "\n").strip() if valuelist else ""


class MonthTextField(StringField):
    """A month, chosen or typed as ``2018-07``."""

    widget = TextInput(input_type="month")

    def __init__(self, label: Any, *, must: bool = False, **kwargs: Any) -> None:
        super().__init__(label, validators=[InputRequired(REQUIRED) if must else Optional()], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return str(self.data) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the month, or say how to write it."""
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = Month.parse(valuelist[0].strip())
            except ValueError as error:
                raise ValueError(str(lazy_gettext("Write the month as 2018-07."))) from error
