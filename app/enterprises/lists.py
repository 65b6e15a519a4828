"""The declared lists of enterprises and of their versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, exists, or_, select, true
from sqlalchemy.orm import aliased

from app.enterprises import service
from app.enterprises.credit_codes import STATUS_NAMES
from app.enterprises.known_names import control_types
from app.enterprises.models import (
    MONEY_SCALE,
    ControlType,
    Enterprise,
    EnterpriseVersion,
    Industry,
    RegistrationType,
)
from app.enterprises.reviewer_change import REVIEWER_ACTION
from app.enterprises.scope import reviewed_below
from app.enterprises.size import SIZE_NAMES
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup, Remote
from app.infra.registries import later_columns
from app.infra.scope import scope_of
from app.kernel.actor import Actor, Kind
from app.kernel.names import name_key
from app.kernel.texts import LocalText, Message
from app.organisations.lists import STATE_MARKS, invitation, region_filter, scoped, switches
from app.organisations.models import Account, Admin, AdminName, Bureau, LoginName, Region
from app.organisations.scope import admin_subtree

STATE_WORDS = {"active": Message("Valid"), "disabled": Message("Invalid")}
"""有效 and 失效, as enterprises' states are called."""


def enterprise_list(name: str, link: str) -> ListSpec:
    """监测企业信息管理 (spec 10): by default those that the admin or a subordinate reviews."""
    return ListSpec(
        name=name,
        title=Message("Monitored enterprises"),
        base=scoped(Enterprise),
        key=(Enterprise.id,),
        columns=_columns(),
        filters=_filters(),
        default_sort="name",
        row_link=link,
        actions=_actions(),
        unit=Message("{count} enterprises"),
    )


def query_list() -> ListSpec:
    """企业基本信息查询 (spec 10): six columns at first, every other one to be chosen."""
    usual = ("name", "username", "region", "control_type", "size", "contact_name")
    columns = {column.key: column for column in _columns()}
    ordered = [*usual, *(key for key in columns if key not in usual)]
    return ListSpec(
        name="enterprise_query",
        title=Message("Query of basic data"),
        base=scoped(Enterprise),
        key=(Enterprise.id,),
        columns=(
            *(replace(columns[key], default=key in usual) for key in ordered),
            *later_columns("enterprise_query"),
        ),
        filters=(
            region_filter(Enterprise.region_id.in_),
            Filter("state", Message("State"), "choice", Enterprise.state, words=STATE_WORDS),
            Filter(
                "keyword", Message("Name or user ID"), expression=Enterprise.name_key, clause=named_or_user
            ),
            Filter(
                "admin",
                Message("Local admin"),
                "remote",
                Enterprise.direct_reviewer_id,
                remote=Remote(_admin_names, (Account.display_name, Bureau.name)),
                clause=_below_admin,
            ),
        ),
        default_sort="name",
        row_link="/enterprises/show/{}",
        unit=Message("{count} enterprises"),
    )


def version_list(name: str, link: str) -> ListSpec:
    """Every state of what was known of the enterprises, the latest first."""
    versions = EnterpriseVersion
    return ListSpec(
        name=name,
        title=Message("Enterprise versions"),
        base=scoped(versions),
        key=(versions.id,),
        columns=(
            Column("created_at", Message("Recorded"), versions.created_at, "instant", sortable=True),
            Column("name", Message("Enterprise name"), versions.name, sortable=True, always=True),
            Column("number", Message("Version"), versions.number, "number", sortable=True),
            Column("uscc", Message("Credit code"), versions.uscc),
            Column(
                "region",
                Message("Region"),
                lookup=Lookup(versions.region_id, Region, "full_name"),
                css="place",
            ),
            Column(
                "industry", Message("Industry"), kind="local", lookup=Lookup(versions.industry_id, Industry)
            ),
            Column("size", Message("Size"), versions.size, "choice", words=SIZE_NAMES),
            Column(
                "author",
                Message("Recorded by"),
                lookup=Lookup(versions.created_by_id, Account, "display_name"),
            ),
        ),
        filters=(
            Filter("keyword", Message("Enterprise name"), expression=versions.name),
            Filter(
                "enterprise",
                Message("Enterprise name now"),
                "remote",
                versions.enterprise_id,
                remote=Remote(_enterprise_names),
            ),
            Filter("recorded", Message("Recorded"), "date_range", versions.created_at),
        ),
        default_sort="-created_at",
        row_link=link,
        unit=Message("{count} versions"),
    )


def _columns() -> tuple[Column, ...]:
    row = Enterprise
    return (
        Column("name", Message("Enterprise name"), row.name, sortable=True, always=True),
        Column("username", Message("User ID"), lookup=Lookup(row.account_id, LoginName), always=True),
        Column(
            "region", Message("Region of the enterprise"), lookup=Lookup(row.region_id, Region, "full_name")
        ),
        Column(
            "control_type",
            Message("Control"),
            kind="local",
            lookup=Lookup(row.control_type_id, ControlType),
        ),
        Column("size", Message("Size"), row.size, "choice", words=SIZE_NAMES),
        Column("contact_name", Message("Contact"), row.contact_name),
        Column("state", Message("State"), row.state, "state", words=STATE_WORDS, marks=STATE_MARKS),
        Column("reviewer", Message("Direct reviewer"), lookup=Lookup(row.direct_reviewer_id, AdminName)),
        Column("uscc", Message("Credit code"), row.uscc, sortable=True, default=False),
        Column(
            "code_status",
            Message("Kind of credit code"),
            row.code_status,
            "choice",
            words=STATUS_NAMES,
            default=False,
        ),
        Column(
            "industry",
            Message("Industry"),
            kind="local",
            lookup=Lookup(row.industry_id, Industry),
            default=False,
        ),
        *_more_columns(),
    )


def _more_columns() -> tuple[Column, ...]:
    row = Enterprise
    money: dict[str, Any] = {"kind": "number", "decimals": MONEY_SCALE, "sortable": True, "default": False}
    return (
        Column(
            "figures_year", Message("Year of the figures"), row.figures_year, sortable=True, default=False
        ),
        Column("revenue", Message("Revenue (1,000 yuan)"), row.revenue, **money),
        Column("employees", Message("Employees"), row.employees, "number", sortable=True, default=False),
        Column("assets", Message("Total assets (1,000 yuan)"), row.assets, **money),
        Column(
            "legal_representative", Message("Legal representative"), row.legal_representative, default=False
        ),
        Column(
            "registration_type",
            Message("Registration type"),
            kind="local",
            lookup=Lookup(row.registration_type_id, RegistrationType),
            default=False,
        ),
        Column("phone", Message("Telephone"), row.phone, default=False),
        Column("mobile", Message("Mobile"), row.mobile, default=False),
        Column("email", Message("E-mail"), row.email, default=False),
        Column("fax", Message("Fax"), row.fax, default=False),
        Column("website", Message("Website"), row.website, default=False),
        Column("main_products", Message("Main business or products"), row.main_products, default=False),
        Column("postcode", Message("Postcode"), row.postcode, default=False),
        Column("address", Message("Address"), row.address, default=False),
        Column("is_listed", Message("Listed"), row.is_listed, "bool", default=False),
        Column("stock_code", Message("Stock code"), row.stock_code, default=False),
        Column("opened_on", Message("Opened on"), row.opened_on, "date", sortable=True, default=False),
        Column("created_at", Message("Registered"), row.created_at, "instant", sortable=True, default=False),
    )


def _filters() -> tuple[Filter, ...]:
    return (
        Filter("keyword", Message("Name or user ID"), expression=Enterprise.name_key, clause=named_or_user),
        region_filter(Enterprise.region_id.in_),
        Filter("state", Message("State"), "choice", Enterprise.state, words=STATE_WORDS),
        Filter(
            "reviewed",
            Message("Reviewed by"),
            "choice",
            Enterprise.direct_reviewer_id,
            words=_reviewed_words,
            clause=_reviewed,
            default="below",
        ),
        Filter(
            "industry",
            Message("Industry"),
            "remote",
            Enterprise.industry_id,
            remote=Remote(_industry_names, (Industry.name, Industry.code)),
            clause=_industry,
            more_conditions=True,
        ),
        Filter("size", Message("Size"), "multi", Enterprise.size, words=SIZE_NAMES, more_conditions=True),
        Filter(
            "code_status",
            Message("Kind of credit code"),
            "multi",
            Enterprise.code_status,
            words=STATUS_NAMES,
            more_conditions=True,
        ),
        Filter(
            "control_type",
            Message("Control"),
            "choice",
            Enterprise.control_type_id,
            words=_control_words,
            more_conditions=True,
        ),
    )


def _actions() -> tuple[Action, ...]:
    bureaus = (Kind.BUREAU,)
    return (
        *switches(
            service.disable_enterprise,
            service.enable_enterprise,
            Message("Disable the ticked enterprises? Their accounts can no longer sign in."),
            bureaus,
        ),
        REVIEWER_ACTION,
        invitation(service.invite_enterprise, bureaus),
        Action(
            "delete",
            Message("Delete"),
            lambda actor, key, _comment, now: service.delete_enterprise(actor, key[0], now),
            confirm=Message(
                "Delete the ticked enterprises? Only disabled ones without any report are deleted."
            ),
            allowed=lambda actor: actor.kind in bureaus,
            danger=True,
        ),
    )


def _reviewed_words(actor: Actor, _today: dt.date) -> Mapping[str, Message]:
    if actor.kind is not Kind.BUREAU:
        return {"below": Message("All")}
    return {"below": Message("Me and my subordinates"), "all": Message("All of my regions")}


def _reviewed(value: str, actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    return reviewed_below(actor) if value == "below" and actor.kind is Kind.BUREAU else true()


def named_or_user(value: str, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Enterprises whose name or user ID contains the words."""
    user = exists().where(
        Account.id == Enterprise.account_id,
        User.id == Account.user_id,
        User.username.icontains(value, autoescape=True),
    )
    return or_(Enterprise.name_key.contains(name_key(value), autoescape=True), user)


def _industry(value: int, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """A trade and all below it."""
    tree = select(Industry.id).where(Industry.id == value).cte("industry_tree", recursive=True)
    below = aliased(Industry)
    tree = tree.union(select(below.id).join(tree, below.parent_id == tree.c.id))
    return Enterprise.industry_id.in_(select(tree.c.id))


def _industry_names(actor: Actor, today: dt.date) -> Any:
    return select(Industry.id, Industry.name).where(scope_of(Industry)(actor, today)).order_by(Industry.code)


def _admin_names(actor: Actor, today: dt.date) -> Any:
    named = select(Admin.id, Account.display_name + " · " + Bureau.name)
    named = named.join(Account, Account.id == Admin.account_id).join(Bureau, Bureau.id == Admin.bureau_id)
    return named.where(scope_of(Admin)(actor, today)).order_by(Account.display_name, Admin.id)


def _below_admin(value: int, actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Those that an admin or a subordinate of that admin reviews; an admin out of sight reviews none."""
    seen = select(Admin.id).where(scope_of(Admin)(actor, today))
    below = Enterprise.direct_reviewer_id.in_(admin_subtree(value))
    return below & Enterprise.direct_reviewer_id.in_(seen)


def _enterprise_names(actor: Actor, today: dt.date) -> Any:
    return select(Enterprise.id, Enterprise.name).where(scope_of(Enterprise)(actor, today))


def _control_words(_actor: Actor, _today: dt.date) -> Mapping[int, LocalText]:
    return {known.id: known.name for known in control_types()}
