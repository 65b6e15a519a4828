"""Words for people: messages of the program (translated by catalogue) and texts of the data ({zh, en})."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """A sentence of the program: an English msgid for the catalogue and the values to put into it.

    ``str()`` gives the English sentence, for logs and tests; pages translate through
    ``app.infra.i18n.say``. Values may be messages or local texts themselves.
    """

    msgid: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __init__(self, msgid: str, /, **values: Any) -> None:
        object.__setattr__(self, "msgid", msgid)
        object.__setattr__(self, "values", values)

    def __str__(self) -> str:
        return self.msgid.format(**{key: str(value) for key, value in self.values.items()})

    def __hash__(self) -> int:
        return hash((self.msgid, tuple(sorted((key, str(value)) for key, value in self.values.items()))))


@dataclass(frozen=True, slots=True)
class LocalText:
    """A text of the data in Chinese and English, as kept in a column ``{zh, en}``."""

    zh: str
    en: str = ""

    def in_language(self, language: str) -> str:
        """The text in ``language``; Chinese where no English was given."""
        return self.en if language == "en" and self.en else self.zh

    @property
    def is_translated(self) -> bool:
        """Whether an English reader gets English."""
        return bool(self.en)

    def __str__(self) -> str:
        return self.zh
