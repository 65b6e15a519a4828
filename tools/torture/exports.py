"""kill -9 while a list is exported: no file or the whole file, never a part of one, and each once."""

from __future__ import annotations

import csv
import io
import random
import re
import time
import zipfile
from collections.abc import Collection

from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.exports import FILE_KINDS, XLSX, FileKind
from app.infra.jobs import Job, JobState
from app.infra.transactions import unit_of_work
from tools.bench.world import add_enterprises
from tools.torture.instance import Instance
from tools.torture.product import make_app
from tools.torture.rounds import Killer, check_files
from tools.torture.verdict import Verdict
from tools.torture.visitor import Visitor

ROUNDS = 100
ENTERPRISES = 15_000
"""So many that an export is a job, and takes long enough to be killed within."""

OWNER = "province"
LIST = "/enterprises/list/"
LARGEST = 256 * 1024**2
"""Bytes that a worker may take at most, whatever the list is long."""

_ROW = re.compile(rb"<row\b")


def kill_exports(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Ask for each kind of file in turn, kill the worker, fetch what is there, and again when it is done."""
    app = make_app(instance.url, instance.data_dir)
    instance.serve()
    with app.app_context():
        verdict = Verdict("kill -9, export", max(1, round(ROUNDS * share)))
        with unit_of_work():
            add_enterprises(ENTERPRISES)
        owner = Visitor(instance, OWNER).sign_in(str(app.config["DEMO_PASSWORD"]))
        killer = Killer(instance, verdict, chance)
        started = time.monotonic()
        killer.start()
        whole = {kind.name: _undisturbed(killer, owner, kind) for kind in FILE_KINDS.values()}
        for number in range(verdict.wished):
            kind = list(FILE_KINDS.values())[number % len(FILE_KINDS)]
            _round(killer, owner, kind, whole[kind.name])
            verdict.counted += 1
        killer.stop()
        killer.note()
        if killer.peak > LARGEST:
            verdict.fault(f"a worker took {killer.peak:,} bytes")
        check_files(verdict)
        owner.close()
        verdict.seconds = time.monotonic() - started
        db.session.remove()
        db.engine.dispose()
    return [verdict]


def _undisturbed(killer: Killer, owner: Visitor, kind: FileKind) -> object:
    """What every file of the kind must hold; that these are all enterprises is seen by other means."""
    job = killer.recover(_ask(owner, kind).id, kind.name)
    body = owner.get(f"/jobs/{job.public_id}/result").content
    _compare_with_table(killer.verdict, kind, body)
    return _content(kind, body)


def _round(killer: Killer, owner: Visitor, kind: FileKind, whole: object) -> None:
    before = _lines()
    job = _ask(owner, kind)
    left = killer.strike(job.id, kind.name)
    _look(killer.verdict, owner, left, kind, whole)
    done = killer.recover(job.id, kind.name)
    _look(killer.verdict, owner, done, kind, whole)
    if (told := _lines() - before) != 1:
        killer.verdict.fault(f"{done}: {told} lines of the audit trail tell of one export")


def _ask(owner: Visitor, kind: FileKind) -> Job:
    answer = owner.post(LIST, {"format": kind.name, "columns": "all", "all": "1"})
    place = answer.headers.get("Location", "").rpartition("/")[2]
    db.session.rollback()
    found = db.session.scalar(select(Job).where(Job.public_id == place))
    if found is None:
        raise RuntimeError(f"the export became no job: {answer.status_code} {answer.text[:300]}")
    return found


def _look(verdict: Verdict, owner: Visitor, job: Job, kind: FileKind, whole: object) -> None:
    """What the owner is given: nothing, as long as the job is not done; then all of it."""
    answer = owner.get(f"/jobs/{job.public_id}/result")
    if job.state != JobState.DONE:
        if answer.status_code != 404:
            verdict.fault(f"{job} gives {answer.status_code} and {len(answer.content)} bytes")
    elif answer.status_code != 200:
        verdict.fault(f"{job} gives {answer.status_code}")
    elif _content(kind, answer.content) != whole:
        verdict.fault(f"{job} gives another file of {len(answer.content)} bytes")


def _content(kind: FileKind, body: bytes) -> object:
    """What must be equal in two files of the same rows: all of a text, the sheets of a workbook."""
    if kind is not XLSX:
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return {name: book.read(name) for name in book.namelist() if name.startswith("xl/")}


def _compare_with_table(verdict: Verdict, kind: FileKind, body: bytes) -> None:
    db.session.rollback()
    codes = set(db.session.scalars(select(Enterprise.uscc)))
    if kind is XLSX:
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            rows = len(_ROW.findall(book.read("xl/worksheets/sheet1.xml"))) - 1
        if rows != len(codes):
            verdict.fault(f"the workbook has {rows} rows, the table {len(codes)}")
        return
    lines = list(csv.reader(io.StringIO(body.decode(kind.encoding))))
    if len(lines) - 1 != len(codes) or not _has_column(lines[1:], codes):
        verdict.fault(f"the {kind.name} has {len(lines) - 1} rows, the table {len(codes)}")


def _has_column(rows: list[list[str]], wanted: Collection[str]) -> bool:
    return any(set(column) == wanted for column in zip(*rows, strict=True))


def _lines() -> int:
    """How many lines of the audit trail tell of an export."""
    db.session.rollback()
    query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "export")
    return db.session.scalar(query) or 0
