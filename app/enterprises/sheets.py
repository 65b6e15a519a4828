"""Enterprises out of a workbook: columns as the form has them, an account where a user ID is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from app.enterprises.bulk import create_enterprises, enterprises_problems
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.forms import draft_from
from app.enterprises.models import ControlType, Industry, RegistrationType
from app.infra.database import db
from app.infra.imports import Choice, ImportColumn, ImportRow, ImportSpec
from app.infra.imports.spec import Report
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.account_bulk import accounts_problems, add_accounts
from app.organisations.account_service import AccountDraft
from app.organisations.activation import invite
from app.organisations.sheets import may_import, region_choices

STEP = 250
"""Rows between two reports of progress."""

LONGEST_DISPLAY_NAME = 100


def _industries(_actor: Actor, _today: dt.date) -> Sequence[Choice]:
    rows = db.session.scalars(select(Industry).order_by(Industry.code))
    return [
        Choice(row.id, row.label, (row.code, row.name.zh, row.name.en), offered=row.level > 1) for row in rows
    ]


def _registration_types(_actor: Actor, _today: dt.date) -> Sequence[Choice]:
    rows = db.session.scalars(
        select(RegistrationType).order_by(RegistrationType.scheme.desc(), RegistrationType.code)
    )
    return [
        Choice(row.id, row.label, (row.code, row.name.zh, row.name.en), offered=row.selectable)
        for row in rows
    ]


def _control_types(_actor: Actor, _today: dt.date) -> Sequence[Choice]:
    rows = db.session.scalars(select(ControlType).order_by(ControlType.position))
    return [Choice(row.id, row.label, (row.code,)) for row in rows]


COLUMNS = (
    ImportColumn("name", Message("Enterprise name"), required=True, width=32, example="云泽示范纺织有限公司"),
    ImportColumn(
        "uscc",
        Message("Credit code"),
        required=True,
        width=24,
        help=Message("18 characters, as a text: a spreadsheet keeps only 15 digits of a number."),
        example="91330109MA2CFLDE87",
    ),
    ImportColumn(
        "uscc_exception",
        Message("Reason to accept an invalid credit code"),
        longest=200,
        width=24,
        help=Message("Only for an old or test code; the enterprise is flagged."),
    ),
    ImportColumn("legal_representative", Message("Legal representative"), required=True, example="赵一禾"),
    ImportColumn(
        "region",
        Message("Located in"),
        "choice",
        required=True,
        choices=region_choices,
        width=28,
        help=Message("The county or district: its code or its full name."),
        example="浙江省杭州市萧山区",
    ),
    ImportColumn(
        "industry",
        Message("Industry"),
        "choice",
        required=True,
        choices=_industries,
        width=28,
        help=Message("Code or name of GB/T 4754-2017, at least the division."),
        example="1711",
    ),
    ImportColumn(
        "registration_type",
        Message("Registration type"),
        "choice",
        required=True,
        choices=_registration_types,
        width=24,
        help=Message("The name, with the year of its scheme where both schemes have it."),
    ),
    ImportColumn(
        "control_type", Message("Control"), "choice", required=True, choices=_control_types, width=18
    ),
    ImportColumn(
        "figures_year", Message("Year of the figures"), "whole", required=True, width=12, example="2025"
    ),
    ImportColumn(
        "revenue",
        Message("Revenue of that year (1,000 yuan)"),
        "number",
        required=True,
        width=18,
        example="42600",
    ),
    ImportColumn(
        "employees", Message("Employees at the year's end"), "whole", required=True, width=14, example="96"
    ),
    ImportColumn(
        "assets",
        Message("Total assets at the year's end (1,000 yuan)"),
        "number",
        required=True,
        width=18,
        example="38900",
    ),
    ImportColumn(
        "opened_on",
        Message("Opened on"),
        "date",
        required=True,
        width=14,
        help=Message("As 2026-01-31."),
        example="2012-05-08",
    ),
    ImportColumn("is_listed", Message("Listed"), "flag", width=10),
    ImportColumn("stock_code", Message("Stock code"), help=Message("Required of a listed enterprise.")),
    ImportColumn("main_products", Message("Main business or products"), required=True, width=28),
    ImportColumn("website", Message("Website"), width=24, help=Message("Starts with http:// or https://.")),
    ImportColumn("address", Message("Address"), required=True, width=32),
    ImportColumn("postcode", Message("Postcode"), width=12),
    ImportColumn("contact_name", Message("Contact"), required=True),
    ImportColumn(
        "phone",
        Message("Telephone"),
        width=18,
        help=Message("With area code, joined by a hyphen. At least one of phone and mobile."),
        example="0500-12345678",
    ),
    ImportColumn("mobile", Message("Mobile"), width=16),
    ImportColumn("fax", Message("Fax"), width=18),
    ImportColumn("email", Message("E-mail"), width=24),
    ImportColumn(
        "username",
        Message("User ID"),
        longest=64,
        help=Message(
            "The login name of its account. Then e-mail is required: "
            "a link to set the password is sent there."
        ),
    ),
)


def _drafts(rows: Sequence[ImportRow]) -> list[EnterpriseDraft]:
    return [
        draft_from({**row.values, "is_listed": bool(row.values["is_listed"])}).normalised() for row in rows
    ]


def _account(draft: EnterpriseDraft, username: str) -> AccountDraft:
    return AccountDraft(
        username=username,
        email=draft.email,
        kind=Kind.ENTERPRISE,
        display_name=draft.name[:LONGEST_DISPLAY_NAME],
        phone=draft.mobile,
    )


def _check(
    rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report
) -> Iterator[tuple[ImportRow, Problem]]:
    drafts = _drafts(rows)
    for done, (row, problems) in enumerate(
        zip(rows, enterprises_problems(drafts, actor, local_date(now)), strict=True), 1
    ):
        yield from ((row, problem) for problem in problems)
        if done % STEP == 0:
            report(done)
    named = [(row, draft) for row, draft in zip(rows, drafts, strict=True) if row.values["username"]]
    wanted = [_account(draft, row.values["username"]) for row, draft in named]
    for (row, _draft), problems in zip(named, accounts_problems(wanted), strict=True):
        # the name of the account is the enterprise's, and is wrong or right with that
        yield from ((row, problem) for problem in problems if problem.field != "display_name")


def _apply(rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report) -> None:
    drafts = _drafts(rows)
    named = [place for place, row in enumerate(rows) if row.values["username"]]
    wanted = [_account(drafts[place], rows[place].values["username"]) for place in named]
    made = dict(zip(named, add_accounts(wanted, Kind.ENTERPRISE, now), strict=True))
    accounts = [made.get(place) for place in range(len(rows))]
    create_enterprises(actor, drafts, accounts, now, report)
    for account in made.values():
        invite(account, now)


ENTERPRISES = ImportSpec(
    name="enterprises",
    title=Message("Import of enterprises"),
    columns=COLUMNS,
    check=_check,
    apply=_apply,
    allowed=lambda actor: actor.kind is Kind.BUREAU and may_import(actor),
    name_column="name",
    list_url="/enterprises/list/",
    note=Message(
        "Enterprises lie within your own territory. Each gets the lowest admin who covers it as its reviewer."
    ),
)
