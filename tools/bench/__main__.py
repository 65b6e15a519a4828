"""Builds the world on both databases, measures each in processes of their own, and says what holds."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.infra.database import db
from app.organisations.models import Region
from app.wiring import VIEWS
from tools.bench import world
from tools.bench.settings import OPEN_GRID, PREFECTURE
from tools.bench.subject import platform
from tools.scratch import scratch_database

ROOT = Path(__file__).resolve().parent.parent.parent
ONLY = ("start", "exports", "report-imports", "questionnaires", "postgresql", "sqlite")
EARLY = 12
"""Months of history after which the queries are measured for the first time."""
STARTS = 5
EXPORTS = 3
START = "import os; from app import create_app; create_app({'LOG_LEVEL': 'ERROR'}); os._exit(0)"
"""Without the end of the process: taking all of it apart again is no part of a start, on neither side."""


@dataclass(frozen=True, slots=True)
class Line:
    """A figure beside its goal; without a goal it is only told."""

    what: str
    value: float
    unit: str
    goal: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the goal is met: at most ``goal``, at least ``least``."""
        enough = self.least is None or self.value >= self.least
        return enough and (self.goal is None or self.value <= self.goal)

    def __str__(self) -> str:
        told = [f"≤ {self.goal:g}"] if self.goal is not None else []
        told += [f"≥ {self.least:g}"] if self.least is not None else []
        goal = f"  goal {' and '.join(told)}  {'holds' if self.holds else 'MISSED'}" if told else ""
        return f"  {self.what:<46} {self.value:>9.2f} {self.unit:<10}{goal}"


def asked(*command: str) -> Any:
    """What a process of the bench prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def bench_database(server: str, size: world.Size) -> list[Line]:
    """Build and measure one database; with the comparison where it is PostgreSQL."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        scratch_database(Path(folder), server) as url,
    ):
        started = time.monotonic()
        app = platform(url)
        early = min(EARLY, size.months)
        world.build(app, world.Size(size.enterprises, early))
        young = asked("tools.bench.queries", url)
        world.lengthen(app, size.months, early)
        with app.app_context():
            reports = world.count_reports()
            prefecture = db.session.scalars(select(Region.id).where(Region.code == PREFECTURE)).one()
            db.session.remove()
            db.engine.dispose()
        kind = "PostgreSQL" if server else "SQLite"
        print(f"\n{kind}: {reports:,} reports, built in {time.monotonic() - started:.0f} s", flush=True)
        lines = subject_lines(asked("tools.bench.subject", url))
        lines += import_lines(asked("tools.bench.imports", url))
        lines += summary_lines(asked("tools.bench.summaries", url))
        lines += query_lines(asked("tools.bench.queries", url), young)
        lines += worker_lines(asked("tools.bench.workers", url))
        lines += year_lines(url, 1.2 if server else 1.5)
        if server:
            lines += comparison(lines, asked("tools.bench.django_baseline.measure", url, str(prefecture)))
        batch = asked("tools.bench.acceptance", url)  # last: it changes what the others measure
        lines.append(Line(f"accept {batch['reports']:,} reports at once", batch["seconds"], "s", 30.0))
        lines += report_import_lines(asked("tools.bench.report_imports", url))
    for line in lines:
        print(line, flush=True)
    return lines


def bench_report_imports(size: world.Size) -> list[Line]:
    """The imports of reports alone, on SQLite: fourteen months are all that their rules look at."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        scratch_database(Path(folder), "") as url,
    ):
        world.build(platform(url), world.Size(size.enterprises, 14))
        return report_import_lines(asked("tools.bench.report_imports", url))


def subject_lines(found: dict[str, Any]) -> list[Line]:
    """The platform's own figures."""
    goals = {OPEN_GRID: 40.0, "save a draft": 60.0}
    lines = []
    for request in found["requests"]:
        name = request["name"]
        lines.append(Line(name, request["ms"], "ms", goals.get(name)))
        goal = 8.0 if name.startswith("list") else None
        lines.append(Line(f"{name}: statements", request["statements"], "", goal))
    lines.append(Line("statements while starting", found["statements_at_start"], "", 0.0))
    lines.append(Line("memory of an idle web process", found["memory_idle"], "MB"))
    lines.append(Line("memory above idle", found["memory_above_idle"], "MB", 100.0))
    return lines


def import_lines(found: dict[str, Any]) -> list[Line]:
    """Imports: 5,000 enterprises in one workbook, and reading beside openpyxl."""
    return [
        Line("import of 5,000 enterprises: preview", found["preview"], "s", 20.0),
        Line("import of 5,000 enterprises: writing", found["commit"], "s", 60.0),
        Line("memory of the worker at most", found["memory"], "MB", 768.0),
        Line("workbook of 20,000 x 30 read", found["read"], "s"),
        Line("reading / openpyxl, without the start", found["ratio"], "x", 0.25),
    ]


def summary_lines(found: dict[str, Any]) -> list[Line]:
    """The summary of a month over the province, beside a statement written by hand."""
    return [
        Line("summary of a month over the province", found["ours"], "ms", 40.0),
        Line("the same by a statement written by hand", found["by_hand"], "ms"),
        Line("summary / statement written by hand", found["ours"] / found["by_hand"], "x", 1.3),
        Line("page of the summary", found["page"]["ms"], "ms"),
        Line("page of the summary: statements", found["page"]["statements"], ""),
    ]


def query_lines(found: dict[str, Any], young: dict[str, Any]) -> list[Line]:
    """The first page of each standard query beside its statement, and beside the page of a young world."""
    before = {query["name"]: query["ms"] for query in young["queries"]}
    lines = []
    for query in found["queries"]:
        name, plain = query["name"], query["by_hand"]
        lines.append(Line(f"query {name}", query["ms"], "ms", 1.5 * plain + 15))
        lines.append(Line(f"query {name}: by hand", plain, "ms"))
        lines.append(Line(f"query {name}: statements", query["statements"], "", 8.0))
        lines.append(Line(f"query {name}: 36 / 12 months", query["ms"] / before[name], "x", 1.3))
    return lines


def year_lines(url: str, goal: float) -> list[Line]:
    """The details of a year as CSV beside the database's own program: the best of several, in turn."""
    best: dict[str, float] = {}
    above = 0.0
    for _ in range(EXPORTS):
        for way in ("csv", "copy"):
            found = asked("tools.bench.year", url, way)
            best[way] = min(best.get(way, found["seconds"]), found["seconds"])
            above = max(above, found["above_idle"] if way == "csv" else 0.0)
    return [
        Line(f"CSV of a year, {found['rows']:,} rows", best["csv"], "s"),
        Line("the same SELECT by the database's program", best["copy"], "s"),
        Line("CSV of a year / the database's program", best["csv"] / best["copy"], "x", goal),
        Line("memory above idle, CSV of a year", above, "MB", 64.0),
    ]


def worker_lines(found: dict[str, Any]) -> list[Line]:
    """Pages a second with two web processes beside one."""
    return [
        Line("list page, one web process", found["one"], "pages/s"),
        Line("list page, two web processes", found["two"], "pages/s"),
        Line("two web processes / one", found["two"] / found["one"], "x", least=1.8),
    ]


def report_import_lines(found: dict[str, Any]) -> list[Line]:
    """Imports of reports: 5,000 enterprises of 18 indicators in one workbook, submitted where they may be."""
    return [
        Line("import of 5,000 x 18 reports: preview", found["preview"], "s", 20.0),
        Line("import of 5,000 x 18 reports: writing", found["commit"], "s", 60.0),
        Line("writing / preview", found["commit"] / found["preview"], "x"),
        Line("of them submitted", found["submitted"], ""),
        Line("memory of the worker, reports", found["memory"], "MB", 768.0),
    ]


def comparison(ours: list[Line], django: dict[str, Any]) -> list[Line]:
    """The list sorted by submission beside Django's, which has the same rows to show."""
    own = next(line.value for line in ours if line.what == "list by submission")
    return [
        Line("stock Django changelist", django["ms"], "ms"),
        Line("stock Django changelist: statements", django["statements"], ""),
        Line("list / stock Django changelist", own / django["ms"], "x", 0.2),
    ]


def bench_exports(server: str) -> list[Line]:
    """A long list as CSV and as a workbook, beside the shortest ways: the best of several, in turn."""
    best: dict[str, float] = {}
    above: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        scratch_database(Path(folder), server) as url,
    ):
        asked("tools.bench.exports", url, "build")
        for _ in range(EXPORTS):
            for way in ("csv", "copy", "xlsx", "openpyxl"):
                found = asked("tools.bench.exports", url, way)
                best[way] = min(best.get(way, found["seconds"]), found["seconds"])
                above[way] = max(above.get(way, 0.0), found["above_idle"])
    return [
        Line("CSV", best["csv"], "s"),
        Line("psql's copy of the same SELECT", best["copy"], "s"),
        Line("CSV / psql's copy", best["csv"] / best["copy"], "x", 1.2),
        Line("memory above idle, CSV", above["csv"], "MB", 64.0),
        Line("workbook", best["xlsx"], "s"),
        Line("openpyxl in write-only mode", best["openpyxl"], "s"),
        Line("workbook / openpyxl", best["xlsx"] / best["openpyxl"], "x", 0.25),
        Line("memory above idle, workbook", above["xlsx"], "MB", 64.0),
    ]


def bench_questionnaires(server: str) -> list[Line]:
    """The results of a questionnaire of 40 questions with 50,000 responses, in a world of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        scratch_database(Path(folder), server) as url,
    ):
        asked("tools.bench.questionnaires", url, "build")
        pages = asked("tools.bench.questionnaires", url, "page")
        file = asked("tools.bench.questionnaires", url, "csv")
    goals = {name: 1.0 for name in pages["seconds"] if name.startswith("analysis")}
    lines = [Line(name, value, "s", goals.get(name)) for name, value in pages["seconds"].items()]
    return [
        *lines,
        Line("memory above idle, pages", pages["above_idle"], "MB", 100.0),
        Line(f"CSV of {file['rows']:,} responses", file["seconds"], "s", 15.0),
        Line("memory above idle, CSV", file["above_idle"], "MB", 100.0),
    ]


def bench_start() -> list[Line]:
    """Starting a process beside starting one with as many empty views: the best of several, in turn."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # As on a server, both sides start from compiled files: the first start of each writes them.
        env = {
            **os.environ,
            "DATA_DIR": folder,
            "APP_ENV": "development",
            "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
        }
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        ours = [sys.executable, "-c", START]
        empty = [sys.executable, "-m", "tools.bench.empty_views", str(len(VIEWS))]
        times: dict[str, list[float]] = {"ours": [], "empty": []}
        for _ in range(STARTS):
            times["ours"].append(_seconds(ours, env))
            times["empty"].append(_seconds(empty, env))
    own, least = min(times["ours"]), min(times["empty"])
    return [
        Line("start", own, "s"),
        Line(f"start with {len(VIEWS)} empty views", least, "s"),
        Line("start / start with empty views", own / least, "x", 1.5),
    ]


def _seconds(command: list[str], env: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> int:
    """Command line: ``python -m tools.bench``; 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--enterprises", type=int, default=20_000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--only", choices=ONLY)
    options = parser.parse_args()
    size = world.Size(options.enterprises, options.months)
    server = os.environ.get("POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    lines: list[Line] = []
    if options.only in {None, "start"}:
        print("\nStart")
        lines += bench_start()
        print("\n".join(map(str, lines)), flush=True)
    if options.only in {None, "exports"}:
        print("\nExports of 120,000 rows of 40 columns, PostgreSQL")
        found = bench_exports(server)
        print("\n".join(map(str, found)), flush=True)
        lines += found
    if options.only == "report-imports":
        print("\nImports of reports, SQLite")
        lines += bench_report_imports(size)
        print("\n".join(map(str, lines)), flush=True)
    for kind, where in (("PostgreSQL", server), ("SQLite", "")):
        if options.only in {None, "questionnaires"}:
            print(f"\nQuestionnaire of 40 questions, 50,000 responses, {kind}")
            found = bench_questionnaires(where)
            print("\n".join(map(str, found)), flush=True)
            lines += found
    if options.only in {None, "postgresql"}:
        lines += bench_database(server, size)
    if options.only in {None, "sqlite"}:
        lines += bench_database("", size)
    missed = [line.what for line in lines if not line.holds]
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nEvery goal is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
