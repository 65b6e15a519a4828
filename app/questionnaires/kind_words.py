"""What readers call the parts of a questionnaire: kinds of questions, matches, checks, patterns."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.texts import Message
from app.questionnaires.definition import CheckKind, Match, Pattern, QuestionKind


@dataclass(frozen=True, slots=True)
class KindLook:
    """What a kind of questions is called, and its picture."""

    words: Message
    icon: str


KIND_LOOKS = {
    QuestionKind.SINGLE: KindLook(Message("Single choice"), icon="circle-dot"),
    QuestionKind.MULTIPLE: KindLook(Message("Multiple choice"), icon="checkbox"),
    QuestionKind.LINE: KindLook(Message("Fill in a blank"), icon="text-size"),
    QuestionKind.TEXT: KindLook(Message("Open question"), icon="file-text"),
    QuestionKind.MATRIX_SINGLE: KindLook(Message("Matrix of single choices"), icon="table"),
    QuestionKind.MATRIX_MULTIPLE: KindLook(Message("Matrix of multiple choices"), icon="table-options"),
    QuestionKind.MATRIX_FILL: KindLook(Message("Matrix to fill in"), icon="list-numbers"),
    QuestionKind.NUMBER: KindLook(Message("Number question"), icon="number"),
    QuestionKind.DATE: KindLook(Message("Date question"), icon="calendar"),
    QuestionKind.RATING: KindLook(Message("Rating question"), icon="star"),
    QuestionKind.RANKING: KindLook(Message("Ranking of options"), icon="arrows-sort"),
    QuestionKind.SECTION: KindLook(Message("Section text"), icon="align-left"),
}
"""题型, the seven of the original system first."""

KINDS = {kind: look.words for kind, look in KIND_LOOKS.items()}

MATCHES = {
    Match.ANY: Message("any of"),
    Match.ALL: Message("all of"),
    Match.NONE: Message("none of"),
}

CHECKS = {
    CheckKind.RANGE: Message("Range of the number"),
    CheckKind.INTEGER: Message("Whole number"),
    CheckKind.LENGTH: Message("Number of characters"),
    CheckKind.PATTERN: Message("Shape of the text"),
    CheckKind.CHOICES: Message("Number of options chosen"),
    CheckKind.ROWS: Message("Every row answered"),
    CheckKind.DISTINCT: Message("No column chosen twice"),
    CheckKind.EXPRESSION: Message("Expression over answers"),
}

PATTERNS = {
    Pattern.MOBILE: Message("Mobile number"),
    Pattern.EMAIL: Message("E-mail address"),
    Pattern.CREDIT_CODE: Message("Unified social credit code"),
    Pattern.DATE: Message("Date as YYYY-MM-DD"),
}

CHECKS_OF_KIND = {
    QuestionKind.SINGLE: (CheckKind.EXPRESSION,),
    QuestionKind.MULTIPLE: (CheckKind.CHOICES, CheckKind.EXPRESSION),
    QuestionKind.LINE: (CheckKind.LENGTH, CheckKind.PATTERN, CheckKind.EXPRESSION),
    QuestionKind.TEXT: (CheckKind.LENGTH, CheckKind.EXPRESSION),
    QuestionKind.MATRIX_SINGLE: (CheckKind.ROWS, CheckKind.DISTINCT, CheckKind.EXPRESSION),
    QuestionKind.MATRIX_MULTIPLE: (
        CheckKind.ROWS,
        CheckKind.DISTINCT,
        CheckKind.CHOICES,
        CheckKind.EXPRESSION,
    ),
    QuestionKind.MATRIX_FILL: (
        CheckKind.ROWS,
        CheckKind.RANGE,
        CheckKind.INTEGER,
        CheckKind.LENGTH,
        CheckKind.EXPRESSION,
    ),
    QuestionKind.NUMBER: (CheckKind.RANGE, CheckKind.INTEGER, CheckKind.EXPRESSION),
    QuestionKind.DATE: (CheckKind.EXPRESSION,),
    QuestionKind.RATING: (CheckKind.EXPRESSION,),
    QuestionKind.RANKING: (CheckKind.CHOICES, CheckKind.EXPRESSION),
    QuestionKind.SECTION: (),
}
"""The checks that the builder offers for each kind."""
