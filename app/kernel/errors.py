"""Refusals: what a domain answers when it cannot do what was asked, always with what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.texts import LocalText, Message

Words = Message | LocalText


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input. ``field`` is the form field or grid cell it belongs to, or empty."""

    message: Words
    field: str = ""


class DomainError(Exception):
    """A refusal that a user may read. Nothing was written when one is raised."""

    status = 400

    def __init__(self, message: Words, problems: Iterable[Problem] = ()) -> None:
        super().__init__(str(message))
        self.message = message
        self.problems = tuple(problems)


class NotFound(DomainError):
    """The record is not there, or not for this actor: the two look the same (spec 00, rule 1)."""

    status = 404

    def __init__(self, message: Words | None = None) -> None:
        super().__init__(message or Message("This record does not exist, or you may not see it."))


class Forbidden(DomainError):
    """The actor sees the record but the move is not theirs to make."""

    status = 403


class Conflict(DomainError):
    """What was asked does not fit the record as it is, such as changing what is published."""

    status = 409


class Overtaken(Conflict):
    """Somebody else was there first: the record is no longer as the actor saw it."""


class Invalid(DomainError):
    """The input cannot be taken; ``problems`` names every reason at once."""

    status = 422

    def __init__(self, problems: Iterable[Problem], message: Words | None = None) -> None:
        found = tuple(problems)
        super().__init__(message or Message("Some entries need correction."), found)


class Unavailable(DomainError):
    """The service cannot answer right now; trying again later may work."""

    status = 503
