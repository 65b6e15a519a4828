"""A form tells all that is wrong with it in one round: what its fields refuse and what the service would."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.reports import form_service
from app.reports.form_models import FormSection, FormVersion, ReportForm

SignIn = Callable[[str], FlaskClient]
Form = Mapping[str, str | list[str]]

# (role, address, what is sent, the fields that must be told)
FORMS: list[tuple[str, str, Form, set[str]]] = [
    (
        "admin",
        "/accounts/add",
        {"username": "", "display_name": "示范", "kind": "point", "email": "nowhere", "password": "x"},
        {"username", "email", "password"},
    ),
    (
        "admin",
        "/accounts/add",
        {"username": "省", "display_name": "示范", "kind": "", "email": "a@example.test", "password": "x"},
        {"kind", "password"},
    ),
    (
        "admin",
        "/accounts/add",
        {"username": "a b", "display_name": "示范", "kind": "point", "email": "nowhere", "password": "x"},
        {"username", "email", "password"},
    ),
    (
        "admin",
        "/accounts/edit/{account}",
        {"display_name": "", "email": "nowhere", "phone": "12", "language": "zh"},
        {"display_name", "email", "phone"},
    ),
    ("security", "/roles/add", {"name": "Public", "permissions": "no"}, {"name", "permissions"}),
    ("county", "/notices/add", {"title": "", "body": " ", "kinds": "nobody"}, {"title", "body", "kinds"}),
    (
        "admin",
        "/control-types/add",
        {"code": "", "name": "甲", "valid_from": "2026-02-01", "valid_until": "2026-01-01"},
        {"code", "valid_until"},
    ),
    (
        "province",
        "/form-sections/add",
        {"draft": "{draft}", "code": "main", "kind": "no", "name": "甲", "name-en": "A", "ord": "0"},
        {"kind", "code"},
    ),
    (
        "province",
        "/form-indicators/add",
        {"section": "{section}", "code": "revenue", "name": "甲", "name-en": "A", "unit": "个", "scale": "x"},
        {"scale", "code"},
    ),
    (
        "province",
        "/form-rules/add",
        {
            "draft": "{draft}",
            "code": "H01",
            "severity": "",
            "expression": "revenue.ytd >",
            "section": "",
            "message": "甲",
            "message-en": "A",
            "indicators": "*",
            "cells": "ytd",
            "months": "1",
        },
        {"severity", "code", "expression"},
    ),
]


@pytest.fixture
def places(actor: Callable[[str], Actor]) -> dict[str, object]:
    """Keys that addresses and fields name."""
    admin = actor("admin")
    form = db.session.scalars(select(ReportForm)).first()
    assert form is not None
    with context.acting_as(admin), unit_of_work():
        draft = form_service.create_draft(admin, form.id, context.now()).id
    version = db.session.get_one(FormVersion, draft)
    section = db.session.scalars(
        select(FormSection).where(FormSection.version_id == version.id, FormSection.kind == "grid")
    ).first()
    assert section is not None
    return {"draft": draft, "section": section.id, "account": actor("point").account_id}


@pytest.mark.parametrize(("role", "path", "form", "wrong"), FORMS)
def test_fields_and_service_are_told_together(
    sign_in: SignIn, places: dict[str, object], role: str, path: str, form: Form, wrong: set[str]
) -> None:
    sent = {name: text.format(**places) if isinstance(text, str) else text for name, text in form.items()}

    answer = sign_in(role).post(path.format(**places), data=sent)

    page = BeautifulSoup(answer.data, "html.parser")
    told = {str(node["id"]).removesuffix("-error") for node in page.select(".qj-error[id]")}
    assert answer.status_code == 422
    assert wrong <= told
