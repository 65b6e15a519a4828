"""What a page says: its texts and attributes with their language, its links, its title and headings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask.testing import FlaskClient

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
SPOKEN = ("title", "aria-label", "placeholder", "alt", "aria-description", "value")
"""Attributes that are read or heard; ``value`` only where it labels a button."""
UNSPOKEN = frozenset({"script", "style"})
TICKED = frozenset({"checkbox", "radio"})
LITERAL = frozenset({"code", "kbd", "samp", "pre"})
"""Elements for codes, keys and expressions, which are the same in every language."""


@dataclass(frozen=True)
class Said:
    """A text of a page, or an attribute of an element: its words, its language, and where it stands."""

    words: str
    language: str
    tags: tuple[str, ...]
    attribute: str = ""

    @property
    def is_literal(self) -> bool:
        return bool(LITERAL & set(self.tags))


class Page(HTMLParser):
    """A page, read once."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.said: list[Said] = []
        self.links: list[str] = []
        self.heads: list[str] = []
        self.fields: dict[str, str] = {}
        """What the forms of the page would send as they stand, by name."""
        self._filling = ""
        self._open: list[tuple[str, str]] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang") or (self._open[-1][1] if self._open else "")
        tags = (*(name for name, _language in self._open), tag)
        self._note_field(tag, given)
        if tag == "h1":
            self.heads.append(tag)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        for name in SPOKEN:
            if name in given and (name != "value" or given.get("type") in {"submit", "button", "reset"}):
                self.said.append(Said(given[name], language, tags, name))
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        while tag in [name for name, _language in self._open]:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        tags = tuple(name for name, _language in self._open)
        if tags and tags[-1] == "textarea" and self._filling:
            self.fields[self._filling] = data.removeprefix("\r\n")
        if data.strip() and not UNSPOKEN & set(tags):
            self.said.append(Said(" ".join(data.split()), self._open[-1][1] if self._open else "", tags))

    def _note_field(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag in {"select", "textarea"}:
            self._filling = name
        if name and tag in {"select", "textarea"}:
            self.fields.setdefault(name, "")
        elif name and tag == "input" and ("checked" in given or given.get("type") not in TICKED):
            self.fields[name] = given.get("value", "")
        elif tag == "option" and "selected" in given and self._filling:
            self.fields[self._filling] = given.get("value", "")

    def texts(self, tag: str) -> list[str]:
        """The words of every element of a kind."""
        return [said.words for said in self.said if tag in said.tags and not said.attribute]


def crawl(
    visitor: FlaskClient, most: int, spared: tuple[str, ...], start: str = "/"
) -> Iterator[tuple[str, int, str]]:
    """(address, status, body) of the pages that links lead to, each kind of page a few times.

    Addresses that differ only in numbers or in their query are of one kind; three of each are asked for.
    """
    waiting, known, kinds = [start], {start}, {}
    while waiting and most:
        address = waiting.pop(0)
        answer = visitor.get(address)
        while answer.status_code in {301, 302, 303}:
            answer = visitor.get(answer.headers["Location"])
        most -= 1
        if answer.mimetype != "text/html":
            continue
        body = answer.get_data(as_text=True)
        yield address, answer.status_code, body
        for link in Page(body).links:
            found = urlsplit(urljoin(f"http://localhost{address}", link))
            target = found.path + (f"?{found.query}" if found.query else "")
            kind = _kind(found.path, found.query)
            if found.netloc != "localhost" or found.path.startswith(spared) or target in known:
                continue
            known.add(target)
            if kinds.setdefault(kind, 0) < 3:
                kinds[kind] += 1
                waiting.append(target)


def _kind(path: str, query: str) -> str:
    parts = ["#" if any(sign.isdigit() for sign in part) else part for part in path.split("/")]
    names = sorted(pair.partition("=")[0] for pair in query.split("&") if pair)
    return "/".join(parts) + "?" + "&".join(names[:1])
