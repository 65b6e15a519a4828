"""年度报送明细查询: the matrix and the interval against plain SQL and by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.kernel.actor import Actor
from app.queries.year import year_list
from tests.queries.plain import (
    SIGHT,
    TODAY,
    asked_of,
    lines,
    plain,
)

ActorOf = Callable[[str], Actor]
WORDS = {
    "approved": "审核通过", "in_review": "审核中", "returned": "退回", "editing": "编辑", None: "未填报",
}  # fmt: skip

MATRIX = f"""
    SELECT e.name, r.period, r.state FROM enterprise e
    JOIN report r ON r.enterprise_id = e.id AND r.period BETWEEN :first AND :last
    WHERE e.id IN {SIGHT}
"""
THROUGHOUT = f"""
    SELECT e.name FROM enterprise e WHERE e.id IN {SIGHT} AND NOT EXISTS (
        SELECT 1 FROM (SELECT DISTINCT period FROM report WHERE period BETWEEN :first AND :last) m
        WHERE NOT EXISTS (SELECT 1 FROM report r WHERE r.enterprise_id = e.id AND r.period = m.period
                          AND r.state = 'approved'))
"""


def names(actor: Actor, **asked: Any) -> list[str]:
    return [line["name"] for line in lines(year_list, actor, **asked)]


@pytest.mark.parametrize("who", ["province", "prefecture", "county"])
@pytest.mark.parametrize("year", [2025, 2026])
def test_the_matrix_is_that_of_plain_sql(world: int, actor: ActorOf, who: str, year: int) -> None:
    asking = actor(who)
    rows = plain(MATRIX, first=year * 100 + 1, last=year * 100 + 12, admin=asking.admin_id, today=TODAY)
    expected = {(name, period % 100): state for name, period, state in rows}

    found = lines(year_list, asking, year=str(year))

    shown = {(line["name"], month): line[f"m{month}"] for line in found for month in range(1, 11)}
    assert rows and {name for name, _month in expected} <= {line["name"] for line in found}
    for cell, words in shown.items():
        assert words == WORDS[expected.get(cell)], cell
    for line in found:
        approved = sum(state == "approved" for (name, _m), state in expected.items() if name == line["name"])
        assert line["approved_months"] == approved


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 2), (2, 3), (1, 3)])
def test_an_interval_leaves_those_with_every_month_approved(
    world: int, actor: ActorOf, first: int, last: int
) -> None:
    asking = actor("province")
    span = {"first": 202600 + first, "last": 202600 + last}

    found = names(asking, year="2026", approved_from=str(first), approved_to=str(last))

    assert found
    assert sorted(found) == sorted(
        row[0] for row in plain(THROUGHOUT, admin=asking.admin_id, today=TODAY, **span)
    )


def test_a_page_takes_few_statements(world: int, sign_in: Any, count: Any) -> None:
    client = sign_in("province")
    client.get("/queries/year/")

    with count() as statements:
        client.get("/queries/year/?psize=100")

    assert len(asked_of(statements)) <= 9  # one of them for the years to choose from
