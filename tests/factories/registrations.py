"""Registrations for tests: begun, filled, submitted, returned and let in through the services."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.enterprises import registrations
from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import ControlType, Industry, RegistrationType
from app.enterprises.registration_models import EnterpriseRegistration
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor, Kind
from app.organisations.account_service import AccountDraft, hash_password
from app.organisations.accounts import actor_of_account
from app.organisations.models import Region
from tests.conftest import PASSWORD

_numbers = itertools.count(1)


def key(model: Any, code: str, **more: str) -> int:
    """The key of an entry of a dictionary or of a region."""
    query = select(model.id).where(model.code == code)
    for name, value in more.items():
        query = query.where(getattr(model, name) == value)
    return int(db.session.scalars(query).one())


def applicant(now: dt.datetime, username: str = "") -> Actor:
    """A new account that registers, with the password of the tests."""
    number = next(_numbers)
    name = username or f"newcomer{number}"
    account = AccountDraft(
        username=name,
        email=f"{name}@enterprise.example",
        kind=Kind.ENTERPRISE,
        display_name=name,
        phone=f"1008{number:07d}",
        password_hash=hash_password(PASSWORD),
    )
    with unit_of_work():
        made = registrations.begin(account, now, now)
    found = actor_of_account(made.id)
    assert found is not None
    return found


def entries(county: str = "330109", **changes: Any) -> EnterpriseDraft:
    """What an applicant enters, complete and right."""
    number = next(_numbers)
    entered: dict[str, Any] = {
        "name": f"杭州试验{number}示范有限公司",
        "uscc": complete_credit_code("91", county, f"{number + 70_000_000:08d}"),
        "legal_representative": "陈言知",
        "region_id": key(Region, county),
        "industry_id": key(Industry, "1711"),
        "registration_type_id": key(RegistrationType, "112", scheme="2023"),
        "control_type_id": key(ControlType, "3"),
        "address": "示范路1号",
        "opened_on": dt.date(2001, 5, 1),
        "main_products": "棉纱",
        "contact_name": "陈言知",
        "mobile": "10000000001",
        "revenue": Decimal("12345.60"),
        "employees": 120,
        "assets": Decimal(98700),
    }
    return EnterpriseDraft(**{**entered, **changes})


def submitted(actor: Actor, now: dt.datetime, draft: EnterpriseDraft | None = None) -> EnterpriseRegistration:
    """A registration that waits for review."""
    with context.acting_as(actor), unit_of_work():
        return registrations.submit(actor, draft or entries(), None, now)


def returned(
    actor: Actor, reviewer: Actor, now: dt.datetime, reason: str = "请核对"
) -> EnterpriseRegistration:
    """A registration that was sent back."""
    registration = submitted(actor, now)
    with context.acting_as(reviewer), unit_of_work():
        return registrations.give_back(reviewer, registration.id, None, reason, now)


def approved(actor: Actor, reviewer: Actor, now: dt.datetime) -> EnterpriseRegistration:
    """A registration that was let in."""
    registration = submitted(actor, now)
    with context.acting_as(reviewer), unit_of_work():
        return registrations.approve(reviewer, registration.id, None, now)
