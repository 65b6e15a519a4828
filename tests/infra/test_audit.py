"""The audit trail: nothing is forgotten, nothing can be altered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.enterprises.models import ControlType
from app.infra import audit, triggers
from app.infra.audit import AuditEntry
from app.infra.cli import initialise
from app.infra.database import db, is_postgresql, writing
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import LocalText, Message
from app.organisations.models import Account
from app.wiring import GUARDS
from tests.factories.reports import submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def latest(**wanted: Any) -> AuditEntry:
    query = select(AuditEntry).filter_by(**wanted).order_by(AuditEntry.id.desc()).limit(1)
    return db.session.scalars(query).one()


def test_an_orm_write_leaves_its_line_with_before_and_after(acting: Any, actor: ActorOf) -> None:
    with acting("county"), unit_of_work():
        row = ControlType(code="x1", name=LocalText("某"))
        db.session.add(row)
    with acting("county"), unit_of_work():
        row.name = LocalText("改", "changed")

    line = latest(entity="control_type", action="change")
    assert line.before == {"name": {"zh": "某", "en": ""}}
    assert line.after == {"name": {"zh": "改", "en": "changed"}}
    assert line.account_id == actor("county").account_id


def test_a_line_is_rolled_back_with_the_change_that_it_tells(app: Flask) -> None:
    with pytest.raises(Invalid), unit_of_work():
        db.session.add(ControlType(code="x1", name=LocalText("某")))
        db.session.flush()
        raise Invalid([Problem(Message("no"))])

    assert db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "control_type")).first() is None


def test_a_password_is_never_written_down(actor: ActorOf) -> None:
    found = db.session.get(Account, actor("county").account_id)
    assert found is not None
    with unit_of_work():
        db.session.add(found)
        found.user.password = "pbkdf2:secret"

    line = latest(entity="ab_user", action="change")
    assert line.after is not None
    assert line.after["password"] == "***"


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_alter_the_trail(app: Flask, statement: str) -> None:
    with unit_of_work():
        audit.record(SYSTEM, "test")

    with pytest.raises(DatabaseError, match="append-only"), writing():
        db.session.execute(text(statement))
    db.session.rollback()


def test_postgresql_refuses_to_empty_the_trail_at_once(app: Flask) -> None:
    guards = {guard.name for guard in triggers.applicable(db.session.connection(), GUARDS)}

    assert ("guard_audit_entry_truncate" in guards) is is_postgresql()


def test_setting_up_puts_back_a_guard_that_a_rebuilt_table_lost(app: Flask) -> None:
    name = "guard_audit_entry_update"
    with unit_of_work():
        where = " ON audit_entry" if is_postgresql() else ""
        db.session.execute(text(f"DROP TRIGGER {name}{where}"))

    initialise()

    assert name in triggers.present(db.session.connection())
    assert latest(action="restore_guards").after == {"guards": [name]}


def test_a_refused_move_is_on_record_though_it_was_rolled_back(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)

    answer = sign_in("prefecture").post(f"/review/{report.id}/accept", data={"version": report.version})

    assert answer.status_code == 403
    line = latest(outcome="refused")
    assert (line.action, line.account_id) == ("ReviewView.accept", actor("prefecture").account_id)


def test_figures_are_on_record_with_what_they_were(sign_in: SignIn) -> None:
    client = sign_in("enterprise")
    save = "/filing/sme_monthly/2026-10/main/save"
    first = client.post(save, json={"version": 0, "cells": {"revenue.ytd": "10"}}).get_json()["version"]
    client.post(save, json={"version": first, "cells": {"revenue.ytd": "12.5"}})

    line = latest(action="fill")
    assert line.before is not None
    assert line.after is not None
    assert (Decimal(line.before["revenue.ytd"]), Decimal(line.after["revenue.ytd"])) == (
        Decimal(10),
        Decimal("12.5"),
    )


def test_an_export_is_on_record(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)

    assert sign_in("county").get(f"/reports/{report.id}/workbook").status_code == 200

    assert latest(action="export").entity_key == str(report.id)
