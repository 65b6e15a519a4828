"""What the first step of the wizard shows of the enterprise that a report is filed with."""

from __future__ import annotations

from markupsafe import Markup
from sqlalchemy import select

from app.enterprises.models import RegistrationType
from app.enterprises.size import SIZE_NAMES
from app.infra.database import db
from app.infra.display import display
from app.infra.i18n import say
from app.kernel.texts import Message
from app.organisations.models import Region
from app.reports.opening import Filing

KEY_FIELDS = frozenset({"name", "uscc", "industry"})
"""企业名称, 统一社会信用代码, 所属行业: what a review decides about when it changes."""


def facts(filing: Filing) -> list[tuple[str, Message, str]]:
    """(code, label, value) of each fact, in the order of the registration."""
    version = filing.version
    region = db.session.get(Region, version.region_id)
    registration = db.session.scalar(
        select(RegistrationType.name).where(RegistrationType.id == version.registration_type_id)
    )
    shown: list[tuple[str, Message, object]] = [
        ("name", Message("Enterprise name"), version.name),
        ("uscc", Message("Unified social credit code"), version.uscc),
        ("legal_representative", Message("Legal representative"), version.legal_representative),
        ("region", Message("Region"), region.full_name if region else ""),
        ("industry", Message("Industry"), f"{filing.industry.code} {say(filing.industry.name)}"),
        ("registration_type", Message("Registration type"), registration),
        ("control_type", Message("Control"), filing.control_type.name),
        ("revenue", Message("Revenue of last year (1,000 yuan)"), version.revenue),
        ("employees", Message("Employees at the end of last year"), version.employees),
        ("assets", Message("Total assets at the end of last year (1,000 yuan)"), version.assets),
        ("size", Message("Size"), SIZE_NAMES[version.size]),
        ("is_listed", Message("Listed company"), version.is_listed),
        ("stock_code", Message("Stock code"), version.stock_code),
        ("address", Message("Address"), version.address),
        ("opened_on", Message("Opened on"), version.opened_on.isoformat()),
        ("main_products", Message("Main business and products"), version.main_products),
        ("contact_name", Message("Contact person"), version.contact_name),
        ("phone", Message("Telephone"), version.phone),
        ("mobile", Message("Mobile"), version.mobile),
        ("email", Message("E-mail"), version.email),
        ("website", Message("Website"), version.website),
    ]
    return [
        (code, label, say(value) if isinstance(value, Message) else display(value))
        for code, label, value in shown
    ]


def fact_lines(filing: Filing) -> list[tuple[str, str]]:
    """(label, value) of each fact, as plain text."""
    return [
        (say(label), value.striptags() if isinstance(value, Markup) else value)
        for _code, label, value in facts(filing)
    ]
