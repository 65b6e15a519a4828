"""Every list of the product opens, sorts, filters, exports and withstands nonsense, for who may see it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.infra.database import db

SignIn = Callable[[str], FlaskClient]
ROLES = ("admin", "auditor", "province", "prefecture", "enterprise")
OWN_LISTS = (
    *("/reports/", "/review/", "/jobs/", "/inbox/", "/board/", "/answers/"),
    *("/nonreporters/", "/nonreporters/reminders"),
    *("/summaries/", "/summaries/reports"),
    *("/queries/details/", "/queries/products/", "/queries/year/"),
    *("/queries/year-counts/", "/queries/year-counts/reports"),
    *("/queries/analysis/", "/queries/analysis/enterprises"),
    *("/queries/ranking/", "/queries/ranking/enterprises"),
    *("/queries/enterprises/figures", "/queries/outliers/"),
    "/questionnaire-results/",
    *("/respondents/", "/respondents/rates", "/respondents/reminders"),
)
"""Lists on pages of our own, whose addresses do not tell that they are lists."""
PIECES = (
    "",
    "0",
    "-1",
    "1" * 25,
    "a",
    "%",
    "'",
    "2026-03",
    "9999-99",
    "￥",
    "💥",
    "=",
    "active",
    "NaN",
    "\ufffd",
)


def lists_of(app: Flask, client: FlaskClient) -> list[str]:
    """Addresses that show this visitor a declared list."""
    rules = [
        rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    found = []
    for rule in rules:
        if rule.endswith("/list/") or rule in OWN_LISTS:
            answer = client.get(rule)
            if answer.status_code == 200 and 'id="ql"' in answer.text:
                found.append(rule)
    assert found
    return found


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        seen.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("role", ROLES)
def test_every_sort_and_every_column_of_every_list_works(app: Flask, sign_in: SignIn, role: str) -> None:
    client = sign_in(role)

    for url in lists_of(app, client):
        page = BeautifulSoup(client.get(url).data, "html.parser")
        links = [url + link["href"] for link in page.select("thead a, .ql-sizes a, .qj-pager a")]
        columns = ",".join(box["value"] for box in page.select("#ql-columns input"))
        for link in [*links, f"{url}?cols={columns}"]:
            assert client.get(link).status_code == 200, link


@pytest.mark.parametrize("role", ROLES)
def test_no_nonsense_in_an_address_is_an_error_of_the_program(app: Flask, sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    chance = random.Random(role)

    for url in lists_of(app, client):
        page = BeautifulSoup(client.get(url).data, "html.parser")
        names = {box["name"] for box in page.select("form.qj-filters [name]")}
        names |= {"sort", "cols", "psize", "after", "before", "choices", "q"}
        for name in sorted(names):
            for _round in range(2):
                args = {name: chance.choice(PIECES), chance.choice(sorted(names)): chance.choice(PIECES)}
                answer = client.get(url, query_string=args, follow_redirects=True)
                assert answer.status_code in (200, 400, 404), (url, args, answer.status_code)


@pytest.mark.parametrize(
    ("role", "kind"), [*((role, "csv") for role in ROLES), ("province", "xlsx"), ("admin", "csv-gb18030")]
)
def test_every_list_is_exported_with_all_its_columns(
    app: Flask, sign_in: SignIn, role: str, kind: str
) -> None:
    client = sign_in(role)

    for url in lists_of(app, client):
        page = BeautifulSoup(client.get(url).data, "html.parser")
        if not page.select("button[name=format]"):
            continue
        answer = client.post(url, data={"format": kind, "columns": "all", **hidden(page)})
        assert answer.status_code in (200, 303), (url, answer.status_code)
        assert answer.status_code == 303 or answer.headers["Content-Disposition"].startswith("attachment")


def hidden(page: BeautifulSoup) -> dict[str, str]:
    return {box["name"]: box["value"] for box in page.select("#ql-form input[type=hidden]")}


@pytest.mark.parametrize("role", ["admin", "province"])
def test_statements_do_not_grow_with_the_rows_of_a_list(
    app: Flask, sign_in: SignIn, role: str, statements: list[str]
) -> None:
    client = sign_in(role)

    for url in lists_of(app, client):
        client.get(f"{url}?psize=15")
        statements.clear()
        client.get(f"{url}?psize=15")
        few = len(statements)
        statements.clear()
        client.get(f"{url}?psize=100")
        assert len(statements) <= few + 1, url  # one more where a whole list fits and is counted no longer
