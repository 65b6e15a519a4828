"""Columns of the raw table, made from the frozen definition: what each response says to each question.

As labels people read them; as codes programs do: several options of one answer stand in one cell with
spaces between them, as XLSForm has them. The lines of the responses shown are read at once for all columns:
joined column by column, a file of 50,000 responses to 40 questions took twenty times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.infra.i18n import say
from app.infra.lists import Column
from app.infra.lists.spec import Key
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires.definition import MATRICES, CheckKind, Line, Option, Question, QuestionKind
from app.questionnaires.results_lines import NUMBER, OPTION, TEXT, Lines, LinesOfChunk, spot
from app.questionnaires.results_selection import Selection
from app.questionnaires.round_models import NUMBER_SCALE

LABELS, CODES = "labels", "codes"
FORMS = {LABELS: Message("As words"), CODES: Message("As codes")}
SHOWN = 6
"""Questions whose answers a page shows unless columns are chosen; a file has all."""
LONGEST_HEADING = 40

_TEXT_KINDS = frozenset({QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.DATE})
Reader = Callable[[Lines, int], Any]
"""Gives what a cell says from the lines of a response and a spot."""


def answer_columns(selection: Selection, form: str) -> Iterator[Column]:
    """The columns of every question in order; those beyond the first few wait to be chosen."""
    chunk = LinesOfChunk()
    answered = [question for question in selection.definition if question.is_answered]
    for at, question in enumerate(answered):
        yield from _Writer(selection, question, form, chunk, default=at < SHOWN).columns()


class _Writer:
    """Writes the columns of one question."""

    def __init__(
        self, selection: Selection, question: Question, form: str, chunk: LinesOfChunk, *, default: bool
    ) -> None:
        self.question, self.form, self.chunk, self.default = question, form, chunk, default
        self.no = selection.place(question)
        self.language = selection.language
        self.label = selection.definition.labels[question.code]

    def columns(self) -> Iterator[Column]:
        """Every column of the question."""
        kind = self.question.kind
        if kind is QuestionKind.SINGLE:
            yield self._column("", (), 0, _head_of(self.no, self._words(self.question.options)))
        elif kind is QuestionKind.MULTIPLE:
            yield self._column("", (), 1, self._several(self.question.options))
        elif kind is QuestionKind.RANKING:
            yield self._column("", (), 1, _ranked(self._words(self.question.options), self._between))
        elif kind in MATRICES:
            yield from self._matrix()
        elif kind in _TEXT_KINDS:
            yield self._column("", (), 0, _text_at(0))
        else:
            yield self._number("", (), 0, _number_at(0))
        for at, option in enumerate(self.question.options, 1):
            if option.other:
                row = 0 if kind is QuestionKind.SINGLE else 1
                yield self._column(f"_o{at}", ("other", option), row, _text_at(at), default=False)

    def _matrix(self) -> Iterator[Column]:
        columns = self.question.columns
        for at, row in enumerate(self.question.rows, 1):
            if self.question.kind is QuestionKind.MATRIX_SINGLE:
                yield self._column(f"_{at}", (row,), at, _one_of(self._words(columns)))
            elif self.question.kind is QuestionKind.MATRIX_MULTIPLE:
                yield self._column(f"_{at}", (row,), at, self._several(columns))
            else:
                for place, column in enumerate(columns, 1):
                    key, parts = f"_{at}_{place}", (row, column)
                    if column.numeric:
                        yield self._number(key, parts, at, _number_at(place))
                    else:
                        yield self._column(key, parts, at, _text_at(place))

    def _words(self, options: Sequence[Option | Line]) -> dict[int, str]:
        return {at: self._word(option) for at, option in enumerate(options, 1)}

    def _word(self, option: Option | Line) -> str:
        return option.code if self.form == CODES else option.text.in_language(self.language)

    @property
    def _between(self) -> str:
        return " " if self.form == CODES else ", " if self.language == "en" else "、"

    def _several(self, options: Sequence[Option | Line]) -> Reader:
        return _joined(self._words(options), self._between)

    def _number(self, key: str, parts: Sequence[Any], row: int, read: Reader) -> Column:
        whole = self.question.kind is QuestionKind.RATING or any(
            check.kind is CheckKind.INTEGER for check in self.question.checks
        )
        return self._column(key, parts, row, read, kind="number", decimals=0 if whole else 2)

    def _column(self, key: str, parts: Sequence[Any], row: int, read: Reader, **more: Any) -> Column:
        here, chunk = spot(self.no, row), self.chunk

        def values(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, Any]:
            return {key: read(lines, here) for key, lines in chunk.of(keys)}

        more.setdefault("default", self.default)
        return Column(f"q{self.no}{key}", self._heading(parts), each=values, **more)

    def _heading(self, parts: Sequence[Any]) -> str:
        if self.form == CODES:
            named = (part if isinstance(part, str) else part.code for part in parts)
            return ".".join((self.question.code, *named))
        asked = self.question.text.in_language(self.language)
        named = (
            say(Message("stated")) if isinstance(part, str) else part.text.in_language(self.language)
            for part in parts
        )
        return " · ".join((f"{self.label} {asked}"[:LONGEST_HEADING], *named))


def _head_of(no: int, words: Mapping[int, str]) -> Reader:
    """The option of a head; nothing where the question was left blank or not asked."""
    question = str(no)

    def read(lines: Lines, _here: int) -> str | None:
        return words.get(lines.heads.get(question, 0))

    return read


def _one_of(words: Mapping[int, str]) -> Reader:
    """The option of the only line in a row of a matrix."""

    def read(lines: Lines, here: int) -> str | None:
        found = lines.options.get(here)
        return words[found[0]] if found else None

    return read


def _joined(words: Mapping[int, str], between: str) -> Reader:
    """All options chosen with signs between them."""

    def read(lines: Lines, here: int) -> str | None:
        found = lines.options.get(here)
        return between.join([words[option] for option in sorted(found)]) if found else None

    return read


def _ranked(words: Mapping[int, str], between: str) -> Reader:
    """The same by rank."""

    def read(lines: Lines, here: int) -> str | None:
        found = sorted(lines.values.get(here, ()), key=lambda line: line[NUMBER])
        return between.join([words[line[OPTION]] for line in found]) or None

    return read


def _text_at(option: int) -> Reader:
    def read(lines: Lines, here: int) -> str | None:
        for line in lines.values.get(here, ()):
            if line[OPTION] == option:
                text: str | None = line[TEXT]
                return text
        return None

    return read


def _number_at(option: int) -> Reader:
    def read(lines: Lines, here: int) -> Decimal | None:
        for line in lines.values.get(here, ()):
            if line[OPTION] == option:
                return Decimal(line[NUMBER]).scaleb(-NUMBER_SCALE)
        return None

    return read
