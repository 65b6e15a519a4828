"""Outcomes: what a job says it did, kept as JSON and read back as words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.infra.words import words_from_json, words_to_json
from app.kernel.errors import Words


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """One row of a batch: done, or skipped because of ``message`` (spec 00, rule 10).

    ``label`` names the row for people (an enterprise, a number); ``key`` is its identifier. ``url``
    is the page where what hindered it can be settled.
    """

    label: str
    done: bool
    message: Words | None = None
    key: str = ""
    url: str = ""


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
                    "url": line.url,
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
            OutcomeLine(
                line["label"],
                line["done"],
                words_from_json(line["message"]),
                line["key"],
                line.get("url", ""),
            )
            for line in kept["lines"]
        )
        return cls(words_from_json(kept["summary"]), tuple(lines))
