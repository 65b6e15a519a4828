"""年度报送企业数统计 against plain SQL; each number opens what it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app.infra.lists import list_page
from app.kernel.actor import Actor
from app.queries.year_counts import year_counts_list, year_reports_list
from tests.queries.plain import (
    SIGHT,
    TODAY,
    asked_of,
    lines,
    page,
    plain,
)

ActorOf = Callable[[str], Actor]
MEASURES = ("reported", "approved")

PLAIN = f"""
    SELECT {{place}}, r.period, sum(CASE WHEN r.state IN ('in_review', 'approved') THEN 1 ELSE 0 END),
           sum(CASE WHEN r.state = 'approved' THEN 1 ELSE 0 END)
    FROM report r JOIN enterprise e ON e.id = r.enterprise_id
    JOIN region prefecture ON prefecture.id = e.prefecture_id JOIN region county ON county.id = e.county_id
    WHERE r.period BETWEEN 202601 AND 202612 AND e.id IN {SIGHT} GROUP BY 1, 2
"""


@pytest.mark.parametrize(("who", "place"), [("province", "prefecture"), ("prefecture", "county")])
def test_the_numbers_are_those_of_plain_sql(world: int, actor: ActorOf, who: str, place: str) -> None:
    asking = actor(who)
    rows = plain(PLAIN.format(place=f"{place}.name"), admin=asking.admin_id, today=TODAY)
    expected = {(name, period % 100): counts for name, period, *counts in rows}

    *found, totals = lines(year_counts_list, asking, year="2026")

    assert {line["group"] for line in found} == {name for name, _month in expected}
    for month in range(1, 11):
        for line in found:
            counts = [line[f"m{month}_{measure}"] for measure in MEASURES]
            assert counts == list(expected.get((line["group"], month), [0, 0])), (line["group"], month)
        for measure in MEASURES:
            name = f"m{month}_{measure}"
            assert totals[name] == sum(line[name] for line in found)


def test_every_number_opens_the_reports_that_it_counts(world: int, actor: ActorOf, sign_in: Any) -> None:
    asking, client = actor("prefecture"), sign_in("prefecture")
    opened = 0
    for row in page(year_counts_list, asking, year="2026").rows:
        for _tag, cell in row.cells[1:]:
            address, number = (
                str(cell).split('"')[1].replace("&amp;", "&"),
                str(cell).split(">")[1].split("<")[0],
            )
            asked = MultiDict(part.split("=") for part in address.split("?")[1].split("&"))
            behind = list_page(year_reports_list(asking, asked), asking, asked, TODAY)
            assert behind.problems == [] and behind.total_number == int(number), address
            opened += int(number) > 0
    assert opened > 10
    assert client.get(address).status_code == 200


def test_a_page_takes_few_statements(world: int, sign_in: Any, count: Any) -> None:
    client = sign_in("province")
    client.get("/queries/year-counts/")

    with count() as statements:
        client.get("/queries/year-counts/")

    assert len(asked_of(statements)) <= 9
