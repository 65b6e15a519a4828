"""Nonsense in addresses, queries, forms and JSON of every rule, as every role: each answer is below 500.

``FUZZ_SHARE`` multiplies the number of inputs, ``FUZZ_SEED`` gives others; ``tools.torture`` sends ten
thousand to a served instance.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.accounts import actor_for
from app.reports import form_service
from tests.conftest import NOON, PASSWORD
from tests.database import Template
from tests.factories.reports import filled, submitted
from tests.web.pages import Page
from tools.torture.nonsense import NONSENSE, PARAMETERS

INPUTS = round(600 * float(os.environ.get("FUZZ_SHARE", "1")))
SEED = int(os.environ.get("FUZZ_SEED", "20261106"))
ROLES = ("province", "county", "enterprise", "admin", "security", "auditor")
SPARED = ("/logout", "/static", "/login", "/account/password", "/account/sessions")
"""What would end the session, or is only a file."""

SECTIONS = ("enterprise", "main", "products", "confirm")
CELLS = ("revenue.m", "revenue.ytd", "industrial_output.m", "c-revenue-m", "no_such.m", "x-1", "r-1-name")
USUAL: Mapping[str, Sequence[str]] = {
    "<form>": ("sme_monthly",),
    "<month>": ("2026-10", "2026-09"),
    "<code>": SECTIONS,
    "<name>": ("report",),
}
"""Arguments that lead somewhere; the others take small numbers."""


@dataclass
class Visitor:
    """A session that is opened anew when nonsense has ended it."""

    client: FlaskClient
    name: str

    def ask(self, method: str, address: str, **values: Any) -> Any:
        answer = self.client.open(address, method=method, **values)
        if answer.status_code == 302 and "/login" in answer.headers["Location"]:
            self.sign_in()
        return answer

    def sign_in(self) -> None:
        self.client.post("/login/", data={"username": self.name, "password": PASSWORD})


@pytest.fixture(scope="module")
def site(base_app: Flask, stored: Template) -> Iterator[Flask]:
    """Reports in two states and a draft of the form."""
    base_app.extensions["clock"] = MovableClock(NOON)
    base_app.config["WTF_CSRF_ENABLED"] = False
    with base_app.app_context():
        filled(_actor("enterprise"), NOON)
        report, admin = submitted(_actor("enterprise2"), NOON), _actor("admin")
        with context.acting_as(admin), unit_of_work():
            form_service.create_draft(admin, report.form_id, NOON)
        yield base_app
    stored.dirty = True
    stored.restore()


def _actor(username: str) -> Actor:
    found = actor_for(db.session.scalars(select(User.id).where(User.username == username)).one())
    assert found is not None
    return found


@pytest.fixture(scope="module")
def visitors(site: Flask) -> Mapping[str, Visitor]:
    found = {name: Visitor(site.test_client(), name) for name in ROLES}
    for visitor in found.values():
        visitor.sign_in()
    return found


def address_of(rule: str, chance: random.Random) -> str:
    """The rule with something in the place of each argument: mostly what exists, now and then nonsense."""
    return "/".join(argument(part, chance) if part.startswith("<") else part for part in rule.split("/"))


def argument(name: str, chance: random.Random) -> str:
    known = USUAL.get(name) or [str(number) for number in range(1, 9)]
    value = chance.choice(known) if chance.random() < 0.7 else chance.choice(NONSENSE)
    return quote(value[:300], safe="")


def pairs(names: Sequence[str], chance: random.Random, most: int) -> list[tuple[str, str]]:
    return [(chance.choice(names), chance.choice(NONSENSE)) for _ in range(chance.randrange(1, most + 1))]


def json_of(chance: random.Random, depth: int = 3) -> Any:
    kind = chance.randrange(5) if depth else 0
    if kind == 1:
        return [json_of(chance, depth - 1) for _ in range(chance.randrange(3))]
    if kind > 1:
        names = ("cells", "rows", "version", "explanations", *CELLS, "", "__proto__")
        return {chance.choice(names): json_of(chance, depth - 1) for _ in range(chance.randrange(4))}
    return chance.choice((*NONSENSE, None, True, -1, 10**30, 1.5, "12.5"))


def body_of(visitor: Visitor, address: str, chance: random.Random) -> dict[str, Any]:
    """A JSON body, or the page's own form with a few fields spoilt, so that the rest passes."""
    if address.endswith("/save") or chance.random() < 0.1:
        return {"json": json_of(chance)}
    page = visitor.ask("GET", address)
    fields = Page(page.get_data(as_text=True)).fields if page.mimetype == "text/html" else {}
    spoilt = pairs([*(fields or PARAMETERS), *PARAMETERS[:2]], chance, 3)
    return {"data": {**fields, **dict(spoilt)}}


def test_nonsense_is_refused_and_never_breaks(site: Flask, visitors: Mapping[str, Visitor]) -> None:
    chance = random.Random(SEED)
    rules = sorted(
        (rule.rule, method)
        for rule in site.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith(SPARED)
    )
    faults = []

    for number in range(INPUTS):
        rule, method = rules[number % len(rules)] if number < 2 * len(rules) else chance.choice(rules)
        visitor, address = visitors[chance.choice(ROLES)], address_of(rule, chance)
        body = body_of(visitor, address, chance) if method == "POST" else {}
        query = urlencode(pairs(PARAMETERS, chance, 3), errors="surrogatepass")
        answer = visitor.ask(method, f"{address}?{query}", **body)
        if answer.status_code >= 500:
            faults.append(f"{answer.status_code} {visitor.name} {method} {address}?{query} {body}"[:600])

    assert faults == []


LISTS = (
    "/reports/",
    "/review/",
    "/enterprises/list/",
    "/enterprise-versions/list/",
    "/bureaus/list/",
    "/admins/list/",
    "/regions/list/",
    "/form-versions/list/",
    "/api/v1/reports/",
    "/api/v1/enterprises/",
)
BAD = ("-1", "0", "9" * 20, "1e9", "abc", "１２", "x" * 3000, "\x00", "' OR 1=1 --", "2026-13", "[]")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_bears_every_parameter_of_its_own(visitors: Mapping[str, Visitor], path: str) -> None:
    visitor = visitors["province"]
    page = visitor.ask("GET", path)
    own = set(Page(page.get_data(as_text=True)).fields) if page.mimetype == "text/html" else set()
    named = own | {"psize", "page", "sort", "after", "before", "cols", "q", "choices", "limit", "month"}

    answers = {
        (name, value): visitor.ask("GET", f"{path}?{urlencode({name: value})}").status_code
        for name in sorted(named)
        for value in BAD
    }

    assert {asked: status for asked, status in answers.items() if status not in {200, 302, 400, 404}} == {}
