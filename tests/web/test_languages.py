"""Every page that links lead to, as each role, in both languages: no word of the other one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import String, select

from app.infra import context
from app.infra.database import db
from app.infra.jobs.registry import all_kinds
from app.infra.transactions import unit_of_work
from app.infra.types import LocalTextType
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.organisations.accounts import actor_for
from app.reports import form_service
from tests.conftest import NOON, PASSWORD
from tests.database import Template
from tests.factories.reports import approved, filled, submitted
from tests.web.pages import Page, Said, crawl

ROLES = ("province", "county", "enterprise", "admin", "auditor", "security")
MOST = 120
UNMARKABLE = frozenset({"title", "option", "textarea"})
"""Elements that hold nothing but text."""

SPARED = ("/logout", "/preferences", "/static", "/reports/1/workbook")
HAN = re.compile(r"[\u3400-\u9fff]+")
ENGLISH = re.compile(r"[A-Za-z][A-Za-z0-9]{2,}")
ALLOWED = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S*|\b[a-z]+[._][\w.]+|\b[0-9A-Z]{18}\b|\b[0-9a-f]{6,32}\b"
    r"|\b(CSV|UTF|JPG|PNG|SVG|GeoJSON|Excel|XLSX|GB18030|Enter|Tab|Ctrl|English|https?)\b"
    r"|\b(JSON|Schema|XLSForm|ODK|KoboToolbox)\b"
    r"|\b(pdf|docx|xlsx|pptx|doc|xls|jpg|png|gif|zip|csv|txt|json|geojson)\b"
)
"""What is the same in every language: addresses, codes, kinds of files, keys."""

WORDS_OF_THE_PROGRAM = frozenset(
    {"ab_role", "ab_permission", "ab_view_menu", "audit_entry", "job", "alembic_version"}
)
"""Tables whose texts are the program's own, which a page must say in words."""


@pytest.fixture(scope="module")
def site(base_app: Flask, stored: Template) -> Iterator[Flask]:
    """Reports in several states and a draft of the form."""
    base_app.extensions["clock"] = MovableClock(NOON)
    base_app.config["WTF_CSRF_ENABLED"] = False
    with base_app.app_context():
        own, other, admin = (_actor(name) for name in ("enterprise", "enterprise2", "admin"))
        submitted(own, NOON)
        approved(own, NOON, Month(2026, 9))
        report = filled(other, NOON)
        with context.acting_as(admin), unit_of_work():
            form_service.create_draft(admin, report.form_id, NOON)
        yield base_app
    stored.restore()


def _actor(username: str) -> Actor:
    found = actor_for(db.session.scalars(select(User.id).where(User.username == username)).one())
    assert found is not None
    return found


def visitor_of(site: Flask, username: str, language: str) -> FlaskClient:
    visitor = site.test_client()
    assert visitor.post("/login/", data={"username": username, "password": PASSWORD}).status_code == 302
    assert visitor.get(f"/preferences/language/{language}").status_code == 302
    return visitor


@pytest.fixture(scope="module")
def typed(site: Flask) -> str:
    """All that people typed and dictionaries leave in Chinese: every text of the database, line by line."""
    found: set[str] = set()
    for table in db.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, String | LocalTextType)]
        if columns and table.name not in WORDS_OF_THE_PROGRAM:
            for row in db.session.execute(select(*columns)):
                found.update(_untranslated(value) for value in row if value)
    db.session.rollback()
    # Kinds of jobs of other tests, which one process shares.
    found.update(kind.title.msgid for name, kind in all_kinds().items() if name.startswith("test."))
    return "\n".join(found)


def _untranslated(value: object) -> str:
    if isinstance(value, LocalText):
        return "" if value.is_translated else value.zh
    return str(value)


def chinese(said: Said, typed: str) -> bool:
    """Chinese that nothing marks as such; an attribute cannot be marked, so there it must be data."""
    if said.language.startswith("zh"):
        return False
    unmarkable = said.attribute or UNMARKABLE & set(said.tags)
    return any(not unmarkable or run not in typed for run in HAN.findall(said.words))


def english(said: Said, typed: str) -> bool:
    """English words on a page that is Chinese."""
    if said.is_literal or not said.language.startswith("zh"):
        return False
    return any(word not in typed for word in ENGLISH.findall(ALLOWED.sub(" ", said.words)))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("language", "foreign"), [("en", chinese), ("zh", english)], ids=["English", "Chinese"]
)
def test_pages_speak_one_language(
    site: Flask, typed: str, role: str, language: str, foreign: Callable[[Said, str], bool]
) -> None:
    findings, pages = set(), 0
    for address, status, body in crawl(visitor_of(site, role, language), MOST, SPARED):
        page, pages = Page(body), pages + 1
        assert status == 200, address
        assert page.texts("title") and len(page.heads) == 1, address
        findings |= {
            f"{address} <{said.tags[-1]}> {said.attribute}: {said.words[:80]}"
            for said in page.said
            if foreign(said, typed)
        }

    assert pages > 10
    assert sorted(findings) == []
