"""The questionnaire tried as respondents answer it: judged like an answer, and never kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.kernel.errors import Problem
from app.questionnaires import answers_form
from app.questionnaires.answers import judge
from app.questionnaires.definition import Definition
from app.questionnaires.page_logic import compiled_for_page
from app.questionnaires.sheet import sheet_of, turned, unseen

TURNS = {"previous": -1, "stay": 0, "next": 1}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a preview shows: the sheet, or with ``done`` that the answers would have been taken."""

    sheet: dict[str, Any]
    done: bool = False
    problems: tuple[Problem, ...] = ()


def opened(definition: Definition, language: str) -> Preview:
    """The sheet before anything is answered."""
    return Preview(_sheet(definition, {}, language))


def answered(definition: Definition, form: Any, language: str) -> Preview:
    """The sheet after a step: a page turned (``go``), or all of it judged as a submission is."""
    answers = answers_form.read(definition, form)
    page = form.get("page", 1, int)
    seen = form.get("shown", "").split()
    go = form.get("go", "")
    if go in TURNS:
        page, _stays = turned(definition, answers, page, TURNS[go], seen)
        return Preview(_sheet(definition, answers, language, page=page))
    left = unseen(definition, answers, seen)
    if left is not None:
        return Preview(_sheet(definition, answers, language, page=left))
    problems = (*answers_form.faults(definition, form), *judge(definition, answers, language).problems)
    shown = _sheet(definition, answers, language, problems, page=page)
    return Preview(shown, done=not problems, problems=problems)


def _sheet(
    definition: Definition,
    answers: dict[str, Any],
    language: str,
    problems: tuple[Problem, ...] = (),
    *,
    page: int = 1,
) -> dict[str, Any]:
    drawn = sheet_of(definition, answers, language, problems, page=page)
    return {**drawn, "compiled": compiled_for_page(definition, language)}
