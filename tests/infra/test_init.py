"""Setting up: twice, from two machines at once, without touching what an administrator made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import PermissionView, Role
from sqlalchemy import create_engine, func, select, text

from app.infra.cli import initialise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.organisations.models import Region
from app.wiring import shipped_roles
from config import ConfigurationError, database_url
from tests.conftest import PASSWORD
from tests.infra.scratch import scratch_database

ROOT = Path(__file__).resolve().parents[2]


def test_setting_up_again_changes_nothing(app: Flask) -> None:
    before = (
        db.session.scalar(select(func.count(Region.id))),
        db.session.scalar(select(func.count(PermissionView.id))),
    )

    initialise()

    after = (
        db.session.scalar(select(func.count(Region.id))),
        db.session.scalar(select(func.count(PermissionView.id))),
    )
    assert after == before


def test_production_refuses_a_database_with_published_passwords(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")
    monkeypatch.setitem(app.config, "DEMO_PASSWORD", PASSWORD)

    with pytest.raises(ConfigurationError, match="province"):
        initialise()


def test_production_takes_a_database_whose_passwords_nobody_published(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "APP_ENV", "production")

    initialise()


def test_a_shipped_role_is_restored_and_one_of_an_administrator_survives(app: Flask) -> None:
    with unit_of_work():
        shipped = db.session.scalars(select(Role).where(Role.name == "BureauAdmin")).one()
        kept = list(shipped.permissions[:2])
        own = Role(name="Readers of our bureau", permissions=kept)
        db.session.add(own)
        shipped.permissions = []

    initialise()

    db.session.expire_all()
    assert len(db.session.scalars(select(Role).where(Role.name == "BureauAdmin")).one().permissions) > 10
    assert {pair.id for pair in own.permissions} == {pair.id for pair in kept}


def test_every_shipped_role_exists(app: Flask) -> None:
    names = set(db.session.scalars(select(Role.name)))

    assert set(shipped_roles()) <= names


def test_two_machines_that_set_up_an_empty_database_at_once_both_succeed(tmp_path: Path) -> None:
    with scratch_database(tmp_path) as url:
        environment = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(tmp_path), "LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "flask", "--app", "run", "platform", "init"]
        running = [
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            for _machine in range(2)
        ]
        told = [process.communicate(timeout=240)[1].decode() for process in running]

        assert [process.returncode for process in running] == [0, 0], told
        engine = create_engine(database_url(url))
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM ab_role WHERE name = 'BureauAdmin'")) == 1
        engine.dispose()
