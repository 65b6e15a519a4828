"""The two jobs of an import: checking, which writes nothing, and writing, which is one transaction."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask_babel import force_locale
from sqlalchemy import select

from app.infra import audit
from app.infra.context import acting_as
from app.infra.database import db
from app.infra.exports import XLSX
from app.infra.files import file_store
from app.infra.i18n import say
from app.infra.imports.models import ImportBatch
from app.infra.imports.preview import preview_of
from app.infra.imports.reading import Loaded, RawTable, judge, load, read_raw
from app.infra.imports.rules import BatchState, Mode
from app.infra.imports.spec import ImportRow, ImportSpec, find_import
from app.infra.imports.values import shown
from app.infra.jobs import JobContext, Outcome, OutcomeLine, job
from app.infra.words import words_to_json
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Invalid
from app.kernel.texts import Message

CHECK = "import.check"
APPLY = "import.apply"

READING = Message("Reading the file")
CHECKING = Message("Checking the rows")
WRITING = Message("Writing the rows")


@contextlib.contextmanager
def as_owner(ctx: JobContext) -> Iterator[Actor]:
    """The owner, in the language of the page that asked."""
    spoken = str(ctx.params["language"])
    actor = replace(ctx.actor, language=spoken)
    with acting_as(actor), force_locale(spoken):
        yield actor


@job(CHECK, title=Message("Check an import"), writes=False, time_limit=900)
def check_batch(ctx: JobContext) -> Outcome:
    """Read and check an uploaded file and keep the preview; of the records nothing is written."""
    with as_owner(ctx) as actor:
        family = find_import(str(ctx.params["spec"]), actor)
        try:
            loaded = _load(ctx, family)
            spec = _shaped(ctx, family, actor)
            table = read_raw(spec, loaded)
            check_rows(ctx, spec, table, actor)
        except Invalid as refusal:
            db.session.rollback()
            return _refuse(ctx, refusal)
        failed = [row for row in table.rows if row.problems]
        _keep_failed(ctx, spec, actor, failed)
        ctx.with_outcome(functools.partial(_show, ctx, spec, table, failed))
        return Outcome(
            Message(
                "{valid} of {count} rows can be imported.",
                valid=len(table.rows) - len(failed),
                count=len(table.rows),
            )
        )


@job(APPLY, title=Message("Import"), time_limit=1800)
def apply_batch(ctx: JobContext) -> Outcome:
    """Check the rows of a confirmed batch again and write them, all in one transaction, exactly once."""
    with as_owner(ctx) as actor:
        family = find_import(str(ctx.params["spec"]), actor)
        loaded = _load(ctx, family)  # before the first statement: SQLite's one writer waits for nobody's file
        batch = _batch(ctx, BatchState.APPLYING)
        spec = _shaped(ctx, family, actor)
        table = read_raw(spec, loaded)
        check_rows(ctx, spec, table, actor)
        failed = [row for row in table.rows if row.problems]
        good = [row for row in table.rows if not row.problems]
        if (batch.mode == Mode.ALL and failed) or not good:
            return _send_back(ctx, batch, spec, actor, table, failed)
        spec.apply(good, actor, ctx.now, lambda done: ctx.progress(done, len(good), WRITING))
        ctx.checkpoint()
        _keep_failed(ctx, spec, actor, failed)
        _count(batch, spec, table, failed)
        batch.state, batch.written, batch.finished_at = BatchState.DONE, len(good), ctx.now
        after = {"rows": len(good), "failed": len(failed), "mode": batch.mode}
        audit.record(actor, "import", spec.name, batch.public_id, after=after)
        summary = Message("{count} rows imported, {failed} not.", count=len(good), failed=len(failed))
        return Outcome.of(summary, _lines(spec, table.rows))


def check_rows(ctx: JobContext, spec: ImportSpec, table: RawTable, actor: Actor) -> None:
    """Everything that is wrong with the rows, each cell's first problem only, and what is to be told.

    :raises Invalid: the file as a whole cannot be imported.
    """
    rows = table.rows
    ctx.progress(0, len(rows), CHECKING)
    table.notices += judge(spec, rows, actor, ctx.now, lambda done: ctx.progress(done, len(rows), CHECKING))


def _load(ctx: JobContext, spec: ImportSpec) -> Loaded:
    ctx.progress(0, 0, READING)
    with file_store().open(str(ctx.params["path"])) as handle:
        content = handle.read()
    return load(spec, content, lambda done: ctx.progress(done, 0, READING))


def _shaped(ctx: JobContext, family: ImportSpec, actor: Actor) -> ImportSpec:
    """The import for what was chosen when the file was uploaded; older jobs chose nothing."""
    return family.shaped(actor, ctx.params.get("options", {}), ctx.now)


def _batch(ctx: JobContext, state: BatchState) -> ImportBatch:
    """The batch, locked, if it is still where this job found its work.

    :raises Conflict: another worker or a cancellation was faster.
    """
    query = select(ImportBatch).where(ImportBatch.public_id == ctx.params["batch"])
    batch = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    if batch.state != state:
        raise Conflict(Message("This import is no longer waiting for this job."))
    return batch


def _show(ctx: JobContext, spec: ImportSpec, table: RawTable, failed: list[ImportRow]) -> None:
    with as_owner(ctx):
        batch = _batch(ctx, BatchState.CHECKING)
        batch.state, batch.checked_at, batch.encoding = BatchState.READY, ctx.now, table.encoding
        _count(batch, spec, table, failed)


def _refuse(ctx: JobContext, refusal: Invalid) -> Outcome:
    def keep() -> None:
        batch = _batch(ctx, BatchState.CHECKING)
        batch.state = BatchState.REFUSED
        batch.preview = {"notices": [words_to_json(problem.message) for problem in refusal.problems]}

    ctx.with_outcome(keep)
    return Outcome(refusal.message)


def _send_back(
    ctx: JobContext,
    batch: ImportBatch,
    spec: ImportSpec,
    actor: Actor,
    table: RawTable,
    failed: list[ImportRow],
) -> Outcome:
    """Something changed since the preview: show it again, instead of writing less than was confirmed."""
    words = Message(
        "Nothing was imported: since the preview something changed, and {count} rows have errors now.",
        count=len(failed),
    )
    table.notices.insert(0, words)
    _keep_failed(ctx, spec, actor, failed)
    _count(batch, spec, table, failed)
    batch.state, batch.mode, batch.checked_at = BatchState.READY, Mode.NONE, ctx.now
    batch.check_job_id = batch.apply_job_id
    return Outcome(words)


def _count(batch: ImportBatch, spec: ImportSpec, table: RawTable, failed: Sequence[ImportRow]) -> None:
    batch.counted, batch.valid = len(table.rows), len(table.rows) - len(failed)
    batch.problem_count = sum(len(row.problems) for row in failed)
    batch.preview = preview_of(spec, table.rows, table.notices)


def _keep_failed(ctx: JobContext, spec: ImportSpec, actor: Actor, failed: Sequence[ImportRow]) -> None:
    """The failed rows as a workbook that the owner downloads, corrects and uploads again."""
    if not failed:
        return
    from app.infra.imports.template import write_template  # noqa: PLC0415 - as the module says

    today = local_date(ctx.now)
    with ctx.result_file(failed_name(spec, today), XLSX.media_type) as draft:
        if spec.write is not None:
            spec.write(draft.temporary, actor, today, failed)
        else:
            write_template(draft.temporary, spec, actor, today, failed)


def failed_name(spec: ImportSpec, today: dt.date) -> str:
    """What the workbook of failed rows is called."""
    words = Message("{what}, failed rows {day}", what=spec.title, day=today.isoformat())
    return f"{say(words)}.xlsx"


def _lines(spec: ImportSpec, rows: Sequence[ImportRow]) -> Iterator[OutcomeLine]:
    for row in rows:
        words = row.problems[0].message if row.problems else row.note
        name = row.name or shown(row.raw.get(spec.name_column)) or next(map(shown, row.raw.values()), "")
        label = f"{row.number} · {name}"
        yield OutcomeLine(label, not row.problems, words, f"{row.sheet}!{row.number}")
