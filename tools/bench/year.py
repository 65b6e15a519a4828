"""Writes the details of a year as one CSV beside the shortest way to the same file; prints JSON.

``python -m tools.bench.year <database> csv|copy`` writes one file of every report of the year with all
indicators: by the product, or by psql's copy or the shell of SQLite from the same SELECT.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import make_url, select
from werkzeug.datastructures import MultiDict

from app.infra.context import acting_as
from app.infra.database import db, is_postgresql
from app.infra.exports import CSV
from app.infra.lists import ListSpec, bulk, export, query
from app.kernel.actor import Actor
from app.organisations.accounts import actor_for
from app.queries.details import details_list
from app.reports.workflow import STORED_STATES
from tools.bench.measuring import BenchError, memory
from tools.bench.settings import LAST_MONTH, NOON, PROVINCE_ADMIN
from tools.bench.subject import platform

TODAY = NOON.date()
ASKED = {
    "asked": "1",
    "period_from": f"{LAST_MONTH.year}-01",
    "period_to": str(LAST_MONTH),
    "format": CSV.name,
    "columns": "all",
}


def wanted(actor: Actor) -> tuple[ListSpec, export.Export]:
    """The query of details and the file that is asked of it: every state, every indicator."""
    form = MultiDict(ASKED)
    form.setlist("state", list(STORED_STATES))
    spec = details_list(actor, form)
    return spec, export.read_export(spec, form, actor, TODAY)


def write_csv(actor: Actor, target: Path) -> int:
    """The way of the product."""
    spec, asked = wanted(actor)
    with target.open("wb") as handle:
        return export._write(spec, asked, actor, TODAY, handle)


def write_copy(actor: Actor, target: Path) -> int:
    """The same SELECT through the database's own program."""
    spec, asked = wanted(actor)
    rows = query.meant(spec, asked.asked, actor, TODAY, None)
    statement = bulk.text_statement(spec, asked.asked, asked.columns, rows)
    words = str(
        cast(Any, statement).compile(dialect=db.engine.dialect, compile_kwargs={"literal_binds": True})
    )
    line = " ".join(words.replace("%%", "%").split())
    if is_postgresql():
        url = make_url(db.engine.url).set(drivername="postgresql").render_as_string(hide_password=False)
        order = f"\\copy ({line}) TO '{target}' WITH (FORMAT csv, HEADER)"
        subprocess.run(["psql", "--quiet", "--no-psqlrc", url, "-c", order], check=True)  # noqa: S607 - where the system has it
    else:
        with target.open("wb") as handle:
            shell = ["sqlite3", "-csv", "-header", cast(str, db.engine.url.database), line]
            subprocess.run(shell, check=True, stdout=handle)
    with target.open("rb") as handle:
        return sum(1 for _line in handle) - 1


WAYS: dict[str, Callable[[Actor, Path], int]] = {"csv": write_csv, "copy": write_copy}


def main() -> int:
    """Command line: ``python -m tools.bench.year <database address> csv|copy``."""
    url, way = sys.argv[1:]
    app = platform(url)
    with app.app_context(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        actor = actor_for(db.session.scalars(select(User.id).where(User.username == PROVINCE_ADMIN)).one())
        if actor is None:
            raise BenchError(f"{PROVINCE_ADMIN} is not there")
        with acting_as(actor), app.test_request_context():
            idle = memory("VmRSS")
            started = time.perf_counter()
            rows = WAYS[way](actor, Path(folder) / "file")
            found = {"seconds": time.perf_counter() - started, "rows": rows}
        found["above_idle"] = memory("VmHWM") - idle
        db.session.remove()
        db.engine.dispose()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
