"""The calendar as a table: shipped years, single days, announcements, and who keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra.audit import AuditEntry
from app.infra.calendar import announcement, deadline, seed, service, work_calendar
from app.infra.calendar.models import CalendarDay, CalendarYear
from app.infra.calendar.pages import runs, year_grid
from app.infra.calendar.service import Ruling
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.clock import SHANGHAI
from app.kernel.errors import Forbidden, Invalid
from app.kernel.texts import LocalText

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
FRIDAY = dt.datetime(2026, 11, 6, 9, tzinfo=SHANGHAI)


def test_the_shipped_calendar_is_there_and_loading_it_again_adds_nothing(app: Flask) -> None:
    assert db.session.scalar(select(func.count()).select_from(CalendarDay)) == 790
    with unit_of_work():
        assert seed.load_calendar() == 0

    calendar = work_calendar()
    assert calendar.announced == frozenset(range(2004, 2027))
    assert not calendar.is_workday(dt.date(2026, 10, 1)) and calendar.is_workday(dt.date(2026, 10, 10))


def test_an_announced_year_is_the_administrators_and_stays(actor: ActorOf) -> None:
    with unit_of_work():
        service.rule_day(actor("admin"), dt.date(2026, 10, 1), Ruling(None, LocalText(""), "试验"))
        seed.load_calendar()

    assert work_calendar().is_workday(dt.date(2026, 10, 1))


def test_a_year_held_as_not_announced_gives_way_to_its_shipped_announcement(app: Flask) -> None:
    with unit_of_work():
        year = db.session.get_one(CalendarYear, 2026)
        year.announced = False
        for row in db.session.scalars(select(CalendarDay).where(CalendarDay.day >= dt.date(2026, 5, 1))):
            db.session.delete(row)
    with unit_of_work():
        assert seed.load_calendar() == 1

    assert not work_calendar().is_workday(dt.date(2026, 10, 1))


def test_a_request_reads_the_table_once_however_many_deadlines_it_counts(app: Flask, count: Any) -> None:
    with app.test_request_context("/"), count() as statements:
        found = [deadline(FRIDAY, number) for number in (2, 3, 4)]

    assert (found[0].day, found[0].provisional) == (dt.date(2026, 11, 10), False)
    assert sum("FROM calendar_" in statement for statement in statements) == 2


def test_a_day_that_is_ruled_moves_deadlines_at_once(actor: ActorOf) -> None:
    before = deadline(FRIDAY, 1).day
    with unit_of_work():
        service.rule_day(
            actor("admin"), dt.date(2026, 11, 9), Ruling(False, LocalText("停工", "Closed"), "台风停工通知")
        )

    assert (before, deadline(FRIDAY, 1).day) == (dt.date(2026, 11, 9), dt.date(2026, 11, 10))


@pytest.mark.parametrize("who", ["security", "province", "auditor", "enterprise"])
def test_only_the_platform_administrator_keeps_the_calendar(actor: ActorOf, who: str) -> None:
    ruling = Ruling(False, LocalText("停工"), "原因")

    with pytest.raises(Forbidden), unit_of_work():
        service.rule_day(actor(who), dt.date(2026, 11, 9), ruling)
    with pytest.raises(Forbidden), unit_of_work():
        service.announce_year(actor(who), 2027, [], "原因")


@pytest.mark.parametrize(
    ("ruling", "fields"),
    [
        (Ruling(False, LocalText(""), "原因"), {"name"}),
        (Ruling(False, LocalText("停工"), ""), {"reason"}),
        (Ruling(False, LocalText("长" * 61), "原" * 201), {"name", "reason"}),
        (Ruling(None, LocalText(""), "原因"), {""}),
    ],
)
def test_a_ruling_without_name_or_reason_is_refused(actor: ActorOf, ruling: Ruling, fields: set[str]) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.rule_day(actor("admin"), dt.date(2026, 11, 9), ruling)

    assert {problem.field for problem in refusal.value.problems} == fields


LINES = """日期,类别,名称
2027-01-01,休,元旦,New Year's Day
2027/1/2,放假,元旦

2027-01-03，班，元旦
"""


def test_lines_of_an_announcement_are_read_as_people_write_them() -> None:
    days, problems = announcement.read(LINES.replace("2027/1/2", "2027/01/02"), 2027)

    assert problems == []
    assert [(draft.day.day, draft.is_workday, draft.name.en) for draft in days] == [
        (1, False, "New Year's Day"),
        (2, False, ""),
        (3, True, ""),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2027-01-01", "separated by commas"),
        ("tomorrow,休,元旦", "is no day"),
        ("2027-02-30,休,元旦", "is no day"),
        ("2026-01-01,休,元旦", "does not lie in 2027"),
        ("2027-01-01,假期,元旦", "is no kind"),
        ("2027-01-04,班,元旦", "Saturday or Sunday"),
        ("2027-01-01,休,", "name is missing"),
        ("2027-01-01,休,元旦\n2027-01-01,休,元旦", "twice"),
    ],
)
def test_a_wrong_line_is_named_by_its_number(line: str, words: str) -> None:
    _days, problems = announcement.read(f"2027-05-01,休,劳动节\n{line}", 2027)

    assert len(problems) == 1 and problems[0].field == "lines"
    assert str(problems[0].message).startswith(f"Line {2 + line.count(chr(10))}:")
    assert words in str(problems[0].message)


def test_an_announcement_takes_the_place_of_the_year_and_ends_its_being_provisional(
    actor: ActorOf, acting: Any
) -> None:
    days, _problems = announcement.read("2027-02-05,休,春节\n2027-02-06,休,春节\n2027-02-07,班,春节", 2027)
    asked = dt.datetime(2027, 2, 4, 10, tzinfo=SHANGHAI)
    assert deadline(asked, 2).provisional

    with acting("admin"), unit_of_work():
        service.announce_year(actor("admin"), 2027, days, "国办发明电")

    found = deadline(asked, 2)
    assert (found.day, found.provisional) == (dt.date(2027, 2, 8), False)
    held = select(func.count()).where(CalendarDay.day >= dt.date(2027, 1, 1))
    assert db.session.scalar(held) == 3
    line = select(AuditEntry).where(AuditEntry.entity == "calendar_year").order_by(AuditEntry.id.desc())
    assert db.session.scalars(line.limit(1)).one().after == {"days": 3, "reason": "国办发明电"}


def test_an_announcement_without_days_or_reason_is_refused(app: Flask) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.announce_year(SYSTEM, 2027, [], " ")

    assert {problem.field for problem in refusal.value.problems} == {"lines", "reason"}


def test_a_year_is_laid_out_with_every_day_once() -> None:
    exceptions = {dt.date(2026, 10, day): (False, LocalText("国庆节")) for day in range(1, 8)}
    months = year_grid(2026, exceptions)

    days = [cell.day for month in months for week in month.weeks for cell in week if cell]
    assert len(days) == 365 == len(set(days))
    assert all(len(week) == 7 for month in months for week in month.weeks)
    assert months[9].workdays == 17
    assert [(run.first.day, run.last.day, run.days) for run in runs(exceptions)] == [(1, 7, 7)]


def test_the_page_says_in_words_what_a_day_is(sign_in: SignIn) -> None:
    page = sign_in("county").get("/calendar/2026").text

    assert "调休上班" in page and "国庆节" in page and "暂定" not in page
    assert "/calendar/day/" not in page


@pytest.mark.parametrize(("year", "words"), [(2027, "只录入了法定节日"), (2031, "没有录入任何内容")])
def test_the_page_of_a_year_that_was_not_announced_says_so(sign_in: SignIn, year: int, words: str) -> None:
    page = sign_in("admin").get(f"/calendar/{year}").text

    assert "暂定" in page and words in page


@pytest.mark.parametrize("path", ["1900", "9999", "day/2026-02-30", "day/x", "day/9999-01-01"])
def test_what_is_no_day_is_not_found(sign_in: SignIn, path: str) -> None:
    assert sign_in("admin").get(f"/calendar/{path}").status_code == 404


def test_a_day_is_changed_and_an_announcement_refused_on_the_page(sign_in: SignIn) -> None:
    client = sign_in("admin")
    day = {"ruling": "off", "name": "停工", "name-en": "Closed", "reason": "台风"}

    assert client.post("/calendar/day/2026-11-09", data=day).status_code == 302
    assert "停工" in client.get("/calendar/2026").text
    again = {"ruling": "week", "name": "", "reason": "取消"}
    assert client.post("/calendar/day/2026-11-09", data=again).status_code == 302
    refused = client.post(
        "/calendar/2027/announcement", data={"lines": "2027-01-01,x,元旦", "reason": "文号"}
    )
    assert refused.status_code == 422
    assert "第 1 行" in refused.text and "2027-01-01,x,元旦" in refused.text and "文号" in refused.text
