"""What may stand in a setting, and who may change it; pure."""

from __future__ import annotations

from typing import Any

from app.infra.settings.registry import Setting, SettingGroup
from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message

LONGEST_TEXT = 200
SECURITY_ROLE = "SecurityAdmin"


def value_problem(declared: Setting, value: Any) -> Message | None:
    """Why a value cannot stand in a setting; None where it can."""
    match declared.kind:
        case "number":
            return _number_problem(declared, value)
        case "flag":
            return None if isinstance(value, bool) else Message("Choose yes or no.")
        case "choice":
            return None if value in declared.choices else Message("Choose one of the entries offered.")
        case "choices":
            return _choices_problem(declared, value)
        case "text":
            return _text_problem(declared, value)
    raise ValueError(f"setting {declared.key!r} is of the unknown kind {declared.kind!r}")


def _number_problem(declared: Setting, value: Any) -> Message | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return Message("Enter a whole number.")
    if declared.minimum is not None and value < declared.minimum:
        return Message("At least {least}.", least=declared.minimum)
    if declared.maximum is not None and value > declared.maximum:
        return Message("At most {most}.", most=declared.maximum)
    return None


def _choices_problem(declared: Setting, value: Any) -> Message | None:
    if not isinstance(value, list) or any(item not in declared.choices for item in value):
        return Message("Choose from the entries offered.")
    if value != sorted(set(value)):
        return Message("Each entry stands there once, in order.")
    return None


def _text_problem(declared: Setting, value: Any) -> Message | None:
    if not isinstance(value, str) or any(ord(sign) < 32 for sign in value):
        return Message("Write one line of text.")
    if len(value) > (declared.maximum or LONGEST_TEXT):
        return Message("Write at most {count} characters.", count=declared.maximum or LONGEST_TEXT)
    if len(value) < (declared.minimum or 0):
        return Message("This entry is required.")
    return None


def may_change(actor: Actor, declared: Setting) -> bool:
    """Whether an actor changes a setting: nobody who runs the platform also loosens its sign-in rules.

    Settings of accounts belong to the security administrator, all others to the platform administrator
    (decision 0023).
    """
    if actor.kind is Kind.SYSTEM:
        return True
    if actor.kind is not Kind.PLATFORM:
        return False
    return (SECURITY_ROLE in actor.roles) == (declared.group is SettingGroup.ACCOUNTS)
