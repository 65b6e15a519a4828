"""The results of each question from what was counted: a line for every option, step, row and column. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.questionnaires.definition import (
    CHOICES,
    MATRICES,
    NO_WORDS,
    Definition,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.results_counts import Counts
from app.questionnaires.results_spread import Place, Spread, percent, spread_of, spread_of_levels
from app.questionnaires.round_models import BLANK_HEAD


@dataclass(frozen=True, slots=True)
class Line:
    """What can be answered to a question, and how many did.

    ``of_answered`` and ``of_asked`` are the shares, in per cent, of those who answered the question and of
    those who were asked it; a question that is skipped on a path was not asked there.
    """

    place: Place
    row: Wording
    option: Wording
    count: int
    of_answered: Decimal | None
    of_asked: Decimal | None
    spread: Spread | None = None
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of a question: how many were asked it and answered it, its lines, how its numbers lie."""

    question: Question
    no: int
    label: str
    asked: int
    answered: int
    lines: Sequence[Line] = ()
    spread: Spread | None = None

    @property
    def blank(self) -> int:
        """How many were asked and did not answer."""
        return self.asked - self.answered

    @property
    def rows(self) -> Sequence[tuple[Wording, Sequence[Line]]]:
        """The lines of a matrix, row by row."""
        wide = len(self.question.columns)
        return [
            (row, self.lines[at * wide : (at + 1) * wide])
            for at, row in enumerate(r.text for r in self.question.rows)
        ]


def results(definition: Definition, counts: Counts, codes: Collection[str]) -> list[Result]:
    """The results of some questions, in order."""
    labels = definition.labels
    return [
        _result(question, no, labels[question.code], counts)
        for no, question in enumerate(definition, 1)
        if question.code in codes
    ]


def _result(question: Question, no: int, label: str, counts: Counts) -> Result:
    heads = {place[2]: times for place, times in counts.lines.items() if place[0] == no and place[1] == 0}
    asked = sum(heads.values())
    answered = asked - heads.get(BLANK_HEAD, 0)
    found = Result(question, no, label, asked, answered)
    lines = tuple(_lines(found, counts))
    measured = counts.spreads.get((no, 0, 0))
    spread = spread_of(measured) if measured else None
    if question.kind is QuestionKind.RATING:
        spread = spread_of_levels(counts.levels.get((no, 0, 0), {}))
    return Result(question, no, label, asked, answered, lines, spread)


def _lines(result: Result, counts: Counts) -> Iterator[Line]:
    question, kind = result.question, result.question.kind
    if kind in CHOICES:
        row = 0 if kind is QuestionKind.SINGLE else 1
        for at, option in enumerate(question.options, 1):
            place = (result.no, row, at)
            yield _line(result, place, option.text, counts.lines.get(place, 0))
    elif kind is QuestionKind.RANKING:
        yield from _ranks(result, counts)
    elif kind is QuestionKind.RATING:
        given = counts.levels.get((result.no, 0, 0), {})
        for step in range(1, question.scale + 1):
            yield _line(result, (result.no, 0, step), Wording.of(str(step)), given.get(step, 0))
    elif kind in MATRICES:
        yield from _cells(result, counts)


def _ranks(result: Result, counts: Counts) -> Iterator[Line]:
    for at, option in enumerate(result.question.options, 1):
        place = (result.no, 1, at)
        ranks = counts.levels.get(place, {})
        yield _line(
            result, place, option.text, counts.lines.get(place, 0), spread=spread_of_levels(ranks),
            first=ranks.get(1, 0),
        )  # fmt: skip


def _cells(result: Result, counts: Counts) -> Iterator[Line]:
    for at, row in enumerate(result.question.rows, 1):
        for place_in_row, column in enumerate(result.question.columns, 1):
            place = (result.no, at, place_in_row)
            measured = counts.spreads.get(place)
            yield _line(
                result, place, column.text, counts.lines.get(place, 0), row=row.text,
                spread=spread_of(measured) if measured else None,
            )  # fmt: skip


def _line(
    result: Result,
    place: Place,
    option: Wording,
    count: int,
    *,
    row: Wording = NO_WORDS,
    spread: Spread | None = None,
    first: int | None = None,
) -> Line:
    shares = percent(count, result.answered), percent(count, result.asked)
    return Line(place, row, option, count, *shares, spread, first)
