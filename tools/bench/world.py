"""A database as large as a province after three years: bulk rows, shaped like those that services write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Table, func, select, text

from app.enterprises.demo import build_enterprises
from app.enterprises.models import FACTS, ControlType, Enterprise, EnterpriseVersion, Industry
from app.infra import context
from app.infra.cli import OPERATOR, initialise, quietly
from app.infra.database import db, is_postgresql
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.organisations.account_service import hash_password
from app.organisations.demo import build_organisations
from app.organisations.models import Account, Admin, AdminRegion, Region
from app.reports.definitions import VersionDefinition
from app.reports.demo_figures import Scale, cells_of
from app.reports.figures import Key, section_table, write_batch
from app.reports.figures_layout import Dimensions
from app.reports.form_loading import version_for
from app.reports.models import Report
from tools.bench.settings import BIRTH, FORM, LAST_MONTH, NOON, OPEN_ENTERPRISE, PASSWORD, PRODUCTS, SECTION

FIRST_ID = 1_000_000
"""Bulk rows are numbered from here, away from what the database numbers itself."""
COUNTIES_OF = "33"
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Size:
    """How large the world is."""

    enterprises: int
    months: int


def build(app: Flask, size: Size) -> None:
    """Fill an empty database; the application's clock stands at ``NOON`` afterwards."""
    app.extensions["clock"] = MovableClock(BIRTH)
    with app.app_context():
        initialise()
        with context.acting_as(OPERATOR), quietly(), unit_of_work():
            password = hash_password(PASSWORD)
            build_organisations(password, BIRTH)
            build_enterprises(password, BIRTH)
        with unit_of_work():
            add_enterprises(size.enterprises)
        with unit_of_work():
            add_reports(size)
        open_one()
        analyse()
        db.session.remove()
        db.engine.dispose()
    app.extensions["clock"] = MovableClock(NOON)


def add_enterprises(count: int) -> None:
    """Copies of the demonstration's enterprises, spread over the counties of the province."""
    models = db.session.scalars(select(Enterprise).order_by(Enterprise.id)).all()
    places = list(_places())
    rows = [
        _enterprise(number, models[number % len(models)], places) for number in range(count - len(models))
    ]
    _insert(Enterprise.__table__, rows)
    versions = [
        {**{name: row[name] for name in FACTS}, "id": row["id"], "enterprise_id": row["id"], "number": 1}
        | {"created_at": BIRTH}
        for row in rows
    ]
    _insert(EnterpriseVersion.__table__, versions)


def _places() -> Iterator[tuple[Region, int]]:
    """The counties with the admin who reviews there."""
    query = (
        select(Region, AdminRegion.admin_id)
        .join(AdminRegion, AdminRegion.region_id == Region.id)
        .where(Region.level == "county", Region.code.startswith(COUNTIES_OF))
        .order_by(Region.code)
    )
    yield from ((region, admin_id) for region, admin_id in db.session.execute(query))


def _enterprise(number: int, model: Enterprise, places: Sequence[tuple[Region, int]]) -> dict[str, Any]:
    region, reviewer = places[number % len(places)]
    facts = {name: getattr(model, name) for name in FACTS}
    name = f"{region.name}{number:05d}号示范企业"
    return {
        **facts,
        "id": FIRST_ID + number,
        "name": name,
        "name_key": name,
        "uscc": f"91{number:016d}",
        "region_id": region.id,
        "prefecture_id": region.parent_id,
        "county_id": region.id,
        "direct_reviewer_id": reviewer,
        "state": "active",
        "revision": 1,
        "current_version_id": FIRST_ID + number,
        "created_at": BIRTH,
        "updated_at": BIRTH,
        "version": 1,
    }


def add_reports(size: Size) -> None:
    """The reports of every enterprise: the newest month row by row, the earlier ones as copies of it."""
    version = version_for(FORM, LAST_MONTH)
    filers = list(_filers())
    _insert(Report.__table__, [_report(n, filer, version, LAST_MONTH) for n, filer in enumerate(filers)])
    write_batch(version, SECTION, _figures(filers, version, LAST_MONTH))
    _add_products(version)
    _add_months(1, size.months)


def _add_products(version: VersionDefinition) -> None:
    """Two products of the newest month for every fourth enterprise, read off its figures."""
    main, products = section_table(version, SECTION), section_table(version, PRODUCTS)
    shared = [column.name for column in products.columns if column.name in main.columns]
    figures = {"production": "revenue_m", "sales": "revenue_m", "closing_stock": "revenue_m"}
    for number in (1, 2):
        texts = {
            "row_no": str(number),
            "code": f"'{number}'",
            "product_name": f"'产品{number}'",
            "unit": "'吨'",
        }
        values = {**{name: name for name in shared}, **figures, **texts}
        db.session.execute(
            text(
                f"INSERT INTO {products.name} ({', '.join(values)}) SELECT {', '.join(values.values())} "  # noqa: S608 - names of our own tables
                f"FROM {main.name} WHERE enterprise_id % 4 = 0"
            )
        )


def lengthen(app: Flask, months: int, before: int) -> None:
    """Add earlier months to a world, so that there are as many of them as asked for.

    :param before: how many there are.
    """
    with app.app_context():
        with unit_of_work():
            _add_months(before, months)
        analyse()
        db.session.remove()
        db.engine.dispose()


def _add_months(first: int, end: int) -> None:
    """Copies of the newest month as the reports from ``first`` months earlier on."""
    figures = section_table(version_for(FORM, LAST_MONTH), SECTION)
    each = db.session.scalar(select(func.max(Report.id)).where(Report.period == LAST_MONTH.key)) or 0
    for back in range(first, end):
        month, shift = LAST_MONTH.plus(-back), back * (each - FIRST_ID + 1)
        _copy_month(Report.__table__, LAST_MONTH, month, {"id": f"id + {shift}"})
        _copy_month(figures, LAST_MONTH, month, {"report_id": f"report_id + {shift}"})


@dataclass(frozen=True, slots=True)
class Filer:
    """An enterprise with what its report and figures copy from it."""

    id: int
    version_id: int
    dimensions: Mapping[str, Any]
    direct_reviewer_id: int | None
    top_admin_id: int


def _filers() -> Iterator[Filer]:
    top = db.session.scalars(select(Admin.id).where(Admin.level == "province").order_by(Admin.id)).first()
    query = (
        select(Enterprise, Industry, ControlType.code)
        .join(Industry, Industry.id == Enterprise.industry_id)
        .join(ControlType, ControlType.id == Enterprise.control_type_id)
        .order_by(Enterprise.id)
    )
    for enterprise, industry, control in db.session.execute(query):
        facts = {
            name: getattr(enterprise, name)
            for name in ("region_id", "province_id", "prefecture_id", "county_id")
        }
        facts |= {"industry_section": industry.section, "industry_division": industry.division}
        facts |= {"industry_code": industry.code, "size": enterprise.size, "control_type": control}
        facts |= {"is_industrial": industry.is_industrial, "is_listed": enterprise.is_listed}
        yield Filer(
            enterprise.id, enterprise.current_version_id, facts, enterprise.direct_reviewer_id, top or 0
        )


def _state(number: int) -> str:
    """Seven of ten reports are approved, two wait, one is being edited."""
    return _STATES[number % len(_STATES)]


_STATES = ("approved",) * 7 + ("in_review",) * 2 + ("editing",)


def _report(number: int, filer: Filer, version: VersionDefinition, month: Month) -> dict[str, Any]:
    state = _state(number)
    sent = dt.datetime(2023, 12, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=97 * (number % 9000))
    holder = {"approved": filer.top_admin_id, "in_review": filer.direct_reviewer_id}.get(state)
    return {
        "id": FIRST_ID + number,
        "form_id": version.form_id,
        "form_version_id": version.id,
        "period": month.key,
        "enterprise_id": filer.id,
        "region_id": filer.dimensions["region_id"],
        "enterprise_version_id": filer.version_id,
        "state": state,
        "direct_reviewer_id": filer.direct_reviewer_id,
        "holder_id": holder,
        "accepted_levels": 3 if state == "approved" else 0,
        "filler_name": f"填报人{number % 500}",
        "filled_via": "online",
        "due_on": dt.date(2023, 12, 15),
        "late": number % 17 == 0,
        "submitted_at": sent if state != "editing" else None,
        "first_submitted_at": sent if state != "editing" else None,
        "approved_at": sent if state == "approved" else None,
        "return_reason": "",
        "hard_count": 0,
        "soft_count": number % 4,
        "screening": "failed" if number % 11 == 0 else "passed",
        "created_at": sent,
        "updated_at": sent,
        "version": 1,
    }


def _figures(
    filers: Iterable[Filer], version: VersionDefinition, month: Month
) -> Iterator[tuple[Key, Dimensions, dict[tuple[str, str], Decimal | None]]]:
    indicators = version.section(SECTION).indicators
    known = [
        {
            (found.code, cell): value
            for found in indicators
            for cell, value in cells_of(
                Scale(f"bench {kind}", Decimal(900 + 37 * kind), 40 + kind), found, month
            ).items()
        }
        for kind in range(400)
    ]
    for number, filer in enumerate(filers):
        dimensions = Dimensions(report_id=FIRST_ID + number, state=_state(number), **filer.dimensions)
        yield Key(month.key, filer.id), dimensions, dict(known[number % len(known)])


def _copy_month(table: Table, source: Month, target: Month, changes: Mapping[str, str]) -> None:
    """The rows of a month again for another one."""
    names = [column.name for column in table.columns]
    values = [changes.get(name, str(target.key) if name == "period" else name) for name in names]
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table.name} "  # noqa: S608 - names of our own tables
    db.session.execute(text(statement + "WHERE period = :source"), {"source": source.key})


def _insert(table: Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        db.session.execute(table.insert(), rows[start : start + CHUNK])


def open_one() -> None:
    """The named enterprise has not begun its last month, so that the grid can be opened and saved."""
    with unit_of_work():
        named = db.session.scalars(
            select(Enterprise.id)
            .join(Account, Account.id == Enterprise.account_id)
            .join(User, User.id == Account.user_id)
            .where(User.username == OPEN_ENTERPRISE)
        ).one()
        version = version_for(FORM, LAST_MONTH)
        for table in (section_table(version, SECTION), Report.__table__):
            db.session.execute(
                table.delete().where(table.c.period == LAST_MONTH.key, table.c.enterprise_id == named)
            )


def analyse() -> None:
    """Statistics for the planner, as any server that has been up for a day has them."""
    with db.engine.connect() as connection:
        if is_postgresql():
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM (ANALYZE)"))
        else:
            connection.execute(text("ANALYZE"))
            connection.commit()


def count_reports() -> int:
    """How many reports there are."""
    return db.session.scalar(select(func.count()).select_from(Report)) or 0
