"""Imports reports of 5,000 enterprises, 18 indicators each: run as a process of its own, prints JSON."""

from __future__ import annotations

import datetime as dt
import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from flask_appbuilder.security.sqla.models import User
from openpyxl import Workbook
from sqlalchemy import func, select

from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.i18n import say
from app.infra.imports import service
from app.infra.jobs import runner
from app.infra.jobs.queue import engine
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.accounts import actor_for
from app.reports.definitions import VersionDefinition
from app.reports.demo_figures import Scale, cells_of
from app.reports.form_loading import version_for
from app.reports.import_columns import USCC, batch_columns
from app.reports.models import Report
from tools.bench.measuring import BenchError
from tools.bench.settings import FORM, LAST_MONTH, NOON, PROVINCE_ADMIN
from tools.bench.subject import platform

ROWS = 5_000
INDICATORS = 18
MONTH = LAST_MONTH.next()
"""November has the five indicators that are not reported every month, and nobody has filed it yet."""

LATER = NOON + dt.timedelta(days=32)
"""When November is filled."""


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def importer() -> Actor:
    """The admin of the province, who may import everywhere in it."""
    user_id = db.session.scalars(select(User.id).where(User.username == PROVINCE_ADMIN)).one()
    actor = actor_for(user_id)
    if actor is None:
        raise BenchError(f"{PROVINCE_ADMIN} is not there")
    return actor


def workbook(version: VersionDefinition) -> bytes:
    """A filled-in template: industrial enterprises, so that every indicator has its figures."""
    query = (
        select(Enterprise.uscc)
        .join(Industry, Industry.id == Enterprise.industry_id)
        .where(Industry.is_industrial, Enterprise.state == "active")
        .order_by(Enterprise.id.desc())
        .limit(ROWS)
    )
    columns = batch_columns(version, MONTH.month)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append([say(column.label) for column in columns])
    for code in db.session.scalars(query):
        figures = dict(_figures(version, code))
        sheet.append([code if column.key == USCC else figures.get(column.key) for column in columns])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _figures(version: VersionDefinition, code: str) -> Iterator[tuple[str, Any]]:
    scale = Scale(code, Decimal(900 + int(code[-4:], 36) % 4_000), 240)
    for indicator in version.indicators:
        for cell, value in cells_of(scale, indicator, MONTH).items():
            yield f"{indicator.code}.{cell}", abs(value)


def measure() -> dict[str, float]:
    """Preview and writing, each in seconds; what can be submitted is."""
    owner, version = importer(), version_for(FORM, MONTH)
    shown = [found for found in version.indicators if found.applies(MONTH.month, industrial=True)]
    if len(shown) != INDICATORS:
        raise BenchError(f"{len(shown)} indicators")
    content = workbook(version)
    options = {"form": FORM, "month": str(MONTH), "filler": "填报员", "submit": "1"}
    with unit_of_work():
        batch = service.upload(owner, "report_batch", content, "bench.xlsx", "reports", "zh", LATER, options)
        name, check = batch.public_id, batch.check_job_id or 0
    preview = seconds(lambda: runner.run(engine(), check))
    with unit_of_work():
        apply = service.confirm(owner, name, "all", LATER).apply_job_id or 0
    commit = seconds(lambda: runner.run(engine(), apply))
    db.session.rollback()
    states = select(Report.state, func.count()).where(Report.period == MONTH.key).group_by(Report.state)
    found = {str(state): int(count) for state, count in db.session.execute(states)}
    if service.find(owner, name).written != ROWS or sum(found.values()) != ROWS:
        raise BenchError(f"the import was not written: {found}")
    return {"preview": preview, "commit": commit, "submitted": found.get("in_review", 0)}


def main() -> int:
    """Command line: ``python -m tools.bench.report_imports <database address>``."""
    app = platform(sys.argv[1])
    app.extensions["clock"].set(LATER)
    with app.app_context():
        found: dict[str, float] = measure()
        db.session.remove()
        db.engine.dispose()
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
