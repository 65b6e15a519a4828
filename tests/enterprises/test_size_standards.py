"""Size standards as data: published from a day on with a reason, and what was measured stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises import service
from app.enterprises.models import Enterprise
from app.enterprises.size_models import SizeStandard, threshold_name, threshold_names
from app.enterprises.size_standards import (
    StandardDraft,
    change_standard,
    publish_standard,
    standard_problems,
    standards,
    withdraw_standard,
)
from app.enterprises.size_tables import BANDS, shipped_standards
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid
from app.kernel.texts import LocalText
from tests.enterprises.test_service import draft_of

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
TODAY = dt.date(2026, 11, 6)
FIRST = dt.date(2027, 1, 1)


@pytest.fixture(autouse=True)
def _own_context(app: Flask) -> Iterator[None]:
    """A context as a request has it: what is read once a request is not kept from the test before."""
    with app.app_context():
        yield


def limits(**changes: Decimal) -> dict[str, Decimal | None]:
    """The thresholds of the latest shipped standard, with changes."""
    found: dict[str, Decimal | None] = {
        threshold_name(group.code, one.metric, band): getattr(one, band)
        for group in shipped_standards()[-1].groups.values()
        for one in group.thresholds
        for band in BANDS
    }
    return {**found, **changes}


def draft(**changes: Any) -> StandardDraft:
    """A standard of next year under which industry needs 3,000 persons to be large."""
    return replace(
        StandardDraft(
            "2027",
            LocalText("新办法", "New measures"),
            FIRST,
            "新办法发布",
            limits(limit_G02_employees_large=Decimal(3000)),
        ),
        **changes,
    )


def form(**changes: str) -> dict[str, str]:
    """The filled form of that standard."""
    entered = {name: str(value) for name, value in draft().limits.items()}
    entered |= {"code": "2027", "document": "新办法", "in_force_from": "2027-01-01", "reason": "新办法发布"}
    return {**entered, **changes}


def test_the_shipped_standards_are_kept_as_they_are_shipped(app: Flask) -> None:
    kept = {one.version: one for one in standards()}

    assert set(kept) == {"2011", "2017"}
    for shipped in shipped_standards():
        assert kept[shipped.version].groups == shipped.groups
        assert kept[shipped.version].in_force_from == shipped.in_force_from


def test_a_standard_measures_from_its_day_on_and_what_was_measured_stays(
    app: Flask, actor: ActorOf, clock: MovableClock
) -> None:
    large = db.session.scalars(
        select(Enterprise)
        .where(Enterprise.size == "large", Enterprise.industry.has(section="C"))
        .order_by(Enterprise.revenue)
    ).first()
    assert large is not None
    with unit_of_work():
        publish_standard(actor("admin"), draft(), clock.now())
    later = dt.datetime(2027, 1, 4, 2, tzinfo=dt.UTC)
    before = [str(line) for line in large.size_working]
    with unit_of_work():
        entered = draft_of(large, fax="0500-12345678")
        service.edit_enterprise(actor("province"), large.id, entered, None, later)

    assert "2017-12-28" in before[0]
    assert large.size == "medium"
    assert "2027-01-01" in str(large.size_working[0])
    assert "2017-12-28" in str(large.versions[0].size_working[0])
    assert large.versions[0].size == "large"


def test_every_wrong_entry_is_named() -> None:
    wrong = draft(
        code=" ",
        document=LocalText(""),
        in_force_from=TODAY,
        reason="",
        limits=limits(
            limit_G01_revenue_small=Decimal(0),
            limit_G02_employees_small=Decimal("0.5"),
            limit_G03_revenue_medium=Decimal(900_000),
            limit_G04_revenue_large=Decimal(1),
        )
        | {"limit_G05_employees_large": None},
    )

    assert {problem.field for problem in standard_problems(wrong, TODAY)} == {
        *("code", "document", "in_force_from", "reason"),
        *("limit_G01_revenue_small", "limit_G02_employees_small", "limit_G03_revenue_medium"),
        *("limit_G04_revenue_large", "limit_G05_employees_large"),
    }


def test_names_and_days_of_standards_are_their_own(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    with unit_of_work():
        publish_standard(actor("admin"), draft(), now)
    with pytest.raises(Invalid) as refusal, unit_of_work():
        publish_standard(actor("admin"), draft(), now)

    assert {problem.field for problem in refusal.value.problems} == {"code", "in_force_from"}


def test_a_standard_is_mended_and_withdrawn_until_it_holds_and_never_after(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    admin, later = actor("admin"), dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)
    with unit_of_work():
        made = publish_standard(admin, draft(), now)
    with unit_of_work():
        change_standard(admin, made.id, draft(reason="更正"), made.version, now)
    with pytest.raises(Conflict), unit_of_work():
        change_standard(admin, made.id, draft(), None, later)
    with pytest.raises(Conflict), unit_of_work():
        withdraw_standard(admin, made.id, later)
    with unit_of_work():
        withdraw_standard(admin, made.id, now)

    assert len(standards()) == 2


def test_only_the_platform_keeps_standards(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    with pytest.raises(Forbidden), unit_of_work():
        publish_standard(actor("province"), draft(), now)


def test_the_form_begins_with_what_holds_and_publishes_with_a_line_in_the_trail(
    app: Flask, sign_in: SignIn
) -> None:
    browser = sign_in("admin")

    opened = browser.get("/size-standards/add").get_data(as_text=True)
    done = browser.post("/size-standards/add", data=form(limit_G02_employees_large="3,000"))

    shown = browser.get(done.location).get_data(as_text=True)
    lines = db.session.scalars(select(AuditEntry.entity).where(AuditEntry.entity == "size_standard")).all()
    assert 'value="400,000"' in opened
    assert done.status_code == 302
    assert "3,000" in shown and "新办法发布" in shown
    assert lines


def test_wrong_entries_of_fields_and_of_the_whole_are_told_in_one_round(app: Flask, sign_in: SignIn) -> None:
    wrong = form(
        limit_G02_revenue_large="很多", limit_G03_revenue_medium="900,000", in_force_from="2026-11-06"
    )

    answer = sign_in("admin").post("/size-standards/add", data=wrong)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for field in ("limit_G02_revenue_large", "limit_G03_revenue_medium", "in_force_from"):
        assert f'id="{field}-error"' in page, field
    assert "很多" in page
    assert db.session.scalars(select(SizeStandard.code)).all() == ["2011", "2017"]


def test_a_standard_that_holds_has_no_form(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("admin")
    held = db.session.scalars(select(SizeStandard.id).where(SizeStandard.code == "2017")).one()

    assert browser.get(f"/size-standards/edit/{held}").status_code == 409
    assert browser.post(f"/size-standards/delete/{held}").status_code == 409
    assert sign_in("county").get(f"/size-standards/show/{held}").status_code == 200
    assert sign_in("county").get("/size-standards/add").status_code == 403


def test_there_is_a_field_for_each_threshold() -> None:
    assert len(threshold_names()) == 90
