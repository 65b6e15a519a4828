"""A chapter as HTML: no raw HTML passes, links and pictures are resolved to our own addresses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import current_app, url_for
from markupsafe import Markup

from app.help.manuals import Chapter, chapters
from app.infra.look import asset

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

PAGE = "page:"
PICTURES = "help"
"""Folder of pictures under ``static``."""


class BrokenLink(ValueError):
    """A manual leads to a chapter, page or picture that is not there; a test finds it before a reader."""


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables and without raw HTML; loaded by the first reader, not by every process."""
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def render(chapter: Chapter, language: str) -> Markup:
    """The text of a chapter, its sections marked ``s1``, ``s2`` … for links."""
    tokens = parser().parse(chapter.text)
    _number_sections(tokens)
    for token in spread(tokens):
        if token.children:
            token.children = _without_closed_links(token.children)
        if token.type == "link_open":
            token.attrs["href"] = address(str(token.attrs["href"]), language)
        elif token.type == "image":
            token.attrs["src"] = asset(picture(str(token.attrs["src"]), language))
            token.attrs["loading"] = "lazy"
    # Raw HTML is off, so every text of the file is escaped here.
    return Markup(parser().renderer.render(tokens, parser().options, {}))


def _without_closed_links(tokens: list[Token]) -> list[Token]:
    """A line in which the name of a page that this reader may not open is no link."""
    kept: list[Token] = []
    is_closed = False
    for token in tokens:
        if token.type == "link_open":
            is_closed = not _is_open(str(token.attrs["href"]))
        if not (is_closed and token.type in ("link_open", "link_close")):
            kept.append(token)
    return kept


def _is_open(href: str) -> bool:
    """Whether the reader holds what a page asks for; a page that is not there counts as open, to be found."""
    page: Any = current_app.view_functions.get(href.removeprefix(PAGE)) if href.startswith(PAGE) else None
    permission = getattr(page, "_permission_name", None)
    return permission is None or bool(page.__self__.can(permission))


def spread(tokens: list[Token]) -> Iterator[Token]:
    """Tokens with those inside their lines."""
    for token in tokens:
        yield token
        yield from token.children or ()


def address(href: str, language: str) -> str:
    """The address that a link of a manual means.

    :raises BrokenLink: there is no such chapter or page.
    """
    if href.startswith(PAGE):
        endpoint = href.removeprefix(PAGE)
        if endpoint not in current_app.view_functions:
            raise BrokenLink(f"no page {endpoint}")
        return url_for(endpoint)
    path, _, anchor = href.partition("#")
    if path not in chapters(language):
        raise BrokenLink(f"no chapter {path}")
    manual, name = path.split("/")
    return url_for("HelpView.chapter", manual=manual, name=name, _anchor=anchor or None)


def picture(name: str, language: str) -> str:
    """The file under ``static`` of a picture, taken of the pages in the reader's language."""
    return f"{PICTURES}/{language}/{name}.png"


def _number_sections(tokens: list[Token]) -> None:
    place = 0
    for token in tokens:
        if token.type == "heading_open" and token.tag == "h2":
            place += 1
            token.attrs["id"] = f"s{place}"
