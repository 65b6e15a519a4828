"""Measures the results of a large questionnaire in a process of its own; prints JSON.

``python -m tools.bench.questionnaires <database> build`` makes the world, ``… page`` opens the analysis and
other pages as the admin of the province and of a prefecture, ``… csv`` writes the raw table of everything.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client, TestResponse

from app.infra.context import acting_as
from app.infra.database import db
from app.infra.exports import CSV
from app.infra.lists import export
from app.organisations.accounts import actor_for
from app.questionnaires.models import Questionnaire, QuestionnaireHandout
from app.questionnaires.results_raw import raw_list
from tools.bench import questionnaire_world
from tools.bench.measuring import BenchError, memory, must_contain
from tools.bench.settings import NOON, PREFECTURE_ADMIN, PROVINCE_ADMIN
from tools.bench.subject import platform, signed_in

TODAY = NOON.date()
ROUNDS = 5
RESULTS = "/questionnaire-results"
PAGES = {
    "analysis": (f"{RESULTS}/analysis?asked=1", "qr-card"),
    "analysis, second page": (f"{RESULTS}/analysis?asked=1&part=2", "qr-card"),
    "analysis of a size": (f"{RESULTS}/analysis?asked=1&size=small", "qr-card"),
    "one question": (f"{RESULTS}/question?asked=1&question=q1", "<tbody"),
    "cross by region": (f"{RESULTS}/cross?asked=1&question=q1&by=region", "<tbody"),
    "cross by question": (f"{RESULTS}/cross?asked=1&question=q19&by=q1", "<tbody"),
    "raw table": (f"{RESULTS}/responses/?asked=1", "<tbody"),
    "texts": (f"{RESULTS}/texts?asked=1&question=q40&text=%E8%BF%90%E8%B4%B9", "<tbody"),
}
"""What is opened of all rounds, and what its answer must hold."""


def build(app: Flask) -> dict[str, Any]:
    """The world; the admin of a prefecture gets the questionnaire too."""
    key = questionnaire_world.build(app)
    with app.app_context():
        below = _actor(PREFECTURE_ADMIN)
        db.session.add(QuestionnaireHandout(questionnaire_id=key, admin_id=below.admin_id, handed_at=NOON))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return {"questionnaire": key}


def pages(app: Flask) -> dict[str, Any]:
    """Seconds of each page, the quickest of a few, and the memory above idle."""
    with app.app_context():
        key = db.session.scalars(select(Questionnaire.id)).one()
    found: dict[str, float] = {}
    clients = {name: signed_in(app, name) for name in (PROVINCE_ADMIN, PREFECTURE_ADMIN)}
    idle = memory("VmRSS")
    for name, (address, words) in PAGES.items():
        found[name] = _seconds(clients[PROVINCE_ADMIN], f"{address}&questionnaire={key}", words)
    address, words = PAGES["analysis"]
    found["analysis of a prefecture"] = _seconds(
        clients[PREFECTURE_ADMIN], f"{address}&questionnaire={key}", words
    )
    with app.app_context():
        db.engine.dispose()
    return {"seconds": found, "above_idle": memory("VmHWM") - idle}


def _seconds(client: Client, address: str, words: str) -> float:
    send = functools.partial(_open, client, address)
    must_contain(send(), (words,))
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        send()
        times.append(time.perf_counter() - started)
    return round(sorted(times)[ROUNDS // 2], 3)


def _open(client: Client, address: str) -> TestResponse:
    answer = client.get(address)
    if answer.status_code != 200:
        raise BenchError(f"{address}: {answer.status} {answer.get_data(as_text=True)[:400]}")
    return answer


def write_csv(app: Flask) -> dict[str, Any]:
    """The raw table with every column, as the job of an export writes it."""
    with app.app_context(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        actor = _actor(PROVINCE_ADMIN)
        with acting_as(actor), app.test_request_context():
            key = db.session.scalars(select(Questionnaire.id)).one()
            form = MultiDict({"asked": "1", "questionnaire": str(key), "format": CSV.name})
            spec = raw_list(actor, form)
            wanted = export.read_export(spec, form, actor, TODAY)
            idle = memory("VmRSS")
            started = time.perf_counter()
            target = Path(folder) / "file"
            with target.open("wb") as handle:
                rows = export._write(spec, wanted, actor, TODAY, handle)
            seconds = time.perf_counter() - started
            size = target.stat().st_size / 1e6
        db.session.remove()
        db.engine.dispose()
    if rows < questionnaire_world.RESPONSES:
        raise BenchError(f"{rows} rows")
    return {"seconds": seconds, "rows": rows, "above_idle": memory("VmHWM") - idle, "megabytes": size}


def _actor(name: str) -> Any:
    actor = actor_for(db.session.scalars(select(User.id).where(User.username == name)).one())
    if actor is None:
        raise BenchError(f"{name} is not there")
    return actor


WAYS = {"build": build, "page": pages, "csv": write_csv}


def main() -> int:
    """Command line: ``python -m tools.bench.questionnaires <database address> build|page|csv``."""
    url, way = sys.argv[1:]
    print(json.dumps(WAYS[way](platform(url))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
