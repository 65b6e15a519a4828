"""A chapter cut into its sections; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.help.manuals import Chapter

HEADING = "## "
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_SIGNS = re.compile(r"[*`#>|]|^[-\d.]+\s|:?-{3,}:?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a chapter: its place (0 is what stands before the first heading), heading and plain text."""

    chapter: Chapter
    place: int
    heading: str
    text: str

    @property
    def anchor(self) -> str:
        """What follows the # of an address; empty for the head of the chapter."""
        return f"s{self.place}" if self.place else ""


def sections(chapter: Chapter) -> list[Section]:
    """The sections of a chapter in their order; a head without words is left out."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in chapter.text.splitlines():
        if line.startswith(HEADING):
            parts.append((line.removeprefix(HEADING).strip(), []))
        else:
            parts[-1][1].append(line)
    found = [
        Section(chapter, place, heading, plain("\n".join(lines)))
        for place, (heading, lines) in enumerate(parts)
    ]
    return [section for section in found if section.heading or section.text]


def plain(text: str) -> str:
    """Markdown without its signs, on one line."""
    return " ".join(_SIGNS.sub(" ", _LINK.sub(r"\1", text)).split())
