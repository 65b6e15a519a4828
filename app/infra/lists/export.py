"""A list as a file: a small one at once, a large one as a job; each leaves a line in the audit trail."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from flask import Response
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict

from app.infra import audit, exports
from app.infra.context import acting_as
from app.infra.database import session
from app.infra.files import disposition
from app.infra.i18n import language, say
from app.infra.jobs import Job, JobContext, Outcome, enqueue, job
from app.infra.lists import bulk, cells, query
from app.infra.lists.asked import Args, Asked, ask, sort_keys
from app.infra.lists.registry import list_named
from app.infra.lists.spec import Column, Key, ListSpec
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.texts import Message

AT_ONCE = 5_000
"""Rows that are answered directly; more become a job."""

MOST_TICKED = 1_000
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be written: which rows of a list, which columns, as what."""

    asked: Asked
    columns: tuple[Column, ...]
    kind: exports.FileKind
    ticked: list[Key] | None


def read_export(spec: ListSpec, form: Args, actor: Actor, today: dt.date) -> Export:
    """What a form asks to be exported.

    :raises Invalid: a condition that cannot be read, an unknown kind of file, or a forged key.
    """
    asked = ask(spec, form, actor, today)
    problems = list(asked.problems)
    kind = exports.FILE_KINDS.get(form.get("format", ""))
    if kind is None:
        problems.append(Problem(Message("Choose Excel or CSV.")))
    ticked = read_ticks(spec, form, problems)
    if problems or kind is None:
        raise Invalid(problems)
    usual = "all" if spec.exports_all else "shown"
    columns = tuple(spec.columns) if form.get("columns", usual) == "all" else asked.columns
    return Export(asked, columns, kind, ticked)


def read_ticks(spec: ListSpec, form: Args, problems: list[Problem]) -> list[Key] | None:
    """Keys of the ticked rows; None where all filtered ones are meant."""
    words = [] if form.get("all") == "1" else form.getlist("key")
    keys = [cells.key_of(spec, word) for word in words[: MOST_TICKED + 1]]
    if len(keys) > MOST_TICKED or None in keys:
        problems.append(
            Problem(Message("The ticked rows cannot be read. Reload the list and tick them again."))
        )
    return [key for key in keys if key is not None] or None


def rows_of(
    spec: ListSpec,
    actor: Actor,
    today: dt.date,
    asked: Asked,
    columns: Sequence[Column],
    ticked: list[Key] | None,
) -> Iterator[tuple[Any, ...]]:
    """The values of all rows meant, in the list's order, fetched through a server-side cursor.

    A line of totals comes last.
    """
    rows = query.meant(spec, asked, actor, today, ticked)
    statement, layout = query.statement(spec, columns, rows, sort_keys(spec, asked.sort))
    found = session().execute(statement, execution_options={"yield_per": CHUNK})
    convert = [cells.file_value(column) for column in columns]
    totals: Sequence[Any] = ()
    for part in found.partitions():
        chunk = [tuple(row) for row in part]
        totals = totals or query.totals_of(layout, chunk)
        values = query.column_values(columns, layout, chunk, actor)
        turned = [[turn(value) for value in column] for turn, column in zip(convert, values, strict=True)]
        yield from zip(*turned, strict=True)
    if totals:
        named = (say(spec.total), *(None for _column in columns[1:]))
        yield tuple(
            words if column.total is None else turn(value)
            for words, column, turn, value in zip(named, columns, convert, totals, strict=True)
        )


def fields_of(columns: Sequence[Column]) -> list[exports.Field]:
    """The headings of a file, in the user's language."""
    return [
        exports.Field(say(column.label), column.decimals if column.kind == "number" else None)
        for column in columns
    ]


def file_name(spec: ListSpec, kind: exports.FileKind, today: dt.date) -> str:
    """Such as ``监测企业 2026-11-20.xlsx``."""
    return f"{say(spec.export_name or spec.title)} {today.isoformat()}{kind.suffix}"


def answer_export(spec: ListSpec, actor: Actor, form: Args, now: dt.datetime) -> Response | Job:
    """The file where it is small; else the job that makes it.

    :raises Invalid: what ``read_export`` refuses.
    """
    today = local_date(now)
    export = read_export(spec, form, actor, today)
    if _size(spec, export, actor, today) > AT_ONCE:
        with unit_of_work():
            return enqueue("export", actor, {"list": spec.name, **job_params(form)})
    body = io.BytesIO()
    written = _write(spec, export, actor, today, body)
    with unit_of_work():
        _record(spec, export, actor, written)
    response = Response(body.getvalue(), content_type=export.kind.media_type)
    response.headers["Content-Disposition"] = disposition(file_name(spec, export.kind, today))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@job("export", title=Message("Export"), writes=False)
def run_export(ctx: JobContext) -> Outcome:
    """Make the file of a large export; the rows are those that the owner sees when the job runs."""
    with as_owner(ctx) as (actor, form):
        spec = owned_list(ctx, actor, form)
        today = local_date(ctx.now)
        export = read_export(spec, form, actor, today)
        with ctx.result_file(file_name(spec, export.kind, today), export.kind.media_type) as draft:
            target = draft.temporary if export.kind is exports.XLSX else draft.handle
            written = _write(spec, export, actor, today, target, ctx.progress)
        ctx.with_outcome(functools.partial(_record, spec, export, actor, written))
        return Outcome(Message("{count} rows written.", count=f"{written:,}"))


@contextlib.contextmanager
def as_owner(ctx: JobContext) -> Iterator[tuple[Actor, Args]]:
    """The owner in the language of the page that asked, and the form that was sent."""
    spoken = str(ctx.params.get("language") or ctx.actor.language)
    actor = replace(ctx.actor, language=spoken)
    with acting_as(actor), force_locale(spoken):
        yield actor, MultiDict((name, value) for name, value in ctx.params["form"])


def owned_list(ctx: JobContext, actor: Actor, form: Args) -> ListSpec:
    """The list that a job is about.

    :raises NotFound: this version of the program has it no longer.
    """
    spec = list_named(str(ctx.params["list"]), actor, form)
    if spec is None:
        raise NotFound()
    return spec


def job_params(form: Args) -> dict[str, Any]:
    """What a job needs to read the form again."""
    kept = [(name, value) for name, value in form.items(multi=True) if name != "csrf_token"]
    return {"form": kept, "language": language()}


def _write(
    spec: ListSpec,
    export: Export,
    actor: Actor,
    today: dt.date,
    target: Path | BinaryIO,
    report: bulk.Report = lambda _written: None,
) -> int:
    fields = fields_of(export.columns)
    meant = query.meant(spec, export.asked, actor, today, export.ticked)
    values = _reported(rows_of(spec, actor, today, export.asked, export.columns, export.ticked), report)
    if isinstance(target, Path) or export.kind is exports.XLSX:
        statement = bulk.sheet_statement(spec, export.asked, export.columns, meant)
        if statement is None:
            return exports.write_xlsx(target, fields, values, say(spec.title), say(exports.EXACT_NOTE))
        stored = _reported(bulk.sheet_rows(statement), report)
        scales = bulk.scales(export.columns)
        return exports.write_stored(target, fields, scales, stored, say(spec.title), say(exports.EXACT_NOTE))
    statement = bulk.text_statement(spec, export.asked, export.columns, meant)
    if statement is None:
        return exports.write_csv(target, fields, values, export.kind.encoding)
    return bulk.write(target, fields, statement, export.kind.encoding, report)


def _reported(rows: Iterator[Sequence[Any]], report: bulk.Report) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(rows, 1):
        yield row
        if number % CHUNK == 0:
            report(number)


def _size(spec: ListSpec, export: Export, actor: Actor, today: dt.date) -> int:
    if export.ticked is not None:
        return len(export.ticked)
    return query.count(query.scoped(spec, export.asked, actor, today), AT_ONCE)


def _record(spec: ListSpec, export: Export, actor: Actor, written: int) -> None:
    conditions: dict[str, Any] = {part: values for part, values in export.asked.typed.items() if values}
    if export.asked.where.text:
        conditions["where"] = export.asked.where.text
    said = {
        "format": export.kind.name,
        "rows": written,
        "columns": [column.key for column in export.columns],
        "conditions": conditions,
        "ticked": export.ticked is not None,
    }
    audit.record(actor, "export", spec.name, after=said)
