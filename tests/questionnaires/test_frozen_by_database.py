"""What the database itself refuses once a questionnaire is enabled, whoever goes round the services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.infra.database import db
from app.kernel.actor import Actor
from app.questionnaires.guards import _COLUMNS, PARTS
from app.questionnaires.models import Questionnaire
from tests.questionnaires.lives import drawn_up, enabled

ActorOf = Callable[[str], Actor]

REFUSED = {
    "title": "'other'",
    "introduction": "'other'",
    "thanks": "'other'",
    "frequency": "'yearly'",
    "starts_on": "'2020-01-01'",
    "ends_on": "'2030-01-01'",
    "placement": "'apart'",
    "anonymous": "NOT anonymous",
    "edit_number": "edit_number + 1",
    "revision": "revision + 1",
    "series_id": "id",
    "state": "'draft'",
}
"""Column → what somebody would write into it."""

CHANGED_PARTS = {
    "questionnaire_audience": "code = 'micro'",
    "questionnaire_region": "region_id = region_id + 1",
    "questionnaire_industry": "industry_id = industry_id + 1",
    "questionnaire_enterprise": "enterprise_id = enterprise_id + 1",
    "questionnaire_edit": "definition = 'other'",
}

INSERTED = {
    "questionnaire_audience": "(questionnaire_id, kind, code) VALUES ({key}, 'size', 'large')",
    "questionnaire_region": "(questionnaire_id, region_id) SELECT {key}, max(id) FROM region",
    "questionnaire_industry": "(questionnaire_id, industry_id) SELECT {key}, max(id) FROM industry",
    "questionnaire_enterprise": "(questionnaire_id, enterprise_id) SELECT {key}, max(id) FROM enterprise",
    "questionnaire_edit": (
        "(questionnaire_id, number, label, definition, at) "
        "SELECT {key}, 99, '{{}}', '{{}}', '2026-11-06 04:00:00'"
    ),
}


@pytest.fixture
def frozen(actor: ActorOf, now: dt.datetime) -> Questionnaire:
    """An enabled questionnaire that has a row in every table of its parts."""
    owner, enterprise = actor("prefecture"), actor("enterprise").enterprise_id or 0
    trade = db.session.scalar(text("SELECT max(id) FROM industry")) or 0
    return enabled(owner, now, sizes=("small",), industry_ids=(trade,), enterprise_ids=(enterprise,))


def refuses(statement: str) -> bool:
    try:
        with db.engine.begin() as connection:
            connection.execute(text(statement))
    except DBAPIError as refusal:
        return "never changes" in str(refusal)
    return False


def test_every_column_that_readers_were_shown_is_tried() -> None:
    assert set(_COLUMNS) | {"series_id", "state"} == set(REFUSED)
    assert set(PARTS) == set(CHANGED_PARTS) == set(INSERTED)


@pytest.mark.parametrize("column", sorted(REFUSED))
def test_the_database_refuses_to_change_an_enabled_questionnaire(frozen: Questionnaire, column: str) -> None:
    key = frozen.id
    db.session.rollback()
    assert refuses(f"UPDATE questionnaire SET {column} = {REFUSED[column]} WHERE id = {key}")


@pytest.mark.parametrize("table", PARTS)
def test_the_database_refuses_to_touch_the_parts_of_an_enabled_questionnaire(
    frozen: Questionnaire, table: str
) -> None:
    key = frozen.id
    db.session.rollback()
    with db.engine.connect() as connection:
        held = connection.scalar(text(f"SELECT count(*) FROM {table} WHERE questionnaire_id = {key}"))
    assert held
    assert refuses(f"UPDATE {table} SET {CHANGED_PARTS[table]} WHERE questionnaire_id = {key}")
    assert refuses(f"DELETE FROM {table} WHERE questionnaire_id = {key}")
    assert refuses(f"INSERT INTO {table} {INSERTED[table].format(key=key)}")


def test_the_database_refuses_to_delete_an_enabled_questionnaire(frozen: Questionnaire) -> None:
    key = frozen.id
    db.session.rollback()
    assert refuses(f"DELETE FROM questionnaire WHERE id = {key}")


def test_a_stopped_questionnaire_stays_stopped(frozen: Questionnaire) -> None:
    key = frozen.id
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE questionnaire SET state = 'stopped', stopped_at = '2026-11-06 04:00:00' "
                f"WHERE id = {key}"
            )
        )
    assert refuses(f"UPDATE questionnaire SET state = 'enabled', stopped_at = NULL WHERE id = {key}")


def test_rows_cannot_move_from_a_draft_into_an_enabled_questionnaire(
    frozen: Questionnaire, actor: ActorOf, now: dt.datetime
) -> None:
    draft = drawn_up(actor("prefecture"), now, sizes=("large",)).id
    key = frozen.id
    db.session.rollback()
    assert refuses(
        f"UPDATE questionnaire_audience SET questionnaire_id = {key} WHERE questionnaire_id = {draft}"
    )


def test_a_draft_may_be_changed_in_every_way(actor: ActorOf, now: dt.datetime) -> None:
    draft = drawn_up(actor("prefecture"), now).id
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text(f"UPDATE questionnaire SET title = 'other' WHERE id = {draft}"))
        connection.execute(text(f"DELETE FROM questionnaire_edit WHERE questionnaire_id = {draft}"))
        connection.execute(text(f"DELETE FROM questionnaire WHERE id = {draft}"))
