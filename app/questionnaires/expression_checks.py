"""Whether the expressions of a question can be understood, and name only what is known by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.kernel.expressions import Expression, ExpressionError, Kind, parse
from app.kernel.texts import Message
from app.questionnaires.conditions import names_before, owner_of
from app.questionnaires.definition import CheckKind, Definition, Question
from app.questionnaires.findings import Finding, error, label_of, text_of, warning
from app.questionnaires.paths import first_places


def expression_findings(definition: Definition, question: Question) -> Iterator[Finding]:
    """What is wrong with "show if" of the question and of its options, and with its checks by expression."""
    label = label_of(definition, question)
    place = first_places(definition)[question.code]
    before = names_before(definition.questions[:place])
    with_own = names_before(definition.questions[: place + 1])
    if question.show_if.strip():
        where = Message("the “show if” of {question}", question=label)
        yield from _findings(definition, question, question.show_if, before, where)
    for option in question.options:
        if option.show_if.strip():
            words = text_of(option.text) or option.code
            where = Message(
                "the “show if” of the option “{option}” of {question}", option=words, question=label
            )
            yield from _findings(definition, question, option.show_if, before, where)
    for number, check in enumerate(question.checks, 1):
        if check.kind is CheckKind.EXPRESSION:
            where = Message("check {number} of {question}", number=number, question=label)
            yield from _findings(definition, question, check.expression, with_own, where)


def is_sound(definition: Definition, question: Question, show_if: str) -> bool:
    """Whether a "show if" can be understood where it stands."""
    place = first_places(definition)[question.code]
    before = names_before(definition.questions[:place])
    return not any(
        _findings(definition, question, show_if, before, Message("the “show if” of {question}", question=""))
    )


def _findings(
    definition: Definition, question: Question, text: str, known: Mapping[str, Kind], where: Message
) -> Iterator[Finding]:
    try:
        expression = parse(text)
        yield from _foreign_names(definition, question, expression, known, where)
        if expression.names <= known.keys():
            expression = parse(text, known)
    except ExpressionError as fault:
        yield error(
            question,
            Message(
                "In {where}, line {line}, character {column}: {fault}",
                where=where,
                line=fault.line,
                column=fault.column,
                fault=fault.message,
            ),
            Message("Correct the expression there."),
        )
        return
    if expression.kind not in (Kind.TRUTH, Kind.ANY):
        yield error(
            question,
            Message("In {where}: the expression gives a value, not true or false.", where=where),
            Message('Compare it with something, such as q1 == "a" or q2 > 0.'),
        )
    if not expression.names:
        yield warning(
            question,
            Message("In {where}: the expression depends on no answer.", where=where),
            Message("Name a question in it, or take it out."),
        )


def _foreign_names(
    definition: Definition,
    question: Question,
    expression: Expression,
    known: Mapping[str, Kind],
    where: Message,
) -> Iterator[Finding]:
    places = first_places(definition)
    for name in sorted(expression.names - known.keys()):
        owner = owner_of(name, definition)
        if owner and places[owner] >= places[question.code]:
            yield error(
                question,
                Message("In {where}: “{name}” is answered only later.", where=where, name=name),
                Message("Name questions that stand before it, or move the question."),
            )
        else:
            yield error(
                question,
                Message("In {where}: there is no “{name}”.", where=where, name=name),
                Message("Name a question by its code, a row as q1.r1, a cell as q1.r1.c1."),
            )
