"""What the checker tells: which question, what is wrong, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.texts import Message


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
