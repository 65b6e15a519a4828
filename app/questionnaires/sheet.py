"""The sheet of a questionnaire: its questions with their answers so far, as plain values that a page draws.

Every question is drawn, those off the path hidden, so that a page with scripts can follow the path while
somebody types, and one without scripts carries on what was typed before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.infra.i18n import say
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.questionnaires import paths
from app.questionnaires.answers_form import Answers, cell_name, other_name, rank_name
from app.questionnaires.cleaning import LONGEST_LINE
from app.questionnaires.definition import CHOICES, Definition, Option, Question, QuestionKind
from app.questionnaires.page_logic import compiled_for_page

MOST_PER_ROW = 6
"""Options beside each other at most; a phone shows one."""


def sheet_of(
    definition: Definition,
    answers: Answers,
    language: str,
    problems: Sequence[Problem] = (),
    *,
    locked: bool = False,
    page: int = 1,
) -> dict[str, Any]:
    """What ``questionnaires/sheet.html`` draws.

    :param answers: as ``answers_form.read`` gives them; a draft, so nothing in it need be right.
    :param language: of the questions; where a text has none in it, its first.
    :param problems: of a refused submission, each at the name of its input.
    :param locked: whether nothing can be typed.
    :param page: the page to open, from 1; with problems the first that has one.
    """
    drawing = _Drawing(definition, answers, language, problems)
    pages = [[drawing.question(question) for question in group] for group in pages_of(definition)]
    listed = drawing.listed()
    at = open_page(pages, page)
    shown = [drawn for group in pages for drawn in group if drawn["shown"] and drawn["label"] is not None]
    return {
        "pages": [
            {
                "number": number,
                "questions": group,
                "open": number == at or any(drawn["problems"] for drawn in group),
                "shown": any(drawn["shown"] for drawn in group),
            }
            for number, group in enumerate(pages, 1)
        ],
        "page": at,
        "previous": _neighbour(pages, at, -1),
        "next": _neighbour(pages, at, 1) or (at + 1 if drawing.is_open_ended and at < len(pages) else None),
        "problems": listed,
        "locked": locked,
        "numbered": definition.numbered,
        "answered": sum(1 for drawn in shown if drawn["answered"]),
        "shown": len(shown),
        "open_ended": drawing.is_open_ended,
        "codes": " ".join(drawn["code"] for drawn in shown),
        "compiled": compiled_for_page(definition, language),
    }


def pages_of(definition: Definition) -> list[list[Question]]:
    """The questions page by page; a question with a page break begins one."""
    pages: list[list[Question]] = [[]]
    for question in definition:
        if question.page_break and pages[-1]:
            pages.append([])
        pages[-1].append(question)
    return pages


def certain(definition: Definition, answers: Answers, asked: Sequence[str]) -> tuple[str, ...]:
    """The questions of a path to show: as far as it is certain.

    What follows a question that must be answered and decides where to go on waits for its answer.
    """
    shown: list[str] = []
    for code in asked:
        shown.append(code)
        question = definition.find(code)
        if question is not None and _decides(question) and not _chosen(answers.get(code)):
            break
    return tuple(shown)


def open_page(pages: Sequence[Sequence[Mapping[str, Any]]], wanted: int) -> int:
    """The first page with a problem; else the wanted one, or the nearest before it that shows anything."""
    numbered = list(enumerate(pages, 1))
    for number, group in numbered:
        if any(drawn["problems"] for drawn in group):
            return number
    shown = [number for number, group in numbered if any(drawn["shown"] for drawn in group)]
    before = [number for number in shown if number <= wanted]
    return before[-1] if before else shown[0] if shown else 1


def turned(
    definition: Definition, answers: Answers, page: int, step: int, seen: Collection[str]
) -> tuple[int, bool]:
    """The page that a turn by ``step`` leads to, and whether it stays for questions that were not seen yet.

    Without scripts an answer may call for further questions on its own page: they are shown first.
    """
    shown = set(shown_codes(definition, answers))
    pages = [[question for question in group if question.code in shown] for group in pages_of(definition)]
    at = min(max(page, 1), len(pages))
    if step > 0 and any(question.is_answered and question.code not in seen for question in pages[at - 1]):
        return at, True
    number = at + step
    while step and 1 <= number <= len(pages):
        if pages[number - 1]:
            return number, False
        number += step
    return at, False


def unseen(definition: Definition, answers: Answers, seen: Collection[str]) -> int | None:
    """The first page with a question that is to be shown and was not; None where everything was seen."""
    shown = set(shown_codes(definition, answers))
    for number, group in enumerate(pages_of(definition), 1):
        if any(one.is_answered and one.code in shown and one.code not in seen for one in group):
            return number
    return None


def shown_codes(definition: Definition, answers: Answers) -> tuple[str, ...]:
    """The questions that a sheet shows for some answers."""
    return certain(definition, answers, paths.walk(definition, answers).asked)


def _neighbour(pages: Sequence[Sequence[Mapping[str, Any]]], at: int, step: int) -> int | None:
    """The next page in a direction that shows anything."""
    number = at + step
    while 1 <= number <= len(pages):
        if any(drawn["shown"] for drawn in pages[number - 1]):
            return number
        number += step
    return None


def _decides(question: Question) -> bool:
    """Whether what follows can only be known once the question is answered."""
    return question.required and bool(question.jumps)


def _chosen(answer: object) -> list[str]:
    chosen = answer.get("chosen") if isinstance(answer, Mapping) else None
    return [str(code) for code in chosen] if isinstance(chosen, Sequence) else []


class _Drawing:
    """Draws the questions of one sheet."""

    def __init__(
        self, definition: Definition, answers: Answers, language: str, problems: Sequence[Problem]
    ) -> None:
        self.definition, self.answers, self.language = definition, answers, language
        self.labels = definition.labels
        walk = paths.walk(definition, answers)
        shown = certain(definition, answers, walk.asked)
        self.shown, self.is_open_ended = frozenset(shown), len(shown) < len(walk.asked)
        self.offered = walk.offered
        self.problems: dict[str, list[str]] = {}
        self.inputs: set[str] = set()
        self.told: list[tuple[str, str]] = []
        for problem in problems:
            code = problem.field.partition(".")[0]
            if not problem.field or code in self.shown:
                words = say(problem.message)
                self.problems.setdefault(problem.field, []).append(words)
                self.told.append((problem.field, words))

    def question(self, question: Question) -> dict[str, Any]:
        """One question with everything that its kind needs."""
        answer = self.answers.get(question.code)
        found = [
            words
            for field, told in self.problems.items()
            if field.partition(".")[0] == question.code
            for words in told
        ]
        return {
            "code": question.code,
            "kind": question.kind.value,
            "label": self.labels.get(question.code) if question.is_answered else None,
            "text": question.text.in_language(self.language),
            "hint": question.hint.in_language(self.language),
            "required": question.required and question.is_answered,
            "decides": _decides(question),
            "unit": question.unit.in_language(self.language),
            "per_row": max(1, min(question.per_row, MOST_PER_ROW)),
            "shown": question.code in self.shown,
            "answered": question.is_answered and bool(answer),
            "problems": list(dict.fromkeys(found)),
            "longest_words": LONGEST_LINE,
            **self._parts(question, answer),
        }

    def listed(self) -> list[dict[str, str]]:
        """The problems in the order they were told, each with the anchor of what is to be mended."""
        return [
            {"message": self._named(field, words), "anchor": self._anchor(field)}
            for field, words in self.told
        ]

    def _named(self, field: str, words: str) -> str:
        label = self.labels.get(field.partition(".")[0])
        if label is None or not self.definition.numbered:
            return words
        return say(Message("{question}: {problem}", question=label, problem=words))

    def _anchor(self, field: str) -> str:
        if not field:
            return ""
        return f"a-{field}" if field in self.inputs else f"q-{field.partition('.')[0]}"

    def _parts(self, question: Question, answer: Any) -> dict[str, Any]:
        if question.kind is QuestionKind.RANKING:
            return {"options": self._ranked(question, answer)}
        if question.kind in CHOICES:
            chosen = _chosen(answer)
            return {"options": [self._option(question, one, answer, chosen) for one in question.options]}
        if question.rows:
            return {"columns": self._columns(question), "rows": self._rows(question, answer)}
        self.inputs.add(question.code)
        value = answer if isinstance(answer, str) else ""
        if question.kind is QuestionKind.RATING:
            self.inputs.discard(question.code)
            return {"steps": [str(step) for step in range(1, question.scale + 1)], "value": value}
        return {"value": value}

    def _option(
        self, question: Question, option: Option, answer: Any, chosen: Sequence[str]
    ) -> dict[str, Any]:
        words = answer.get("other", {}) if isinstance(answer, Mapping) else {}
        name = other_name(question.code, option.code)
        if option.other:
            self.inputs.add(name)
        return {
            "code": option.code,
            "text": option.text.in_language(self.language),
            "chosen": option.code in chosen,
            "other": option.other,
            "exclusive": option.exclusive,
            "other_name": name,
            "words": words.get(option.code, "") if isinstance(words, Mapping) else "",
            "wrong": name in self.problems,
            "shown": option.code in self.offered.get(question.code, (option.code,)),
        }

    def _ranked(self, question: Question, answer: Any) -> list[dict[str, Any]]:
        """The options by rank, those without one after them in their own order."""
        chosen = _chosen(answer)
        drawn = []
        for option in question.options:
            name = rank_name(question.code, option.code)
            self.inputs.add(name)
            rank = chosen.index(option.code) + 1 if option.code in chosen else None
            wrong = name in self.problems or other_name(question.code, option.code) in self.problems
            shown = self._option(question, option, answer, chosen)
            drawn.append({**shown, "rank": rank, "rank_name": name, "wrong": wrong})
        return sorted(drawn, key=lambda one: (one["rank"] is None, one["rank"] or 0))

    def _columns(self, question: Question) -> list[dict[str, Any]]:
        return [
            {
                "code": column.code,
                "text": column.text.in_language(self.language),
                "numeric": column.numeric,
            }
            for column in question.columns
        ]

    def _rows(self, question: Question, answer: Any) -> list[dict[str, Any]]:
        given = answer if isinstance(answer, Mapping) else {}
        return [
            {
                "code": row.code,
                "text": row.text.in_language(self.language),
                "name": cell_name(question.code, row.code),
                "wrong": cell_name(question.code, row.code) in self.problems,
                "cells": [
                    self._cell(question, row.code, column.code, given.get(row.code))
                    for column in question.columns
                ],
            }
            for row in question.rows
        ]

    def _cell(self, question: Question, row: str, column: str, given: Any) -> dict[str, Any]:
        if question.kind is not QuestionKind.MATRIX_FILL:
            chosen = [given] if isinstance(given, str) else given if isinstance(given, list) else []
            return {"code": column, "chosen": column in chosen}
        name = cell_name(question.code, row, column)
        self.inputs.add(name)
        value = given.get(column, "") if isinstance(given, Mapping) else ""
        return {"code": column, "name": name, "value": value, "wrong": name in self.problems}
