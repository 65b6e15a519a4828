"""Definitions of questionnaires, parsed once by each process."""

from __future__ import annotations

from functools import lru_cache

from app.questionnaires.definition import Definition
from app.questionnaires.documents import parse
from app.questionnaires.models import Questionnaire

KEPT = 64
"""Definitions that a process keeps parsed: those answered and edited at a time."""


@lru_cache(maxsize=KEPT)
def parsed(text: str) -> Definition:
    """The definition that a canonical text holds; the same object for the same text."""
    return parse(text)


def definition(questionnaire: Questionnaire) -> Definition:
    """What a questionnaire asks; equal texts give the same object, so that callers may cache by it.

    The text is read each time and compared, which costs a thousandth of parsing it: nothing here can
    become stale, whatever happens to the database.
    """
    return parsed(questionnaire.edit.definition)
