"""Paging and sorting: every row exactly once, in one order, forwards and backwards, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from sqlalchemy import event

from app.infra.database import db
from app.infra.lists import list_page
from app.infra.lists.page import ListPage
from tests.infra.lists.lists_app import ACTOR, TODAY, firm_list

SORTABLE = ["name", "place", "month", "revenue", "staff", "state", "opened", "sent_at"]


def shown(**args: Any) -> ListPage:
    return list_page(firm_list(), ACTOR, args, TODAY)


def numbers(page: ListPage) -> list[int]:
    return [int(row.key) for row in page.rows]


def follow(address: str) -> ListPage:
    return shown(**{name: values[0] for name, values in parse_qs(address[1:]).items()})


@pytest.mark.parametrize("sort", [sign + key for key in SORTABLE for sign in ("", "-")])
def test_walking_all_pages_meets_every_row_once_and_back_again(app: Flask, sort: str) -> None:
    page = shown(sort=sort, psize="15")
    forwards = [numbers(page)]
    while page.next:
        page = follow(page.next)
        forwards.append(numbers(page))
    backwards = [numbers(page)]
    while page.previous:
        page = follow(page.previous)
        backwards.append(numbers(page))

    assert sorted(chain.from_iterable(forwards)) == list(range(1, 61))
    assert backwards == forwards[::-1]


@pytest.mark.parametrize("sort", ["revenue", "-revenue"])
def test_missing_values_come_last_in_both_directions(app: Flask, sort: str) -> None:
    page = shown(sort=sort, psize="100")

    assert [number % 3 == 0 for number in numbers(page)] == [False] * 40 + [True] * 20


def test_rows_of_equal_value_are_ordered_by_key(app: Flask) -> None:
    assert numbers(shown(sort="-state", psize="15"))[:3] == [58, 55, 52]


@pytest.fixture
def selects(app: Flask) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if text.startswith("SELECT"):
            found.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_page_takes_three_statements_and_the_next_one_fewer(selects: list[str]) -> None:
    page = shown(psize="15", place="1")
    first = len(selects)
    follow(page.next)

    assert (first, len(selects) - first) == (3, 2)


def test_statements_do_not_grow_with_rows(selects: list[str]) -> None:
    shown(psize="15", cols="name,place,tags")
    few = len(selects)
    shown(psize="50", cols="name,place,tags")

    assert len(selects) == 2 * few == 6
