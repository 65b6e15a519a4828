"""Measures imports on a database that is there: run as a process of its own, prints JSON."""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import select

from app.infra.database import db
from app.infra.exports import Field, write_xlsx
from app.infra.imports import service
from app.infra.jobs import runner
from app.infra.jobs.queue import engine
from app.infra.sheets import read_table
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.accounts import actor_of_account
from app.organisations.models import Account, Admin, AdminRegion, Region
from tools.bench.measuring import BenchError
from tools.bench.settings import NOON, PREFECTURE
from tools.bench.subject import platform
from tools.import_rows import enterprise_rows, workbook_of

ROWS = 5_000
FIRST = 800_000
"""Above the numbers that the world of the bench gives to its enterprises."""


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def importer() -> Actor:
    """An admin of the prefecture who may import."""
    query = select(Account.id).join(Admin).join(AdminRegion).join(Region)
    account_id = db.session.scalar(query.where(Region.code == PREFECTURE, Admin.batch_import).limit(1))
    found = actor_of_account(account_id) if account_id else None
    if found is None:
        raise BenchError("nobody in the prefecture may import")
    return found


def measure_import() -> dict[str, float]:
    """Preview and writing of a workbook of enterprises, each in seconds."""
    owner = importer()
    content = workbook_of([*enterprise_rows(ROWS, FIRST)])
    with unit_of_work():
        batch = service.upload(owner, "enterprises", content, "bench.xlsx", "bench", "zh", NOON)
        name, check = batch.public_id, batch.check_job_id or 0
    preview = seconds(lambda: runner.run(engine(), check))
    with unit_of_work():
        apply = service.confirm(owner, name, "all", NOON).apply_job_id or 0
    commit = seconds(lambda: runner.run(engine(), apply))
    db.session.rollback()
    if service.find(owner, name).written != ROWS:
        raise BenchError("the import was not written")
    return {"preview": preview, "commit": commit}


def measure_reading() -> dict[str, float]:
    """Reading 20,000 × 30 beside openpyxl's read-only mode; the start of the reader is taken off."""
    fields = [Field(f"c{place}", 2 if place % 3 == 0 else None) for place in range(30)]
    large = _sheet(fields, 20_000)
    start = min(seconds(lambda: _read(_sheet(fields, 1))) for _ in range(3))
    ours = seconds(lambda: _read(large))
    theirs = seconds(lambda: _read_by_openpyxl(large))
    return {"read": ours, "start": start, "openpyxl": theirs, "ratio": (ours - start) / theirs}


def _sheet(fields: list[Field], rows: int) -> bytes:
    target = io.BytesIO()
    write_xlsx(
        target,
        fields,
        ([row if place % 3 == 0 else f"文字{row}" for place in range(30)] for row in range(rows)),
    )
    return target.getvalue()


def _read(content: bytes) -> None:
    for _row in read_table(content).rows:
        continue


def _read_by_openpyxl(content: bytes) -> None:
    for _row in load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True):
        continue


def main() -> int:
    """Command line: ``python -m tools.bench.imports <database address>``."""
    reading = measure_reading()
    app = platform(sys.argv[1])
    with app.app_context():
        found: dict[str, Any] = {**reading, **measure_import()}
        db.session.remove()
        db.engine.dispose()
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
