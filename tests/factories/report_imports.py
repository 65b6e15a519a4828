"""Files of reports' imports: the template as it is downloaded, filled in, uploaded, checked and confirmed."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from sqlalchemy import update

from app.infra import context
from app.infra.database import db
from app.infra.imports import service
from app.infra.imports.models import ImportBatch
from app.infra.imports.preview import notices_of, problems_of
from app.infra.jobs import runner
from app.infra.jobs.queue import engine
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.accounts import actor_of_account
from app.organisations.models import Admin
from app.reports.figures import Key, read, read_rows
from app.reports.form_loading import version_for
from app.reports.import_columns import batch_columns
from app.reports.import_template_batch import write_batch_template
from app.reports.import_template_own import write_own_template
from app.reports.opening import OpenReport, open_report
from tests.factories.reports import FORM, OCTOBER, good_cells, ref_for

CELLS = ("m", "ytd", "ly_m", "ly_ytd")
PRODUCT = ("", "棉纱", "吨", 120, 100, 20.5)


def opened(actor: Actor, now: dt.datetime) -> OpenReport:
    """The enterprise's report of October."""
    with context.acting_as(actor):
        return open_report(actor, ref_for(actor), now)


def own_template(actor: Actor, now: dt.datetime) -> bytes:
    """What the enterprise downloads."""
    body = io.BytesIO()
    write_own_template(body, opened(actor, now))
    return body.getvalue()


def batch_template(enterprises: Sequence[tuple[str, str]] = ()) -> bytes:
    """What an admin downloads."""
    body = io.BytesIO()
    write_batch_template(body, version_for(FORM, OCTOBER), OCTOBER, enterprises)
    return body.getvalue()


def saved(book: Workbook) -> bytes:
    """A workbook as a file."""
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def edited(content: bytes, change: Callable[[Workbook], None]) -> bytes:
    """A file after somebody worked on it."""
    book = load_workbook(io.BytesIO(content))
    change(book)
    return saved(book)


def places(book: Workbook) -> dict[str, tuple[Any, int]]:
    """Name of an indicator → its sheet and row in the workbook of one report."""
    sheet = book["主要经济指标"]
    return {str(sheet.cell(row, 1).value): (sheet, row) for row in range(5, sheet.max_row + 1)}


def fill_own(content: bytes, report: OpenReport, changes: Mapping[str, Any] | None = None) -> bytes:
    """The workbook of one report with figures that break no rule, and with ``changes`` of them."""
    figures = {**good_cells(report), **(changes or {})}
    names = {found.code: found.name.zh for found in report.version.indicators}

    def change(book: Workbook) -> None:
        rows = places(book)
        for key, value in figures.items():
            code, cell = key.split(".")
            sheet, row = rows[names[code]]
            sheet.cell(row, 3 + CELLS.index(cell)).value = number(value)

    return edited(content, change)


def number(value: Any) -> Any:
    """A text of a figure as a number, anything else as it is."""
    try:
        return float(Decimal(value))
    except (ArithmeticError, TypeError, ValueError):
        return value


def add_product(content: bytes, *values: Any, sheet: str = "主要产品产销存") -> bytes:
    """A file with one more row of products."""

    def change(book: Workbook) -> None:
        target = book[sheet]
        head = next(row for row in range(1, 11) if target.cell(row, 2).value in {"产品名称*", "企业名称"})
        free = next(
            row
            for row in range(head + 1, head + 500)
            if all(target.cell(row, at).value is None for at in range(1, len(values) + 1))
        )
        for at, value in enumerate(values, 1):
            target.cell(free, at).value = value or None

    return edited(content, change)


def batch_sheet(book: Workbook) -> Any:
    """The sheet of figures of a batch."""
    return next(sheet for sheet in book.worksheets if sheet.sheet_state == "visible")


def fill_batch(rows: Sequence[Mapping[str, Any]], content: bytes | None = None) -> bytes:
    """A batch template with rows by the keys of its columns."""
    keys = [column.key for column in batch_columns(version_for(FORM, OCTOBER), OCTOBER.month)]

    def change(book: Workbook) -> None:
        sheet = batch_sheet(book)
        for at, row in enumerate(rows, 2):
            for key, value in row.items():
                sheet.cell(at, keys.index(key) + 1).value = value if key.startswith("@") else number(value)

    return edited(content or batch_template(), change)


def batch_row(report: OpenReport, **changes: Any) -> dict[str, Any]:
    """A row of an enterprise with figures that break no rule."""
    return {"@uscc": report.enterprise.uscc, **good_cells(report), **changes}


def importer(actor: Actor, now: dt.datetime) -> Actor:
    """The admin with the right to import."""
    with unit_of_work():
        db.session.execute(update(Admin).where(Admin.id == actor.admin_id).values(batch_import=True))
    assert actor.account_id is not None
    found = actor_of_account(actor.account_id)
    assert found is not None
    return found


def uploaded(
    owner: Actor,
    content: bytes,
    now: dt.datetime,
    *,
    spec: str = "own_report",
    key: str = "first",
    options: Mapping[str, str] | None = None,
) -> ImportBatch:
    """A file that was uploaded and checked."""
    chosen = {"form": FORM, "month": str(OCTOBER), "filler": "填报员", **(options or {})}
    with unit_of_work():
        batch = service.upload(owner, spec, content, "上报.xlsx", key, "zh", now, chosen)
    runner.run(engine(), batch.check_job_id or 0)
    return again(owner, batch)


def again(owner: Actor, batch: ImportBatch) -> ImportBatch:
    """The import as it is now."""
    db.session.rollback()
    db.session.expire_all()
    return service.find(owner, batch.public_id)


def confirmed(owner: Actor, batch: ImportBatch, now: dt.datetime, mode: str = "all") -> ImportBatch:
    """The import after its rows were written."""
    with unit_of_work():
        service.confirm(owner, batch.public_id, mode, now)
    runner.run(engine(), again(owner, batch).apply_job_id or 0)
    return again(owner, batch)


def told(
    owner: Actor, batch: ImportBatch, now: dt.datetime, kind: str = "problems"
) -> list[tuple[str, int, str, str]]:
    """(sheet, row, column, words) of what a preview says."""
    spec = service.spec_of(batch, owner, now)
    return [
        (one.sheet, one.row, str(one.column or ""), str(one.words))
        for one in problems_of(spec, batch.preview, kind)
    ]


def notices(batch: ImportBatch) -> list[str]:
    """What a preview says of the whole file."""
    return [str(words) for words in notices_of(batch.preview)]


def figures_of(actor: Actor) -> dict[tuple[str, str], Decimal]:
    """The stored figures of the enterprise's report of October."""
    db.session.rollback()
    return read(version_for(FORM, OCTOBER), Key(OCTOBER.key, actor.enterprise_id or 0))


def products_of(actor: Actor) -> list[Any]:
    """The stored products of the same report."""
    db.session.rollback()
    return read_rows(version_for(FORM, OCTOBER), "products", Key(OCTOBER.key, actor.enterprise_id or 0))
