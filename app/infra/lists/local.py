"""Texts in two languages inside SQL: both are searched, Chinese is sorted by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, case, func, type_coerce

from app.infra.types import LocalTextType


def is_local(expression: Any) -> bool:
    """Whether a column holds texts in two languages."""
    return isinstance(expression.type, LocalTextType)


def searched(expression: Any) -> list[Any]:
    """What a typed text, in lower case, is compared with."""
    if is_local(expression):
        body = type_coerce(expression, JSON)
        return [func.lower(body["zh"].as_string()), func.lower(body["en"].as_string())]
    return [func.lower(expression)]


def translated(expression: Any, language: str) -> Any:
    """The text that a reader of ``language`` gets; Chinese where there is no English."""
    body = type_coerce(expression, JSON)
    chinese = body["zh"].as_string()
    return (
        case((body["en"].as_string() != "", body["en"].as_string()), else_=chinese)
        if language == "en"
        else chinese
    )


def sorted_by(expression: Any) -> Any:
    """What rows are sorted by."""
    return type_coerce(expression, JSON)["zh"].as_string() if is_local(expression) else expression
