"""Dictionary entries end instead of vanishing: used ones stay, ended ones are offered no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import ControlType, Enterprise, RegistrationType
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.texts import LocalText
from tests.web.pages import Page

SignIn = Callable[[str], FlaskClient]
TODAY = dt.date(2026, 11, 6)


def used() -> ControlType:
    return db.session.scalars(select(ControlType).join(Enterprise)).first()  # type: ignore[return-value]


def ended(row: Any, day: dt.date) -> None:
    with unit_of_work():
        db.session.get_one(type(row), row.id).valid_until = day


@pytest.mark.parametrize(
    ("begins", "ends", "valid"),
    [
        (None, None, True),
        (TODAY, None, True),
        (TODAY + dt.timedelta(days=1), None, False),
        (None, TODAY, False),
        (None, TODAY + dt.timedelta(days=1), True),
    ],
)
def test_an_entry_is_valid_from_its_first_day_until_the_day_before_its_end(
    begins: dt.date | None, ends: dt.date | None, *, valid: bool
) -> None:
    row = ControlType(code="x", name=LocalText("某"), valid_from=begins, valid_until=ends)

    assert row.is_valid_on(TODAY) == valid


def test_an_entry_that_was_used_is_not_deleted_and_the_page_says_what_to_do(sign_in: SignIn) -> None:
    row = used()

    answer = sign_in("admin").post(f"/control-types/delete/{row.id}", follow_redirects=True)

    assert "已有企业使用该条目" in answer.text
    assert db.session.get(ControlType, row.id) is not None


def test_an_entry_that_nobody_used_is_deleted(sign_in: SignIn) -> None:
    with unit_of_work():
        row = RegistrationType(scheme="2023", code="z9", name=LocalText("多余"))
        db.session.add(row)
    number = row.id

    sign_in("admin").post(f"/registration-types/delete/{number}")

    db.session.expunge_all()
    assert db.session.get(RegistrationType, number) is None


def test_an_ended_entry_is_offered_no_more(sign_in: SignIn) -> None:
    row, client = used(), sign_in("county")
    offered = "/enterprises/choices/control_type?q="
    before = {found["value"] for found in client.get(offered).json["results"]}

    ended(row, TODAY)

    after = {found["value"] for found in client.get(offered).json["results"]}
    assert before - after == {str(row.id)}


def edit_form(client: FlaskClient, enterprise: Enterprise) -> dict[str, str]:
    return Page(client.get(f"/enterprises/edit/{enterprise.id}").text).fields


def test_what_stands_may_stay_but_cannot_be_chosen_anew(sign_in: SignIn, actor: Any) -> None:
    client = sign_in("county")
    own = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    other = db.session.scalars(select(ControlType).where(ControlType.id != own.control_type_id)).first()
    assert other is not None
    ended(db.session.get_one(ControlType, own.control_type_id), TODAY)
    ended(other, TODAY)
    typed = edit_form(client, own)

    stays = client.post(f"/enterprises/edit/{own.id}", data=typed)
    chosen = client.post(
        f"/enterprises/edit/{own.id}", data={**edit_form(client, own), "control_type": str(other.id)}
    )

    assert stays.status_code == 302
    assert chosen.status_code == 422 and "该条目已失效" in chosen.text


def test_an_end_before_the_beginning_is_refused_at_its_field(sign_in: SignIn) -> None:
    row = used()
    typed = {
        "code": row.code,
        "name": row.name.zh,
        "position": "1",
        "valid_from": "2026-12-01",
        "valid_until": "2026-12-01",
        "version": str(row.version),
    }

    answer = sign_in("admin").post(f"/control-types/edit/{row.id}", data=typed)

    assert answer.status_code == 422
    assert 'href="#valid_until"' in answer.text and "有效期至必须晚于有效期起" in answer.text


def test_a_form_opened_before_the_last_change_is_refused(sign_in: SignIn) -> None:
    row, client = used(), sign_in("admin")
    typed = {"code": row.code, "name": row.name.zh, "position": "5", "version": str(row.version)}

    first = client.post(f"/control-types/edit/{row.id}", data=typed)
    second = client.post(f"/control-types/edit/{row.id}", data={**typed, "position": "6"})

    assert (first.status_code, second.status_code) == (302, 422)
