"""Words kept as JSON, so that whoever reads them later reads them in the own language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.errors import Words
from app.kernel.texts import LocalText, Message


def words_to_json(words: Words | None) -> dict[str, Any] | None:
    """A message or local text as JSON; the values of a message become text unless JSON has them."""
    if words is None:
        return None
    if isinstance(words, LocalText):
        return {"zh": words.zh, "en": words.en}
    return {
        "msgid": words.msgid,
        "values": {key: _value_to_json(value) for key, value in words.values.items()},
    }


def words_from_json(kept: Mapping[str, Any] | None) -> Words | None:
    """The words that ``words_to_json`` kept."""
    if kept is None:
        return None
    if "msgid" not in kept:
        return LocalText(kept["zh"], kept.get("en", ""))
    sentence = kept["msgid"]
    return Message(sentence, **{key: _value_from_json(value) for key, value in kept["values"].items()})


def _value_to_json(value: Any) -> Any:
    if isinstance(value, Message | LocalText):
        return {"words": words_to_json(value)}
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _value_from_json(value: Any) -> Any:
    return words_from_json(value["words"]) if isinstance(value, dict) else value
