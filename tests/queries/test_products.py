"""产品产销存月报查询 against plain SQL."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.kernel.actor import Actor
from app.queries.products import products_list
from tests.queries.plain import SIGHT, TODAY, asked_of, lines, plain

ActorOf = Callable[[str], Actor]
COLUMNS = ("product_name", "unit", "production", "sales", "closing_stock")

PLAIN = f"""
    SELECT e.name, f.product_name, f.unit, f.production, f.sales, f.closing_stock
    FROM figures_sme_monthly_products f
    JOIN enterprise e ON e.id = f.enterprise_id
    JOIN report r ON r.period = f.period AND r.enterprise_id = f.enterprise_id
    LEFT JOIN account a ON a.id = e.account_id LEFT JOIN ab_user u ON u.id = a.user_id
    WHERE f.period = :period AND f.enterprise_id IN {SIGHT} AND (%s)
    ORDER BY f.enterprise_id, f.row_no
"""


def ours(actor: Actor, **asked: Any) -> list[tuple[Any, ...]]:
    return [
        (line["enterprise"], *(_stored(line[name]) for name in COLUMNS))
        for line in lines(products_list, actor, **asked)
    ]


def _stored(value: Any) -> Any:
    return int(value * 10_000) if isinstance(value, Decimal) else value


@pytest.mark.parametrize("who", ["province", "prefecture", "county"])
@pytest.mark.parametrize(
    ("asked", "where", "period"),
    [
        ({}, "1 = 1", 202610),
        ({"state": "approved"}, "r.state = 'approved'", 202610),
        ({"period": "2026-09", "state": ["returned", "in_review"]},
            "r.state IN ('returned', 'in_review')", 202609),
        ({"keyword": "e00"}, "u.username LIKE '%e00%'", 202610),
        ({"product": "产品1"}, "f.product_name LIKE '%产品1%'", 202610),
    ],
)  # fmt: skip
def test_the_products_are_those_of_plain_sql(
    world: int, actor: ActorOf, who: str, asked: dict[str, Any], where: str, period: int
) -> None:
    asking = actor(who)

    found = ours(asking, **asked)

    assert found == plain(PLAIN % where, period=period, admin=asking.admin_id, today=TODAY)
    assert found or who == "county"


def test_a_month_is_in_force_though_none_is_asked_for(world: int, actor: ActorOf) -> None:
    asking = actor("province")

    assert ours(asking) == ours(asking, period="") == ours(asking, period="2026-10")


def test_a_page_takes_few_statements(world: int, sign_in: Any, count: Any) -> None:
    client = sign_in("province")
    client.get("/queries/products/")

    with count() as statements:
        client.get("/queries/products/")

    assert len(asked_of(statements)) <= 8
