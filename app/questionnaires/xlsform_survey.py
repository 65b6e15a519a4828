"""The questions of an XLSForm in order, from the tree of its rows; conditions stay as they stand there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app.kernel.texts import Message
from app.questionnaires.definition import Question, QuestionKind, Wording
from app.questionnaires.xlsform_items import (
    RENAMED,
    Codes,
    Condition,
    Item,
    fields_of,
    is_required,
    kept_item,
    per_row,
    told_appearance,
    unread_cells,
)
from app.questionnaires.xlsform_languages import Languages
from app.questionnaires.xlsform_lists import Choices
from app.questionnaires.xlsform_matrices import TABLE, Matrix, matrix_of
from app.questionnaires.xlsform_plain import Plain, plain_of
from app.questionnaires.xlsform_rows import Form, FormRow, Loss
from app.questionnaires.xlsform_tree import REPEAT, Entry
from app.questionnaires.xlsform_xpath import (
    NotCarried,
    XCall,
    XCompare,
    XReference,
    XText,
    parse_xpath,
)

PAGE = "field-list"
PLEASE_STATE = Wording({"zh": "请说明", "en": "Please state"})
"""What an exported form asks beside an option that wants words."""

_REFERENCE = re.compile(r"\$\{\s*([^{}]*?)\s*\}")


class Survey:
    """Walks the tree once; ``items`` are the questions found, ``losses`` what was not carried over."""

    def __init__(self, form: Form, languages: Languages, choices: Choices) -> None:
        self.languages, self.choices = languages, choices
        self.losses: list[Loss] = form.losses
        self.items: list[Item] = []
        self.codes = Codes()
        self.breaks = False
        self.spoken_of = {
            name
            for row in (*form.survey, *form.choices)
            for column, text in row.values.items()
            if column not in ("name", "type")
            for name in _REFERENCE.findall(text)
        }
        self.told: set[str] = set()

    def read(self, entries: Sequence[Entry], conditions: tuple[Condition, ...] = (), depth: int = 0) -> None:
        """Take the entries of a group, or of the sheet."""
        place = 0
        while place < len(entries):
            entry = entries[place]
            place += 1
            if entry.kept is not None:
                self._keep(entry)
            elif entry.is_group:
                self._group(entry, conditions, depth)
            elif self._plain(entry.row, conditions):
                while place < len(entries) and self._is_other_words(entries[place]):
                    place += 1

    def _keep(self, entry: Entry) -> None:
        if entry.kept is None:
            return
        question = entry.kept.question
        code = self.codes.code(question.code)
        if code != question.code:
            self.losses.append(entry.row.lost(Message(RENAMED.msgid, code=code), "name"))
            question = replace(question, code=code)
        self.breaks = False
        self.items.append(kept_item(entry, entry.kept, question))

    def _group(self, entry: Entry, conditions: tuple[Condition, ...], depth: int) -> None:
        row = entry.row
        own = (*conditions, *_condition(row))
        self.losses += unread_cells(row)
        if entry.kind == REPEAT:
            words = Message("Questions that repeat are asked once.")
            self.losses.append(row.lost(words, "type"))
        matrix = matrix_of(entry, self.choices, self.languages, self.losses)
        if matrix is not None:
            told_appearance(row, entry.appearance, (TABLE, PAGE, "label"), self.losses)
            self._matrix(row, matrix, own)
            return
        told_appearance(row, entry.appearance, (PAGE,), self.losses)
        is_page = PAGE in entry.appearance and depth == 0
        if is_page:
            self.breaks = bool(self.items)
        text = self.languages.wording(row, "label")
        if text:
            hint = self.languages.wording(row, "hint")
            self._add(row, Question("", QuestionKind.SECTION, text, hint, required=False), own)
        self.read(entry.inner, own, depth + 1)
        if is_page:
            self.breaks = bool(self.items)

    def _matrix(self, row: FormRow, matrix: Matrix, conditions: Sequence[Condition]) -> None:
        question = Question(
            "",
            matrix.kind,
            self.languages.wording(row, "label") or matrix.title or self._name_as_text(row),
            self.languages.wording(row, "hint"),
            required=matrix.required,
            rows=matrix.rows,
            columns=matrix.columns,
            checks=matrix.checks,
        )
        for inner in (*matrix.groups, *matrix.cells):
            self.losses += unread_cells(inner)
            words = inner.text("appearance").split()
            told_appearance(inner, words, ("label", "list-nolabel"), self.losses)
        item = self._add(row, question, conditions, matrix.fields)
        item.constraints, item.whole = matrix.constraints, matrix.is_whole

    def _plain(self, row: FormRow, conditions: tuple[Condition, ...]) -> bool:
        """Take a row as a question; whether it has options."""
        if not row.text("type"):
            self.losses.append(row.lost(Message("This row has no type and is left out."), "name"))
            return False
        words = row.text("appearance").split()
        plain = plain_of(row, self.choices, self.losses, is_long="multiline" in words)
        if plain is None:
            return False
        self.losses += unread_cells(row)
        known = ("multiline",) if plain.kind is QuestionKind.TEXT else ()
        known = ("rating",) if plain.kind is QuestionKind.RATING else known
        told_appearance(row, words, known, self.losses)
        question = self._question(row, plain, words)
        item = self._add(row, question, (*conditions, *_condition(row)))
        item.fields = fields_of(item.question, [row.text("name")], plain.choices)
        item.choices, item.whole = plain.choices, plain.whole
        if row.text("constraint"):
            item.constraints = [(row, row.text("constraint"))]
        return bool(plain.options)

    def _question(self, row: FormRow, plain: Plain, words: Sequence[str]) -> Question:
        is_answered = plain.kind is not QuestionKind.SECTION
        text = self.languages.wording(row, "label")
        hint = self.languages.wording(row, "hint")
        if not text and not hint:
            self.losses.append(
                row.lost(Message("This question has no text; its name stands in its place."), "label")
            )
        return Question(
            "",
            plain.kind,
            text or hint or self._name_as_text(row),
            hint if text else Wording(),
            required=is_answered and is_required(row, self.losses),
            options=plain.options,
            scale=plain.scale,
            checks=plain.checks,
            per_row=per_row(words),
        )

    def _name_as_text(self, row: FormRow) -> Wording:
        return Wording.of(row.text("name") or row.text("type"), self.languages.first)

    def _add(
        self, row: FormRow, question: Question, conditions: Sequence[Condition], fields: Sequence[str] = ()
    ) -> Item:
        """Put a question at the end, under a code of its own."""
        name = row.text("name")
        code = self.codes.code(name or f"row_{row.number}")
        if code != name:
            self.losses.append(row.lost(Message(RENAMED.msgid, code=code), "name"))
        if any("${" in text for text in (*question.text.texts.values(), *question.hint.texts.values())):
            words = Message("A text quotes an answer; here it stands as it is written.")
            self.losses.append(row.lost(words, "label"))
        question = replace(question, code=code, page_break=self.breaks)
        self.breaks = False
        item = Item(row, question, conditions, fields=fields_of(question, fields))
        self.items.append(item)
        return item

    def _is_other_words(self, entry: Entry) -> bool:
        """Whether a row only asks for the words of an option before it; then it becomes part of that."""
        row, item = entry.row, self.items[-1]
        name = row.text("name")
        asked = _asked_by(row, item.row.text("name"))
        asked = next((choice.code for choice in item.choices if choice.name == asked), asked)
        option = item.question.option(asked)
        is_named = name.startswith(f"{item.row.text('name')}_")
        if option is None or entry.is_group or entry.kept or not is_named or name in self.spoken_of:
            return False
        if option.other:
            return False
        options = tuple(
            replace(one, other=True) if one.code == asked else one for one in item.question.options
        )
        item.question = replace(item.question, options=options)
        text = self.languages.wording(row, "label")
        if any(PLEASE_STATE.texts.get(language) != words for language, words in text.texts.items()):
            words = Message("This question becomes the words that option “{option}” asks for.")
            self.losses.append(row.lost(Message(words.msgid, option=asked), "name"))
        self.losses += unread_cells(row)
        for column in ("constraint", "hint"):
            if row.text(column):
                self.losses.append(row.lost(Message("The words of an option are not checked."), column))
        return True


def _condition(row: FormRow) -> list[Condition]:
    text = row.text("relevant")
    return [(row, text)] if text else []


def _asked_by(row: FormRow, question: str) -> str:
    """The option upon which a row of words is shown; empty for any other row."""
    if row.text("type").strip().lower() not in ("text", "string") or not row.text("relevant"):
        return ""
    try:
        condition = parse_xpath(row.text("relevant"))
    except NotCarried:
        return ""
    match condition:
        case XCall(function="selected", arguments=(XReference(name=name), XText(value=option))):
            return option if name == question else ""
        case XCompare(operator="=", left=XReference(name=name), right=XText(value=option)):
            return option if name == question else ""
        case _:
            return ""
