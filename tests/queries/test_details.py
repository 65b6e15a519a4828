"""经济指标月报明细查询 against plain SQL and figures reckoned by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.queries.details import details_list
from app.reports.workflow import STORED_STATES
from tests.queries.plain import (
    SIGHT,
    TODAY,
    asked_of,
    enterprises,
    lines,
    page,
    places,
    plain,
    region,
    report,
)

ActorOf = Callable[[str], Actor]
FIGURES = [f"{code}_{cell}" for code in ("revenue", "cost") for cell in ("m", "ytd", "ly_m", "ly_ytd")]

PLAIN = f"""
    SELECT e.name, f.period, {", ".join("f." + name for name in FIGURES)}
    FROM figures_sme_monthly_main f
    JOIN enterprise e ON e.id = f.enterprise_id
    JOIN report r ON r.period = f.period AND r.enterprise_id = f.enterprise_id
    WHERE f.period BETWEEN :first AND :last AND f.enterprise_id IN {SIGHT} AND (%s)
"""


def ours(actor: Actor, **asked: Any) -> list[tuple[Any, ...]]:
    """Name, month and figures of each row, as integers of four decimals."""
    found = lines(details_list, actor, **asked)
    return [
        (
            line["enterprise"],
            int(line["period"].replace("-", "")),
            *(None if line[name] is None else int(line[name] * 10_000) for name in FIGURES),
        )
        for line in found
    ]  # fmt: skip


def hand_written(actor: Actor, where: str = "r.state = 'approved'", **values: Any) -> list[tuple[Any, ...]]:
    given = {"first": 202610, "last": 202610, "admin": actor.admin_id, "today": TODAY} | values
    return plain(PLAIN % where, **given)


def same_texts(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows with missing figures, in an order that None does not disturb."""
    return sorted(map(repr, rows))


@pytest.mark.parametrize("who", ["province", "prefecture", "county", "county2"])
def test_the_rows_are_those_of_plain_sql(world: int, actor: ActorOf, who: str) -> None:
    asking = actor(who)
    span = {"period_from": "2025-12", "period_to": "2026-10"}

    month, range_ = ours(asking, state="approved"), ours(asking, state=list(STORED_STATES), **span)

    assert month
    assert same_texts(month) == same_texts(hand_written(asking))
    assert same_texts(range_) == same_texts(hand_written(asking, "1 = 1", first=202512))
    assert len(range_) > len(month)


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"source": ["import", "api"]}, "r.filled_via IN ('import', 'api')"),
        ({"state": ["returned", "editing"]}, "r.state IN ('returned', 'editing')"),
        ({"industry": "C"}, "f.industry_section = 'C'"),
        ({"industry": "17"}, "f.industry_division = '17'"),
        ({"keyword": "enterprise2"}, "e.name = (SELECT x.name FROM enterprise x JOIN account a ON"
            " a.id = x.account_id JOIN ab_user u ON u.id = a.user_id WHERE u.username = 'enterprise2')"),
        ({"period_from": "2026-01", "period_to": "2026-01", "state": "approved"},
            "f.period = 202601 AND r.state = 'approved'"),
    ],
)  # fmt: skip
def test_each_condition_is_that_of_plain_sql(
    world: int, actor: ActorOf, asked: dict[str, Any], where: str
) -> None:
    asking, span = actor("province"), {"period_from": "2025-12", "period_to": "2026-10"}

    found = ours(asking, **(span | asked))

    assert found
    assert same_texts(found) == same_texts(hand_written(asking, where, first=202512))


def test_a_region_holds_its_subtree_and_the_places_that_it_took_over(world: int, actor: ActorOf) -> None:
    asking, hangzhou = actor("province"), region("330100")
    moved = enterprises()[0]
    with unit_of_work():
        report(moved, Month(2026, 8), {"revenue.ytd": "7"}, region_id=region("330103").id)

    below = ours(asking, region=str(hangzhou.id), state="approved")
    successor = ours(asking, region=str(region("330105").id), period_from="2026-08", period_to="2026-08")

    inside = ",".join(map(str, places("330100")))
    assert same_texts(below) == same_texts(
        hand_written(asking, f"r.state = 'approved' AND f.region_id IN ({inside})")
    )
    assert [row[0] for row in successor] == [moved.name]


def test_the_largest_comes_first_and_every_figure_sorts(world: int, actor: ActorOf) -> None:
    spec_page = page(details_list, actor("province"), state="approved", psize="100")
    largest = [line["revenue_ytd"] for line in lines(details_list, actor("province"), state="approved")]
    present = [figure for figure in largest if figure is not None]

    assert len(present) > 3
    assert largest == [*sorted(present, reverse=True), *[None] * (len(largest) - len(present))]
    assert all(heading.sort for heading in spec_page.headings if heading.column.kind == "number")


def test_a_file_holds_every_indicator_though_two_are_shown(world: int, sign_in: Any) -> None:
    client = sign_in("province")
    page_of = client.get("/queries/details/").text
    body = client.post("/queries/details/", data={"format": "csv"}).data.decode("utf-8-sig")
    shown = client.post("/queries/details/", data={"format": "csv", "columns": "shown"}).data.decode(
        "utf-8-sig"
    )

    assert "营业收入" in page_of and "利润总额" not in page_of.split("<tbody")[0].split("<thead")[1]
    assert "利润总额" in body.splitlines()[0] and "营业收入" in body.splitlines()[0]
    assert "利润总额" not in shown.splitlines()[0]


def test_a_page_takes_few_statements(world: int, sign_in: Any, count: Any) -> None:
    client = sign_in("province")
    client.get("/queries/details/")

    with count() as statements:
        client.get("/queries/details/?asked=1&period_from=2026-10&period_to=2026-10")

    assert len(asked_of(statements)) <= 8


def test_one_of_another_territory_is_not_there(world: int, actor: ActorOf, sign_in: Any) -> None:
    stranger = {row[0] for row in ours(actor("county2"), state=list(STORED_STATES))}

    assert stranger and not stranger & {row[0] for row in ours(actor("county"), state=list(STORED_STATES))}
    assert sign_in("enterprise").get("/queries/details/").status_code == 403
