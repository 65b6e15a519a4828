"""A manual to take along, as a Word document."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from app.help.manuals import Chapter
from app.help.rendering import parser, picture

if TYPE_CHECKING:
    from docx.document import Document
    from markdown_it.token import Token

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PICTURE_WIDTH = 15.0
"""Centimetres: the text width of an A4 page."""

CHINESE_FONT = "宋体"


def word_document(title: str, parts: Iterable[Chapter], language: str) -> bytes:
    """A manual as DOCX: its chapters one after the other, with their pictures."""
    import docx  # noqa: PLC0415 - slow to load, and only wanted by who downloads a manual
    from docx.oxml.ns import qn  # noqa: PLC0415

    document = docx.Document()
    normal = document.styles["Normal"]
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE_FONT)
    document.core_properties.title = title
    document.core_properties.author = ""
    document.add_heading(title, level=0)
    for chapter in parts:
        document.add_heading(chapter.title, level=1)
        _Writer(document, language).write(parser().parse(chapter.text))
    body = io.BytesIO()
    document.save(body)
    return body.getvalue()


class _Writer:
    """Writes the tokens of a chapter; knows headings, paragraphs, lists, tables and pictures."""

    def __init__(self, document: Document, language: str) -> None:
        self.document, self.language = document, language
        self.lists: list[str] = []
        self.rows: list[list[str]] = []
        self.heading = 0
        self.in_table = False

    def write(self, tokens: Sequence[Token]) -> None:
        """Write all of them."""
        for token in tokens:
            self._open_or_close(token)
            if token.type == "inline":
                self._inline(token)

    def _open_or_close(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self.heading = int(token.tag[1])
            case "heading_close":
                self.heading = 0
            case "bullet_list_open":
                self.lists.append("List Bullet")
            case "ordered_list_open":
                self.lists.append("List Number")
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
            case "table_open":
                self.in_table, self.rows = True, []
            case "tr_open":
                self.rows.append([])
            case "table_close":
                self.in_table = False
                self._table()

    def _inline(self, token: Token) -> None:
        if self.in_table:
            self.rows[-1].append(_plain(token))
            return
        if self.heading:
            self.document.add_heading(_plain(token), level=self.heading)
            return
        children = token.children or []
        if any(child.type == "image" for child in children):
            self._pictures(children)
            return
        paragraph = self.document.add_paragraph(style=self.lists[-1] if self.lists else None)
        bold = False
        for child in children:
            if child.type in ("strong_open", "strong_close"):
                bold = child.type == "strong_open"
            elif child.type in ("softbreak", "hardbreak"):
                paragraph.add_run(" " if self.language == "en" else "")
            elif child.content:
                paragraph.add_run(child.content).bold = bold

    def _pictures(self, children: Sequence[Token]) -> None:
        from docx.shared import Cm  # noqa: PLC0415

        for child in children:
            if child.type == "image":
                file = Path(str(current_app.static_folder)) / picture(str(child.attrs["src"]), self.language)
                self.document.add_picture(str(file), width=Cm(PICTURE_WIDTH))
                self.document.add_paragraph(child.content)

    def _table(self) -> None:
        if not self.rows:
            return
        table = self.document.add_table(rows=0, cols=len(self.rows[0]), style="Table Grid")
        for row in self.rows:
            for cell, words in zip(table.add_row().cells, row, strict=True):
                cell.text = words


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or ())
