"""The judgement on a set of answers: what was asked, what is kept, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.kernel.errors import Problem
from app.questionnaires.checks import check_problems
from app.questionnaires.definition import Definition
from app.questionnaires.faults import fault
from app.questionnaires.paths import Step, steps_of
from app.questionnaires.values import Answers, AnswerValue

LANGUAGE = "zh"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a set of answers comes to.

    ``kept`` holds the answers to asked questions as they are stored, without blanks; what a path skips is
    not in it. With ``problems`` nothing may be submitted; their ``field`` is the name of an input.
    """

    asked: tuple[str, ...]
    kept: Mapping[str, AnswerValue]
    problems: tuple[Problem, ...]


def judge(definition: Definition, answers: Answers, language: str = LANGUAGE) -> Judged:
    """What answers come to; ``answers`` may be forged: nothing in them is believed.

    Messages carry every language, so ``language`` changes nothing that a reader of the platform sees.
    """
    steps = tuple(steps_of(definition, answers))
    return Judged(
        tuple(step.question.code for step in steps),
        {step.question.code: step.reading.value for step in steps if step.reading.value is not None},
        tuple(problem for step in steps for problem in _problems(step)),
    )


def _problems(step: Step) -> Iterator[Problem]:
    """A blank is judged by ``required`` alone; so is one of which no option is shown not at all."""
    question, reading = step.question, step.reading
    yield from reading.problems
    if reading.value is not None:
        yield from check_problems(question, reading.value, step.names)
    elif _must_be_answered(step) and not reading.problems:
        yield fault("required", question.code)


def _must_be_answered(step: Step) -> bool:
    question = step.question
    return question.required and question.is_answered and bool(step.offered or not question.options)
