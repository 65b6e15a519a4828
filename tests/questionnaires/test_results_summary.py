"""The figures of an analysis against pandas, on random answers, in whole and in part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from werkzeug.datastructures import MultiDict

from app.infra.lists import ask, rows_of
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.questionnaires.definition import NO_WORDS
from app.questionnaires.results_summary import analyse, summary_list
from tests.queries.plain import places
from tests.questionnaires import factories
from tests.questionnaires.conftest import Answered

ActorOf = Callable[[str], Actor]
TODAY = dt.date(2026, 11, 6)


def asked(world: Answered, **more: Any) -> MultiDict[str, str]:
    return MultiDict({"asked": "1", "questionnaire": str(world.id), **more})


def frame(world: Answered, keep: Callable[[Any], bool] = lambda _given: True) -> pd.DataFrame:
    """The lines of the chosen responses, as they were given."""
    rows = [
        {"response": number, **line}
        for number, given in world.given.items()
        if keep(given)
        for line in factories.answer_rows(world.definition, given.answers)
    ]
    return pd.DataFrame(rows)


def compare(world: Answered, actor: Actor, args: Any, lines: pd.DataFrame) -> None:
    """Holds every figure of an analysis beside the same of pandas."""
    found = analyse(actor, args)
    assert found.subset.count == lines["response"].nunique()
    heads = lines[lines.row_no == 0]
    for result in found.results:
        own = heads[heads.question_no == result.no]
        assert result.asked == len(own)
        assert result.blank == (own.option_no == -1).sum()
        for line in result.lines:
            no, row, option = line.place
            here = lines[(lines.question_no == no) & (lines.row_no == row)]
            if result.question.kind == "rating":
                same = here[here.number == option]
            else:
                same = here[here.option_no == option]
            assert line.count == len(same), line
            if result.answered:
                share = Decimal(len(same) * 100 / result.answered)
                assert line.of_answered is not None
                assert abs(line.of_answered - share) < Decimal("0.0051")
            if line.spread:
                numbers(line.spread, same.number, is_cell=line.row != NO_WORDS)
        if result.spread:
            numbers(result.spread, own.number.dropna())


def numbers(spread: Any, found: pd.Series, *, is_cell: bool = False) -> None:
    series = found.astype(float)
    assert spread.size == len(series)
    for ours, theirs in (
        (spread.mean, series.mean()),
        (spread.low, series.quantile(0.25)),
        (spread.middle, series.median()),
        (spread.high, series.quantile(0.75)),
        (spread.deviation, series.std()),
        (spread.least, series.min()),
        (spread.most, series.max()),
    ):
        if ours is None:
            assert is_cell
        else:
            assert float(ours) == pytest.approx(theirs, abs=1e-4)


def test_every_figure_of_all_rounds_is_that_of_pandas(answered: Answered, actor: ActorOf) -> None:
    compare(answered, actor("province"), asked(answered), frame(answered))


def test_a_round_and_the_newest_by_default_are_counted_alone(answered: Answered, actor: ActorOf) -> None:
    first, newest = answered.rounds

    compare(
        answered, actor("province"), asked(answered, round=str(first)),
        frame(answered, lambda given: given.round_id == first),
    )  # fmt: skip
    compare(
        answered, actor("province"), MultiDict({"questionnaire": str(answered.id)}),
        frame(answered, lambda given: given.round_id == newest),
    )  # fmt: skip


def test_who_was_handed_it_counts_the_own_region(answered: Answered, actor: ActorOf) -> None:
    own = set(places("330100"))
    lines = frame(answered, lambda given: given.region_id in own)

    assert 0 < lines.response.nunique() < len(answered.given)
    compare(answered, actor("prefecture"), asked(answered), lines)


def test_size_and_region_narrow_what_is_counted(answered: Answered, actor: ActorOf) -> None:
    own = set(places("330200"))
    [region] = places("330200")[:1]

    compare(
        answered, actor("province"), asked(answered, size="small"),
        frame(answered, lambda given: given.size == "small"),
    )  # fmt: skip
    compare(
        answered, actor("province"), asked(answered, region=str(region)),
        frame(answered, lambda given: given.region_id in ({region} if region not in own else own)),
    )  # fmt: skip


@pytest.mark.parametrize("who", ["prefecture2", "county2", "enterprise"])
def test_who_neither_manages_nor_was_handed_it_finds_none(
    answered: Answered, actor: ActorOf, who: str
) -> None:
    if who == "enterprise":  # was asked, and counts its own at the most
        assert analyse(actor(who), asked(answered)).subset.count <= 2
        return
    with pytest.raises(NotFound):
        analyse(actor(who), asked(answered))


def test_an_anonymous_round_is_told_when_it_is_over_and_many_answered(
    answered: Answered, actor: ActorOf
) -> None:
    found = analyse(actor("province"), asked(answered, questionnaire=str(answered.anonymous_id)))
    few = analyse(actor("province"), asked(answered, questionnaire=str(answered.few_id)))

    assert [str(one.words) for one in found.selection.rounds.shown] == ["2026-09"]
    assert found.selection.rounds.kept_back == 1
    assert found.subset.count == 6
    assert few.subset.count == 0
    assert all(result.asked == 0 for result in few.results)


def test_the_list_has_a_line_for_each_option_also_of_those_that_nobody_chose(
    answered: Answered, actor: ActorOf
) -> None:
    who, args = actor("province"), asked(answered, questionnaire=str(answered.few_id))
    spec = summary_list(who, args)

    found = [
        dict(zip([column.key for column in spec.columns], row, strict=True))
        for row in rows_of(spec, who, TODAY, ask(spec, args, who, TODAY), spec.columns, None)
    ]

    options = [row["option"] for row in found if row["label"] == "Q1"]
    assert options == ["增加", "持平", "减少"]
    assert {row["count"] for row in found} == {0}
    assert {row["of_answered"] for row in found} == {None}
