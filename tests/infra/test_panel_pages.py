"""Pages of the audit trail, of processes and of roles, on the wired application."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import PermissionView, Role, User
from sqlalchemy import select

from app.infra import audit, context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.infra.workflow_views import draw
from app.kernel.actor import SYSTEM
from app.reports.workflow import WORKFLOW

SignIn = Callable[[str], FlaskClient]


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def entry(app: Flask) -> AuditEntry:
    """A line that tells of a change in both languages."""
    before = {"name": {"zh": "旧名", "en": "Old"}, "rate": "1.5"}
    with unit_of_work():
        audit.record(
            SYSTEM, "change", "bureau", 7, before=before, after={"name": {"zh": "新名", "en": "New"}}
        )
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()


@pytest.fixture
def keeper(app: Flask, sign_in: SignIn) -> FlaskClient:
    """The security administrator's browser: the demonstration's platform account, with the other role."""
    with context.acting_as(SYSTEM), unit_of_work():
        user = db.session.scalars(select(User).where(User.username == "admin")).one()
        user.roles = [db.session.scalars(select(Role).where(Role.name == "SecurityAdmin")).one()]
    return sign_in("admin")


def permission(view: str, name: str) -> int:
    pairs = db.session.scalars(select(PermissionView))
    return next(pair.id for pair in pairs if (pair.view_menu.name, pair.permission.name) == (view, name))


def role(name: str) -> Role | None:
    return db.session.scalars(select(Role).where(Role.name == name)).one_or_none()


# The audit trail


def test_the_auditor_reads_what_a_record_was_before_and_after(sign_in: SignIn, entry: AuditEntry) -> None:
    page = text(sign_in("auditor").get(f"/audit/show/{entry.id}"))

    assert re.search(r"(Name|名称)</td>.*旧名.*新名", page, re.DOTALL)
    assert re.search(r"rate</td>.*1\.5.*—", page, re.DOTALL)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("verb=change&entity=bureau&entity_key=7", True),
        ("outcome=refused&entity_key=7", False),
        ("day_from=2026-11-06&day_to=2026-11-06&entity_key=7", True),
        ("day_from=2026-11-07&entity_key=7", False),
        ("account=system&entity_key=7", True),
    ],
)
def test_the_trail_is_found_by_day_account_action_record_and_outcome(
    sign_in: SignIn, entry: AuditEntry, asked: str, *, found: bool
) -> None:
    page = text(sign_in("auditor").get(f"/audit/list/?{asked}"))

    assert (f"/audit/show/{entry.id}" in page) is found


@pytest.mark.parametrize("username", ["admin", "province", "enterprise"])
def test_nobody_but_the_auditor_sees_the_trail(sign_in: SignIn, entry: AuditEntry, username: str) -> None:
    visitor = sign_in(username)

    assert visitor.get("/audit/list/").status_code == 403
    assert visitor.get(f"/audit/show/{entry.id}").status_code == 403


def test_the_trail_is_exported_with_what_was_before_and_after(sign_in: SignIn, entry: AuditEntry) -> None:
    answer = sign_in("auditor").post(
        "/audit/list/", data={"format": "csv", "columns": "all", "entity_key": "7"}
    )

    assert answer.status_code == 200
    assert "旧名 → 新名" in answer.get_data().decode("utf-8-sig")


@pytest.mark.parametrize("path", ["/audit/add", "/audit/edit/1", "/audit/delete/1"])
def test_the_trail_has_no_page_that_writes(sign_in: SignIn, path: str) -> None:
    assert sign_in("auditor").post(path).status_code == 404


# Processes


def test_a_process_is_drawn_with_every_state_and_listed_with_every_step(sign_in: SignIn) -> None:
    page = text(sign_in("admin").get("/workflows/report"))

    assert page.count('rx="4"') == len(WORKFLOW.states)
    assert page.count('data-label="步骤"') + page.count('data-label="Step"') == len(WORKFLOW.diagram())
    assert "style=" not in page


def test_no_two_arrows_of_a_drawing_lie_on_each_other(app: Flask) -> None:
    with app.test_request_context():
        drawing = draw(WORKFLOW)

    lanes = [re.findall(r"^M(-?\d+) (\d+) h(-?\d+) V(\d+)", arrow.path)[0] for arrow in drawing.arrows]
    spans = [(int(x) + int(reach), *sorted((int(start), int(end)))) for x, start, reach, end in lanes]
    for place, (x, low, high) in enumerate(spans):
        assert 0 < x < drawing.width
        assert all(other != x or bottom > high or top < low for other, bottom, top in spans[place + 1 :])


def test_an_unknown_process_is_not_there(sign_in: SignIn) -> None:
    assert sign_in("admin").get("/workflows/nothing").status_code == 404


# Roles


def test_a_role_is_made_from_permissions_in_words(keeper: FlaskClient) -> None:
    chosen = [permission("EnterpriseView", "can_list"), permission("EnterpriseView", "can_show")]

    answer = keeper.post("/roles/add", data={"name": "Reader", "permissions": chosen})

    assert answer.status_code == 302
    made = role("Reader")
    assert made is not None and {pair.id for pair in made.permissions} == set(chosen)
    assert "can_list" not in text(keeper.get(f"/roles/show/{made.id}"))


@pytest.mark.parametrize("name", ["PlatformAdmin", "Public", "auditor", " ", "x" * 65])
def test_a_role_needs_a_name_of_its_own(keeper: FlaskClient, name: str) -> None:
    before = db.session.scalars(select(Role.name)).all()

    answer = keeper.post("/roles/add", data={"name": name})

    assert answer.status_code == 422
    assert sorted(db.session.scalars(select(Role.name))) == sorted(before)


@pytest.mark.parametrize(
    ("view", "verb"), [("RoleView", "can_add"), ("AuditView", "can_list"), ("AccountView", "can_grant")]
)
def test_granting_and_auditing_stay_with_their_shipped_roles(
    keeper: FlaskClient, view: str, verb: str
) -> None:
    answer = keeper.post("/roles/add", data={"name": "Mixture", "permissions": [permission(view, verb)]})

    assert answer.status_code == 422
    assert role("Mixture") is None


@pytest.mark.parametrize("verb", ["edit", "delete"])
def test_a_shipped_role_says_that_it_stays_as_it_is(keeper: FlaskClient, verb: str) -> None:
    shipped = role("BureauAdmin")
    assert shipped is not None

    answer = keeper.post(f"/roles/{verb}/{shipped.id}", data={"name": "Mine"})

    assert answer.status_code == 409
    assert f"/roles/{verb}/" not in text(keeper.get(f"/roles/show/{shipped.id}"))
    assert role("BureauAdmin") is not None


def test_a_role_that_somebody_holds_is_not_deleted(keeper: FlaskClient) -> None:
    keeper.post("/roles/add", data={"name": "Held"})
    held = role("Held")
    with context.acting_as(SYSTEM), unit_of_work():
        county = db.session.scalars(select(User).where(User.username == "county")).one()
        county.roles.append(held)
    assert held is not None

    keeper.post(f"/roles/delete/{held.id}")

    assert role("Held") is not None


def test_the_platform_administrator_reads_roles_and_changes_none(sign_in: SignIn) -> None:
    administrator = sign_in("admin")

    assert administrator.get("/roles/list/").status_code == 200
    assert administrator.post("/roles/add", data={"name": "Mine"}).status_code == 403
    assert role("Mine") is None
