"""The interfaces against their description: whatever is sent, each answer is one that it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from sqlalchemy import select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.organisations.tokens import create_token
from app.reports.models import Report
from tests.conftest import NOON
from tests.database import Template
from tests.factories.reports import filled, submitted
from tests.web.test_routes import actor_named

DOCUMENT = "/api/v1/openapi.json"
EXAMPLES = 6
ROLES = ("enterprise", "county", "prefecture")
"""One that fills in, one that reviews, one that may also import in batches."""
MEANING = ("positive_data_acceptance",)
"""What a description cannot tell: a cursor of another list, a figure that does not fit its cell."""
KNOWN: dict[str, Any] = {"form": "sme_monthly", "month": "2026-10"}


@dataclass(frozen=True)
class Site:
    """The application with reports in two states, and the token of each role."""

    app: Flask
    tokens: dict[str, str]
    report: int

    def headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    def schema(self, role: str) -> Any:
        config, headers = SchemathesisConfig(), self.headers(role)
        return schemathesis.openapi.from_wsgi(DOCUMENT, self.serve, config=config, headers=headers)

    def serve(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        """Each request has a context of its own, as in a server."""
        with self.app.app_context():
            return [*self.app.wsgi_app(environ, start)]


@pytest.fixture(scope="module")
def site(base_app: Flask, stored: Template) -> Iterator[Site]:
    base_app.extensions["clock"] = MovableClock(NOON)
    base_app.config["WTF_CSRF_ENABLED"] = True
    with base_app.app_context():
        filled(actor_named("enterprise2"), NOON)
        submitted(actor_named("enterprise"), NOON)
        with unit_of_work():
            last = dt.date(2026, 12, 31)
            tokens = {role: create_token(actor_named(role), "schemathesis", last, NOON) for role in ROLES}
        report = db.session.scalars(select(Report.id).where(Report.state == "in_review")).one()
        db.session.rollback()
        yield Site(base_app, tokens, report)
        base_app.config["WTF_CSRF_ENABLED"] = False
        stored.dirty = True
        stored.restore()


@pytest.mark.parametrize("known", [False, True], ids=["any", "known"])
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_as_described(site: Site, role: str, mode: GenerationMode, *, known: bool) -> None:
    asked = 0

    for found in site.schema(role).get_all_operations():
        operation = found.ok()
        if known and not operation.path_parameters:
            continue
        asked += 1
        given_case(site, role, operation, mode, known=known)

    assert asked >= 3


def given_case(site: Site, role: str, operation: Any, mode: GenerationMode, *, known: bool) -> None:
    """Ask one operation with generated values; with ``known`` at a record that is there, which mends them."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if known:
            case.path_parameters = {
                name: KNOWN.get(name, site.report) for name in (case.path_parameters or {})
            }
        answer = case.call(headers=site.headers(role))
        meaning = (*MEANING, "negative_data_rejection") if known else MEANING
        left_out = [CHECKS.get_one(name) for name in meaning]
        case.validate_response(answer, excluded_checks=left_out, headers=site.headers(role))

    ask()
