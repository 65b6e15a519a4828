"""监测企业信息管理: state, deletion and reviewers in batches, the query, the own page, the charts."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.enterprises import service
from app.enterprises.models import Enterprise
from app.enterprises.reviewer_change import reviewer_options
from app.infra.database import db
from app.infra.jobs import runner
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.queue import engine
from app.infra.outbox import OutboxMessage
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.models import Account, Region
from tests.enterprises.test_pages import form, key, rows
from tests.factories.reports import OCTOBER, approved, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
TODAY = dt.date(2026, 11, 6)
LIST = "/enterprises/list/"
USUAL = ["企业名称", "企业用户ID", "所属地区", "控股情况", "企业规模", "联系人"]


def text(answer: Any) -> str:
    """The page of an answer."""
    found: str = answer.get_data(as_text=True)
    return found


def reviewed_by(actor: Actor) -> list[int]:
    """The enterprises of an admin."""
    query = select(Enterprise.id).where(Enterprise.direct_reviewer_id == actor.admin_id)
    return list(db.session.scalars(query.order_by(Enterprise.id)))


# Reviewers


def test_who_covers_all_of_the_ticked_enterprises_is_offered_first(app: Flask, actor: ActorOf) -> None:
    province, county = actor("province"), actor("county")
    mixed = [(reviewed_by(county)[0],), (reviewed_by(actor("county2"))[0],)]

    options = reviewer_options(mixed, province, TODAY)
    own = reviewer_options(mixed[:1], actor("prefecture"), TODAY)

    assert options[0][0] == str(province.admin_id)
    assert "all 2" in str(options[0][1])
    assert {value for value, _words in options[1:]} == {
        str(actor(name).admin_id) for name in ("prefecture", "county", "prefecture2", "county2")
    }
    assert all("1 of 2" in str(words) for _value, words in options[1:])
    assert [value for value, _words in own] == [str(county.admin_id), str(actor("prefecture").admin_id)]


def test_reports_of_every_period_move_with_the_ticked_enterprises_and_each_gets_its_line(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    owner, county, prefecture = actor("enterprise"), actor("county"), actor("prefecture")
    old, waiting = approved(owner, now, OCTOBER.previous()), submitted(owner, now)
    ids = reviewed_by(county)
    browser = sign_in("prefecture")

    asked = browser.post(LIST, data={"action": "reviewer", "key": ids})
    unchosen = browser.post(LIST, data={"action": "reviewer", "key": ids, "confirmed": "1"})
    chosen = {"comment": prefecture.admin_id, "confirmed": "1", "once": "a"}
    done = browser.post(LIST, data={"action": "reviewer", "key": ids, **chosen})
    again = browser.post(LIST, data={"action": "reviewer", "key": ids[:1], **chosen})

    db.session.expire_all()
    assert asked.status_code == 200 and f'value="{prefecture.admin_id}"' in text(asked)
    assert f'value="{actor("prefecture2").admin_id}"' not in text(asked)
    assert unchosen.status_code == 422
    assert reviewed_by(prefecture) == ids and reviewed_by(county) == []
    assert text(done).count('class="qj-st pass"') == len(ids)
    assert 'class="qj-st back"' in text(again)
    assert {report.direct_reviewer_id for report in (old, waiting)} == {prefecture.admin_id}
    assert waiting.holder_id == prefecture.admin_id


def test_enterprises_outside_the_new_reviewers_regions_are_named_and_stay(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    county, other = actor("county"), actor("county2")
    ids = [reviewed_by(county)[0], reviewed_by(other)[0]]
    form_sent = {"action": "reviewer", "key": ids, "comment": other.admin_id, "confirmed": "1"}

    answer = sign_in("province").post(LIST, data=form_sent)

    lines = re.findall(r'<td class="head".*?</tr>', text(answer), re.DOTALL)
    assert [("pass" in line, "back" in line) for line in lines] == [(False, True), (False, True)]
    assert "萧山" in lines[0] + lines[1]
    assert ids[0] in reviewed_by(county)


@pytest.mark.parametrize("chosen", ["county2", "prefecture2", "999999", "x", ""])
def test_a_reviewer_who_is_not_offered_cannot_be_chosen(
    app: Flask, sign_in: SignIn, actor: ActorOf, chosen: str
) -> None:
    admin = str(actor(chosen).admin_id) if chosen.isalnum() and chosen[:1] in "cp" else chosen
    ids = reviewed_by(actor("county"))

    answer = sign_in("prefecture").post(
        LIST, data={"action": "reviewer", "key": ids, "comment": admin, "confirmed": "1"}
    )

    assert answer.status_code == 422
    assert reviewed_by(actor("county")) == ids


def test_many_enterprises_change_hands_in_a_job(
    app: Flask, sign_in: SignIn, actor: ActorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.infra.lists.batch.AT_ONCE", 10)
    prefecture = actor("prefecture")

    answer = sign_in("prefecture").post(
        LIST,
        data={
            "action": "reviewer",
            "all": "1",
            "comment": prefecture.admin_id,
            "confirmed": "1",
            "once": "b",
        },
    )
    job_id = db.session.scalars(select(Job.id).order_by(Job.id.desc())).first()
    db.session.remove()
    runner.run(engine(), job_id or 0)

    job = db.session.get_one(Job, job_id)
    assert answer.status_code == 303
    assert job.state == JobState.DONE, job.error
    assert len(job.outcome["lines"]) == 30
    assert len(reviewed_by(prefecture)) == 30


def test_a_county_without_anybody_below_can_only_keep_its_enterprises(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    ids = reviewed_by(actor("county"))

    answer = sign_in("county").post(LIST, data={"action": "reviewer", "key": ids})

    assert answer.status_code == 200
    assert f'value="{actor("county").admin_id}"' in text(answer)
    assert f'value="{actor("prefecture").admin_id}"' not in text(answer)


# State and deletion


def test_one_enterprise_is_disabled_and_enabled_from_its_page(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    one = reviewed_by(actor("county"))[0]
    browser = sign_in("county")

    shown = text(browser.get(f"/enterprises/show/{one}"))
    browser.post(LIST, data={"action": "disable", "key": one, "confirmed": "1"})
    disabled = text(browser.get(f"/enterprises/show/{one}"))
    browser.post(LIST, data={"action": "enable", "key": one, "confirmed": "1"})

    assert 'name="action" value="disable"' in shown
    assert 'name="action" value="enable"' in disabled
    assert db.session.get_one(Enterprise, one, populate_existing=True).state == "active"


def test_the_page_offers_to_delete_a_disabled_enterprise_only(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    one = reviewed_by(actor("county"))[0]
    browser = sign_in("county")
    delete = f'action="/enterprises/delete/{one}"'

    active = text(browser.get(f"/enterprises/show/{one}"))
    with unit_of_work():
        service.disable_enterprise(actor("county"), one, now)

    assert delete not in active
    assert delete in text(browser.get(f"/enterprises/show/{one}"))


def test_a_question_about_no_row_has_no_button(app: Flask, sign_in: SignIn) -> None:
    answer = sign_in("county").post(LIST, data={"action": "disable", "key": "999999"})

    assert "没有可以进行此操作的记录" in text(answer)
    assert '<button class="qj-btn pri">' not in text(answer)
    assert '<button class="qj-btn danger">' not in text(answer)


def test_only_a_disabled_enterprise_that_never_reported_is_deleted(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    approved(actor("enterprise"), now)
    reported = actor("enterprise").enterprise_id or 0
    silent, active = [key for key in reviewed_by(actor("county")) if key != reported][:2]
    with unit_of_work():
        for one in (reported, silent):
            service.disable_enterprise(actor("county"), one, now)

    answer = sign_in("county").post(
        LIST, data={"action": "delete", "key": [reported, silent, active], "confirmed": "1"}
    )

    assert text(answer).count('class="qj-st back"') == 2
    assert text(answer).count('class="qj-st pass"') == 1
    left = set(db.session.scalars(select(Enterprise.id).where(Enterprise.id.in_([reported, silent, active]))))
    assert left == {reported, active}


# Query of basic data


def heads(page: str) -> list[str]:
    """The headings of a list."""
    table = page[page.index("<thead>") : page.index("</thead>")]
    found = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<th[^>]*>.*?</th>", table, re.DOTALL)]
    return [words for words in found if words]


def test_six_columns_are_shown_at_first_and_two_of_them_always(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("prefecture")

    usual = heads(text(browser.get("/enterprise-query/")))
    fewest = heads(text(browser.get("/enterprise-query/?cols=state")))

    assert usual == [*USUAL, "操作"]
    assert fewest == ["企业名称", "企业用户ID", "状态", "操作"]


def test_the_query_covers_every_enterprise_of_the_regions_and_its_filters_narrow_it(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    browser = sign_in("prefecture")
    city, county = key(Region, "330100"), actor("county")

    def found(query: str) -> int:
        return len(rows(text(browser.get(f"/enterprise-query/?{query}"))))

    assert found("") == 30
    assert found(f"region={city}") == 30
    assert found(f"admin={county.admin_id}") == 6
    assert found(f"admin={actor('prefecture').admin_id}") == 30
    assert found(f"admin={actor('county2').admin_id}") == 0
    assert found("keyword=enterprise") == 1
    assert found("state=disabled") == 0


@pytest.mark.parametrize(("columns", "width"), [("shown", 6), ("all", 30)])
def test_the_query_is_exported_with_the_columns_shown_or_all_of_them(
    app: Flask, sign_in: SignIn, columns: str, width: int
) -> None:
    answer = sign_in("county").post("/enterprise-query/", data={"format": "xlsx", "columns": columns})

    sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    assert sheet is not None
    assert (sheet.max_row, sheet.max_column) == (7, width)
    assert [cell.value for cell in sheet[1]][:6] == USUAL


def test_the_export_as_csv_holds_the_own_enterprises(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    answer = sign_in("county").post("/enterprise-query/", data={"format": "csv", "columns": "shown"})

    lines = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert lines[0] == USUAL
    assert "enterprise" in {line[1] for line in lines}


# Pages


def test_an_enterprise_sees_its_record_as_a_page(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    browser = sign_in("enterprise")
    name = db.session.get_one(Enterprise, actor("enterprise").enterprise_id).name

    own = browser.get("/enterprises/own/")
    listed = browser.get(LIST)

    assert own.status_code == 200 and f">{name}<" in text(own)
    assert LIST not in text(own)
    assert 'href="/enterprises/own/"' in text(browser.get("/"))
    assert (listed.status_code, listed.location) == (302, "/enterprises/own/")


def test_the_owner_of_a_new_enterprise_gets_a_link(app: Flask, sign_in: SignIn) -> None:
    answer = sign_in("county").post("/enterprises/add", data=form())

    message = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert answer.status_code == 302, text(answer)
    assert message is not None
    assert (message.purpose, message.recipient) == ("activation", "new@enterprise.example")


def test_wrong_entries_of_form_record_and_account_are_told_in_one_round(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    taken = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    wrong = form(
        revenue="很多", region="", uscc=taken.uscc, website="x", username="county", email="enterprise"
    )

    answer = sign_in("county").post("/enterprises/add", data=wrong)

    assert answer.status_code == 422
    for field in ("revenue", "region", "uscc", "website", "username", "email"):
        assert f'id="{field}-error"' in text(answer), field
    assert text(answer).count('id="region-error"') == 1
    assert not db.session.scalars(select(Account.id).where(Account.display_name == wrong["name"])).all()


def test_a_change_with_wrong_fields_is_told_in_one_round_too(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    own = actor("enterprise").enterprise_id
    taken = db.session.get_one(Enterprise, reviewed_by(actor("county"))[-1])
    wrong = form(revenue="很多", name=taken.name, opened_on="2099-01-01")

    answer = sign_in("county").post(f"/enterprises/edit/{own}", data=wrong)

    for field in ("revenue", "name", "opened_on"):
        assert f'id="{field}-error"' in text(answer), field


# Charts


def links(page: str) -> list[str]:
    """Where the groups of a chart lead to."""
    return [found.replace("&amp;", "&") for found in re.findall(r'<th scope="row"><a href="([^"]+)"', page)]


@pytest.mark.parametrize(("name", "groups"), [("province", 2), ("prefecture", 5), ("county", 1)])
def test_regions_are_told_apart_one_level_below_the_admin(
    app: Flask, sign_in: SignIn, name: str, groups: int
) -> None:
    page = text(sign_in(name).get("/enterprise-charts/chart/0"))

    assert len(re.findall(r'<th scope="row">', page)) == groups


def test_a_bar_opens_the_region_below_and_at_last_its_enterprises(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("province")
    city, county = key(Region, "330100"), key(Region, "330109")

    opened = links(text(browser.get("/enterprise-charts/chart/0")))
    below = text(browser.get(f"/enterprise-charts/chart/0?region={city}"))
    listed = text(browser.get(next(link for link in links(below) if f"={county}" in link)))

    assert f"/enterprise-charts/chart/0?region={city}" in opened
    assert len(links(below)) == 5 and "宁波" not in below
    assert len(rows(listed)) == 6


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_number_of_a_bar_is_the_number_of_rows_behind_it(
    app: Flask, sign_in: SignIn, number: int
) -> None:
    browser = sign_in("province")
    page = text(browser.get(f"/enterprise-charts/chart/{number}?region={key(Region, '330200')}"))

    counts = [int(found) for found in re.findall(r'<td class="num">(\d+)</td>', page)]
    behind = [len(rows(text(browser.get(link)))) for link in links(page)]

    assert behind == counts
    assert sum(counts) == 30


def test_a_foreign_region_is_not_there_for_a_chart(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("prefecture")

    for wanted in (key(Region, "330200"), 999999, "x"):
        assert browser.get(f"/enterprise-charts/chart/0?region={wanted}").status_code == 404


def test_a_test_code_is_left_out_of_the_charts(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    one = reviewed_by(actor("county"))[0]
    with unit_of_work():
        db.session.execute(
            update(Enterprise).where(Enterprise.id == one).values(uscc_exception="测试", code_status="test")
        )

    page = text(sign_in("county").get("/enterprise-charts/chart/0"))

    assert '<td class="num">5</td>' in page
    assert len(rows(text(sign_in("county").get(links(page)[0])))) == 5


def test_the_owners_of_ticked_enterprises_get_their_links(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    ids = reviewed_by(actor("county"))

    answer = sign_in("county").post(LIST, data={"action": "invite", "key": ids})

    sent = db.session.scalars(select(OutboxMessage.purpose)).all()
    assert sent == ["activation"] * 5  # one of the six has a password
    assert text(answer).count('class="qj-st back"') == 1
