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
from tools.bench.settings import PREFECTURE
from tools.bench.subject import platform
from tools.scratch import scratch_database

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS = 5
START = "from app import create_app; create_app({'LOG_LEVEL': 'ERROR'})"


@dataclass(frozen=True, slots=True)
class Line:
    """A figure beside its goal; without a goal it is only told."""

    what: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the goal is met."""
        return self.goal is None or self.value <= self.goal

    def __str__(self) -> str:
        goal = "" if self.goal is None else f"  goal ≤ {self.goal:g}  {'holds' if self.holds else 'MISSED'}"
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
        world.build(app, size)
        with app.app_context():
            reports = world.count_reports()
            prefecture = db.session.scalars(select(Region.id).where(Region.code == PREFECTURE)).one()
            db.session.remove()
            db.engine.dispose()
        kind = "PostgreSQL" if server else "SQLite"
        print(f"\n{kind}: {reports:,} reports, built in {time.monotonic() - started:.0f} s", flush=True)
        lines = subject_lines(asked("tools.bench.subject", url))
        if server:
            lines += comparison(lines, asked("tools.bench.django_baseline.measure", url, str(prefecture)))
    for line in lines:
        print(line, flush=True)
    return lines


def subject_lines(found: dict[str, Any]) -> list[Line]:
    """The platform's own figures."""
    goals = {"open the grid": 40.0, "save a draft": 60.0}
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


def comparison(ours: list[Line], django: dict[str, Any]) -> list[Line]:
    """The list sorted by submission beside Django's, which has the same rows to show."""
    own = next(line.value for line in ours if line.what == "list by submission")
    return [
        Line("stock Django changelist", django["ms"], "ms"),
        Line("stock Django changelist: statements", django["statements"], ""),
        Line("list / stock Django changelist", own / django["ms"], "x", 0.2),
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
    parser.add_argument("--only", choices=("start", "postgresql", "sqlite"))
    options = parser.parse_args()
    size = world.Size(options.enterprises, options.months)
    server = os.environ.get("POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    lines: list[Line] = []
    if options.only in {None, "start"}:
        print("\nStart")
        lines += bench_start()
        print("\n".join(map(str, lines)), flush=True)
    if options.only in {None, "postgresql"}:
        lines += bench_database(server, size)
    if options.only in {None, "sqlite"}:
        lines += bench_database("", size)
    missed = [line.what for line in lines if not line.holds]
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nEvery goal is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
