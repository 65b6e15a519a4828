"""Columns of the raw table, made from the frozen definition: what each response says to each question.

As labels people read them; as codes programs do: several options of one answer stand in one cell with
spaces between them, as XLSForm has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import String, case, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.infra.database import is_postgresql
from app.infra.i18n import say
from app.infra.lists import Column
from app.kernel.texts import Message
from app.questionnaires.definition import MATRICES, CheckKind, Line, Option, Question, QuestionKind
from app.questionnaires.results_selection import Selection
from app.questionnaires.round_models import Answer, Response

LABELS, CODES = "labels", "codes"
FORMS = {LABELS: Message("As words"), CODES: Message("As codes")}
SHOWN = 6
"""Questions whose answers a page shows unless columns are chosen; a file has all."""
LONGEST_HEADING = 40
LONGEST_CELL = 200
"""Characters of a text that a page shows; the response itself and a file have all of it."""

_TEXT_KINDS = frozenset({QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.DATE})


def answer_columns(selection: Selection, form: str) -> Iterator[Column]:
    """The columns of every question in order; those beyond the first few wait to be chosen."""
    answered = [question for question in selection.definition if question.is_answered]
    for at, question in enumerate(answered):
        writer = _Writer(selection, question, form, default=at < SHOWN)
        yield from writer.columns()


class _Writer:
    """Writes the columns of one question."""

    def __init__(self, selection: Selection, question: Question, form: str, *, default: bool) -> None:
        self.question, self.form, self.default = question, form, default
        self.no = selection.place(question)
        self.language = selection.language
        self.label = selection.definition.labels[question.code]

    def columns(self) -> Iterator[Column]:
        """Every column of the question."""
        kind = self.question.kind
        if kind is QuestionKind.SINGLE:
            yield self._choice("", (), _line(self.no, 0, Answer.option_no), self.question.options)
        elif kind in {QuestionKind.MULTIPLE, QuestionKind.RANKING}:
            yield self._joined("", (), 1, self.question.options)
        elif kind in MATRICES:
            yield from self._matrix()
        elif kind in _TEXT_KINDS:
            yield self._column("", (), _line(self.no, 0, Answer.text))
        else:
            yield self._number("", (), _line(self.no, 0, Answer.number))
        for at, option in enumerate(self.question.options, 1):
            if option.other:
                row = 0 if kind is QuestionKind.SINGLE else 1
                stated = _line(self.no, row, Answer.text, Answer.option_no == at)
                yield self._column(f"_o{at}", ("other", option), stated, default=False)

    def _matrix(self) -> Iterator[Column]:
        columns = self.question.columns
        for at, row in enumerate(self.question.rows, 1):
            if self.question.kind is QuestionKind.MATRIX_SINGLE:
                yield self._choice(f"_{at}", (row,), _line(self.no, at, Answer.option_no), columns)
            elif self.question.kind is QuestionKind.MATRIX_MULTIPLE:
                yield self._joined(f"_{at}", (row,), at, columns)
            else:
                for place, column in enumerate(columns, 1):
                    value = Answer.number if column.numeric else Answer.text
                    write = self._number if column.numeric else self._column
                    filled = _line(self.no, at, value, Answer.option_no == place)
                    yield write(f"_{at}_{place}", (row, column), filled)

    def _words(self, options: Sequence[Option | Line]) -> dict[int, str]:
        return {at: self._word(option) for at, option in enumerate(options, 1)}

    def _word(self, option: Option | Line) -> str:
        return option.code if self.form == CODES else option.text.in_language(self.language)

    def _choice(self, key: str, parts: Sequence[Any], value: Any, options: Sequence[Option | Line]) -> Column:
        chosen = self._words(options)
        return self._column(key, parts, value, kind="choice", words=chosen)

    def _joined(self, key: str, parts: Sequence[Any], row: int, options: Sequence[Option | Line]) -> Column:
        between = " " if self.form == CODES else say(Message(", ")) if self.language == "en" else "、"
        ranked = self.question.kind is QuestionKind.RANKING
        order = Answer.number if ranked else Answer.option_no
        return self._column(key, parts, _joined(self.no, row, self._words(options), between, order))

    def _number(self, key: str, parts: Sequence[Any], value: Any) -> Column:
        whole = self.question.kind is QuestionKind.RATING or any(
            check.kind is CheckKind.INTEGER for check in self.question.checks
        )
        return self._column(key, parts, value, kind="number", decimals=0 if whole else 2)

    def _column(self, key: str, parts: Sequence[Any], value: Any, **more: Any) -> Column:
        more.setdefault("default", self.default)
        return Column(f"q{self.no}{key}", self._heading(parts), value, sortable=True, nullable=True, **more)

    def _heading(self, parts: Sequence[Any]) -> str:
        if self.form == CODES:
            named = (part if isinstance(part, str) else part.code for part in parts)
            return ".".join((self.question.code, *named))
        asked = self.question.text.in_language(self.language)
        named = (
            say(Message("stated")) if isinstance(part, str) else part.text.in_language(self.language)
            for part in parts
        )  # fmt: skip
        return " · ".join((f"{self.label} {asked}"[:LONGEST_HEADING], *named))


def _line(no: int, row: int, value: Any, *more: Any) -> Any:
    """A value of the only line of a response at a place; NULL where it was not asked or left blank."""
    if value is Answer.option_no:
        more = (*more, Answer.option_no > 0)
    found = select(value).where(*_at(no, row), *more).limit(1)
    return found.correlate(Response).scalar_subquery()


def _at(no: int, row: int) -> tuple[Any, ...]:
    """Places are written into the statement, so that it is the same text for all that asks alike."""
    return (
        Answer.response_id == Response.id,
        Answer.question_no == literal_column(str(no)),
        Answer.row_no == literal_column(str(row)),
    )


def _joined(no: int, row: int, words: Mapping[int, str], between: str, order: Any) -> Any:
    """The words of all options chosen, in order, with signs between them; NULL where none is."""
    word = case(dict(words), value=Answer.option_no, else_="")
    chosen = (*_at(no, row), Answer.option_no > 0)
    if is_postgresql():
        ordered = aggregate_order_by(literal(between, String), order)
        found = select(func.string_agg(word, ordered, type_=String()))
        return found.where(*chosen).correlate(Response).scalar_subquery()
    each = select(word.label("word")).where(*chosen).order_by(order).correlate(Response).subquery()
    return select(func.group_concat(each.c.word, between, type_=String())).scalar_subquery()
