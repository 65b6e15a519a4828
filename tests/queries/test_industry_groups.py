"""运行局分类: kept by the platform, each industry in one group, and a migration that goes up and down."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import Industry
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.errors import Invalid, Overtaken
from app.kernel.texts import LocalText
from app.queries.industry_groups import add_group, change_group
from app.queries.models import IndustryGroup

SignIn = Callable[[str], FlaskClient]
FILE = next(Path(__file__).parents[2].glob("migrations/versions/*_industry_groups.py"))


def trade(code: str) -> int:
    return int(db.session.scalars(select(Industry.id).where(Industry.code == code)).one())


def made(name: str, *codes: str) -> int:
    with unit_of_work():
        return add_group({"name": LocalText(name), "industries": [trade(code) for code in codes]}).id


def test_the_platform_makes_changes_and_deletes_a_group(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("admin")

    client.post("/industry-groups/add", data={"name": "消费品", "industries": [trade("17"), trade("18")]})
    group = db.session.scalars(select(IndustryGroup)).one()
    codes = [industry.code for industry in group.industries]
    shown = sign_in("province").get(f"/industry-groups/show/{group.id}").text
    client.post(
        f"/industry-groups/edit/{group.id}",
        data={"name": "消费品工业", "industries": [trade("18")], "version": group.version},
    )
    changed = db.session.get_one(IndustryGroup, group.id, populate_existing=True)
    after = [industry.code for industry in changed.industries]
    client.post(f"/industry-groups/delete/{group.id}")

    assert codes == ["17", "18"] and after == ["18"]
    assert "纺织业" in shown
    assert db.session.scalars(select(IndustryGroup)).all() == []
    trail = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "industry_group"))
    told = [(line.action, (line.after or {}).get("industries")) for line in trail]
    assert ("create", [str(trade("17")), str(trade("18"))]) in told
    assert ("change", [str(trade("18"))]) in told and ("delete", None) in told


def test_an_industry_belongs_to_one_group_and_the_refusal_names_it(app: Flask, sign_in: SignIn) -> None:
    made("消费品", "17", "18")

    answer = sign_in("admin").post(
        "/industry-groups/add", data={"name": "轻纺", "industries": [trade("17"), trade("19")]}
    )

    assert answer.status_code == 422
    assert "17 纺织业 已归入“消费品”" in answer.text
    assert len(db.session.scalars(select(IndustryGroup)).all()) == 1


def test_two_groups_have_two_names(app: Flask) -> None:
    made("消费品", "17")

    with pytest.raises(Invalid):
        made(" 消 费 品", "18")


def test_a_group_keeps_its_own_name_and_industries_and_a_stale_form_is_refused(app: Flask) -> None:
    key = made("消费品", "17")
    values: dict[str, Any] = {"name": LocalText("消费品"), "industries": [trade("17"), trade("18")]}
    with unit_of_work():
        change_group(db.session.get_one(IndustryGroup, key), values, 1)

    with pytest.raises(Overtaken), unit_of_work():
        change_group(db.session.get_one(IndustryGroup, key), values, 1)
    assert len(db.session.get_one(IndustryGroup, key).industries) == 2


def test_bureaus_read_the_groups_and_change_none(app: Flask, sign_in: SignIn) -> None:
    key = made("消费品", "17")
    client = sign_in("province")

    assert "消费品" in client.get("/industry-groups/list/").text
    assert client.post(f"/industry-groups/delete/{key}").status_code == 403
    assert sign_in("enterprise").get("/industry-groups/list/").status_code == 403


def test_the_migration_goes_up_and_down_with_groups_in_it() -> None:
    spec = importlib.util.spec_from_file_location("industry_groups_migration", FILE)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        connection.execute(sa.text("CREATE TABLE industry (id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO industry VALUES (7)"))

        module.upgrade()
        connection.execute(sa.text("INSERT INTO industry_group (id, name) VALUES (1, '{}')"))
        connection.execute(sa.text("INSERT INTO industry_group_member VALUES (1, 7)"))
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(sa.text("INSERT INTO industry_group_member VALUES (2, 7)"))
        module.downgrade()

        assert sa.inspect(connection).get_table_names() == ["industry"]
    engine.dispose()
