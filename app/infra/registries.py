"""Places where later domains add to earlier ones without being known by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app

from app.kernel.errors import Invalid


def table(name: str) -> Any:
    """A table of ``app.wiring`` as this application uses it."""
    return current_app.extensions["wiring"][name]


def record_links(row: Any) -> list[tuple[str, str]]:
    """(words, address) of the pages that later domains have for a record."""
    return [link for source in table("RECORD_LINKS").get(type(row), ()) for link in source(row)]


def row_links(model: type) -> tuple[Callable[[Any], list[tuple[str, str]]], ...]:
    """What gives (words, address) of the pages that later domains have for each row of a list of a model,
    from the key of the row alone: no statement.
    """
    found: tuple[Callable[[Any], list[tuple[str, str]]], ...] = table("ROW_LINKS").get(model, ())
    return found


def later_columns(list_name: str) -> list[Any]:
    """Columns that later domains add to a list, to be chosen."""
    return [make() for make in table("LATER_COLUMNS").get(list_name, ())]


def refuse_deletion(row: Any) -> None:
    """Ask everybody who registered a veto for this kind of row.

    :raises Invalid: with every reason why it must stay.
    """
    vetoes = table("DELETION_VETOES").get(type(row), ())
    problems = [problem for veto in vetoes if (problem := veto(row)) is not None]
    if problems:
        raise Invalid(problems)
