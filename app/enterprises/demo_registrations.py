"""Registrations of the demonstration in every state, made through the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.enterprises import registrations
from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import ControlType, Industry, RegistrationType
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_workflow import APPROVED, DRAFT, PENDING, RETURNED
from app.infra import context
from app.infra.database import db
from app.kernel.actor import Actor, Kind
from app.organisations.account_service import NO_PASSWORD, AccountDraft
from app.organisations.accounts import actor_of_account
from app.organisations.demo import invented_name
from app.organisations.models import Region

NAMED_APPLICANTS = ("applicant", "applicant2")
"""Login names with the demonstration password: one with a draft, one with a return to mend."""


@dataclass(frozen=True, slots=True)
class Case:
    """A registration that the demonstration shows; ``mended`` says that it was returned once before."""

    username: str
    name: str
    county: str
    industry: str
    products: str
    state: str
    reason: str = ""
    mended: bool = False


CASES = (
    Case("applicant", "杭州霁川示范服饰有限公司", "330109", "1829", "针织服装", DRAFT),
    Case(
        *("applicant2", "杭州岚溪示范家居有限公司", "330109", "2110", "实木家具", RETURNED),
        reason="上年末数据请按千元填报",
    ),
    Case("applicant3", "杭州沐原示范机电有限公司", "330109", "3872", "户外灯具", PENDING),
    Case("applicant4", "杭州云溯示范新材料有限公司", "330109", "2669", "专用助剂", PENDING),
    Case(
        *("applicant5", "杭州璟平示范软件有限公司", "330109", "6513", "跨境贸易软件", PENDING),
        mended=True,
        reason="所属行业请选到小类",
    ),
    Case("applicant6", "杭州栎光示范贸易有限公司", "330110", "5132", "服装进出口", PENDING),
    Case("applicant7", "宁波衡屿示范金属有限公司", "330212", "3311", "钢结构构件", PENDING),
    Case("applicant8", "宁波朔方示范货运有限公司", "330206", "5821", "国际货运代理", PENDING),
    Case(
        *("applicant9", "宁波禾岸示范线缆有限公司", "330282", "3831", "电力电缆", RETURNED),
        reason="统一社会信用代码与营业执照不一致，请核对",
    ),
    Case("applicant10", "杭州澜亭示范药业有限公司", "330114", "2710", "医药中间体", APPROVED),
)


def build_registrations(password_hash: str, now: dt.datetime) -> bool:
    """Make them, the oldest first, over the days before ``now``; False where they are there already.

    Runs within the caller's unit of work, after the enterprises.
    """
    if db.session.scalar(select(EnterpriseRegistration.id).limit(1)):
        return False
    for number, case in enumerate(CASES):
        begun = now - dt.timedelta(hours=7 * (len(CASES) - number))
        _make(number, case, password_hash if case.username in NAMED_APPLICANTS else NO_PASSWORD, begun)
    return True


def _make(number: int, case: Case, password_hash: str, begun: dt.datetime) -> None:
    account = AccountDraft(
        username=case.username,
        email=f"{case.username}@enterprise.example",
        kind=Kind.ENTERPRISE,
        display_name=case.name,
        phone=f"100{90000000 + number:08d}",
        password_hash=password_hash,
    )
    made = registrations.begin(account, begun, begun)
    applicant = _actor(made.id)
    draft = _draft(number, case)
    with context.acting_as(applicant):
        if case.state == DRAFT:
            registrations.save(applicant, replace(draft, revenue=None, assets=None), None, begun)
            return
        registration = registrations.submit(applicant, draft, None, begun + dt.timedelta(hours=1))
    if case.state == RETURNED or case.mended:
        reviewer = _reviewer(registration)
        with context.acting_as(reviewer):
            registrations.give_back(
                reviewer, registration.id, None, case.reason, begun + dt.timedelta(hours=3)
            )
    if case.mended:
        mended = replace(draft, industry_id=_key(Industry, "6519"), employees=86)
        with context.acting_as(applicant):
            registrations.submit(applicant, mended, None, begun + dt.timedelta(hours=5))
    if case.state == APPROVED:
        reviewer = _reviewer(registration)
        with context.acting_as(reviewer):
            registrations.approve(reviewer, registration.id, None, begun + dt.timedelta(hours=4))


def _draft(number: int, case: Case) -> EnterpriseDraft:
    return EnterpriseDraft(
        name=case.name,
        uscc=complete_credit_code("91", case.county, f"{number * 53 + 900_001:08d}"),
        legal_representative=invented_name(f"applicant legal {number}"),
        region_id=_key(Region, case.county),
        industry_id=_key(Industry, case.industry),
        registration_type_id=_key(RegistrationType, "112", RegistrationType.scheme == "2023"),
        control_type_id=_key(ControlType, "3"),
        address=f"示范路{number * 17 + 3}号",
        postcode="310000" if case.county.startswith("3301") else "315000",
        opened_on=dt.date(2012 + number, 5, 8),
        main_products=case.products,
        contact_name=invented_name(f"applicant contact {number}"),
        phone=f"0500-4000{number:04d}",
        mobile=f"100{90000000 + number:08d}",
        email=f"{case.username}@enterprise.example",
        revenue=Decimal(38_600 + number * 4_150),
        employees=48 + number * 21,
        assets=Decimal(29_400 + number * 3_900),
    )


def _key(model: Any, code: str, *more: Any) -> int:
    return int(db.session.scalars(select(model.id).where(model.code == code, *more)).one())


def _actor(account_id: int) -> Actor:
    found = actor_of_account(account_id)
    assert found is not None  # noqa: S101 - the account was made this moment, or reviews
    return found


def _reviewer(registration: EnterpriseRegistration) -> Actor:
    reviewer = registration.reviewer
    assert reviewer is not None  # noqa: S101 - it waits for somebody
    return _actor(reviewer.account_id)
