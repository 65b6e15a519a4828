"""The raw table: what each response says, as words and as codes; nothing that names who is anonymous."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.lists import ask, list_page, rows_of
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.questionnaires.results_raw import raw_list
from app.questionnaires.round_models import Response
from tests.queries.plain import places
from tests.questionnaires.conftest import Answered

ActorOf = Callable[[str], Actor]
TODAY = dt.date(2026, 11, 6)


def rows(world: Answered, actor: Actor, **more: Any) -> list[dict[str, Any]]:
    """Every row with all columns, by the key of the column."""
    args = MultiDict({"asked": "1", "questionnaire": str(world.id), **more})
    spec = raw_list(actor, args)
    read = ask(spec, args, actor, TODAY)
    assert read.problems == ()
    keys = [column.key for column in spec.columns]
    found = rows_of(spec, actor, TODAY, read, spec.columns, None)
    return [dict(zip(keys, row, strict=True)) for row in found]


def word(world: Answered, code: str, option: str, form: str) -> str:
    question = world.definition.find(code)
    assert question is not None
    parts = (*question.options, *question.columns)
    found = next(part for part in parts if part.code == option)
    return option if form == "codes" else found.text.in_language("zh")


@pytest.mark.parametrize(("form", "between"), [("labels", "、"), ("codes", " ")])
def test_each_cell_says_what_was_answered(
    answered: Answered, actor: ActorOf, form: str, between: str
) -> None:
    def words(code: str, options: list[str]) -> str:
        return between.join(word(answered, code, option, form) for option in options)

    found = rows(answered, actor("province"), values=form)

    assert len(found) == len(answered.given) == 90
    by_enterprise = {
        (db.session.get_one(Enterprise, given.enterprise_id).name, given.round_id): given.answers
        for given in answered.given.values()
    }
    months = dict(zip(("2026-09", "2026-10"), answered.rounds, strict=True))
    for row in found:
        answers = by_enterprise[row["enterprise"], months[row["round"]]]
        given = {code: value for code, value in answers.items() if value is not None}
        single, several, ranked = given.get("q1"), given.get("q2"), given.get("q8")
        assert row["q1"] == (words("q1", single["chosen"]) if single else None)
        assert row["q2"] == (words("q2", several["chosen"]) if several else None)
        assert row["q2_o4"] == (several["other"].get("d") if several else None)
        assert row["q4"] == given.get("q3")
        assert str(row["q6"]) == str(given.get("q5")) or float(row["q6"]) == float(given["q5"])
        assert row["q9"] == (words("q8", ranked["chosen"]) if ranked else None)
        assert row["q10_2"] == (words("q9", [given["q9"]["r2"]]) if "q9" in given else None)
        assert row["q11_1"] == (words("q10", given["q10"]["r1"]) if "q10" in given else None)
        assert row["q12_2_2"] == (given["q11"]["r2"]["c2"] if "q11" in given else None)


def test_an_anonymous_table_names_nobody_and_no_day(answered: Answered, actor: ActorOf) -> None:
    args = MultiDict({"questionnaire": str(answered.anonymous_id)})
    spec = raw_list(actor("province"), args)

    keys = [column.key for column in spec.columns if not column.key.startswith("q")]
    assert keys == ["number", "round"]
    assert {part.key for part in spec.filters} == {"questionnaire", "round", "values"}
    found = rows(answered, actor("province"), questionnaire=str(answered.anonymous_id))
    assert len(found) == 6
    assert {row["round"] for row in found} == {"2026-09"}


def test_few_anonymous_responses_are_kept_back(answered: Answered, actor: ActorOf) -> None:
    assert rows(answered, actor("province"), questionnaire=str(answered.few_id)) == []


def test_who_was_handed_it_reads_the_own_region(answered: Answered, actor: ActorOf) -> None:
    own = set(places("330100"))
    mine = [number for number, given in answered.given.items() if given.region_id in own]

    found = rows(answered, actor("prefecture"))

    assert 0 < len(found) == len(mine) < len(answered.given)
    with pytest.raises(NotFound):
        rows(answered, actor("prefecture2"))


def test_the_state_tells_what_was_reopened(answered: Answered, actor: ActorOf) -> None:
    assert len(rows(answered, actor("province"), state="answered")) == 90
    assert rows(answered, actor("province"), state="reopened") == []


def test_every_column_sorts(answered: Answered, actor: ActorOf) -> None:
    who = actor("province")
    args = MultiDict({"asked": "1", "questionnaire": str(answered.id)})
    spec = raw_list(who, args)

    for column in spec.columns:
        if column.sortable:
            args["sort"] = f"-{column.key}"
            page = list_page(spec, who, args, TODAY)
            assert len(page.rows) == 50, column.key


def test_the_first_page_takes_few_statements(
    answered: Answered, actor: ActorOf, count: Callable[[], Any]
) -> None:
    who = actor("province")
    args = MultiDict({"asked": "1", "questionnaire": str(answered.id)})

    with count() as statements:
        list_page(raw_list(who, args), who, args, TODAY)

    assert db.session.query(Response).count() > 50
    asked = [statement for statement in statements if not statement.startswith("BEGIN")]
    assert len(asked) <= 8, asked
