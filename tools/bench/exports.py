"""Measures exports of a long list beside the shortest way to the same file; run as processes of its own.

``python -m tools.bench.exports <database> build`` makes the table, and ``… csv``, ``copy``, ``xlsx`` and
``openpyxl`` each write one file of all its rows.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from openpyxl import Workbook
from sqlalchemy import Column, Integer, MetaData, Select, String, Table, make_url, select, text
from werkzeug.datastructures import MultiDict

from app.infra.context import acting_as
from app.infra.database import db
from app.infra.exports import CSV, XLSX
from app.infra.lists import Column as Shown
from app.infra.lists import ListSpec, bulk, export, query
from app.infra.lists.asked import ask as asked_for
from app.infra.types import Scaled, UtcDateTime
from app.kernel.actor import SYSTEM, Actor
from app.kernel.texts import Message
from tools.bench.measuring import memory
from tools.bench.settings import NOON
from tools.bench.subject import platform

ROWS = 120_000
NUMBERS = 34
TODAY = NOON.date()
STATES = {"edit": Message("Draft"), "wait": Message("In review"), "pass": Message("Approved")}
FIGURES = [f"n{number}" for number in range(NUMBERS)]
LINES = Table(
    "bench_line",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(80)),
    Column("region", String(80)),
    Column("period", Integer),
    Column("state", String(10)),
    Column("sent_at", UtcDateTime),
    *(Column(name, Scaled(2)) for name in FIGURES),
)


def lines_list() -> ListSpec:
    """A list of forty columns, as a section of a form has them."""
    figures = (Shown(name, name, LINES.c[name], "number", decimals=2) for name in FIGURES)
    return ListSpec(
        name="bench",
        title="Lines",
        base=_base,
        key=(LINES.c.id,),
        columns=(
            Shown("name", "企业名称", LINES.c.name, sortable=True, always=True),
            Shown("region", "所属地区", LINES.c.region),
            Shown("period", "月份", LINES.c.period, "month"),
            Shown("state", "状态", LINES.c.state, "state", words=STATES),
            Shown("sent", "提交时间", LINES.c.sent_at, "instant"),
            Shown("id", "编号", LINES.c.id, "number", sortable=True),
            *figures,
        ),
        default_sort="id",
    )


def _base(_actor: Actor, _today: dt.date) -> Select[Any]:
    return select(LINES.c.id)


def build() -> None:
    """Fill the table: one row of two thousand has figures that a spreadsheet cannot hold."""
    LINES.create(db.engine)
    numbers = ", ".join(
        f"(i::bigint * {place * 7919 + 104_729}) % 10000000000 * CASE WHEN i % 5 = 0 THEN -1 ELSE 1 END"
        for place in range(NUMBERS)
    )
    with db.engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO bench_line SELECT i, '云泽第' || i || '号示范企业', '浙江省杭州市萧山区', "  # noqa: S608 - own words
                "202301 + i % 12, (ARRAY['edit', 'wait', 'pass'])[1 + i % 3], "
                f"timestamptz '2026-01-01 00:00Z' + i * interval '1 minute', {numbers} "
                f"FROM generate_series(1, {ROWS}) AS s(i)"
            )
        )
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("VACUUM (ANALYZE) bench_line")
        )


def write_export(kind: str, target: Path) -> int:
    """The way of the product."""
    spec = lines_list()
    form = MultiDict({"format": kind})
    wanted = export.read_export(spec, form, SYSTEM, TODAY)
    if wanted.kind is XLSX:
        return export._write(spec, wanted, SYSTEM, TODAY, target)
    with target.open("wb") as handle:
        return export._write(spec, wanted, SYSTEM, TODAY, handle)


def write_csv(target: Path) -> int:
    """The product's CSV."""
    return write_export(CSV.name, target)


def write_xlsx(target: Path) -> int:
    """The product's workbook."""
    return write_export(XLSX.name, target)


def write_copy(target: Path) -> int:
    r"""The same SELECT through psql's ``\copy``."""
    spec = lines_list()
    asked = asked_for(spec, MultiDict(), SYSTEM, TODAY)
    statement = bulk.text_statement(spec, asked, asked.columns, query.meant(spec, asked, SYSTEM, TODAY, None))
    words = str(
        cast(Any, statement).compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})
    )
    order = f"\\copy ({' '.join(words.replace('%%', '%').split())}) TO '{target}' WITH (FORMAT csv, HEADER)"
    url = make_url(db.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run(["psql", "--quiet", "--no-psqlrc", url, "-c", order], check=True)  # noqa: S607 - where the system has it
    return ROWS


def write_openpyxl(target: Path) -> int:
    """The same rows through openpyxl's write-only mode, which uses lxml where it is there."""
    spec = lines_list()
    asked = asked_for(spec, MultiDict(), SYSTEM, TODAY)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Lines")
    sheet.append([str(column.label) for column in asked.columns])
    for row in export.rows_of(spec, SYSTEM, TODAY, asked, asked.columns, None):
        sheet.append(row)
    book.save(target)
    return ROWS


WAYS: dict[str, Callable[[Path], int]] = {
    "csv": write_csv,
    "copy": write_copy,
    "xlsx": write_xlsx,
    "openpyxl": write_openpyxl,
}


def main() -> int:
    """Command line: ``python -m tools.bench.exports <database address> build|<way>``."""
    url, way = sys.argv[1:]
    app = platform(url)
    result: dict[str, Any] = {}
    with app.app_context(), acting_as(SYSTEM), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if way == "build":
            build()
        else:
            with app.test_request_context():
                idle = memory("VmRSS")
                target = Path(folder) / "file"
                started = time.perf_counter()
                rows = WAYS[way](target)
                seconds = time.perf_counter() - started
            if rows != ROWS:
                raise RuntimeError(f"{way}: {rows} rows")
            above = memory("VmHWM") - idle
            result = {"seconds": seconds, "above_idle": above, "megabytes": os.path.getsize(target) / 1e6}  # noqa: PTH202 - of a file that is there
        db.session.remove()
        db.engine.dispose()
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
