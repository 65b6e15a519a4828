"""What is wrong with a questionnaire before it is enabled: each finding names its question and the remedy.

Errors keep a questionnaire from being enabled. Parts are checked first (``part_checks``), then expressions
(``expression_checks``) and rules for answers (``check_checks``), then where walks can lead (here).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

from app.kernel.texts import Message
from app.questionnaires.check_checks import check_findings
from app.questionnaires.definition import CHOICES, OPTIONED, Definition, Match, Question, QuestionKind
from app.questionnaires.domains import MOST_COMBINATIONS
from app.questionnaires.exploring import Explored, Seen, explore
from app.questionnaires.expression_checks import expression_findings, is_sound
from app.questionnaires.findings import Finding, Severity, error, label_of, text_of, undecided, warning
from app.questionnaires.part_checks import part_findings
from app.questionnaires.paths import first_places

MAKE_REQUIRED = "make_required"
"""The mend that lets no respondent leave a question blank."""

_ORDER = {Severity.ERROR: 0, Severity.UNDECIDED: 1, Severity.WARNING: 2}


def examine(definition: Definition) -> tuple[Finding, ...]:
    """All findings, in the order of the questions, errors first."""
    explored = explore(definition)
    found = [
        *part_findings(definition),
        *chain.from_iterable(_jump_findings(definition, question) for question in definition),
        *chain.from_iterable(expression_findings(definition, question) for question in definition),
        *(contradictions := list(_check_findings(definition))),
        *_walk_findings(definition, explored),
        *_stuck_findings(definition, explored, {finding.question for finding in contradictions}),
        *_optional_findings(definition),
    ]
    places = first_places(definition)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (places[one.question], _ORDER[one.severity])))


def has_errors(findings: tuple[Finding, ...]) -> bool:
    """Whether anything keeps the questionnaire from being enabled."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _jump_findings(definition: Definition, question: Question) -> Iterator[Finding]:
    """Jumps that lead nowhere or back, and those that are tied to options that are not there."""
    label, places = label_of(definition, question), first_places(definition)
    for number, jump in enumerate(question.jumps, 1):
        if jump.target not in places:
            yield error(
                question,
                Message(
                    "{question}: branch {number} leads to a question that is not there.",
                    question=label,
                    number=number,
                ),
                Message("Choose another target, or delete the branch."),
            )
        elif places[jump.target] <= places[question.code]:
            yield error(
                question,
                Message("{question}: branch {number} leads back.", question=label, number=number),
                Message("Choose a question further down: walks only go forward."),
            )
        for code in jump.options:
            if question.option(code) is None:
                yield error(
                    question,
                    Message(
                        "{question}: branch {number} names the option “{option}”, which is not there.",
                        question=label,
                        number=number,
                        option=code,
                    ),
                    Message("Take the option out of the branch."),
                )
        yield from _tie_findings(question, label, number)


def _tie_findings(question: Question, label: str, number: int) -> Iterator[Finding]:
    jump = question.jumps[number - 1]
    if jump.options and question.kind not in CHOICES:
        yield error(
            question,
            Message("{question}: branch {number} is tied to options.", question=label, number=number),
            Message("Only single and multiple choices branch by options; let it branch in any case."),
        )
    if not jump.options and jump.match is not Match.NONE:
        yield error(
            question,
            Message("{question}: branch {number} names no option.", question=label, number=number),
            Message("Choose the options that lead there, or delete the branch."),
        )


def _walk_findings(definition: Definition, explored: Explored) -> Iterator[Finding]:
    """What no walk does: questions never asked, branches never taken, conditions that never hold."""
    if not definition.questions:
        return
    for question, seen in zip(definition.questions, explored.seen, strict=True):
        label = label_of(definition, question)
        yield from _reach_findings(definition, question, seen, label)
        if seen.is_asked:
            yield from _option_findings(definition, question, seen, label)
            yield from _untaken_findings(definition, question, seen, label)
        if question.code in explored.undecided:
            yield undecided(
                question,
                Message(
                    "{question}: more than {limit} combinations of options meet here; whether what follows is"
                    " always reached is undecided.",
                    question=label,
                    limit=MOST_COMBINATIONS,
                ),
                Message("Let fewer options decide, or try the paths in question by answering."),
            )


def _reach_findings(definition: Definition, question: Question, seen: Seen, label: str) -> Iterator[Finding]:
    conditional = bool(question.show_if.strip()) and is_sound(definition, question, question.show_if)
    if not seen.shown:
        yield error(
            question,
            Message("{question} is never reached: every path passes it by.", question=label),
            Message("Lead a branch to it, or let the question before it go on without a branch."),
        )
    elif conditional and not seen.is_asked:
        yield error(
            question,
            Message("{question} is never asked: its condition can never hold.", question=label),
            Message("Change its “show if”, or delete the question."),
        )
    elif conditional and seen.shown == {True}:
        yield warning(
            question,
            Message("{question}: its condition always holds.", question=label),
            Message("Take its “show if” out, or change it."),
        )


def _option_findings(definition: Definition, question: Question, seen: Seen, label: str) -> Iterator[Finding]:
    for option in question.options:
        outcomes = seen.options.get(option.code, set())
        if not option.show_if.strip() or not is_sound(definition, question, option.show_if):
            continue
        if outcomes == {False}:
            yield error(
                question,
                Message(
                    "{question}: the option “{option}” is never shown: its condition can never hold.",
                    question=label,
                    option=text_of(option.text) or option.code,
                ),
                Message("Change its “show if”, or delete the option."),
            )
        elif outcomes == {True}:
            yield warning(
                question,
                Message(
                    "{question}: the condition of the option “{option}” always holds.",
                    question=label,
                    option=text_of(option.text) or option.code,
                ),
                Message("Take its “show if” out, or change it."),
            )
    if seen.bare and question.options:
        yield error(
            question,
            Message("{question} can be asked with none of its options shown.", question=label),
            Message("Let one option be shown in any case, or give the question a “show if” of its own."),
        )


def _untaken_findings(
    definition: Definition, question: Question, seen: Seen, label: str
) -> Iterator[Finding]:
    """Branches that no answer takes, and options that have none where the others have."""
    places = first_places(definition)
    place = places[question.code]
    for number, jump in enumerate(question.jumps):
        known = all(question.option(code) for code in jump.options)
        leads_on = places.get(jump.target, -1) > place
        is_tied = bool(jump.options) or jump.match is Match.NONE
        if known and leads_on and is_tied and number not in seen.jumps:
            yield error(
                question,
                Message("{question}: branch {number} is never taken.", question=label, number=number + 1),
                Message(
                    "Its options cannot be chosen so, or a branch above it comes first: change or delete it."
                ),
            )
    yield from _unbranched_findings(definition, question, place, label)


def _unbranched_findings(
    definition: Definition, question: Question, place: int, label: str
) -> Iterator[Finding]:
    """An option without a branch goes on to the next question; it may be a slip where another leads there."""
    if question.kind is not QuestionKind.SINGLE or place + 1 >= len(definition.questions):
        return
    following = definition.questions[place + 1]
    named = {code for jump in question.jumps for code in jump.options}
    owners = {jump.target for jump in question.jumps if jump.match is not Match.NONE}
    if following.code not in owners or any(jump.match is Match.NONE for jump in question.jumps):
        return
    for option in question.options:
        if option.code not in named:
            yield warning(
                question,
                Message(
                    "{question}: the option “{option}” has no branch and goes on to {following}, where"
                    " another option leads.",
                    question=label,
                    option=text_of(option.text) or option.code,
                    following=label_of(definition, following),
                ),
                Message("Give the option a branch of its own."),
            )


def _check_findings(definition: Definition) -> Iterator[Finding]:
    return chain.from_iterable(check_findings(definition, question) for question in definition)


def _stuck_findings(
    definition: Definition, explored: Explored, contradictory: Collection[str]
) -> Iterator[Finding]:
    """Questions whose checks let nothing through for some who are asked, though not for all."""
    for question, seen in zip(definition.questions, explored.seen, strict=True):
        lacks_options = question.kind in OPTIONED and not question.options
        if seen.stuck and question.code not in contradictory and not lacks_options:
            yield error(
                question,
                Message(
                    "{question}: some who are asked can give no answer that its checks let through.",
                    question=label_of(definition, question),
                ),
                Message("Ask for fewer choices, or show more options."),
            )


def _optional_findings(definition: Definition) -> Iterator[Finding]:
    for question in definition:
        if question.is_answered and not question.required:
            yield Finding(
                Severity.WARNING,
                question.code,
                Message(
                    "{question} is optional: it may be left blank.", question=label_of(definition, question)
                ),
                Message("Make it required."),
                MAKE_REQUIRED,
            )
