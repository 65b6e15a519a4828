"""An application with nothing but forms and figures, on a scratch database."""

from __future__ import annotations

import atexit
import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from app.infra import triggers
from app.infra.audit import AuditEntry
from app.infra.database import db, init_database
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.reports import form_models as m
from app.reports.figures_layout import Dimensions
from app.reports.form_parts import add_column, add_indicator, add_rule, add_section
from app.reports.form_publishing import publish
from app.reports.form_rules import ColumnInput, FormInput, IndicatorInput, RuleInput, SectionInput
from app.reports.form_service import create_form
from app.reports.guards import FORM_GUARDS

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
JULY = Month(2018, 7)
TABLES = (
    m.ReportForm,
    m.ReportPeriod,
    m.FormVersion,
    m.FormSection,
    m.Indicator,
    m.VersionIndicator,
    m.SectionColumn,
    m.ReportRule,
    AuditEntry,
)


def dimensions(report_id: int = 1, **changes: object) -> Dimensions:
    """The dimensions of a report in an invented county."""
    given = {"region_id": 3, "state": "editing", "province_id": 1, "prefecture_id": 2, "county_id": 3}
    return Dimensions(report_id=report_id, **given | changes)  # type: ignore[arg-type]


def make_app(url: str) -> Flask:
    """An application on a database that has the tables already."""
    app = Flask("forms")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.extensions["wiring"] = {"HOOKS": {}, "EVENTS": {}}
    app.extensions["clock"] = MovableClock(NOW)
    init_database(app)
    return app


@contextmanager
def scratch_database(folder: Path) -> Iterator[str]:
    """Address of an empty database: a file, or a schema on the server that DATABASE_URL names."""
    given = os.environ.get("DATABASE_URL", "")
    if not given.startswith("postgresql"):
        yield f"sqlite:///{folder / 'forms.db'}"
        return
    schema = f"s{uuid4().hex[:12]}"
    server = _scratch_server(given)
    with server.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    yield server.url.set(query={"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with server.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


@cache
def _scratch_server(address: str) -> Engine:
    # one database for each process of tests: making one takes a hundred times longer than a schema
    name = f"forms_{uuid4().hex[:12]}"
    server = create_engine(make_url(address), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))

    def drop() -> None:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    atexit.register(drop)
    return create_engine(make_url(address).set(database=name), poolclass=NullPool)


@contextmanager
def forms_app(folder: Path) -> Iterator[Flask]:
    """An application with the tables of forms and their guards."""
    with scratch_database(folder) as url:
        app = make_app(url)
        with app.app_context():
            with unit_of_work():
                connection = db.session.connection()
                m.ReportForm.metadata.create_all(connection, tables=[found.__table__ for found in TABLES])
                triggers.ensure(connection, FORM_GUARDS)
            yield app
            db.session.remove()
            db.engine.dispose()


def publish_small_form() -> int:
    """Publish a form of two indicators, a repeating section and three hard rules; id of the version."""
    with unit_of_work():
        form = create_form(SYSTEM, FormInput("small", LocalText("小表", "Small form")), NOW)
        version = form.versions[0]
        add_section(
            SYSTEM, version.id, SectionInput("main", "grid", LocalText("主要指标", "Indicators")), NOW
        )
        add_section(SYSTEM, version.id, SectionInput("goods", "rows", LocalText("产品", "Products")), NOW)
        for given in INDICATORS:
            add_indicator(SYSTEM, version.id, given, NOW)
        for column in COLUMNS:
            add_column(SYSTEM, version.id, column, NOW)
        for rule in RULES:
            add_rule(SYSTEM, version.id, rule, NOW)
        publish(SYSTEM, version.id, Month(2018, 1), None, version.revision, NOW)
        return version.id


THOUSAND_YUAN = LocalText("千元", "1,000 yuan")
INDICATORS = (
    IndicatorInput(
        "main",
        "revenue",
        LocalText("营业收入", "Revenue"),
        THOUSAND_YUAN,
        "flow_ytd",
        required_cells=("ytd", "ly_ytd"),
    ),
    IndicatorInput(
        "main",
        "power",
        LocalText("用电量", "Electricity"),
        LocalText("度", "kWh"),
        "flow_monthly",
        scale=0,
        months=(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        industrial_only=True,
        cells=("m", "ytd"),
        required_cells=("m",),
    ),
)
COLUMNS = (
    ColumnInput("goods", "product", LocalText("产品名称", "Product"), "text", required=True),
    ColumnInput("goods", "sales", LocalText("销售量", "Sales"), "number", scale=2, required=True),
    ColumnInput("goods", "remark", LocalText("备注", "Remark"), "text"),
)
EMPTY = LocalText("{name}不能为空", "{name} must not be empty")
NEGATIVE = LocalText("{name}不能为负数", "{name} must not be negative")
RULES = (
    RuleInput("H01", "hard", "present(cell)", EMPTY, cells=("required",)),
    RuleInput("H02", "hard", "cell >= 0", NEGATIVE),
    RuleInput("G01", "hard", "present(cell)", EMPTY, cells=("required",), section="goods"),
)
