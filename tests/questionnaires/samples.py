"""Questions for tests, written short."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.questionnaires.definition import (
    Check,
    CheckKind,
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)


def option(code: str, **more: Any) -> Option:
    """An option with a text."""
    return Option(code, Wording.of(f"选项{code}"), **more)


def question(code: str, kind: QuestionKind, options: str = "", **more: Any) -> Question:
    """A question with a text; ``options`` are codes with a space between."""
    return Question(
        code, kind, Wording.of(f"题目{code}"), options=tuple(map(option, options.split())), **more
    )


def single(code: str, options: str = "a b", **more: Any) -> Question:
    return question(code, QuestionKind.SINGLE, options, **more)


def multiple(code: str, options: str = "a b c", **more: Any) -> Question:
    return question(code, QuestionKind.MULTIPLE, options, **more)


def matrix(
    code: str, kind: QuestionKind, rows: str = "r1 r2", columns: str = "c1 c2", **more: Any
) -> Question:
    """A matrix; columns named n… take numbers."""
    return question(
        code,
        kind,
        rows=tuple(Line(row, Wording.of(f"行{row}")) for row in rows.split()),
        columns=tuple(
            Line(column, Wording.of(f"列{column}"), numeric=column.startswith("n"))
            for column in columns.split()
        ),
        **more,
    )


def check(
    kind: CheckKind, least: int | str | None = None, most: int | str | None = None, **more: Any
) -> Check:
    return Check(
        kind, None if least is None else Decimal(least), None if most is None else Decimal(most), **more
    )


def jump(target: str, options: str, match: Match = Match.ANY) -> Jump:
    return Jump(match, tuple(options.split()), target)


def defined(*questions: Question) -> Definition:
    return Definition(questions)


def orders() -> Definition:
    """The questionnaire of the design: four branches, seven questions."""
    always = Jump(Match.NONE, (), "q5")
    return defined(
        single("q1", "up same down none", jumps=(jump("q5", "same"), jump("q3", "down"), jump("", "none"))),
        multiple("q2", "new old price", jumps=(always,)),
        multiple("q3", "demand tariff cost"),
        matrix("q4", QuestionKind.MATRIX_SINGLE, "us eu asean other", "up same down", required=False),
        single("q5", "yes no", jumps=(jump("q7", "no"),)),
        question("q6", QuestionKind.TEXT),
        question("q7", QuestionKind.LINE),
    )
