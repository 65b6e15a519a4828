"""A world of generated reports, and statements over it that use nothing of the product's queries."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise, EnterpriseVersion, Industry
from app.infra.database import db
from app.infra.lists import ListSpec, ask, list_page, rows_of
from app.infra.lists.page import ListPage
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.organisations.models import Admin, Region
from app.reports import figures
from app.reports.figures import Key
from app.reports.figures_layout import Dimensions
from app.reports.form_loading import version_for
from app.reports.models import Report

FORM = "sme_monthly"
TODAY = dt.date(2026, 11, 6)
OCTOBER = Month(2026, 10)
STATES = ("approved", "approved", "approved", "in_review", "returned", "editing")
WAYS = ("online", "online", "import", "batch_import", "api")
Query = Callable[[Actor, Any], ListSpec]


def plain(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """Rows of a statement written by hand; figures stay integers of their scale."""
    return [tuple(row) for row in db.session.execute(text(statement), values)]


SIGHT = """(SELECT e.id FROM enterprise e WHERE e.code_status <> 'test' AND e.region_id IN (
    SELECT c.descendant_id FROM region_closure c JOIN admin_region a ON a.region_id = c.ancestor_id
    WHERE a.admin_id = :admin AND (c.valid_from IS NULL OR c.valid_from <= :today)
      AND (c.valid_to IS NULL OR c.valid_to > :today)))"""
"""Enterprises of the territory of ``:admin`` that statistics count."""


def places(code: str) -> list[int]:
    """A place and what lies below it today, abolished places that it took over included."""
    found = plain(
        """SELECT c.descendant_id FROM region_closure c JOIN region r ON r.id = c.ancestor_id
           WHERE r.code = :code AND (c.valid_from IS NULL OR c.valid_from <= :today)
             AND (c.valid_to IS NULL OR c.valid_to > :today)""",
        code=code, today=TODAY,
    )  # fmt: skip
    return [row[0] for row in found]


def lines(query: Query, actor: Actor, **asked: str | list[str]) -> list[dict[str, Any]]:
    """Every row of a query as a file of all columns holds it; a line of totals stands last."""
    args = MultiDict({"asked": "1", "format": "csv", **asked})
    spec = query(actor, args)
    read = ask(spec, args, actor, TODAY)
    assert read.problems == ()
    keys = [column.key for column in spec.columns]
    found = rows_of(spec, actor, TODAY, read, spec.columns, None)
    return [dict(zip(keys, values, strict=True)) for values in found]


def page(query: Query, actor: Actor, **asked: str | list[str]) -> ListPage:
    """A query as a page of a hundred rows."""
    args = MultiDict({"asked": "1", **asked})
    spec = query(actor, args)
    found = list_page(spec, actor, args, TODAY)
    assert found.problems == []
    return found


def asked_of(statements: Sequence[str]) -> list[str]:
    """The statements that ask the database something, without the words that open a transaction."""
    return [statement for statement in statements if not statement.startswith("BEGIN")]


def enterprises() -> list[Enterprise]:
    """All of the world, oldest first."""
    return list(db.session.scalars(select(Enterprise).order_by(Enterprise.id)))


def region(code: str) -> Region:
    """A place by its code."""
    return db.session.scalars(select(Region).where(Region.code == code)).one()


def report(
    enterprise: Enterprise,
    month: Month,
    cells: Mapping[str, str | None],
    *,
    products: Sequence[tuple[str, str, str, str, str]] = (),
    state: str = "approved",
    via: str = "online",
    **dimensions: Any,
) -> Report:
    """A report with its figures, written past the services: what queries read and nothing else.

    :param products: name, unit, production, sales and closing stock of each.
    """
    version = version_for(FORM, month)
    instant = dt.datetime(month.year, month.month, 20, 1, tzinfo=dt.UTC)
    row = Report(
        form_id=version.form_id, form_version_id=version.id, period=month.key, enterprise_id=enterprise.id,
        region_id=enterprise.region_id, enterprise_version_id=_version(enterprise), state=state,
        holder_id=_holder() if state in {"approved", "in_review"} else None, filled_via=via,
        due_on=instant.date(), created_at=instant, updated_at=instant, submitted_at=instant,
        approved_at=instant if state == "approved" else None,
    )  # fmt: skip
    trade = db.session.get_one(Industry, enterprise.industry_id)
    db.session.add(row)
    db.session.flush()
    facts = {
        "report_id": row.id, "state": state, "region_id": enterprise.region_id,
        "province_id": enterprise.province_id, "prefecture_id": enterprise.prefecture_id,
        "county_id": enterprise.county_id, "industry_section": trade.section,
        "industry_division": trade.division, "industry_code": trade.code, "size": enterprise.size,
        "control_type": enterprise.control_type.code, "is_industrial": trade.is_industrial,
        "is_listed": enterprise.is_listed,
    }  # fmt: skip
    made, key = Dimensions(**facts | dimensions), Key(month.key, enterprise.id)
    filled = {
        tuple(name.split(".")): None if value is None else Decimal(value) for name, value in cells.items()
    }
    figures.write(version, key, made, filled)
    names = ("product_name", "unit", "production", "sales", "closing_stock")
    goods = [dict(zip(names, (*line[:2], *map(Decimal, line[2:])), strict=True)) for line in products]
    figures.write_rows(version, "products", key, made, goods)
    return row


def _version(enterprise: Enterprise) -> int:
    query = select(EnterpriseVersion.id).where(EnterpriseVersion.enterprise_id == enterprise.id)
    found: int = db.session.scalars(query.order_by(EnterpriseVersion.id.desc())).first()
    return found


def _holder() -> int:
    return db.session.scalars(select(Admin.id).order_by(Admin.id)).first() or 0


def grown(months: Sequence[Month]) -> Iterator[Report]:
    """Reports of most enterprises and months, in every state, with missing and negative figures."""
    chance = random.Random(20261106)

    def figure() -> str | None:
        return None if chance.random() < 0.15 else f"{chance.randint(-3_000_000, 9_000_000) / 100:.2f}"

    names = [f"{code}.{cell}" for code in ("revenue", "cost") for cell in ("m", "ytd", "ly_m", "ly_ytd")]
    for month in months:
        for enterprise in enterprises():
            if chance.random() < 0.2:
                continue
            goods = [
                (
                    f"产品{number}",
                    chance.choice(["吨", "台"]),
                    *(str(chance.randint(0, 900)) for _ in range(3)),
                )
                for number in range(chance.randint(0, 2))
            ]
            yield report(
                enterprise, month, {name: figure() for name in names},
                products=goods, state=chance.choice(STATES), via=chance.choice(WAYS),
            )  # fmt: skip


def grow(*months: Month) -> int:
    """Fill the world with the reports of some months; how many there are."""
    with unit_of_work():
        return sum(1 for _report in grown(months))
