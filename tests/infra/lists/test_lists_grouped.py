"""Lists whose rows are groups: conditions before the grouping, totals, exports, required conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, func
from werkzeug.datastructures import MultiDict

from app.infra.lists import Column, Filter, ListSpec, ask, list_page, rows_of
from app.kernel.texts import Message
from tests.infra.lists.lists_app import ACTOR, STATES, TODAY, Firm, firm_list, visible_firms


def grouped(rows: Select[Any]) -> Select[Any]:
    return rows.with_only_columns(Firm.state, maintain_column_froms=True).group_by(Firm.state)


def by_state(**changes: Any) -> ListSpec:
    """The firms by state, with their number and revenue."""
    revenue = func.sum(Firm.revenue)
    settings: dict[str, Any] = {
        "name": "states",
        "title": Message("Firms by state"),
        "base": visible_firms,
        "groups": grouped,
        "key": (Firm.state,),
        "columns": (
            Column("state", Message("State"), Firm.state, "choice", words=STATES, always=True, sortable=True),
            Column("firms", Message("Firms"), func.count(), "number", sortable=True, nullable=False,
                   total=func.sum(func.count()).over()),
            Column("revenue", Message("Revenue"), revenue, "number", sortable=True, decimals=2,
                   total=func.sum(revenue).over()),
        ),
        "filters": (
            Filter("month", Message("Month"), "month", Firm.month),
            Filter("states", Message("States"), "multi", Firm.state, words=STATES, required=True,
                   default="edit,wait,pass"),
        ),
        "default_sort": "state",
        "total": Message("Total"),
    }  # fmt: skip
    return ListSpec(**{**settings, **changes})


def values(spec: ListSpec, **args: Any) -> list[tuple[Any, ...]]:
    """What a file of the list holds."""
    asked = ask(spec, MultiDict(args), ACTOR, TODAY)
    assert not asked.problems
    return list(rows_of(spec, ACTOR, TODAY, asked, asked.columns, None))


def plain(**args: Any) -> list[tuple[Any, ...]]:
    """State and revenue of every firm that the conditions let in."""
    spec = firm_list()
    asked = ask(spec, MultiDict(args), ACTOR, TODAY)
    return list(rows_of(spec, ACTOR, TODAY, asked, (spec.column("state"), spec.column("revenue")), None))


@pytest.mark.parametrize("args", [{}, {"month": "2026-03"}, {"states": ["edit"]}])
def test_groups_and_totals_are_those_of_the_rows_behind(app: Flask, args: dict[str, Any]) -> None:
    rows = plain(**args)
    expected = {
        state: (
            sum(1 for row in rows if row[0] == state),
            sum((row[1] or 0) for row in rows if row[0] == state),
        )
        for state in {row[0] for row in rows}
    }

    *groups, total = values(by_state(), **args)

    assert {group[0]: (group[1], group[2] or 0) for group in groups} == expected
    assert (*total[:2], total[2] or 0) == ("Total", len(rows), sum((row[1] or Decimal(0)) for row in rows))


def test_nothing_found_has_no_total(app: Flask) -> None:
    assert values(by_state(), month="1999-01") == []


def test_a_required_condition_is_in_force_where_it_is_left_empty(app: Flask) -> None:
    asked = ask(by_state(), MultiDict({"asked": "1", "states": ""}), ACTOR, TODAY)

    assert asked.values["states"] == ["edit", "wait", "pass"]


@pytest.mark.parametrize("sort", ["state", "-firms", "revenue", "-revenue"])
def test_pages_of_groups_follow_each_other(app: Flask, sort: str) -> None:
    spec = by_state(sizes=(1, 500), size=1)
    seen, mark = [], ""
    for _page in range(10):
        page = list_page(spec, ACTOR, {"sort": sort, **({"after": mark} if mark else {})}, TODAY)
        seen += [row.key for row in page.rows]
        assert bool(page.totals) == (not mark)
        if not page.next:
            break
        mark = page.next.rpartition("after=")[2]

    whole = list_page(by_state(size=500, sizes=(500,)), ACTOR, {"sort": sort}, TODAY)
    assert seen == [row.key for row in whole.rows]
    assert len(seen) == len(set(seen)) > 1


def test_a_line_of_totals_needs_a_name_and_columns() -> None:
    with pytest.raises(ValueError, match="totals"):
        by_state(total="")
    with pytest.raises(ValueError, match="default"):
        Filter("x", "X", "choice", Firm.state, required=True)
