"""Who may edit forms, and what the database itself refuses to whoever goes round the services."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.infra import triggers
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Forbidden
from app.reports.form_models import ReportForm
from app.reports.form_service import create_draft
from app.reports.guards import FORM_GUARDS
from tests.reports.forms_app import NOW, forms_app, publish_small_form

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with forms_app(tmp_path_factory.mktemp("guarded")) as app:
        publish_small_form()
        yield app


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE form_version SET effective_from = 201701",
        "DELETE FROM form_version",
        "UPDATE report_rule SET expression = 'true'",
        "DELETE FROM report_rule",
        "UPDATE version_indicator SET industrial_only = true",
        "DELETE FROM version_indicator",
        (
            "INSERT INTO form_section (version_id, code, kind, name, ord)"
            " SELECT version_id, 'more', kind, name, ord FROM form_section WHERE code = 'main'"
        ),
        "UPDATE form_section SET code = 'other'",
        "DELETE FROM section_column",
        "UPDATE section_column SET scale = 3",
        "UPDATE indicator SET scale = 2",
        "UPDATE indicator SET code = 'other' WHERE code = 'power'",
        "UPDATE indicator SET first_version_id = NULL",
        "DELETE FROM indicator",
        "UPDATE report_form SET code = 'other'",
    ],
)
def test_the_database_refuses_to_change_what_is_published(statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"never changes?|stays"), db.engine.begin() as connection:
        connection.execute(text(statement))


def test_every_guard_is_in_the_database() -> None:
    assert triggers.missing(db.session.connection(), FORM_GUARDS) == []


@pytest.mark.parametrize(
    ("actor", "allowed"),
    [
        (Actor(Kind.PLATFORM, "p"), True),
        (Actor(Kind.BUREAU, "b", level="province"), True),
        (Actor(Kind.BUREAU, "b", level="county"), False),
        (Actor(Kind.ENTERPRISE, "e"), False),
        (Actor(Kind.AUDITOR, "a"), False),
    ],
)
def test_only_the_platform_and_top_bureaus_edit_forms(actor: Actor, *, allowed: bool) -> None:
    form_id = db.session.scalars(select(ReportForm.id)).one()
    outcome = True
    with contextlib.suppress(_UndoneError), unit_of_work():
        try:
            create_draft(actor, form_id, NOW)
        except Forbidden:
            outcome = False
        raise _UndoneError

    assert outcome is allowed


class _UndoneError(Exception):
    """Leaves the form as the next test expects it."""
