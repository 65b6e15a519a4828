"""Which settings there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.kernel.texts import Message


class SettingGroup(StrEnum):
    """The headings under which the page shows settings."""

    ACCOUNTS = "accounts"
    MESSAGES = "messages"
    FILES = "files"
    ENTERPRISES = "enterprises"
    REPORTS = "reports"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting and what may stand in it.

    ``kind`` is ``number`` (a whole number), ``flag``, ``choice`` (one of ``choices``), ``choices``
    (any of them, kept as a sorted list) or ``text``. ``default`` holds until somebody changes it;
    ``demo_default`` stands in its place in an installation with demonstration data. ``configured``
    names the key of the configuration that gives the default where an installation sets it.
    """

    key: str
    group: SettingGroup
    title: Message
    help: Message
    kind: str
    default: Any
    demo_default: Any = None
    choices: Mapping[str, Message] = field(default_factory=dict)
    minimum: int | None = None
    maximum: int | None = None
    unit: Message | None = None
    configured: str = ""


_settings: dict[str, Setting] = {}


def declare(settings: Sequence[Setting]) -> None:
    """Make settings known; safe to repeat with the same ones.

    :raises ValueError: another setting has the key.
    """
    for one in settings:
        known = _settings.get(one.key)
        if known is not None and known != one:
            raise ValueError(f"setting {one.key!r} is declared already")
        _settings[one.key] = one


def setting(key: str) -> Setting:
    """The setting of a key.

    :raises KeyError: nobody declared it.
    """
    return _settings[key]


def all_settings() -> list[Setting]:
    """Every setting, in the order of groups and declarations."""
    order = list(SettingGroup)
    return sorted(_settings.values(), key=lambda one: order.index(one.group))
