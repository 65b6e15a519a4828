"""The forms of a registration: agreement, account, and the information with its draft."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from wtforms import BooleanField, DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import MONEY_SCALE, SCHEMES, ControlType, RegistrationType
from app.enterprises.registration_trees import INDUSTRY_LEVELS, REGION_LEVELS, TREES
from app.infra.cascade_fields import CascadeField
from app.infra.database import db
from app.infra.forms import ChoiceField, NumberField, PlatformForm, refuse_control_characters

GROUPS = (
    (
        lazy_gettext("Identity"),
        ("name", "uscc", "legal_representative", "region", "industry", "registration_type", "control_type"),
    ),
    (lazy_gettext("Figures of the end of last year"), ("revenue", "employees", "assets")),
    (
        lazy_gettext("Business"),
        ("is_listed", "stock_code", "opened_on", "website", "main_products"),
    ),
    (
        lazy_gettext("Contact data"),
        ("address", "postcode", "contact_name", "phone", "mobile", "fax", "email"),
    ),
)
"""The entries in the order of spec 10, as the page groups them."""

TEXTS = (
    *("name", "uscc", "legal_representative", "stock_code", "address", "postcode", "main_products"),
    *("website", "contact_name", "phone", "fax", "mobile", "email"),
)
REFERENCES = ("region", "industry", "registration_type", "control_type")


class Starred:
    """Marks what is needed for submitting; a draft is kept without it."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Let everything through: the service says what is missing when the form is submitted."""


def _text(label: Any, *, needed: bool = False, hint: Any = "", kind: type = StringField) -> Any:
    validators = [refuse_control_characters, *([Starred()] if needed else [])]
    return kind(label, validators=validators, description=hint)


def _number(label: Any, scale: int) -> NumberField:
    return NumberField(label, scale=scale, validators=[Starred()])


def _registration_types() -> Sequence[tuple[str, Any]]:
    latest = select(RegistrationType).where(
        RegistrationType.scheme == SCHEMES[-1], RegistrationType.selectable
    )
    rows = db.session.scalars(latest.order_by(RegistrationType.code))
    return [(str(row.id), row.name) for row in rows]


def _control_types() -> Sequence[tuple[str, Any]]:
    rows = db.session.scalars(select(ControlType).order_by(ControlType.position))
    return [(str(row.id), row.name) for row in rows]


class _Choice(ChoiceField):
    """One of a dictionary, starred and yet not needed for a draft."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, must=False, **kwargs)
        self.flags.required = True


class InformationForm(PlatformForm):
    """企业信息注册: every entry of spec 10."""

    name = _text(
        lazy_gettext("Enterprise name"), needed=True, hint=lazy_gettext("As on the business licence.")
    )
    uscc = _text(
        lazy_gettext("Unified social credit code"),
        needed=True,
        hint=lazy_gettext("18 characters. An enterprise without one is registered by its administrator."),
    )
    legal_representative = _text(lazy_gettext("Legal representative"), needed=True)
    region = CascadeField(
        lazy_gettext("Located in"),
        levels=REGION_LEVELS,
        tree=TREES["region"],
        url="/register/below/region",
        validators=[Starred()],
    )
    industry = CascadeField(
        lazy_gettext("Industry"),
        levels=INDUSTRY_LEVELS,
        tree=TREES["industry"],
        url="/register/below/industry",
        validators=[Starred()],
    )
    registration_type = _Choice(lazy_gettext("Registration type"), choices=_registration_types)
    control_type = _Choice(lazy_gettext("Control"), choices=_control_types)
    revenue = _number(lazy_gettext("Revenue of last year (1,000 yuan)"), MONEY_SCALE)
    employees = _number(lazy_gettext("Employees at the end of last year"), 0)
    assets = _number(lazy_gettext("Total assets at the end of last year (1,000 yuan)"), MONEY_SCALE)
    is_listed = BooleanField(lazy_gettext("Listed company"))
    stock_code = _text(lazy_gettext("Stock code"), hint=lazy_gettext("Needed of a listed company."))
    opened_on = DateField(lazy_gettext("Opened on"), validators=[Optional(), Starred()])
    website = _text(lazy_gettext("Website"), hint=lazy_gettext("Starts with http:// or https://."))
    main_products = _text(lazy_gettext("Main business or products"), needed=True, kind=TextAreaField)
    address = _text(lazy_gettext("Address"), needed=True)
    postcode = _text(lazy_gettext("Postcode"))
    contact_name = _text(lazy_gettext("Contact"), needed=True)
    phone = _text(
        lazy_gettext("Telephone"),
        hint=lazy_gettext("With area code, joined by a hyphen. At least one of phone and mobile."),
    )
    mobile = _text(lazy_gettext("Mobile"))
    fax = _text(lazy_gettext("Fax"))
    email = _text(lazy_gettext("E-mail"))
    version = HiddenField(validators=[Optional()])

    def draft(self) -> EnterpriseDraft:
        """What was entered, complete or not."""
        entered: dict[str, Any] = {field: self._fields[field].data or "" for field in TEXTS}
        for field in REFERENCES:
            entered[f"{field}_id"] = int(self._fields[field].data or 0)
        employees: Decimal | None = self.employees.data
        return EnterpriseDraft(
            **entered,
            opened_on=self.opened_on.data,
            is_listed=bool(self.is_listed.data),
            revenue=self.revenue.data,
            employees=None if employees is None else int(employees),
            assets=self.assets.data,
        )
