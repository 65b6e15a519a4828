"""What a password must be: pure."""

from __future__ import annotations

from app.kernel.errors import Problem
from app.kernel.texts import Message

SHORTEST, LONGEST = 10, 128
CLASSES_NEEDED = 3


def password_problems(password: str, username: str, field: str = "password") -> list[Problem]:
    """Everything wrong with a new password."""
    problems = []
    if not SHORTEST <= len(password) <= LONGEST:
        words = Message("A password has {least} to {most} characters.", least=SHORTEST, most=LONGEST)
        problems.append(Problem(words, field))
    if _classes(password) < CLASSES_NEEDED:
        words = Message("Mix at least three of: capital letters, small letters, digits, other characters.")
        problems.append(Problem(words, field))
    if len(username) >= 3 and username.casefold() in password.casefold():
        problems.append(Problem(Message("The password must not contain the login name."), field))
    return problems


def _classes(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
    return sum(any(test(character) for character in password) for test in tests)
