"""试答: choosing options to see which path they lead through. Pure; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from app.questionnaires import paths
from app.questionnaires.definition import CHOICES, Definition, Question, QuestionKind

PREFIX = "t."
"""Before the code of a question in the address of a trial."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A question of the path to choose at: the options shown there, and those chosen."""

    question: Question
    offered: tuple[str, ...]
    chosen: tuple[str, ...]

    @property
    def several(self) -> bool:
        """Whether more than one option may be chosen."""
        return self.question.kind is QuestionKind.MULTIPLE


@dataclass(frozen=True, slots=True)
class Trial:
    """A path tried out: the questions asked in order, and where something can be chosen on it."""

    asked: tuple[str, ...]
    choices: tuple[Choice, ...]

    @property
    def is_chosen(self) -> bool:
        """Whether anything was chosen on it."""
        return any(choice.chosen for choice in self.choices)


def chosen_in(definition: Definition, given: MultiDict[str, str]) -> dict[str, dict[str, Any]]:
    """The answers that an address chooses; what is no option of its question is left out."""
    answers: dict[str, dict[str, Any]] = {}
    for question in definition:
        codes = {option.code for option in question.options}
        chosen = [code for code in given.getlist(PREFIX + question.code) if code in codes]
        if question.kind in CHOICES and chosen:
            several = question.kind is QuestionKind.MULTIPLE
            answers[question.code] = {"chosen": chosen if several else chosen[:1]}
    return answers


def tried(definition: Definition, answers: Mapping[str, Mapping[str, Sequence[str]]]) -> Trial:
    """The path of these answers."""
    found = paths.walk(definition, answers)
    choices = []
    for code in found.asked:
        question = definition.find(code)
        if question is not None and question.kind in CHOICES:
            chosen = tuple(answers.get(code, {}).get("chosen", ()))
            choices.append(Choice(question, found.offered.get(code, ()), chosen))
    return Trial(found.asked, tuple(choices))
