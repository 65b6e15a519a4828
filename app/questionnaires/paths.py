"""Which questions a set of answers leads through: the one place that decides what is asked.

A walk goes forward only. A question is passed over where its "show if" does not hold; after one that was
asked the first jump that holds is taken. A jump that leads to nothing or back is not there for a walk: the
checker keeps such a questionnaire from being enabled, and a draft must be tried out all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.kernel.expressions import Given
from app.questionnaires.conditions import is_shown
from app.questionnaires.definition import END, Definition, Jump, Match, Question
from app.questionnaires.values import Answers, Reading, chosen_of, given_names, read


@dataclass(frozen=True, slots=True)
class Step:
    """A question that is asked: its options shown, its answer, and what expressions know by then."""

    question: Question
    offered: tuple[str, ...]
    reading: Reading
    names: Mapping[str, Given]


@dataclass(frozen=True, slots=True)
class Walk:
    """The codes asked, in order, section texts included, and the options shown of each that has options."""

    asked: tuple[str, ...]
    offered: Mapping[str, tuple[str, ...]]


def walk(definition: Definition, answers: Answers) -> Walk:
    """The path that answers lead through, as far as they go: what is blank jumps nowhere."""
    steps = tuple(steps_of(definition, answers))
    return Walk(
        tuple(step.question.code for step in steps),
        {step.question.code: step.offered for step in steps if step.question.options},
    )


def steps_of(definition: Definition, answers: Answers) -> Iterator[Step]:
    """The path question by question; ``names`` of a step holds its own answer and those asked before it."""
    names: dict[str, Given] = {}
    places = first_places(definition)
    place = 0
    while place < len(definition.questions):
        question = definition.questions[place]
        if not is_shown(question.show_if, names):
            place += 1
            continue
        offered = tuple(option.code for option in question.options if is_shown(option.show_if, names))
        reading = read(question, answers.get(question.code), offered)
        names.update(given_names(question, reading.value))
        yield Step(question, offered, reading, dict(names))
        place = next_place(question, place, chosen_of(reading.value), places)


def first_places(definition: Definition) -> Mapping[str, int]:
    """Where each code stands first, and where the end is."""
    places = {END: len(definition.questions)}
    for place, question in enumerate(definition.questions):
        places.setdefault(question.code, place)
    return places


def next_place(question: Question, place: int, chosen: Sequence[str], places: Mapping[str, int]) -> int:
    """Where to go on after a question that was asked."""
    jump = jump_taken(question.jumps, place, chosen, places)
    return place + 1 if jump is None else places[jump.target]


def jump_taken(
    jumps: Sequence[Jump], place: int, chosen: Sequence[str], places: Mapping[str, int]
) -> Jump | None:
    """The first jump that leads forward and holds; None where the next question follows."""
    ahead = (jump for jump in jumps if places.get(jump.target, -1) > place)
    return next((jump for jump in ahead if holds(jump, chosen)), None)


def holds(jump: Jump, chosen: Sequence[str]) -> bool:
    """Whether a jump's condition holds. NONE of no options always does, so it jumps in any case."""
    match jump.match:
        case Match.ANY:
            return any(option in chosen for option in jump.options)
        case Match.ALL:
            return bool(jump.options) and all(option in chosen for option in jump.options)
        case Match.NONE:
            return not any(option in chosen for option in jump.options)
