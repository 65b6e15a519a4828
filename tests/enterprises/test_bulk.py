"""Many enterprises at once: the same rules as for one, among themselves too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select

from app.enterprises.bulk import enterprises_problems
from app.enterprises.demo import invented_drafts
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import Enterprise
from app.enterprises.record_rules import place_problems
from app.infra.database import db
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Problem
from app.organisations.account_bulk import accounts_problems
from app.organisations.account_service import AccountDraft
from app.organisations.models import Region

ActorOf = Callable[[str], Actor]


def fields(problems: list[Problem]) -> list[str]:
    return [problem.field for problem in problems]


def fresh(now: dt.datetime, name: str, uscc: str) -> EnterpriseDraft:
    """A valid draft in 萧山区 that nobody has registered."""
    return replace(next(iter(invented_drafts(local_date(now)))), name=name, uscc=uscc).normalised()


def test_rows_are_compared_with_what_is_registered_and_with_each_other(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, today = actor("prefecture"), local_date(now)
    known = db.session.scalars(select(Enterprise).order_by(Enterprise.id)).first()
    assert known is not None
    one = fresh(now, "云泽甲有限公司", "91330109MA00000074")
    drafts = [
        one,
        replace(one, name=known.name),
        replace(one, name="云泽　甲有限公司", uscc="91330109MA0000023R"),
    ]

    problems = list(enterprises_problems(drafts, owner, today))

    assert [fields(found) for found in problems] == [[], ["name", "uscc"], ["name"]]
    assert "already registered" in str(problems[1][0].message)


def test_regions_outside_the_territory_are_not_there(actor: ActorOf, now: dt.datetime) -> None:
    owner, today = actor("prefecture2"), local_date(now)
    one = fresh(now, "云泽甲有限公司", "91330109MA00000074")

    (problems,) = enterprises_problems([one], owner, today)

    assert fields(problems) == ["region"]


def test_an_enterprise_lies_in_a_county_that_exists(app: object, now: dt.datetime) -> None:
    today = local_date(now)

    def region(code: str) -> Region:
        return db.session.scalars(select(Region).where(Region.code == code)).one()

    assert place_problems(region("330109"), today, is_divided=False) == []
    assert fields(place_problems(region("330100"), today, is_divided=True)) == ["region"]
    assert place_problems(region("330100"), today, is_divided=False) == []
    assert "successor" in str(place_problems(region("330103"), today, is_divided=False)[0].message)
    assert fields(place_problems(None, today, is_divided=False)) == ["region"]


def test_accounts_are_compared_with_those_that_are_there_and_with_each_other(app: object) -> None:
    usual = AccountDraft("yunze1", "a@enterprise.example", Kind.ENTERPRISE, "云泽")
    drafts = [
        usual,
        replace(usual, username="YUNZE1", email="b@enterprise.example"),
        replace(usual, username="yunze2", email="A@enterprise.example"),
        replace(usual, username="Enterprise", email="COUNTY@bureau.example"),
        replace(usual, username="a b", email="", phone="12"),
    ]

    found = [fields(problems) for problems in accounts_problems(drafts)]

    assert found == [[], ["username"], ["email"], ["username", "email"], ["username", "email", "phone"]]
