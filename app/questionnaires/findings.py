"""What the checker tells: which question, what is wrong, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.texts import LocalText, Message
from app.questionnaires.definition import Definition, Question, Wording
from app.questionnaires.faults import local_text


class Severity(StrEnum):
    """How much a finding weighs. Only errors keep a questionnaire from being enabled."""

    ERROR = "error"
    WARNING = "warning"
    UNDECIDED = "undecided"  # too many combinations of options to be sure


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; ``question`` is a code, empty for the whole questionnaire.

    ``mend`` names a change that can be made at once, such as ``make_required``; empty where it takes thought.
    """

    severity: Severity
    question: str
    message: Message
    remedy: Message
    mend: str = ""


def error(question: Question, message: Message, remedy: Message) -> Finding:
    """A finding that keeps the questionnaire from being enabled."""
    return Finding(Severity.ERROR, question.code, message, remedy)


def warning(question: Question, message: Message, remedy: Message) -> Finding:
    """A finding to look at."""
    return Finding(Severity.WARNING, question.code, message, remedy)


def undecided(question: Question, message: Message, remedy: Message) -> Finding:
    """What the checker could not find out."""
    return Finding(Severity.UNDECIDED, question.code, message, remedy)


def label_of(definition: Definition, question: Question) -> str:
    """What readers call a question: Q1, Q2 … ; a section text, which has no number, by its code."""
    return definition.labels.get(question.code, question.code)


def text_of(wording: Wording) -> LocalText | str:
    """A text of the definition within a message; empty where there is none."""
    return local_text(wording) if wording else ""
