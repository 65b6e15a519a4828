"""A query is a declaration of at most sixty lines."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest

from app.wiring import LISTS

MOST_LINES = 60


def declared() -> Iterator[object]:
    """Every query of this package that the wiring names."""
    for found in LISTS.values():
        if inspect.unwrap(found).__module__.startswith("app.queries.") and found.__name__ != "<lambda>":
            yield found


def test_the_wiring_names_the_queries() -> None:
    assert len(list(declared())) >= 5


@pytest.mark.parametrize("query", tuple(declared()), ids=lambda query: query.__name__)
def test_a_query_is_declared_in_sixty_lines(query: object) -> None:
    lines = inspect.getsource(query).splitlines()  # type: ignore[arg-type]

    assert len(lines) <= MOST_LINES
