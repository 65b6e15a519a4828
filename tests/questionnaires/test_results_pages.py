"""The pages of results: they open for who may, keep their conditions, export, and withstand nonsense."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.questionnaires.conftest import Answered

SignIn = Callable[[str], FlaskClient]
BASE = "/questionnaire-results"
PAGES = (
    "/analysis",
    "/question?question=q1",
    "/question?question=q9&show=chart:shares",
    "/question?question=q5&show=chart:bars",
    "/cross",
    "/cross?question=q1&by=region&show=chart:shares",
    "/cross?question=q9.r1&by=q2&figures=column",
    "/cross?asked=1&question=q1&by=round&figures=row&show=chart:lines",
    "/texts?question=q4",
    "/responses/",
)


def of(world: Answered, page: str, key: int | None = None) -> str:
    sign = "&" if "?" in page else "?"
    return f"{BASE}{page}{sign}questionnaire={key or world.id}"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["province", "prefecture"])
def test_each_page_opens_for_who_manages_it_and_who_was_handed_it(
    answered: Answered, sign_in: SignIn, page: str, who: str
) -> None:
    answer = sign_in(who).get(of(answered, page))

    assert answer.status_code == 200, answer.text[:500]
    assert "外贸企业经营情况问卷" in answer.text
    if "show=" in page:
        assert "ql-chart-block" in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_no_page_opens_for_others(answered: Answered, sign_in: SignIn, page: str) -> None:
    assert sign_in("prefecture2").get(of(answered, page)).status_code == 404
    assert sign_in("enterprise").get(of(answered, page)).status_code == 403


def test_the_analysis_has_a_card_for_each_question_and_leads_on(answered: Answered, sign_in: SignIn) -> None:
    client = sign_in("province")
    page = BeautifulSoup(client.get(of(answered, "/analysis")).data, "html.parser")

    cards = page.select(".qr-card")
    assert [card["id"] for card in cards] == [
        question.code for question in answered.definition if question.is_answered
    ]
    links = {str(link["href"]) for link in page.select(".qr-links a, .qj-head a")}
    assert len(links) > 20
    for link in sorted(links):
        assert client.get(link).status_code == 200, link


def test_the_index_tells_how_many_answered_and_opens_the_analysis(
    answered: Answered, sign_in: SignIn
) -> None:
    client = sign_in("province")
    for address in (f"{BASE}/", f"{BASE}/responses/list/"):
        page = BeautifulSoup(client.get(address).data, "html.parser")
        rows = {row.select_one("td.head").get_text(strip=True): row for row in page.select("tbody tr")}
        named = rows["外贸企业经营情况问卷"]
        assert "90" in named.get_text(" ")
        assert client.get(named.select_one("td.head a")["href"]).status_code == 200


def test_the_summary_and_the_raw_table_are_exported(answered: Answered, sign_in: SignIn) -> None:
    client = sign_in("province")

    for page, least in (("/analysis", 30), ("/responses/", 45), ("/cross?question=q1&by=size", 2)):
        form = {"questionnaire": str(answered.id), "format": "csv"}
        answer = client.post(f"{BASE}{page}", data=form)
        assert answer.mimetype == "text/csv", answer.text[:400]
        assert len(list(csv.reader(io.StringIO(answer.text)))) > least
        form["format"] = "xlsx"
        assert client.post(f"{BASE}{page}", data=form).data[:2] == b"PK"


def test_an_anonymous_response_says_nothing_of_whom_or_when(answered: Answered, sign_in: SignIn) -> None:
    client = sign_in("province")
    page = BeautifulSoup(client.get(of(answered, "/responses/", answered.anonymous_id)).data, "html.parser")
    [first, *_more] = page.select("tbody td.head a")

    one = client.get(first["href"])

    assert one.status_code == 200
    assert "2026-09-02" not in one.text
    assert "有限公司" not in BeautifulSoup(one.data, "html.parser").select_one("main").get_text()


@pytest.mark.parametrize(
    "nonsense",
    ["question=💥", "by=%27", "round=99999999", "region=x", "figures=0", "size=%00", "values=1"],
)
@pytest.mark.parametrize("page", ["/analysis", "/cross", "/responses/", "/question", "/texts"])
def test_nonsense_is_refused_and_breaks_nothing(
    answered: Answered, sign_in: SignIn, page: str, nonsense: str
) -> None:
    address = f"{BASE}{page}?questionnaire={answered.id}&asked=1&{nonsense}"

    assert sign_in("province").get(address).status_code in {200, 400, 404}


@pytest.mark.parametrize("group_by", range(5))
def test_responses_are_drawn_by_each_cut(answered: Answered, sign_in: SignIn, group_by: int) -> None:
    client = sign_in("province")
    every = client.get(f"{BASE}/charts/chart/{group_by}")
    one = client.get(f"{BASE}/charts/chart/{group_by}?questionnaire={answered.id}")

    assert (every.status_code, one.status_code) == (200, 200)
    assert (
        sign_in("prefecture2").get(f"{BASE}/charts/chart/{group_by}?questionnaire={answered.id}").status_code
        == 404
    )
