"""What can be wrong with an answer, in words: one table for the server and the page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.kernel.errors import Problem, Words
from app.kernel.numbers import format_number
from app.kernel.texts import LocalText, Message
from app.questionnaires.definition import Check, CheckKind, Pattern, Wording

FAULTS: Mapping[str, Message] = {
    "required": Message("Answer this question."),
    "too_long": Message(
        "This text has {count} characters: shorten it to {limit}; until then it is not submitted."
    ),
    "number": Message("This is not a number: write digits with a decimal point and a sign, such as -1234.5."),
    "number_size": Message("This number is too large: choose a larger unit, or check it."),
    "number_decimals": Message("Write at most {limit} decimals."),
    "date": Message("This is not a date: write year, month and day, such as 2026-01-31."),
    "rating": Message("Choose a step from 1 to {limit}."),
    "one_option": Message("Choose one option only."),
    "exclusive": Message("One of the chosen options excludes all others: choose it alone, or take it out."),
    "other_words": Message("State in words what you mean."),
    "rank_all": Message("Give every option a rank."),
}
"""General faults by key; the page has the same sentences from ``page_logic``."""

_BOUNDS: Mapping[CheckKind, tuple[Message, Message, Message]] = {
    CheckKind.RANGE: (
        Message("Enter a number from {least} to {most}."),
        Message("Enter a number of at least {least}."),
        Message("Enter a number of at most {most}."),
    ),
    CheckKind.LENGTH: (
        Message("Write {least} to {most} characters."),
        Message("Write at least {least} characters."),
        Message("Write at most {most} characters."),
    ),
    CheckKind.CHOICES: (
        Message("Choose {least} to {most} options."),
        Message("Choose at least {least} options."),
        Message("Choose at most {most} options."),
    ),
}
_PATTERNS: Mapping[str, Message] = {
    Pattern.MOBILE: Message("A mobile number has 11 digits and begins with 1."),
    Pattern.EMAIL: Message("Write the e-mail address as name@example.com."),
    Pattern.CREDIT_CODE: Message("This is not a valid unified social credit code: check its 18 characters."),
    Pattern.DATE: FAULTS["date"],
}
_PLAIN: Mapping[CheckKind, Message] = {
    CheckKind.INTEGER: Message("Enter a whole number."),
    CheckKind.ROWS: Message("Answer this row too."),
    CheckKind.DISTINCT: Message("This column is chosen in another row already: choose each only once."),
    CheckKind.EXPRESSION: Message("This answer does not agree with another answer: check both."),
}


def fault(key: str, field: str, **values: Any) -> Problem:
    """A general fault at an input."""
    return Problem(Message(FAULTS[key].msgid, **values), field)


def check_words(check: Check) -> Words:
    """What a check says when it refuses: its own message, else the usual sentence of its kind."""
    if check.message:
        return local_text(check.message)
    if check.kind in _BOUNDS:
        return _bounds_words(_BOUNDS[check.kind], check.least, check.most)
    if check.kind is CheckKind.PATTERN:
        return _PATTERNS.get(check.pattern, _PLAIN[CheckKind.EXPRESSION])
    return _PLAIN[check.kind]


def _bounds_words(
    words: tuple[Message, Message, Message], least: Decimal | None, most: Decimal | None
) -> Message:
    if most is None:
        return Message(words[1].msgid, least=format_number(least))
    if least is None:
        return Message(words[2].msgid, most=format_number(most))
    return Message(words[0].msgid, least=format_number(least), most=format_number(most))


def local_text(wording: Wording) -> LocalText:
    """A text of a definition for readers of either language of the platform."""
    return LocalText(wording.in_language("zh"), wording.texts.get("en", ""))
