"""Which destinations of a passed post go together: every combination, and the same rule in SQL."""

from __future__ import annotations

import sqlite3
from itertools import combinations

import pytest

from app.early_warnings.destinations import SQL, Destination, excluded, problems

ALL = [set(found) for size in range(4) for found in combinations([one.value for one in Destination], size)]
ALLOWED = [set(), {"magazine"}, {"exchange"}, {"internal"}, {"magazine", "exchange"}]


@pytest.mark.parametrize("chosen", ALL, ids=lambda chosen: "+".join(sorted(chosen)) or "none")
def test_internal_exchange_excludes_both_others(chosen: set[str]) -> None:
    assert (not list(problems("approve", chosen))) == (chosen in ALLOWED)


@pytest.mark.parametrize("outcome", ["return", "reject"])
@pytest.mark.parametrize("chosen", [one for one in ALL if one], ids=lambda chosen: "+".join(sorted(chosen)))
def test_options_with_another_outcome_than_passing_are_refused(outcome: str, chosen: set[str]) -> None:
    assert list(problems(outcome, chosen))


@pytest.mark.parametrize("outcome", ["approve", "return", "reject"])
def test_no_option_goes_with_every_outcome(outcome: str) -> None:
    assert list(problems(outcome, ())) == []


def test_a_forged_option_is_refused() -> None:
    assert list(problems("approve", ["front_page"]))


@pytest.mark.parametrize("chosen", ALL, ids=lambda chosen: "+".join(sorted(chosen)) or "none")
def test_the_page_disables_exactly_what_would_be_refused(chosen: set[str]) -> None:
    if list(problems("approve", chosen)):
        return
    for one in Destination:
        if one.value not in chosen:
            assert (one in excluded(chosen)) == bool(list(problems("approve", {*chosen, one.value})))


@pytest.mark.parametrize("chosen", ALL, ids=lambda chosen: "+".join(sorted(chosen)) or "none")
def test_the_constraint_says_the_same(chosen: set[str]) -> None:
    columns = ", ".join(f"{name in chosen} AS {name}" for name in ("magazine", "exchange", "internal"))
    with sqlite3.connect(":memory:") as connection:
        (held,) = connection.execute(f"SELECT {SQL} FROM (SELECT {columns})").fetchone()
    assert bool(held) == (chosen in ALLOWED)
