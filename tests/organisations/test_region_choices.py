"""Regions to choose from: the nearest name first, and none that no longer exists for a new choice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Invalid
from app.organisations import service
from app.organisations.models import Admin, Bureau, Region
from tests.organisations.test_service import admin_draft, fields, region

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
ADMINS = "/admins/choices/regions?q="
BUREAUS = "/bureaus/choices/region?q="
NOTICES = "/notices/choices/regions?q="
ENTERPRISES = "/enterprises/choices/region?q="
FILTER = "/bureaus/list/?choices=region&q="
REPORTS = "/reports/?choices=region&q="
HISTORY = "/regions/choices/successors?q="


def offered(browser: FlaskClient, address: str) -> list[str]:
    """What a select offers, in its order."""
    return [row["label"] for row in browser.get(address).get_json()["results"]]


@pytest.mark.parametrize("where", [ADMINS, NOTICES, BUREAUS, FILTER])
@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("浙江省", "浙江省"),
        ("杭州市", "浙江省杭州市"),
        ("浙江省杭州市", "浙江省杭州市"),
        ("330100", "浙江省杭州市"),
        ("3301", "浙江省杭州市"),
        ("杭州", "浙江省杭州市"),
        ("鄞州", "浙江省宁波市鄞州区"),
    ],
)
def test_the_region_that_is_called_so_comes_first(
    app: Flask, sign_in: SignIn, where: str, typed: str, first: str
) -> None:
    found = offered(sign_in("province"), where + typed)

    assert found[0] == first
    assert len(found) <= 20


@pytest.mark.parametrize("where", [ADMINS, FILTER])
def test_without_a_text_the_highest_levels_come_first(app: Flask, sign_in: SignIn, where: str) -> None:
    found = offered(sign_in("province"), where)

    assert found[:2] == ["浙江省", "浙江省杭州市"]
    assert "区" not in "".join(found[:12])
    assert len(found) == 20


@pytest.mark.parametrize("where", [ADMINS, NOTICES, BUREAUS, ENTERPRISES])
@pytest.mark.parametrize("name", ["下城区", "江干区", "萧山市"])
def test_a_region_that_ended_is_not_offered_anew(app: Flask, sign_in: SignIn, where: str, name: str) -> None:
    assert offered(sign_in("prefecture"), where + name) == []


@pytest.mark.parametrize("where", [FILTER, REPORTS, HISTORY])
@pytest.mark.parametrize(("language", "mark"), [("zh", "（至2021年）"), ("en", " (until 2021)")])
def test_filters_and_history_offer_it_with_its_last_year(
    app: Flask, sign_in: SignIn, where: str, language: str, mark: str
) -> None:
    browser = sign_in("prefecture" if where != HISTORY else "admin")
    with browser.session_transaction() as held:
        held["language"] = language

    assert offered(browser, where + "下城区") == [f"浙江省杭州市下城区{mark}"]
    assert offered(browser, where + "330105") == ["浙江省杭州市拱墅区"]


def test_an_admin_gets_no_region_that_ended(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    draft = admin_draft(actor("prefecture"), region_ids=[region("330109").id, region("330103").id])

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_admin(actor("prefecture"), draft, now)

    assert fields(refusal) == {"regions"}
    values = refusal.value.problems[0].message.values
    assert (str(values["region"]), values["successors"]) == ("浙江省杭州市下城区", "浙江省杭州市拱墅区")


def test_a_region_that_ended_may_stay_with_its_admin(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    prefecture = actor("prefecture")
    draft = admin_draft(prefecture)
    with unit_of_work():
        made = service.create_admin(prefecture, draft, now)
        made.regions = [*made.regions, region("330103")]
    kept = replace(draft, account=None, region_ids=[one.id for one in made.regions])

    with unit_of_work():
        service.edit_admin(prefecture, made.id, kept, None, now)

    assert {one.code for one in db.session.get_one(Admin, made.id).regions} == {"330109", "330103"}
    with pytest.raises(Invalid) as refusal, unit_of_work():
        more = replace(kept, region_ids=[*kept.region_ids, region("330104").id])
        service.edit_admin(prefecture, made.id, more, None, now)
    assert "330114" not in str(refusal.value.problems[0].message.values["successors"])
    assert "钱塘区" in str(refusal.value.problems[0].message.values["successors"])


def test_a_bureau_gets_no_region_that_ended(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    superior = db.session.get_one(Admin, actor("prefecture").admin_id).bureau
    draft = service.BureauDraft("下城示范主管部门", "county", region("330103").id, superior.id, ())

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_bureau(SYSTEM, draft, now)

    assert fields(refusal) == {"region"}
    assert db.session.query(Bureau).filter_by(name="下城示范主管部门").count() == 0


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ((None, None), None),
        ((dt.date(2026, 11, 6), dt.date(2026, 11, 7)), None),
        ((dt.date(2026, 11, 7), None), "{region} does not exist yet."),
        ((None, dt.date(2026, 11, 6)), "{region} no longer exists: choose its successor."),
    ],
)
def test_a_refusal_says_whether_a_region_is_over_or_to_come(
    app: Flask, dates: tuple[dt.date | None, dt.date | None], words: str | None
) -> None:
    place = Region(full_name="示例区", valid_from=dates[0], valid_to=dates[1])
    refusal = place.refusal_on(dt.date(2026, 11, 6))

    assert (refusal and refusal.msgid) == words


def starred(page: str) -> set[str]:
    """The ids of the controls whose labels carry the star."""
    labels = re.findall(r'<label class="qj-label" for="(\w+)">(.*?)</label>', page, re.DOTALL)
    return {key for key, words in labels if 'class="req"' in words}


@pytest.mark.parametrize(("who", "further"), [("prefecture", {"superior"}), ("admin", set())])
def test_the_form_of_an_admin_marks_what_it_asks_for(
    app: Flask, sign_in: SignIn, actor: ActorOf, who: str, further: set[str]
) -> None:
    page = sign_in(who).get("/admins/add").get_data(as_text=True)

    assert starred(page) == {"username", "display_name", "email", "bureau", "regions", *further}
    chosen = re.search(r'<select[^>]*id="superior".*?</select>', page, re.DOTALL)
    assert chosen is not None
    own = f'<option selected value="{actor("prefecture").admin_id}"'
    assert (own in chosen[0]) is (who == "prefecture")
