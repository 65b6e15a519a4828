"""未报送企业查询 against plain SQL, by tenants, months, states and conditions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.lists import list_page
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.reports import steps
from app.reports.due import FILED, UNFILED
from app.reports.models import Report
from app.reports.nonreporters import nonreporters_list
from app.reports.workflow import STATE_LABELS
from tests.factories.reports import approved, filled, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]

PLAIN = """
    SELECT e.name FROM enterprise e
    WHERE e.state = 'active' AND e.code_status <> 'test'
      AND EXISTS (SELECT 1 FROM region_closure c JOIN admin_region a ON a.region_id = c.ancestor_id
                  WHERE a.admin_id = :admin AND c.descendant_id = e.region_id
                    AND (c.valid_to IS NULL OR c.valid_to > :today))
      AND NOT EXISTS (SELECT 1 FROM report r WHERE r.enterprise_id = e.id AND r.period = :period
                      AND r.state IN ('in_review', 'approved'))
    ORDER BY e.name
"""
"""What the list has to say, written without any of its code."""


def shown(actor: Actor, now: dt.datetime, **args: Any) -> list[str]:
    given = MultiDict({"asked": "1", "period": "2026-10", "psize": "100", **args})
    with context.acting_as(actor):
        page = list_page(nonreporters_list(actor, given), actor, given, now.date())
    assert page.problems == []
    return [row.name for row in page.rows]


def plain(actor: Actor, now: dt.datetime, period: int = 202610) -> list[str]:
    values = {"admin": actor.admin_id, "today": now.date(), "period": period}
    return list(db.session.scalars(text(PLAIN), values))


def name_of(actor: Actor) -> str:
    return str(db.session.get_one(Enterprise, actor.enterprise_id).name)


@pytest.mark.parametrize("who", ["province", "prefecture", "county", "county2"])
def test_the_list_says_what_plain_sql_says(actor: ActorOf, now: dt.datetime, who: str) -> None:
    submitted(actor("enterprise"), now)
    filled(actor("enterprise2"), now)
    asking = actor(who)

    found, expected = shown(asking, now), plain(asking, now)

    assert sorted(found) == sorted(expected) and expected
    assert name_of(actor("enterprise")) not in found


def test_each_tenant_sees_its_own_only(actor: ActorOf, now: dt.datetime) -> None:
    one, other = set(shown(actor("county"), now)), set(shown(actor("county2"), now))

    assert name_of(actor("enterprise")) in one and name_of(actor("enterprise2")) in other
    assert not one & other
    with context.acting_as(actor("enterprise")):
        assert shown(actor("provider"), now) == []


def test_another_month_is_another_list(actor: ActorOf, now: dt.datetime) -> None:
    approved(actor("enterprise"), now, Month(2026, 9))
    mine = name_of(actor("enterprise"))

    assert mine in shown(actor("county"), now)
    assert mine not in shown(actor("county"), now, period="2026-09")
    assert sorted(shown(actor("county"), now, period="2026-09")) == sorted(
        plain(actor("county"), now, 202609)
    )


def test_states_are_told_apart_and_can_be_asked_for(actor: ActorOf, now: dt.datetime) -> None:
    filled(actor("enterprise"), now)
    mine = name_of(actor("enterprise"))
    county = actor("county")

    assert mine in shown(county, now, state="editing")
    assert mine not in shown(county, now, state="not_filled")
    assert set(shown(county, now)) == {
        *shown(county, now, state="editing"),
        *shown(county, now, state="not_filled"),
    }


def test_a_returned_report_is_not_reported(actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)
    county = actor("county")
    assert name_of(actor("enterprise")) not in shown(county, now)
    with context.acting_as(county), unit_of_work():
        found = db.session.get_one(Report, report.id)
        steps.give_back(county, found, found.version, "口径有误", now)

    assert shown(county, now, state="returned") == [name_of(actor("enterprise"))]


@pytest.mark.parametrize("values", [{"state": "disabled"}, {"code_status": "test", "uscc_exception": "试用"}])
def test_who_is_disabled_or_let_in_for_tests_owes_nothing(
    actor: ActorOf, now: dt.datetime, values: dict[str, str]
) -> None:
    mine = name_of(actor("enterprise"))
    with unit_of_work():
        db.session.execute(update(Enterprise).where(Enterprise.name == mine).values(**values))

    assert mine not in shown(actor("county"), now)


def test_who_came_after_the_month_was_due_owes_it_only_with_a_report(
    actor: ActorOf, now: dt.datetime
) -> None:
    mine = name_of(actor("enterprise"))
    with unit_of_work():
        after = dt.datetime(2026, 11, 15, 16, tzinfo=dt.UTC)  # midnight after the due date in Shanghai
        db.session.execute(update(Enterprise).where(Enterprise.name == mine).values(created_at=after))

    assert mine not in shown(actor("county"), now)
    filled(actor("enterprise"), now)
    assert mine in shown(actor("county"), now)


def test_name_region_and_reviewer_narrow_the_list(actor: ActorOf, now: dt.datetime) -> None:
    own = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    name, region, reviewer = own.name, own.region_id, own.direct_reviewer_id
    province = actor("province")

    assert shown(province, now, keyword=name) == [name]
    assert name in shown(province, now, region=str(region))
    assert name in shown(province, now, reviewer=str(reviewer))
    assert name not in shown(province, now, reviewer=str(actor("county2").admin_id))


def test_every_state_of_the_process_is_either_filed_or_not() -> None:
    assert {*FILED, *UNFILED} == set(STATE_LABELS) and not {*FILED} & {*UNFILED}


def test_the_page_has_few_statements_however_many_rows(
    sign_in: SignIn, count: Callable[[], Any], actor: ActorOf
) -> None:
    page = sign_in("province")
    page.get("/nonreporters/?psize=15")
    with count() as few:
        page.get("/nonreporters/?psize=15")
    with count() as many:
        answer = page.get("/nonreporters/?psize=100")

    assert answer.status_code == 200
    assert len(few) == len(many) <= 8


def test_an_address_that_cannot_be_read_says_so(sign_in: SignIn) -> None:
    answer = sign_in("county").get("/nonreporters/?asked=1&period=soon")

    assert answer.status_code == 400
    assert "2018-07" in answer.get_data(as_text=True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_can_be_exported_with_everything_that_it_shows(
    sign_in: SignIn, actor: ActorOf, language: str
) -> None:
    page = sign_in("county")
    page.get(f"/preferences/language/{language}")
    sent = {"asked": "1", "period": "2026-10", "format": "csv", "columns": "all"}
    answer = page.post("/nonreporters/", data=sent)

    lines = answer.get_data(as_text=True).splitlines()
    assert answer.status_code == 200 and ("报表月份" if language == "zh" else "Report month") in lines[0]
    assert any(name_of(actor("enterprise")) in line and "2026-10" in line for line in lines[1:])
