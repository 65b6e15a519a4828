"""Outcomes: what a job says it did, kept as JSON and read back as words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Words
from app.kernel.texts import LocalText, Message


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """One row of a batch: done, or skipped because of ``message`` (spec 00, rule 10).

    ``label`` names the row for people (an enterprise, a number); ``key`` is its identifier.
    """

    label: str
    done: bool
    message: Words | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job did: a sentence, and a line per row where it worked on rows."""

    summary: Words | None = None
    lines: tuple[OutcomeLine, ...] = ()

    @classmethod
    def of(cls, summary: Words | None = None, lines: Iterable[OutcomeLine] = ()) -> Outcome:
        """An outcome from any iterable of lines."""
        return cls(summary, tuple(lines))

    @property
    def done(self) -> int:
        """How many rows were done."""
        return sum(line.done for line in self.lines)

    @property
    def skipped(self) -> int:
        """How many rows were skipped."""
        return len(self.lines) - self.done

    def to_json(self) -> dict[str, Any]:
        """As kept in the column."""
        return {
            "summary": words_to_json(self.summary),
            "lines": [
                {
                    "key": line.key,
                    "label": line.label,
                    "done": line.done,
                    "message": words_to_json(line.message),
                }
                for line in self.lines
            ],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any] | None) -> Outcome:
        """From the column."""
        if not kept:
            return cls()
        lines = (
            OutcomeLine(line["label"], line["done"], words_from_json(line["message"]), line["key"])
            for line in kept["lines"]
        )
        return cls(words_from_json(kept["summary"]), tuple(lines))


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
