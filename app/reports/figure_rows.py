"""The rows of figures that a bureau's queries read, and the columns that say whose they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, not_, select

from app.enterprises.models import ControlType, Enterprise, Industry
from app.enterprises.scope import counted
from app.enterprises.size import SIZE_NAMES
from app.infra.lists import Column, Lookup
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.models import Region
from app.organisations.scope import WIDE
from app.reports.workflow import STATE_MARKS, STORED_STATES


def figures_in_sight(table: Table, actor: Actor, today: dt.date) -> Select[Any]:
    """Rows of enterprises in sight, without those of test codes."""
    return select(table.c.report_id).where(of_counted(table.c.enterprise_id, actor, today))


def of_counted(enterprise_id: Any, actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Whether an enterprise is in sight and counted by statistics."""
    meant = and_(scope_of(Enterprise)(actor, today), counted())
    found: ColumnElement[bool]
    if actor.level in WIDE:
        # nearly all are: rows are read in turn, and the few others left out
        found = enterprise_id.not_in(select(Enterprise.id).where(not_(meant)))
    else:
        found = enterprise_id.in_(select(Enterprise.id).where(meant))
    return found


def report_columns(table: Table) -> tuple[Column, ...]:
    """Whose report a row belongs to, as it was filed, and its state."""
    return (
        Column(
            "enterprise", Message("Enterprise name"), lookup=Lookup(table.c.enterprise_id, Enterprise),
            always=True, sortable=True, css="who",
        ),
        Column(
            "uscc", Message("Unified social credit code"),
            lookup=Lookup(table.c.enterprise_id, Enterprise, "uscc"), default=False,
        ),
        Column(
            "region", Message("Region"), lookup=Lookup(table.c.region_id, Region, "full_name"), css="place"
        ),
        Column(
            "industry", Message("Industry"), kind="local", css="place",
            lookup=Lookup(table.c.industry_code, Industry, key="code"),
        ),
        Column("size", Message("Size"), table.c.size, "choice", words=SIZE_NAMES),
        Column(
            "control", Message("Control type"), kind="local", default=False,
            lookup=Lookup(table.c.control_type, ControlType, key="code"),
        ),
        Column("state", Message("State"), table.c.state, "state", words=STORED_STATES, marks=STATE_MARKS),
    )  # fmt: skip
