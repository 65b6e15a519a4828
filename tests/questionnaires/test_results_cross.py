"""Cross-tabulations, single questions, texts and single responses against what was given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.lists import ListSpec, ask, rows_of
from app.infra.lists.asked import Args
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.questionnaires.results_bins import MOST, edges
from app.questionnaires.results_cross import cross_list
from app.questionnaires.results_one import question_list
from app.questionnaires.results_response import BLANK, SKIPPED, read_response
from app.questionnaires.results_texts import texts_list
from tests.questionnaires.conftest import Answered

ActorOf = Callable[[str], Actor]
TODAY = dt.date(2026, 11, 6)


def rows(
    factory: Callable[[Actor, Args], ListSpec], world: Answered, actor: Actor, **more: Any
) -> list[dict[str, Any]]:
    """Every row with all columns, by the key of the column."""
    args = MultiDict({"asked": "1", "questionnaire": str(world.id), **more})
    spec = factory(actor, args)
    read = ask(spec, args, actor, TODAY)
    assert read.problems == ()
    keys = [column.key for column in spec.columns]
    return [
        dict(zip(keys, row, strict=True)) for row in rows_of(spec, actor, TODAY, read, spec.columns, None)
    ]


def people(world: Answered) -> pd.DataFrame:
    """A line for each response: who it is of, and the option or options of some questions."""
    found = []
    for one in world.given.values():
        enterprise = db.session.get_one(Enterprise, one.enterprise_id)
        q1, q2, q9 = (one.answers.get(code) for code in ("q1", "q2", "q9"))
        found.append(
            {
                "size": one.size, "round": one.round_id, "prefecture": enterprise.prefecture_id,
                "division": enterprise.industry.division,
                "q1": q1["chosen"][0] if q1 else None,
                "q2": q2["chosen"] if q2 else [],
                "q9": q9["r1"] if q9 else None,
                "q5": float(one.answers["q5"]) if one.answers.get("q5") else None,
            }
        )  # fmt: skip
    return pd.DataFrame(found)


@pytest.mark.parametrize(
    ("by", "fact"), [("size", "size"), ("region", "prefecture"), ("industry", "division"), ("round", "round")]
)
def test_counts_by_who_answered_are_those_of_pandas(
    answered: Answered, actor: ActorOf, by: str, fact: str
) -> None:
    found = rows(cross_list, answered, actor("province"), question="q1", by=by)
    theirs = people(answered).dropna(subset=["q1"])

    *groups, total = found
    table = sorted(tuple(row) for row in pd.crosstab(theirs[fact], theirs.q1)[["a", "b", "c"]].to_numpy())
    assert sorted((row["n1"], row["n2"], row["n3"]) for row in groups) == table
    assert total["answered"] == len(theirs)
    assert sum(row["answered"] for row in groups) == len(theirs)
    assert all(row["group"] for row in groups)


@pytest.mark.parametrize(("figures", "axis"), [("row", "index"), ("column", "columns")])
def test_shares_of_rows_and_columns_are_those_of_pandas(
    answered: Answered, actor: ActorOf, figures: str, axis: Any
) -> None:
    found = rows(cross_list, answered, actor("province"), question="q9.r1", by="q1", figures=figures)
    theirs = people(answered).dropna(subset=["q1", "q9"])

    table = pd.crosstab(theirs.q1, theirs.q9, normalize=axis) * 100
    for row, (_code, shares) in zip(found[:-1], table.iterrows(), strict=True):
        for ours, share in zip((row["n1"], row["n2"], row["n3"]), shares, strict=True):
            assert abs(ours - Decimal(share)) <= Decimal("0.0051")


def test_several_options_count_a_response_for_each_and_have_no_total(
    answered: Answered, actor: ActorOf
) -> None:
    found = rows(cross_list, answered, actor("province"), question="q1", by="q2")
    theirs = people(answered).explode("q2").dropna(subset=["q1", "q2"])
    back = rows(cross_list, answered, actor("province"), question="q2", by="q1")

    table = pd.crosstab(theirs.q2, theirs.q1)
    assert [(row["n1"], row["n2"], row["n3"]) for row in found] == [tuple(row) for row in table.to_numpy()]
    several = pd.crosstab(theirs.q1, theirs.q2)
    assert [(row["n1"], row["n4"]) for row in back[:-1]] == [
        tuple(row) for row in several[["a", "d"]].to_numpy()
    ]
    chose = people(answered)
    chose = chose[chose.q1.notna() & (chose.q2.str.len() > 0)]
    assert back[-1]["answered"] == len(chose)


def test_numbers_are_measured_by_group(answered: Answered, actor: ActorOf) -> None:
    found = rows(cross_list, answered, actor("province"), question="q5", by="size")
    theirs = people(answered).dropna(subset=["q5"]).groupby("size").q5

    ours = sorted((row["answered"], float(row["mean"]), float(row["least"])) for row in found)
    expected = sorted(zip(theirs.count(), theirs.mean(), theirs.min(), strict=True))
    for left, right in zip(ours, expected, strict=True):
        assert left == pytest.approx(right, abs=0.006)


def test_anonymous_responses_are_crossed_by_what_they_say_alone(answered: Answered, actor: ActorOf) -> None:
    which = {"questionnaire": str(answered.anonymous_id)}

    assert sum(row["answered"] for row in rows(cross_list, answered, actor("province"), **which)) > 0
    for by in ("region", "size", "industry", "nothing"):
        with pytest.raises(NotFound):
            rows(cross_list, answered, actor("province"), **which, by=by)


def test_a_question_alone_has_a_line_for_each_option_row_or_interval(
    answered: Answered, actor: ActorOf
) -> None:
    who = actor("province")

    single = rows(question_list, answered, who, question="q1")
    rating = rows(question_list, answered, who, question="q7")
    ranking = rows(question_list, answered, who, question="q8")
    matrix = rows(question_list, answered, who, question="q9")
    filled = rows(question_list, answered, who, question="q11")
    number = rows(question_list, answered, who, question="q5")

    theirs = people(answered)
    assert [row["count"] for row in single] == list(theirs.q1.value_counts().sort_index())
    assert [row["option"] for row in rating] == ["1", "2", "3", "4", "5"]
    assert sum(row["mean"] for row in ranking) == pytest.approx(Decimal(6), abs=Decimal("0.001"))
    assert matrix[0]["c1"] == (theirs.q9 == "c1").sum()
    assert set(filled[0]) == {"option", "c1", "c2", "m1"}
    assert sum(row["count"] for row in number) == theirs.q5.notna().sum()
    for code in ("q3", "s1", "none", ""):
        with pytest.raises(NotFound):
            rows(question_list, answered, who, question=code)


@given(st.decimals(-(10**9), 10**9, places=6), st.decimals(0, 10**9, places=6))
def test_intervals_hold_every_number_between_the_least_and_the_most(least: Decimal, span: Decimal) -> None:
    start, width, size = edges(least, least + span)

    assert width > 0
    assert start <= least
    assert least + span < start + width * size
    assert 1 <= size <= MOST + 1


def test_texts_are_listed_and_found(answered: Answered, actor: ActorOf) -> None:
    who = actor("province")
    written = [one.answers["q4"] for one in answered.given.values() if one.answers.get("q4")]

    found = rows(texts_list, answered, who, question="q4")
    some = rows(texts_list, answered, who, question="q4", text="运费")
    stated = rows(texts_list, answered, who, question="q2")

    assert sorted(row["text"] for row in found) == sorted(written)
    assert len(some) == sum("运费" in text for text in written)
    assert {row["option"] for row in stated} == {"其他"}
    with pytest.raises(NotFound):
        rows(texts_list, answered, who, question="q1")


def test_a_response_is_read_in_full_by_who_sees_it(answered: Answered, actor: ActorOf) -> None:
    for number, one in answered.given.items():
        told = {line.label: line for line in read_response(actor("province"), number).told}
        assert len(told) == 11
        for code, label in answered.definition.labels.items():
            if code == "s1":
                continue
            answer = one.answers.get(code)
            if code not in one.answers:
                assert told[label].note == str(SKIPPED) or told[label].note
            elif answer is None:
                assert told[label].note
            else:
                assert told[label].answer or told[label].lines
    assert SKIPPED != BLANK
    numbers = list(answered.given)
    with pytest.raises(NotFound):
        read_response(actor("prefecture2"), numbers[0])
    with pytest.raises(NotFound):
        read_response(actor("province"), 5)
