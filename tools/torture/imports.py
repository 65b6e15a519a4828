"""kill -9 while an import is checked or written: nothing partial, nothing twice; the next worker ends it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select

from app.enterprises.models import Enterprise, EnterpriseVersion
from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.imports import service
from app.infra.imports.rules import Standing
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from tools.import_rows import enterprise_rows, workbook_of
from tools.torture.instance import Instance
from tools.torture.product import make_app
from tools.torture.rounds import Killer, actor_named
from tools.torture.verdict import Verdict

ROUNDS = 100
ROWS = 40
CHECKED = 4
"""Of so many rounds one is killed while the file is checked, too."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An import to be tortured: who brings which file each round, and what that must add to which counts."""

    spec: str
    owner: str
    content: Callable[[int], bytes]
    written: Callable[[], tuple[int, ...]]
    added: tuple[int, ...]


def kill_imports(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Every subject in turn."""
    app = make_app(instance.url, instance.data_dir)
    with app.app_context():
        verdicts = [_kill(instance, share, chance, subject) for subject in SUBJECTS]
        db.session.remove()
        db.engine.dispose()
    return verdicts


def _kill(instance: Instance, share: float, chance: random.Random, subject: Subject) -> Verdict:
    """Kill a worker in each round, let the next one resume, and count what is there."""
    verdict = Verdict(f"kill -9, import of {subject.spec}", max(1, round(ROUNDS * share)))
    killer = Killer(instance, verdict, chance)
    owner = actor_named(subject.owner)
    started = time.monotonic()
    killer.start()
    _undisturbed(killer, owner, subject, verdict.wished)
    for number in range(verdict.wished):
        _round(killer, owner, subject, number)
        verdict.counted += 1
    killer.stop()
    killer.note()
    verdict.seconds = time.monotonic() - started
    return verdict


def _undisturbed(killer: Killer, owner: Actor, subject: Subject, number: int) -> None:
    name = _upload(owner, subject, number)
    killer.recover(_job(owner, name), "check")
    _confirm(owner, name)
    killer.recover(_job(owner, name), "apply")


def _round(killer: Killer, owner: Actor, subject: Subject, number: int) -> None:
    verdict, before = killer.verdict, subject.written()
    name = _upload(owner, subject, number)
    if number % CHECKED == 0:
        killer.strike(_job(owner, name), "check")
        _compare(verdict, subject, before, _standing(owner, name))
    killer.recover(_job(owner, name), "check")
    if _standing(owner, name) is not Standing.READY:
        verdict.fault(f"round {number} is not checked: {_standing(owner, name)}")
        return
    for _click in range(2):
        _confirm(owner, name)
    killer.strike(_job(owner, name), "apply")
    _compare(verdict, subject, before, _standing(owner, name))
    killer.recover(_job(owner, name), "apply")
    _confirm(owner, name)
    _compare(verdict, subject, before, _standing(owner, name))
    if _standing(owner, name) is not Standing.DONE:
        verdict.fault(f"round {number} is not finished: {_standing(owner, name)}")


def _upload(owner: Actor, subject: Subject, number: int) -> str:
    content = subject.content(number)
    with unit_of_work():
        return service.upload(
            owner, subject.spec, content, "torture.xlsx", f"round{number}", "zh", context.now()
        ).public_id


def _confirm(owner: Actor, name: str) -> None:
    with unit_of_work():
        service.confirm(owner, name, "all", context.now())


def _job(owner: Actor, name: str) -> int:
    """The job that the batch waits for now, or waited for last."""
    db.session.rollback()
    batch = service.find(owner, name)
    return batch.apply_job_id or batch.check_job_id or 0


def _standing(owner: Actor, name: str) -> Standing:
    db.session.rollback()
    return service.standing_now(service.find(owner, name), context.now())


def _compare(verdict: Verdict, subject: Subject, before: tuple[int, ...], standing: Standing) -> None:
    wished = subject.added if standing is Standing.DONE else (0,) * len(subject.added)
    added = tuple(now - then for now, then in zip(subject.written(), before, strict=True))
    if added != wished:
        verdict.fault(f"{standing}: {added} lines were written for {wished}")


def _enterprises(number: int) -> bytes:
    return workbook_of([*enterprise_rows(ROWS, start=number * ROWS)])


def _enterprises_written() -> tuple[int, ...]:
    """How many enterprises, versions, and audit lines that tell of new enterprises there are."""
    db.session.rollback()
    lines = select(func.count()).where(AuditEntry.entity == "enterprise", AuditEntry.action == "create")
    counts = (select(func.count(Enterprise.id)), select(func.count(EnterpriseVersion.id)), lines)
    return tuple(int(db.session.scalar(count) or 0) for count in counts)


SUBJECTS = (Subject("enterprises", "prefecture", _enterprises, _enterprises_written, (ROWS,) * 3),)
"""A domain that can import adds its own line here."""
