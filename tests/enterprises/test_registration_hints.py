"""Hints for reviewers: the particular part of a name, and one organisation with two codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import update

from app.enterprises.credit_codes import complete_credit_code, organisation_code
from app.enterprises.models import Enterprise
from app.enterprises.registration_hints import hints, name_core, same_organisation
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.texts import Message
from tests.factories.registrations import applicant, entries, submitted

ActorOf = Callable[[str], Actor]
PLACES = ["浙江省", "杭州市", "萧山区"]


def texts(found: list[object]) -> list[str]:
    return [words.msgid for words in found if isinstance(words, Message)]


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("杭州云溯示范纺织有限公司", "云溯示范纺织"),
        ("杭州市云溯示范纺织股份有限公司", "云溯示范纺织"),
        ("浙江云溯示范纺织有限责任公司", "云溯示范纺织"),
        ("浙江省杭州市萧山区云溯纺织厂", "云溯纺织"),
        ("云溯（杭州）纺织集团有限公司", "云溯纺织"),
        ("ＡＢＣ 纺织 公司", "abc纺织"),
        ("公司", ""),
        ("", ""),
    ],
)
def test_the_core_of_a_name_is_what_is_particular_in_it(name: str, core: str) -> None:
    assert name_core(name, PLACES) == core


def test_an_organisation_with_two_codes_is_named_only_to_who_sees_it(
    now: dt.datetime, actor: ActorOf
) -> None:
    code = complete_credit_code("91", "330200", "70004321")
    db.session.execute(
        update(Enterprise).where(Enterprise.id == actor("enterprise2").enterprise_id).values(uscc=code)
    )
    db.session.commit()
    other = complete_credit_code("91", "330109", "70004321")
    registration = submitted(applicant(now), now, entries(uscc=other))
    today = local_date(now)

    assert organisation_code(code) == organisation_code(other) and code != other
    near = texts(hints(registration, actor("county"), today))
    far = texts(hints(registration, actor("province"), today))
    assert any("outside your regions" in text for text in near)
    assert any("{names}" in text and "organisation code" in text for text in far)
    assert same_organisation("202012030000000002", actor("county"), today) == []


def test_names_that_wait_are_hints_too(now: dt.datetime, actor: ActorOf) -> None:
    submitted(applicant(now), now, entries(name="杭州栎原试验有限公司"))
    second = submitted(applicant(now), now, entries(name="浙江栎原试验集团有限公司"))

    found = hints(second, actor("county"), local_date(now))

    assert [str(words) for words in found] == ["Names like this wait for review too: 杭州栎原试验有限公司."]
