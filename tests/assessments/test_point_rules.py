"""The score of a warning point: worked examples, edges of every tier and cap, and what always holds."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessments.rules import RULES, PointRules, rules_of, score_point
from app.kernel.clock import SHANGHAI

with Path(__file__).with_name("scoring_examples.csv").open(encoding="utf-8-sig", newline="") as file:
    EXAMPLES = list(csv.DictReader(file))

COUNTS = st.integers(min_value=0, max_value=400)
INPUTS = st.fixed_dictionaries(
    {
        "p": st.booleans(),
        "cols": st.lists(COUNTS, min_size=3, max_size=3),
        "web": COUNTS,
        "dyn": COUNTS,
        "orig": COUNTS,
        "quarters": st.lists(st.integers(min_value=1, max_value=4), max_size=6),
        "summary": st.sampled_from(["", "2019-12-01", "2020-01-20", "2020-01-21"]),
        "adopt": COUNTS,
        "internal": COUNTS,
        "endorse": COUNTS,
    }
)


def _score(year: int = 2019, rules: PointRules | None = None, **inputs: Any) -> dict[str, int]:
    return score_point(year, inputs, rules)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["case_id"])
def test_a_worked_example_comes_out_column_by_column(example: dict[str, str]) -> None:
    score = score_point(int(example["year"]), json.loads(example["inputs"]))

    told = {name: int(value) for name, value in example.items() if name in score}
    assert len(told) == 12
    assert score == told


@pytest.mark.parametrize(
    ("web", "points"), [(0, 0), (35, 0), (36, 2), (59, 2), (60, 3), (83, 3), (84, 5), (400, 5)]
)
def test_updates_of_the_page_earn_by_their_monthly_average(web: int, points: int) -> None:
    assert _score(web=web)["A2"] == points


@pytest.mark.parametrize(("news", "points"), [(0, 0), (23, 0), (24, 3), (35, 3), (36, 5)])
def test_news_with_pictures_earn_by_their_monthly_average(news: int, points: int) -> None:
    assert _score(dyn=news)["A3"] == points


def test_the_average_of_a_shorter_time_is_taken_over_its_months() -> None:
    assert _score(web=21, months=3)["A2"] == 5
    assert _score(web=20, months=3)["A2"] == 3


@pytest.mark.parametrize(
    ("complete", "columns", "points"),
    [(1, [0, 0, 1], 5), (1, [0, 0, 0], 0), (1, [], 0), (0, [9, 9, 9], 0)],
)
def test_upkeep_needs_complete_information_and_one_column_that_was_updated(
    complete: int, columns: list[int], points: int
) -> None:
    assert _score(p=complete, cols=columns)["A1"] == points


@pytest.mark.parametrize(
    ("submitted", "points"),
    [
        ("", 0),
        (None, 0),
        ("2019-12-31", 5),
        ("2020-01-20", 5),
        ("2020-01-21", 0),
        ("2020-01-20T23:59:59", 5),
        (dt.date(2020, 1, 20), 5),
        (dt.datetime(2020, 1, 20, 23, 59, tzinfo=SHANGHAI), 5),
        (dt.datetime(2020, 1, 20, 15, 59, tzinfo=dt.UTC), 5),
        (dt.datetime(2020, 1, 20, 16, 0, tzinfo=dt.UTC), 0),
    ],
)
def test_a_summary_is_in_time_until_the_end_of_its_day_in_shanghai(submitted: object, points: int) -> None:
    assert _score(summary=submitted)["B3"] == points


def test_two_analyses_of_one_quarter_count_once() -> None:
    assert _score(quarters=[2, 2, 2])["B2"] == 2


def test_an_instruction_counts_beside_its_exchange() -> None:
    assert _score(internal=1, endorse=1)["C_raw"] == 3


@pytest.mark.parametrize(
    ("exchanges", "kept", "beyond"), [(10, 10, 0), (11, 10, 1), (13, 10, 3), (20, 10, 3)]
)
def test_what_exceeds_the_cap_of_reporting_is_shown_apart(exchanges: int, kept: int, beyond: int) -> None:
    score = _score(internal=exchanges)

    assert (score["C_total"], score["C_bonus_not_added"], score["total"]) == (kept, beyond, kept)


def test_the_bonus_counts_where_the_rules_say_so() -> None:
    score = _score(rules=PointRules(2018, bonus_counts=True), internal=12)

    assert (score["C_bonus_not_added"], score["total"]) == (0, 12)


@given(INPUTS)
def test_no_score_leaves_its_bounds_and_the_sums_are_those_of_their_items(inputs: dict[str, Any]) -> None:
    score = score_point(2019, inputs)

    assert score["A_total"] == score["A1"] + score["A2"] + score["A3"] <= 15
    assert score["B_total"] == score["B1"] + score["B2"] + score["B3"] <= 25
    assert score["C_total"] <= 10 and score["C_bonus_not_added"] <= 3
    assert 0 <= score["total"] == score["A_total"] + score["B_total"] + score["C_total"] <= 50


@given(INPUTS, st.sampled_from(["web", "dyn", "orig", "adopt", "internal", "endorse"]))
def test_more_work_never_earns_less(inputs: dict[str, Any], name: str) -> None:
    more = {**inputs, name: inputs[name] + 1}

    assert score_point(2019, more)["total"] >= score_point(2019, inputs)["total"]


@pytest.mark.parametrize("inputs", [{"web": -1}, {"quarters": [5]}, {"months": 0}, {"months": 13}])
def test_impossible_inputs_are_refused(inputs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"negative|quarter|months"):
        score_point(2019, inputs)


def test_the_latest_rules_that_had_begun_hold_for_a_year() -> None:
    newer = PointRules(first_year=2025)

    assert rules_of(2024, (*RULES, newer)) is RULES[0]
    assert rules_of(2025, (newer, *RULES)) is newer


def test_a_year_before_all_rules_has_none() -> None:
    with pytest.raises(ValueError, match="no rules for 2017"):
        rules_of(2017)
