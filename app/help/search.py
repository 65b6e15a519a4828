"""Search over the manuals: Chinese by pairs of characters, other words by their beginnings; pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from app.help.sections import Section

LONGEST_QUERY = 100
MOST_HITS = 30
EXCERPT = 90
"""Characters of a section's text that a hit shows."""

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
HEADING_WEIGHT = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A section found, and the piece of its text around the first place."""

    section: Section
    excerpt: str


def terms(text: str) -> list[str]:
    """What a text is found by: pairs of Chinese characters (a single one by itself), and whole words."""
    found: list[str] = []
    for run in _RUN.findall(folded(text)):
        if "\u3400" <= run[0] <= "\u9fff" and len(run) > 1:
            found += [run[place : place + 2] for place in range(len(run) - 1)]
        else:
            found.append(run)
    return list(dict.fromkeys(found))


def folded(text: str) -> str:
    """Width and case do not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(slots=True)
class Index:
    """The sections of a language in memory: a few dozen, so that looking at each is the fastest way."""

    entries: list[tuple[Section, str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, sections: Iterable[Section]) -> Index:
        """An index of sections; the title of a chapter counts to each of its sections' headings."""
        return cls(
            [
                (section, folded(f"{section.chapter.title} {section.heading}"), folded(section.text))
                for section in sections
            ]
        )

    def find(self, query: str, manuals: Collection[str]) -> list[Hit]:
        """The sections of some manuals in which every term occurs, the best first."""
        wanted = terms(query[:LONGEST_QUERY])
        if not wanted:
            return []
        scored = [
            (score, place, section)
            for place, (section, heading, text) in enumerate(self.entries)
            if section.chapter.manual in manuals and (score := _score(wanted, heading, text))
        ]
        scored.sort(key=lambda one: (-one[0], one[1]))
        return [
            Hit(section, excerpt(section.text, wanted)) for _score_, _place, section in scored[:MOST_HITS]
        ]


def _score(wanted: list[str], heading: str, text: str) -> int:
    counts = [HEADING_WEIGHT * heading.count(term) + text.count(term) for term in wanted]
    return sum(counts) if all(counts) else 0


def excerpt(text: str, wanted: list[str]) -> str:
    """The piece of a text around the first term in it."""
    low = folded(text)
    places = [place for term in wanted if (place := low.find(term)) >= 0]
    start = max(0, min(places, default=0) - EXCERPT // 3)
    piece = text[start : start + EXCERPT].strip()
    return ("…" if start else "") + piece + ("…" if start + EXCERPT < len(text) else "")
