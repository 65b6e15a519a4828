"""Changes of a definition as pure functions: each takes one and gives another.

What a change leaves dangling, such as a jump to a question that was deleted, stays for the checker to
find: a half-built draft is kept as it is. Codes are never given twice, so that nothing that was left
dangling points to something new by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from app.questionnaires.cleaning import clean_line
from app.questionnaires.definition import (
    MATRICES,
    OPTIONED,
    Check,
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)

MOST_QUESTIONS = 300
"""Questions of a questionnaire: more than any respondent would answer, few enough to be drawn."""
MOST_PARTS = 200
"""Options, rows or columns of a question."""

NEW_OPTIONS = 2
"""Empty options, rows or columns that a new question starts with."""

T = TypeVar("T", Option, Line)

_NUMBERED = re.compile(r"q([1-9][0-9]{0,5})")


def highest_code(definition: Definition) -> int:
    """The highest number among the codes q1, q2 … that the definition has or still refers to."""
    codes = [question.code for question in definition]
    texts = [text for question in definition for text in (*_expressions(question), *_targets(question))]
    named = (word for text in texts for word in re.findall(r"\bq[0-9]+\b", text))
    found = (_NUMBERED.fullmatch(code) for code in (*codes, *named))
    return max((int(match[1]) for match in found if match), default=0)


def new_question(kind: QuestionKind, code: str) -> Question:
    """An empty question of a kind, with what its kind cannot be without."""
    question = Question(code, kind, Wording(), required=kind is not QuestionKind.SECTION)
    if kind in OPTIONED:
        options = tuple(Option(f"o{number}", Wording()) for number in range(1, NEW_OPTIONS + 1))
        return replace(question, options=options)
    if kind in MATRICES:
        lines = range(1, NEW_OPTIONS + 1)
        rows = tuple(Line(f"r{number}", Wording()) for number in lines)
        return replace(question, rows=rows, columns=tuple(Line(f"c{number}", Wording()) for number in lines))
    return question


def add_question(definition: Definition, question: Question, after: str = "") -> Definition:
    """The definition with a question behind the one of code ``after``; without such a one, at the end."""
    codes = [one.code for one in definition]
    at = codes.index(after) + 1 if after in codes else len(codes)
    questions = definition.questions
    return replace(definition, questions=(*questions[:at], question, *questions[at:]))


def replace_question(definition: Definition, question: Question) -> Definition:
    """The definition with a question in the place of the one of its code.

    :raises KeyError: there is no such question.
    """
    at = definition.place(question.code)
    return replace(
        definition, questions=(*definition.questions[:at], question, *definition.questions[at + 1 :])
    )


def change_question(definition: Definition, code: str, **changes: Any) -> Definition:
    """The definition with other attributes of one question.

    :raises KeyError: there is no such question.
    """
    question = definition.questions[definition.place(code)]
    return replace_question(definition, replace(question, **changes))


def duplicate_question(definition: Definition, code: str, new: str) -> Definition:
    """The definition with a copy of a question behind it; its own code in expressions becomes the new one.

    :raises KeyError: there is no such question.
    """
    question = definition.questions[definition.place(code)]
    checks = tuple(
        replace(check, expression=_renamed(check.expression, code, new)) for check in question.checks
    )
    return add_question(definition, replace(question, code=new, checks=checks), code)


def remove_question(definition: Definition, code: str) -> Definition:
    """The definition without a question; what refers to it stays.

    :raises KeyError: there is no such question.
    """
    at = definition.place(code)
    return replace(definition, questions=(*definition.questions[:at], *definition.questions[at + 1 :]))


def move_question(definition: Definition, code: str, to: int) -> Definition:
    """The definition with a question at place ``to`` from 0; beyond the ends it goes to the end.

    :raises KeyError: there is no such question.
    """
    at = definition.place(code)
    others = [*definition.questions[:at], *definition.questions[at + 1 :]]
    place = min(max(to, 0), len(others))
    return replace(definition, questions=(*others[:place], definition.questions[at], *others[place:]))


def referring(definition: Definition, code: str) -> tuple[str, ...]:
    """Codes of the other questions that jump to a question or name it in an expression."""
    return tuple(
        question.code
        for question in definition
        if question.code != code
        and (code in _targets(question) or any(_names(text, code) for text in _expressions(question)))
    )


def pasted(text: str) -> tuple[str, ...]:
    """The lines of a pasted text without blanks and repetitions, for options or rows."""
    lines = (" ".join(clean_line(line).split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


def with_options(
    definition: Definition, question: Question, texts: Iterable[str], language: str
) -> tuple[Option, ...]:
    """The options of a question and behind them new ones of these texts."""
    codes = _free_codes(definition, question, "o", (option.code for option in question.options))
    return (
        *question.options,
        *(Option(code, Wording.of(text, language)) for code, text in zip(codes, texts, strict=False)),
    )


def with_lines(lines: Sequence[Line], prefix: str, texts: Iterable[str], language: str) -> tuple[Line, ...]:
    """Rows (``prefix`` r) or columns (c) of a matrix and behind them new ones of these texts."""
    codes = _numbers(prefix, (line.code for line in lines))
    return (
        *lines,
        *(Line(code, Wording.of(text, language)) for code, text in zip(codes, texts, strict=False)),
    )


def moved(parts: Sequence[T], code: str, by: int) -> tuple[T, ...]:
    """Options, rows or columns with one of them moved up (-1) or down (1)."""
    codes = [part.code for part in parts]
    if code not in codes:
        return tuple(parts)
    ordered = list(parts)
    part = ordered.pop(codes.index(code))
    ordered.insert(max(codes.index(code) + by, 0), part)
    return tuple(ordered)


def jumps_by_option(question: Question) -> dict[str, str] | None:
    """Option → target, where the jumps of a single choice say no more than that; else None.

    The key "" is where all others go. The page offers such jumps as one choice for each option.
    """
    found: dict[str, str] = {}
    if question.kind is not QuestionKind.SINGLE:
        return None
    for jump in question.jumps:
        always = jump.match is Match.NONE and not jump.options
        chosen = [""] if always else list(jump.options)
        if "" in found or (jump.match is not Match.ANY and not always) or not chosen:
            return None
        if any(option in found for option in chosen):
            return None
        found.update(dict.fromkeys(chosen, jump.target))
    return found


def option_jumps(targets: dict[str, str]) -> tuple[Jump, ...]:
    """The jumps of a single choice from option → target; ``""`` as an option is every other answer."""
    together: dict[str, list[str]] = {}
    for option, target in targets.items():
        if option:
            together.setdefault(target, []).append(option)
    jumps = [Jump(Match.ANY, tuple(options), target) for target, options in together.items()]
    if "" in targets:
        jumps.append(Jump(Match.NONE, (), targets[""]))
    return tuple(jumps)


def without(checks: Sequence[Check], number: int) -> tuple[Check, ...]:
    """Checks without the one of a number from 1."""
    return tuple(check for at, check in enumerate(checks, 1) if at != number)


def _free_codes(
    definition: Definition, question: Question, prefix: str, codes: Iterable[str]
) -> Iterator[str]:
    """Codes that neither the question nor what refers to its options has."""
    texts = [text for one in definition for text in _expressions(one)]
    quoted = [word for text in texts for word in re.findall(rf"\b{prefix}[0-9]+\b", text)]
    jumped = [option for jump in question.jumps for option in jump.options]
    return _numbers(prefix, (*codes, *quoted, *jumped))


def _numbers(prefix: str, codes: Iterable[str]) -> Iterator[str]:
    found = (re.fullmatch(rf"{prefix}([0-9]{{1,6}})", code) for code in codes)
    highest = max((int(match[1]) for match in found if match), default=0)
    return (f"{prefix}{highest + number}" for number in range(1, MOST_PARTS + 1))


def _expressions(question: Question) -> tuple[str, ...]:
    texts = (
        question.show_if,
        *(option.show_if for option in question.options),
        *(check.expression for check in question.checks),
    )
    return tuple(text for text in texts if text)


def _targets(question: Question) -> tuple[str, ...]:
    return tuple(jump.target for jump in question.jumps if jump.target)


def _names(text: str, code: str) -> bool:
    return re.search(rf"(?<![\w.\"]){re.escape(code)}(?![\w\"])", text) is not None


def _renamed(text: str, code: str, new: str) -> str:
    return re.sub(rf"(?<![\w.\"]){re.escape(code)}(?![\w\"])", lambda _match: new, text)
