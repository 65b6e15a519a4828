"""未报送企业查询: the enterprises that owe the report of a month and have not handed it in (spec 80)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, case, false, literal, select, true

from app.enterprises.models import Enterprise, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra import context
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup, Remote
from app.infra.scope import among, scope_of
from app.kernel.actor import Actor, Kind
from app.kernel.names import name_key
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.organisations.models import Account, Admin, AdminName, Bureau, Region
from app.organisations.scope import admin_subtree
from app.reports.due import STATE, UNFILED, unfiled
from app.reports.filing_views import DEFAULT_FORM
from app.reports.known_forms import find_form
from app.reports.opening import calendar_of
from app.reports.reminder_list import reminded_filter, reminder_columns
from app.reports.workflow import STATE_LABELS, STATE_MARKS

UNFILED_LABELS = {state: STATE_LABELS[state] for state in reversed(UNFILED)}
"""What the filter offers."""

REMIND = "remind"


def nonreporters_list(actor: Actor, args: Mapping[str, Any]) -> ListSpec:
    """The list of the month that ``args`` ask for, by default of the current one."""
    form = find_form(DEFAULT_FORM)
    current = calendar_of(form).current(context.now())
    month = asked_month(args, current)

    def base(asking: Actor, today: dt.date) -> Any:
        return unfiled(asking, today, form, month)

    return ListSpec(
        name="nonreporters",
        title=Message("Enterprises that have not reported"),
        base=base,
        key=(Enterprise.id,),
        columns=(*_columns(month), *reminder_columns(form.id, month.key)),
        filters=_filters(form.id, month, current),
        default_sort="name",
        row_link="/enterprises/show/{}",
        actions=(_reminding(),),
        unit=Message("{count} enterprises"),
        empty=Message("Every enterprise has reported."),
        empty_next=(Message("See all reports"), "/reports/"),
        bounded_by="period",
    )


def asked_month(args: Mapping[str, Any], current: Month) -> Month:
    """The month in an address; the current one where none is named or what is named is no month.

    The filter of the list says what is wrong with it.
    """
    try:
        return Month.parse(str(args.get("period") or "").strip())
    except ValueError:
        return current


def _columns(month: Month) -> tuple[Column, ...]:
    row = Enterprise
    phone = case((row.mobile != "", row.mobile), else_=row.phone)
    return (
        Column("name", Message("Enterprise name"), row.name, sortable=True, always=True),
        Column("period", Message("Report month"), literal(month.key), "month", default=False),
        Column(
            "region", Message("Region"), lookup=Lookup(row.region_id, Region, "full_name"), css="place"
        ),
        Column("industry", Message("Industry"), kind="local", lookup=Lookup(row.industry_id, Industry)),
        Column("size", Message("Size"), row.size, "choice", words=SIZE_NAMES, default=False),
        Column("state", Message("State"), STATE, "state", words=STATE_LABELS, marks=STATE_MARKS),
        Column("reviewer", Message("Direct reviewer"), lookup=Lookup(row.direct_reviewer_id, AdminName)),
        Column("contact", Message("Contact"), row.contact_name, css="keep"),
        Column("phone", Message("Phone"), phone, css="keep"),
        Column("uscc", Message("Credit code"), row.uscc, default=False),
    )  # fmt: skip


def _filters(form_id: int, month: Month, current: Month) -> tuple[Filter, ...]:
    return (
        Filter(
            "period", Message("Report month"), "month", default=str(current), clause=_of_the_month,
        ),
        region_filter(lambda subtree: among(Enterprise.region_id, subtree)),
        Filter(
            "state", Message("State"), "multi", words=UNFILED_LABELS,
            clause=lambda states, _actor, _today: STATE.in_(states) if states else false(),
        ),
        Filter("keyword", Message("Enterprise name"), expression=Enterprise.name_key, clause=_named),
        Filter(
            "reviewer", Message("Direct reviewer"), "remote", Enterprise.direct_reviewer_id,
            remote=Remote(_admins, (Account.display_name, Bureau.name)), more_conditions=True,
        ),
        Filter(
            "team", Message("Subordinate admin and those below"), "remote", Enterprise.direct_reviewer_id,
            remote=Remote(_admins, (Account.display_name, Bureau.name)), more_conditions=True,
            clause=lambda value, _actor, _today: Enterprise.direct_reviewer_id.in_(admin_subtree(value)),
        ),
        reminded_filter(form_id, month.key),
    )  # fmt: skip


def _of_the_month(_value: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """The base is of that month already: the month decides which reports are joined at all."""
    return true()


def _named(text: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    return Enterprise.name_key.contains(name_key(str(text)), autoescape=True)


def _admins(actor: Actor, today: dt.date) -> Any:
    named = select(Admin.id, Account.display_name + " · " + Bureau.name)
    named = named.join(Account, Account.id == Admin.account_id).join(Bureau, Bureau.id == Admin.bureau_id)
    return named.where(scope_of(Admin)(actor, today)).order_by(Account.display_name, Admin.id)


def _reminding() -> Action:
    """催报: which channels are to be used is asked on a page of its own."""
    return Action(
        REMIND,
        Message("Remind"),
        page="NonreporterView.remind",
        allowed=lambda actor: actor.kind is Kind.BUREAU,
        primary=True,
    )
