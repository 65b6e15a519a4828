"""Which manuals there are, who reads them, and the text of their chapters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.kernel.actor import Actor, Kind
from app.kernel.texts import LANGUAGES, Message

FOLDER = Path(__file__).parent / "manuals"
_FILE = re.compile(r"(\d\d)-([a-z][a-z-]*)\.md")
PUBLIC = "start"
"""The manual that needs no account."""

MANUALS: Mapping[str, Message] = {
    "start": Message("Getting started"),
    "common": Message("Working with the platform"),
    "enterprise": Message("Manual for enterprises"),
    "bureau": Message("Manual for bureau administrators"),
    "point": Message("Manual for warning points"),
    "centre": Message("Manual for warning centres"),
    "provider": Message("Manual for service providers"),
    "platform": Message("Manual for the platform administrator"),
    "security": Message("Manual for the security administrator"),
    "auditor": Message("Manual for the auditor"),
}
"""Every manual by its folder, in the order of the help centre."""

READERS: Mapping[str, frozenset[Kind]] = {
    "enterprise": frozenset({Kind.ENTERPRISE, Kind.BUREAU, Kind.PLATFORM}),
    "bureau": frozenset({Kind.BUREAU, Kind.PLATFORM}),
    "point": frozenset({Kind.POINT, Kind.PLATFORM}),
    "centre": frozenset({Kind.CENTRE, Kind.PLATFORM}),
    "provider": frozenset({Kind.PROVIDER, Kind.PLATFORM}),
    "platform": frozenset({Kind.PLATFORM}),
    "security": frozenset({Kind.PLATFORM}),
    "auditor": frozenset({Kind.AUDITOR}),
}
"""Who reads a manual besides those that are for everybody: one's own, and those of whom one helps."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: its manual, its name in addresses, its title, and its text without the title."""

    manual: str
    name: str
    title: str
    text: str

    @property
    def path(self) -> str:
        """As links and ``pages.csv`` write it."""
        return f"{self.manual}/{self.name}"


@cache
def chapters(language: str) -> Mapping[str, Chapter]:
    """Every chapter of a language by its path, in the order of manuals and numbers."""
    found = (chapter for manual in MANUALS for chapter in _read(language, manual))
    return {chapter.path: chapter for chapter in found}


def _read(language: str, manual: str) -> Iterator[Chapter]:
    folder = FOLDER / (language if language in LANGUAGES else "zh") / manual
    for file in sorted(folder.glob("*.md")):
        named = _FILE.fullmatch(file.name)
        if named is None:
            raise ValueError(f"{file} is not called like a chapter, such as 01-sign-in.md")
        head, _, text = file.read_text(encoding="utf-8").partition("\n")
        yield Chapter(manual, named[2], head.removeprefix("# ").strip(), text.strip())


def readable(actor: Actor) -> list[str]:
    """The manuals that an actor may open, the own one first."""
    if not actor.is_signed_in:
        return [PUBLIC]
    mine = own_manual(actor)
    open_to = [name for name in MANUALS if actor.kind in READERS.get(name, (actor.kind,))]
    return sorted(open_to, key=lambda name: name != mine)


def own_manual(actor: Actor) -> str:
    """The manual of the actor's own role; how to work with the platform where there is no such role."""
    if actor.kind is Kind.PLATFORM:
        return "security" if "SecurityAdmin" in actor.roles else "platform"
    return actor.kind.value if actor.kind.value in MANUALS else "common"


def chapters_of(manual: str, language: str) -> list[Chapter]:
    """The chapters of a manual in their order."""
    return [chapter for chapter in chapters(language).values() if chapter.manual == manual]
