"""Charts of reports, bureaus and changes: each bar opens a list of just as many rows, and scope holds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from tests.factories import freezes
from tests.factories.reports import OCTOBER, approved, filled, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
REPORT_CUTS = ("state", "month", "region", "industry", "size", "lateness")
CHANGE_CUTS = ("state", "field", "month", "region")


def bars(client: FlaskClient, address: str) -> Iterator[tuple[str, str, int]]:
    """Words, address and number of each group."""
    answer = client.get(address)
    assert answer.status_code == 200
    for row in BeautifulSoup(answer.text, "html.parser").select("tbody tr"):
        name, number = row.select_one("th"), row.select_one("td.num")
        assert name is not None and number is not None
        link = name.select_one("a")
        yield name.text, str(link["href"]) if link else "", int(number.text.replace(",", ""))


def rows_behind(client: FlaskClient, address: str) -> int:
    """How many rows a list says that it has."""
    answer = client.get(address)
    assert answer.status_code == 200
    told = BeautifulSoup(answer.text, "html.parser").select_one(".qj-tools span")
    found = re.search(r"[\d,]+", told.text) if told else None
    return int(found[0].replace(",", "")) if found else 0


def every_bar_opens_its_rows(client: FlaskClient, address: str) -> int:
    """Checks each bar of a chart; gives the number of all."""
    found = list(bars(client, address))
    assert found
    for words, url, number in found:
        assert url, words
        assert (words, rows_behind(client, url)) == (words, number)
    return sum(number for _words, _url, number in found)


@pytest.mark.parametrize("number", range(len(REPORT_CUTS)), ids=REPORT_CUTS)
def test_each_bar_of_reports_opens_as_many(
    app: Flask, actor: ActorOf, sign_in: SignIn, clock: MovableClock, number: int
) -> None:
    approved(actor("enterprise"), clock.now(), OCTOBER)
    submitted(actor("enterprise2"), clock.now(), OCTOBER)
    filled(actor("enterprise"), clock.now(), Month(2026, 9))

    counted = every_bar_opens_its_rows(sign_in("province"), f"/report-charts/chart/{number}")

    assert counted == (3 if REPORT_CUTS[number] == "month" else 2)
    assert every_bar_opens_its_rows(sign_in("prefecture"), f"/report-charts/chart/{number}") == (
        2 if REPORT_CUTS[number] == "month" else 1
    )


def test_another_month_is_asked_by_the_address_and_stays(
    app: Flask, actor: ActorOf, sign_in: SignIn, now: dt.datetime
) -> None:
    filled(actor("enterprise"), now, Month(2026, 9))
    browser = sign_in("province")

    assert every_bar_opens_its_rows(browser, "/report-charts/chart/0?period=2026-09") == 1
    assert (
        "/report-charts/chart/2?period=2026-09" in browser.get("/report-charts/chart/0?period=2026-09").text
    )
    for nonsense in ("", "nonsense", "2026-13", "9" * 500, "\ud7ff"):
        assert browser.get("/report-charts/chart/0", query_string={"period": nonsense}).status_code == 200


@pytest.mark.parametrize("number", range(len(CHANGE_CUTS)), ids=CHANGE_CUTS)
def test_each_bar_of_changes_opens_as_many(
    app: Flask, actor: ActorOf, sign_in: SignIn, now: dt.datetime, number: int
) -> None:
    freezes.saved(actor("enterprise"), now, OCTOBER, name="杭州示范改名有限公司")
    freezes.saved(actor("enterprise2"), now, OCTOBER, name="宁波示范改名有限公司", uscc=freezes.OTHER_CODE)

    assert every_bar_opens_its_rows(sign_in("province"), f"/key-change-charts/chart/{number}") == 2
    assert every_bar_opens_its_rows(sign_in("prefecture"), f"/key-change-charts/chart/{number}") == 1


@pytest.mark.parametrize("name", ["admin", "province", "prefecture", "county"])
def test_each_bar_of_bureaus_opens_as_many(app: Flask, sign_in: SignIn, name: str) -> None:
    browser = sign_in(name)
    seen = rows_behind(browser, "/bureaus/list/")

    assert every_bar_opens_its_rows(browser, "/bureau-charts/chart/0") == seen
    places = list(bars(browser, "/bureau-charts/chart/1"))
    assert sum(number for _words, _url, number in places) == seen
    for _words, url, number in places:
        assert not url or rows_behind(browser, url) == number


def test_a_cut_that_is_not_there_is_not_found(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("province")

    for page in ("report-charts", "key-change-charts", "bureau-charts"):
        assert browser.get(f"/{page}/chart/9").status_code == 404
