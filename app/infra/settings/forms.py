"""The form that changes a setting, made from its declaration; and how its values read."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, DateField, Field, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.infra.choice_fields import CheckListField, one_group
from app.infra.display import MISSING
from app.infra.forms import REQUIRED, ChoiceField, NumberField, PlatformForm, refuse_control_characters
from app.infra.i18n import say
from app.infra.settings.registry import Setting
from app.infra.settings.rules import LONGEST_TEXT
from app.infra.settings.service import LONGEST_REASON


class ReasonForm(PlatformForm):
    """A reason, which every change of a setting carries (spec 00, rule 17)."""

    reason = TextAreaField(
        lazy_gettext("Reason"),
        validators=[
            InputRequired(REQUIRED),
            Length(max=LONGEST_REASON, message=lazy_gettext("At most %(max)d characters.")),
            refuse_control_characters,
        ],
    )


class ChangeForm(ReasonForm):
    """From when on a setting says what; ``form_for_setting`` adds the value."""

    value: Field
    begins = DateField(
        lazy_gettext("Valid from"),
        validators=[Optional()],
        description=lazy_gettext("A day after today; it begins at midnight. Empty: at once."),
    )


def form_for_setting(declared: Setting) -> type[ChangeForm]:
    """The form class of a setting."""
    return type("SettingForm", (ChangeForm,), {"value": _field(declared)})


def _field(declared: Setting) -> Any:
    label, hint = lazy_gettext("New value"), _limits(declared)
    choices = list(declared.choices.items())
    match declared.kind:
        case "number":
            return NumberField(label, scale=0, validators=[InputRequired(REQUIRED)], description=hint)
        case "flag":
            return BooleanField(say(declared.title))
        case "choice":
            return ChoiceField(label, choices=choices, must=True)
        case "choices":
            return CheckListField(label, groups=one_group(choices))
    longest = Length(
        max=declared.maximum or LONGEST_TEXT, message=lazy_gettext("At most %(max)d characters.")
    )
    return StringField(label, validators=[Optional(), longest, refuse_control_characters], filters=[_strip])


def entered(declared: Setting, form: ChangeForm) -> Any:
    """The value of a sent form, as it is kept."""
    data = form.value.data
    match declared.kind:
        case "number":
            return None if data is None else int(data)
        case "choices":
            return sorted(data or ())
        case "text":
            return data or ""
    return data


def shown(declared: Setting, value: Any) -> str:
    """A value as people read it, with its unit."""
    if value is None or value in ("", []):
        return MISSING
    match declared.kind:
        case "flag":
            return gettext("Yes") if value else gettext("No")
        case "choice":
            return say(declared.choices.get(value, value))
        case "choices":
            return gettext(", ").join(say(declared.choices.get(item, item)) for item in value)
    return f"{value} {say(declared.unit)}" if declared.unit else str(value)


def _limits(declared: Setting) -> str:
    parts = [say(declared.unit)] if declared.unit else []
    if declared.minimum is not None and declared.maximum is not None:
        parts.append(gettext("%(least)d to %(most)d", least=declared.minimum, most=declared.maximum))
    return gettext(", ").join(parts)


def _strip(typed: Any) -> Any:
    return typed.strip() if isinstance(typed, str) else typed
