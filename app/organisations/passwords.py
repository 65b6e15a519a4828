"""What a password must be: pure."""

from __future__ import annotations

import datetime as dt

from app.kernel.errors import Problem
from app.kernel.texts import Message

SHORTEST, LONGEST = 10, 128
CLASSES_NEEDED = 3


def password_problems(
    password: str,
    username: str,
    field: str = "password",
    *,
    shortest: int = SHORTEST,
    classes: int = CLASSES_NEEDED,
) -> list[Problem]:
    """Everything wrong with a new password.

    :param shortest: the least number of characters. :param classes: how many kinds of characters it mixes.
    """
    problems = []
    if not shortest <= len(password) <= LONGEST:
        words = Message("A password has {least} to {most} characters.", least=shortest, most=LONGEST)
        problems.append(Problem(words, field))
    if _classes(password) < classes:
        words = Message(
            "Mix at least {count} of: capital letters, small letters, digits, other characters.",
            count=classes,
        )
        problems.append(Problem(words, field))
    if len(username) >= 3 and username.casefold() in password.casefold():
        problems.append(Problem(Message("The password must not contain the login name."), field))
    return problems


def is_expired(since: dt.datetime, days: int, now: dt.datetime) -> bool:
    """Whether a password that holds since an instant is older than so many days; 0 days: never."""
    return days > 0 and now - since >= dt.timedelta(days=days)


def _classes(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
    return sum(any(test(character) for character in password) for test in tests)
