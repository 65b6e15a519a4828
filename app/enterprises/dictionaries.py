"""Entries of the dictionaries that describe enterprises: their validity, and why a used one stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from app.enterprises.models import ControlType, Enterprise, EnterpriseVersion, RegistrationType
from app.infra.database import db
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message


def refuse_wrong_validity(values: Mapping[str, Any]) -> None:
    """An entry is valid for a day at least.

    :raises Invalid: it would end before it begins.
    """
    problems = validity_problems(values)
    if problems:
        raise Invalid(problems)


def validity_problems(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the days from which and until which an entry is valid."""
    begins, ends = values.get("valid_from"), values.get("valid_until")
    if begins is None or ends is None or ends > begins:
        return []
    return [Problem(Message("The end must be later than the beginning."), "valid_until")]


def control_type_used(row: ControlType) -> Problem | None:
    """A control type that an enterprise has, or had, stays."""
    return _used(Enterprise.control_type_id == row.id, EnterpriseVersion.control_type_id == row.id)


def registration_type_used(row: RegistrationType) -> Problem | None:
    """A registration type that an enterprise has, or had, stays."""
    return _used(Enterprise.registration_type_id == row.id, EnterpriseVersion.registration_type_id == row.id)


def _used(*conditions: ColumnElement[bool]) -> Problem | None:
    if not any(db.session.scalar(select(exists().where(condition))) for condition in conditions):
        return None
    return Problem(
        Message(
            "Enterprises use this entry, so it cannot be deleted. Enter the day on which it ends instead."
        )
    )
