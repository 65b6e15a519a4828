"""Home pages: each number of the workbench against its list and plain SQL; the next step of an enterprise."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.settings import service as settings_service
from app.infra.settings.shipped import SERVICE_GROUPS
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.organisations.models import Account
from app.reports import home_counts, reminders, steps
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.nonreporters import REMIND
from app.reports.reminder_rules import INBOX
from tests.factories.reports import OCTOBER, accepted, approved, filled, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
BUREAUS = ("province", "prefecture", "county")

PLAIN = """
    SELECT COALESCE(r.state, 'not_filled'), COUNT(*) FROM enterprise e
    LEFT JOIN report r ON r.enterprise_id = e.id AND r.period = 202610
    WHERE e.state = 'active' AND e.code_status <> 'test'
      AND e.region_id IN (SELECT c.descendant_id FROM region_closure c
                          JOIN admin_region a ON a.region_id = c.ancestor_id WHERE a.admin_id = :admin)
    GROUP BY 1
"""


def form_id() -> int:
    return int(find_form("sme_monthly").id)


def counts(actor: Actor, now: dt.datetime) -> home_counts.Counts:
    with context.acting_as(actor):
        return home_counts.total_of(
            home_counts.by_place(actor, find_form("sme_monthly"), OCTOBER, now.date())
        )


def page_of(client: FlaskClient, path: str = "/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def some_reports(actor: ActorOf, now: dt.datetime) -> None:
    accepted(submitted(actor("enterprise"), now), now)
    filled(actor("enterprise2"), now)


@pytest.mark.parametrize("who", [*BUREAUS, "county2"])
def test_the_counts_are_those_of_plain_sql(actor: ActorOf, now: dt.datetime, who: str) -> None:
    some_reports(actor, now)
    asking = actor(who)

    plain = dict(db.session.execute(text(PLAIN), {"admin": asking.admin_id}).all())

    assert counts(asking, now).states == plain and plain


def test_an_enterprise_that_belongs_to_no_county_is_counted_under_its_prefecture(
    actor: ActorOf, now: dt.datetime
) -> None:
    prefecture = actor("prefecture")
    before = counts(prefecture, now).due
    own = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    region = own.prefecture_id
    with unit_of_work():
        values = {"county_id": None, "region_id": region}
        db.session.execute(update(Enterprise).where(Enterprise.id == own.id).values(**values))

    with context.acting_as(prefecture):
        places = home_counts.by_place(prefecture, find_form("sme_monthly"), OCTOBER, now.date())

    assert sum(place.due for place in places) == before
    assert [place.due for place in places if place.region_id is None] == [1]


@pytest.mark.parametrize("who", BUREAUS)
def test_each_number_opens_a_list_of_as_many_rows(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn, who: str
) -> None:
    some_reports(actor, now)
    disabled = select(Enterprise.id).where(Enterprise.direct_reviewer_id == actor("county").admin_id)
    disabled = disabled.where(Enterprise.id != actor("enterprise").enterprise_id).limit(1)
    other = db.session.scalars(disabled).one()
    with unit_of_work():
        db.session.execute(update(Enterprise).where(Enterprise.id == other).values(state="disabled"))
    client = sign_in(who)

    links = re.findall(r'<a href="([^"]+)" aria-label="[^"]*: (\d+)">\2</a>', page_of(client))

    assert len(links) > 5
    for address, number in links:
        listed = page_of(client, html.unescape(address))
        assert re.search(rf">(共 )?{number} (户企业|份)<", listed), (address, number)


def test_what_waits_for_others_opens_without_what_waits_for_oneself(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    accepted(submitted(actor("enterprise"), now), now)
    client = sign_in("county")

    address = re.search(r'<a href="([^"]+)" aria-label="待他人审核: 1"', page_of(client))

    assert address is not None
    assert "state=elsewhere" in address[1] and "共 1 份" in page_of(client, html.unescape(address[1]))


def test_a_difference_that_rounds_to_nothing_is_told_as_none(sign_in: SignIn) -> None:
    assert "与 2026-09 同一天持平" in page_of(sign_in("county"))


def test_the_numbers_follow_the_month_in_the_address(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    approved(actor("enterprise"), now, Month(2026, 9))
    client = sign_in("county")

    assert "2026-09 各地报送情况" in page_of(client, "/?month=2026-09")
    assert "2026-10 各地报送情况" in page_of(client, "/?month=2027-01")
    for month in ("never", "1900-01", "2999-12"):
        assert "2026-10 各地报送情况" in page_of(client, f"/?month={month}")
    with context.acting_as(actor("county")):
        filed = home_counts.filed_by_month(
            actor("county"), form_id(), [OCTOBER.plus(-1), OCTOBER], now.date()
        )
    assert dict(filed) == {202609: 1}


def test_the_month_before_is_compared_at_the_same_distance_from_its_deadline(
    actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    clock.set(dt.datetime(2026, 10, 8, 4, 0, tzinfo=dt.UTC))
    submitted(actor("enterprise"), clock.now(), Month(2026, 9))
    county = actor("county")

    def until(day: int) -> int:
        instant = dt.datetime(2026, 10, day, 4, 0, tzinfo=dt.UTC)
        return home_counts.filed_until(county, form_id(), Month(2026, 9), instant, now.date())

    assert (until(7), until(8)) == (0, 1)


def test_those_to_be_reminded_stand_among_the_todos_with_what_became_of_the_last_reminder(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    county, own = actor("county"), actor("enterprise")
    with context.acting_as(county), unit_of_work():
        asked = MultiDict(
            {"action": REMIND, "asked": "1", "period": "2026-10", "key": str(own.enterprise_id)}
        )
        reminders.run(county, reminders.meant(county, asked, now), [INBOX], now)
    submitted(own, now)

    page = page_of(sign_in("county"))

    assert "一键催报" in page and "上次催报 11-06，催报后 1 户已报" in page
    assert "/nonreporters/remind?asked=1&amp;period=2026-10" in page


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("who", [*BUREAUS, "enterprise"])
def test_a_home_page_needs_few_statements(
    sign_in: SignIn, count: Callable[[], Any], actor: ActorOf, now: dt.datetime, who: str, language: str
) -> None:
    some_reports(actor, now)
    client = sign_in(who)
    client.get(f"/preferences/language/{language}")
    page_of(client)
    with count() as statements:
        page_of(client)

    assert len(statements) <= 12, "\n".join(statements)


# The enterprise


def test_the_next_step_follows_the_report(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    own, client = actor("enterprise"), sign_in("enterprise")
    said = [page_of(client)]
    report = submitted(own, now)
    said.append(page_of(client))
    county = actor("county")
    with context.acting_as(county), unit_of_work():
        found = db.session.get_one(Report, report.id)
        steps.give_back(county, found, found.version, "营业成本口径有误", now)
    said.append(page_of(client))

    assert "尚未报送" not in said[0] and "尚未填报：请从企业基本信息开始。" in said[0]
    assert f"自 11-06 12:00 起在{county.bureau_name} {county.name}处待审核。" in said[1]
    assert "已退回，退回原因：营业成本口径有误" in said[2]


def test_a_begun_report_says_how_many_findings_are_to_be_mended(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    report = filled(actor("enterprise"), now)
    with unit_of_work():
        db.session.execute(update(Report).where(Report.id == report.id).values(hard_count=2))

    assert "有 2 项强制性校验未通过，修改后才能上报。" in page_of(sign_in("enterprise"))


def test_the_months_show_when_and_how_each_was_filled_in(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    approved(actor("enterprise"), now, Month(2026, 9))

    page = page_of(sign_in("enterprise"))

    assert [words in page for words in ("报表类型", "填报日期", "填报方式", "在线填报")] == [True] * 4
    assert "2026-11-06 12:00" in page and "2025-10" in page
    assert "/filing/sme_monthly/2025-10/" in page


def test_my_administrator_is_named_with_bureau_and_phone_and_the_service_as_set(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    county, admin = actor("county"), actor("admin")
    with unit_of_work():
        values = {"phone": "0500-12345678"}
        db.session.execute(update(Account).where(Account.id == county.account_id).values(**values))
    with context.acting_as(admin), unit_of_work():
        settings_service.change(admin, SERVICE_GROUPS, "QQ 000000001", None, "新群", now)

    page = page_of(sign_in("enterprise"))

    assert [words in page for words in (county.name, county.bureau_name, "0500-12345678")] == [True] * 3
    assert "QQ 000000001" in page


def test_the_deadline_is_counted_down_and_then_overdue(sign_in: SignIn, clock: MovableClock) -> None:
    client = sign_in("enterprise")
    before = page_of(client)
    clock.set(dt.datetime(2026, 11, 17, 4, 0, tzinfo=dt.UTC))
    after = page_of(sign_in("enterprise"))

    assert "还有 9 天 12 小时" in before or "9 天 12 小时" in before
    assert "1 天 12 小时" in after and "逾期" in after


@pytest.mark.parametrize("who", ["provider", "point", "auditor", "admin", "security"])
def test_who_neither_reports_nor_reviews_has_no_panel_of_reports(sign_in: SignIn, who: str) -> None:
    page = page_of(sign_in(who))

    assert 'id="panel-places"' not in page and 'id="panel-current"' not in page
