"""The steps that the builder's forms ask for, each a change of a draft with a label to undo it by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app.kernel.actor import Actor
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.texts import Message
from app.questionnaires import drafts, edits
from app.questionnaires.builder_forms import (
    Form,
    Reading,
    read_checks,
    read_layout,
    read_logic,
    read_question,
)
from app.questionnaires.checker import MAKE_REQUIRED
from app.questionnaires.definition import Check, CheckKind, Definition, Question, QuestionKind
from app.questionnaires.kind_words import CHECKS_OF_KIND, KINDS
from app.questionnaires.models import Questionnaire

STEPS = ("questions", "logic", "checks", "layout")
MENDS: Mapping[str, Mapping[str, object]] = {MAKE_REQUIRED: {"required": True}}
"""What the checker offers to mend at once → the attributes of the question that do."""
MEND_WORDS: Mapping[str, Message] = {MAKE_REQUIRED: Message("Make it required")}
"""What the links say that mend."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A draft after a step: which question is looked at next, and what is to be said.

    ``reshaped`` says that the forms of the page no longer fit: something was added, moved or taken away.
    """

    questionnaire: Questionnaire
    at: str
    reshaped: bool = True
    message: Message | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Who asks for what: the draft, the edit that the page showed, the question in view and the form.

    ``called`` is what readers call that question, for the label of the edit.
    """

    actor: Actor
    key: object
    seen: int
    at: str
    called: str
    form: Form
    now: dt.datetime

    def change(self, make: drafts.Change, part: drafts.Part, label: Message) -> Questionnaire:
        """Change the draft as the page saw it."""
        return drafts.change(self.actor, self.key, self.seen, make, part, label, self.now)

    def question(self, make: Callable[[Definition, Question], Question], words: Message) -> Outcome:
        """Change the question in view."""
        reshaped = False

        def changed(definition: Definition, _free: str) -> Definition:
            nonlocal reshaped
            question = definition.questions[definition.place(self.at)]
            after = make(definition, question)
            reshaped = _shape(after) != _shape(question)
            return edits.replace_question(definition, after)

        questionnaire = self.change(changed, lambda definition: definition.find(self.at), words)
        return Outcome(questionnaire, self.at, reshaped)


def apply(step: Step, page: str) -> Outcome:
    """Do what a form of a page asks for by its field ``do``; without one, save what it holds.

    :raises NotFound: there is no such step, or the draft is not the actor's.
    :raises Invalid: something typed cannot be taken; nothing was kept.
    :raises EditConflict: somebody else changed the same meanwhile; nothing was kept.
    """
    verb, _, rest = (step.form.get("do") or "save").partition(":")
    found = _ON_PAGES.get((page, verb)) or _ANYWHERE.get(verb)
    if found is None:
        raise NotFound
    return found(step, rest)


def _shape(question: Question) -> tuple[object, ...]:
    """What decides which fields the forms of a question have."""
    return (
        *(
            tuple(part.code for part in parts)
            for parts in (question.options, question.rows, question.columns)
        ),
        tuple(check.kind for check in question.checks),
        len(question.jumps),
    )


def _label(definition: Definition, code: str) -> str:
    return definition.labels.get(code) or code


def _taken(reading: Reading) -> Question:
    if reading.problems:
        raise Invalid(reading.problems)
    return reading.question


def _save_question(step: Step, _rest: str) -> Outcome:
    words = Message("Text and options of {code}", code=step.called)
    return step.question(lambda definition, one: _taken(read_question(definition, one, step.form)), words)


def _add(step: Step, kind: str) -> Outcome:
    if kind not in set(QuestionKind):
        raise NotFound
    given: list[str] = []

    def make(definition: Definition, free: str) -> Definition:
        given.append(free)
        return edits.add_question(definition, edits.new_question(QuestionKind(kind), free), step.at)

    words = Message("New question: {kind}", kind=KINDS[QuestionKind(kind)])
    return Outcome(step.change(make, _nothing, words), given[-1])


def _duplicate(step: Step, _rest: str) -> Outcome:
    given: list[str] = []

    def make(definition: Definition, free: str) -> Definition:
        given.append(free)
        return edits.duplicate_question(definition, step.at, free)

    words = Message("Copy of {code}", code=step.called)
    return Outcome(step.change(make, lambda one: one.find(step.at), words), given[-1])


def _delete(step: Step, _rest: str) -> Outcome:
    left: list[str] = []
    beside: list[str] = []

    def make(definition: Definition, _free: str) -> Definition:
        left.extend(_label(definition, code) for code in edits.referring(definition, step.at))
        after = edits.remove_question(definition, step.at)
        places = min(definition.place(step.at), len(after.questions) - 1)
        beside.extend(question.code for question in after.questions[max(places, 0) :][:1])
        return after

    words = Message("{code} deleted", code=step.called)
    questionnaire = step.change(make, lambda one: one.find(step.at), words)
    told = Message(
        "Deleted. {questions} still lead there or name it: the path check says how to mend them.",
        questions=", ".join(left),
    )
    return Outcome(questionnaire, beside[0] if beside else "", message=told if left else None)


def _move(step: Step, where: str) -> Outcome:
    """``up``, ``down``, or before another question; behind all where there is no such one."""

    def make(definition: Definition, _free: str) -> Definition:
        place = definition.place(step.at)
        if where in {"up", "down"}:
            return edits.move_question(definition, step.at, max(place + (1 if where == "down" else -1), 0))
        others = [question.code for question in definition if question.code != step.at]
        to = others.index(where) if where in others else len(others)
        return edits.move_question(definition, step.at, to)

    return Outcome(step.change(make, _nothing, Message("{code} moved", code=step.called)), step.at)


def _part(step: Step, rest: str) -> Outcome:
    """``options:o2:up``: move an option, a row or a column, or take it away, and save what else is typed."""
    name, _, rest = rest.partition(":")
    code, _, verb = rest.rpartition(":")
    if name not in {"options", "rows", "columns"} or verb not in {"up", "down", "remove"}:
        raise NotFound

    def make(definition: Definition, question: Question) -> Question:
        typed = _taken(read_question(definition, question, step.form))
        parts = getattr(typed, name)
        if verb == "remove":
            return replace(typed, **{name: tuple(part for part in parts if part.code != code)})  # type: ignore[arg-type]
        return replace(typed, **{name: edits.moved(parts, code, 1 if verb == "down" else -1)})  # type: ignore[arg-type]

    outcome = step.question(make, Message("Options of {code}", code=step.called))
    return replace(outcome, reshaped=True)


def _save_logic(step: Step, _rest: str) -> Outcome:
    words = Message("Branches of {code}", code=step.called)
    return step.question(lambda definition, one: _taken(read_logic(definition, one, step.form)), words)


def _clear_logic(step: Step, _rest: str) -> Outcome:
    outcome = step.question(lambda _definition, one: replace(one, jumps=()), _cleared(step.called))
    return replace(outcome, reshaped=True)


def _cleared(code: str) -> Message:
    return Message("Branches of {code} cleared", code=code)


def _save_checks(step: Step, _rest: str) -> Outcome:
    words = Message("Checks of {code}", code=step.called)
    return step.question(lambda _definition, one: _taken(read_checks(one, step.form)), words)


def _add_check(step: Step, kind: str) -> Outcome:
    wanted = kind or step.form.get("new_check", "")
    if wanted not in set(CheckKind):
        raise NotFound

    def make(_definition: Definition, question: Question) -> Question:
        typed = _taken(read_checks(question, step.form))
        if CheckKind(wanted) not in CHECKS_OF_KIND[question.kind]:
            raise Invalid([Problem(Message("This check does not fit the kind of question."), "new_check")])
        return replace(typed, checks=(*typed.checks, Check(CheckKind(wanted))))

    return step.question(make, Message("New check of {code}", code=step.called))


def _remove_check(step: Step, number: str) -> Outcome:
    if not (number.isascii() and number.isdigit()):
        raise NotFound

    def make(_definition: Definition, question: Question) -> Question:
        typed = _taken(read_checks(question, step.form))
        return replace(typed, checks=edits.without(typed.checks, int(number[:6])))

    outcome = step.question(make, Message("Check of {code} taken away", code=step.called))
    return replace(outcome, reshaped=True)


def _save_layout(step: Step, _rest: str) -> Outcome:
    def make(definition: Definition, _free: str) -> Definition:
        after, problems = read_layout(definition, step.form)
        if problems:
            raise Invalid(problems)
        return after

    def part(definition: Definition) -> object:
        return (
            tuple((one.code, one.per_row, one.page_break) for one in definition),
            definition.numbered,
            definition.languages,
        )

    return Outcome(step.change(make, part, Message("Layout")), step.at, reshaped=False)


def _mend(step: Step, mend: str) -> Outcome:
    attributes = MENDS.get(mend)
    if attributes is None:
        raise NotFound
    words = Message("Finding about {code} mended", code=step.called)
    outcome = step.question(lambda _definition, one: replace(one, **attributes), words)  # type: ignore[arg-type]
    return replace(outcome, reshaped=True)


def _undo(step: Step, _rest: str) -> Outcome:
    return Outcome(drafts.undo(step.actor, step.key, step.seen, step.now), step.at)


def _redo(step: Step, _rest: str) -> Outcome:
    return Outcome(drafts.redo(step.actor, step.key, step.seen, step.now), step.at)


def _nothing(_definition: Definition) -> object:
    return None


_ANYWHERE: Mapping[str, Callable[[Step, str], Outcome]] = {
    "add": _add,
    "duplicate": _duplicate,
    "delete": _delete,
    "move": _move,
    "mend": _mend,
    "undo": _undo,
    "redo": _redo,
}
_ON_PAGES: Mapping[tuple[str, str], Callable[[Step, str], Outcome]] = {
    ("questions", "save"): _save_question,
    ("questions", "part"): _part,
    ("logic", "save"): _save_logic,
    ("logic", "clear"): _clear_logic,
    ("checks", "save"): _save_checks,
    ("checks", "add-check"): _add_check,
    ("checks", "remove-check"): _remove_check,
    ("layout", "save"): _save_layout,
}
