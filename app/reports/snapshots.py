"""A report as it was returned, kept in the transaction of the return, to be compared with what comes again.

The text is canonical: keys in order, no white space, every figure as its exact decimal text, so that equal
reports have equal texts on both databases.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.infra.database import db
from app.reports import figures
from app.reports.definitions import Cell, Row, VersionDefinition, plain_number
from app.reports.events import ReportStepped
from app.reports.form_loading import definition
from app.reports.models import Report, ReportStep
from app.reports.review_models import ReportSnapshot

RETURNED = "report_returned"


@dataclass(frozen=True, slots=True)
class Content:
    """The figures of a report at one time; a cell that is missing here was empty."""

    cells: Mapping[Cell, Decimal]
    rows: Mapping[str, Sequence[Row]]


def keep_as_returned(event: ReportStepped) -> None:
    """Keep what a report says at the moment when it is returned."""
    if event.name != RETURNED:
        return
    report = db.session.get_one(Report, event.report_id)
    version = definition(report.form_version_id)
    step = select(func.max(ReportStep.id)).where(ReportStep.report_id == report.id)
    db.session.add(
        ReportSnapshot(
            report_id=report.id,
            step_id=db.session.scalars(step).one(),
            form_version_id=version.id,
            enterprise_version_id=report.enterprise_version_id,
            content=written(read(version, figures.Key(event.period, event.enterprise_id))),
        )
    )
    db.session.flush()


def read(version: VersionDefinition, key: figures.Key) -> Content:
    """The figures of a report as they are stored now."""
    rows = {section.code: figures.read_rows(version, section.code, key) for section in version.row_sections}
    return Content(figures.read(version, key), rows)


def written(content: Content) -> str:
    """The canonical text of a content."""
    cells = {f"{indicator}.{cell}": plain_number(value) for (indicator, cell), value in content.cells.items()}
    rows = {
        section: [{code: _travelling(value) for code, value in row.items()} for row in lines]
        for section, lines in content.rows.items()
    }
    return json.dumps(
        {"cells": cells, "rows": rows}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def parsed(text: str, version: VersionDefinition) -> Content:
    """The content of a canonical text; the version says which columns of rows are figures."""
    kept = json.loads(text)
    cells = {_cell(name): Decimal(value) for name, value in kept["cells"].items()}
    numbers = {
        section.code: {column.code for column in section.columns if column.is_number}
        for section in version.row_sections
    }
    rows = {
        section: [_row(line, numbers.get(section, set())) for line in lines]
        for section, lines in kept["rows"].items()
    }
    return Content(cells, rows)


def _cell(name: str) -> Cell:
    indicator, _, cell = name.partition(".")
    return indicator, cell


def _row(line: Mapping[str, Any], numbers: set[str]) -> Row:
    return {
        code: Decimal(value) if code in numbers and value is not None else value
        for code, value in line.items()
    }


def _travelling(value: Decimal | str | None) -> str | None:
    return plain_number(value) if isinstance(value, Decimal) else value
