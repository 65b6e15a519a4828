"""Conditions in groups, understood: read from the address, checked against the list, turned into SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from app.infra.lists import filters, grammar, subjects
from app.infra.lists.grammar import Condition, Conditions
from app.infra.lists.spec import ListSpec
from app.infra.lists.subjects import Subject
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.numbers import NumberFormatError
from app.kernel.texts import Message

DAMAGED = Message("The advanced conditions of this address cannot be read. Choose them again.")


@dataclass(frozen=True, slots=True)
class Piece:
    """One condition with its checked value."""

    subject: Subject
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Where:
    """``text`` as it stands in the address; ``conditions`` where it could be read; ``pieces`` are by group
    the conditions in force: those that are not filled in yet narrow nothing."""

    text: str = ""
    conditions: Conditions | None = None
    pieces: tuple[tuple[Piece, ...], ...] = ()


NOWHERE = Where()


def field_of(group: int, place: int) -> str:
    """The name of a condition's field on the page, for a problem to point at. Both count from 1."""
    return f"where-{group}-{place}"


def read(spec: ListSpec, text: str, actor: Actor, today: dt.date) -> tuple[Where, list[Problem]]:
    """The conditions of an address and everything that is wrong with them. Never raises."""
    if not text:
        return NOWHERE, []
    try:
        conditions = grammar.parsed(text)
    except grammar.Damaged:
        return Where(text[: grammar.LONGEST].replace("\0", "")), [Problem(DAMAGED, "where")]
    problems = _too_many(conditions, text)
    known = subjects.subjects_of(spec)
    pieces: list[tuple[Piece, ...]] = []
    for number, group in enumerate(conditions.groups, 1):
        held = []
        for place, condition in enumerate(group, 1):
            piece, problem = read_one(known, condition, actor, today)
            if problem is not None:
                problems.append(Problem(problem, field_of(number, place)))
            elif piece is not None:
                held.append(piece)
        if held:
            pieces.append(tuple(held))
    return Where(text, conditions, tuple(pieces)), problems


def read_one(
    known: Mapping[str, Subject], condition: Condition, actor: Actor, today: dt.date
) -> tuple[Piece | None, Message | None]:
    """A condition in force, or what is wrong with it; neither where it is not filled in yet."""
    subject = known.get(condition.key)
    if subject is None or condition.operator not in subject.operators:
        return None, Message("The list has no such condition. Take it away or choose another one.")
    if not condition.values and subjects.needed(condition.operator):
        return None, None
    try:
        value = subjects.read(subject, condition, actor, today)
    except NumberFormatError as error:
        return None, error.message
    except filters.Unreadable as error:
        return None, error.words
    return Piece(subject, condition.operator, value), None


def clause(where: Where, actor: Actor, today: dt.date) -> ColumnElement[bool] | None:
    """The conditions in SQL; None where none is in force."""
    if not where.pieces or where.conditions is None:
        return None
    outer, inner = (or_, and_) if where.conditions.joined == "any" else (and_, or_)
    groups = [
        inner(*(subjects.clause(piece.subject, piece.operator, piece.value, actor, today) for piece in group))
        for group in where.pieces
    ]
    return outer(*groups)


def _too_many(conditions: Conditions, text: str) -> list[Problem]:
    found = []
    if conditions.count > grammar.MOST_CONDITIONS or len(conditions.groups) > grammar.MOST_GROUPS:
        limits = {"groups": grammar.MOST_GROUPS, "conditions": grammar.MOST_CONDITIONS}
        words = Message("At most {groups} groups and {conditions} conditions together.", **limits)
        found.append(Problem(words, "where"))
    if len(text) > grammar.LONGEST:
        found.append(Problem(Message("These conditions are too long together. Take one away."), "where"))
    return found
