"""Settings of sign-in and passwords, which an administrator changes with a date and a reason."""

from __future__ import annotations

from app.infra.settings import Setting, SettingGroup, declare
from app.kernel.actor import Kind
from app.kernel.texts import Message
from app.organisations.terms import KIND_NAMES

CAPTCHA_ALWAYS = "sign_in.captcha_always"
SECOND_FACTOR = "sign_in.second_factor"
CODE_MINUTES = "sign_in.code_minutes"
PASSWORD_LENGTH = "password.length"  # noqa: S105 - the name of a setting, as the next ones
PASSWORD_CLASSES = "password.classes"  # noqa: S105
PASSWORD_HISTORY = "password.history"  # noqa: S105
PASSWORD_DAYS = "password.days"  # noqa: S105
ACTIVATION_DAYS = "activation.days"

WITH_CODE = (Kind.BUREAU, Kind.ENTERPRISE, Kind.PROVIDER, Kind.POINT, Kind.CENTRE)
"""Kinds that enter a code of their mobile when they sign in, unless a setting says otherwise (spec 10)."""

_DAYS = Message("days")
_ACCOUNTS = SettingGroup.ACCOUNTS

SETTINGS = (
    Setting(
        CAPTCHA_ALWAYS,
        _ACCOUNTS,
        Message("Captcha at every sign-in"),
        Message(
            "Kinds of account that always enter a captcha; the others do after two failures. "
            "The sign-in page cannot know who comes, so it asks everybody as soon as one kind is ticked."
        ),
        "choices",
        [],
        choices=KIND_NAMES,
    ),
    Setting(
        SECOND_FACTOR,
        _ACCOUNTS,
        Message("Code by SMS at sign-in"),
        Message("Kinds of account that enter a code sent to their mobile after the password."),
        "choices",
        sorted(kind.value for kind in WITH_CODE),
        demo_default=[],
        choices=KIND_NAMES,
    ),
    Setting(
        CODE_MINUTES,
        _ACCOUNTS,
        Message("Life of a code"),
        Message("How long a code sent by SMS can be used."),
        "number",
        5,
        minimum=1,
        maximum=10,
        unit=Message("minutes"),
    ),
    Setting(
        PASSWORD_LENGTH,
        _ACCOUNTS,
        Message("Shortest password"),
        Message("The least number of characters of a new password."),
        "number",
        10,
        minimum=8,
        maximum=64,
        unit=Message("characters"),
    ),
    Setting(
        PASSWORD_CLASSES,
        _ACCOUNTS,
        Message("Kinds of characters in a password"),
        Message("How many of these a new password mixes: capital letters, small letters, digits, others."),
        "number",
        3,
        minimum=1,
        maximum=4,
    ),
    Setting(
        PASSWORD_HISTORY,
        _ACCOUNTS,
        Message("Earlier passwords that are refused"),
        Message("How many of the last passwords cannot be taken again."),
        "number",
        5,
        minimum=0,
        maximum=24,
    ),
    Setting(
        PASSWORD_DAYS,
        _ACCOUNTS,
        Message("Age of a password"),
        Message("After so many days a new password is due at the next sign-in; 0: never."),
        "number",
        90,
        demo_default=0,
        minimum=0,
        maximum=3650,
        unit=_DAYS,
    ),
    Setting(
        ACTIVATION_DAYS,
        _ACCOUNTS,
        Message("Life of an activation link"),
        Message("How long the link by which an account sets its first password can be used."),
        "number",
        7,
        minimum=1,
        maximum=30,
        unit=_DAYS,
    ),
)

declare(SETTINGS)
