"""查看上月: last month's report beside this one, all three tables, without opening it a second time."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from markupsafe import Markup
from sqlalchemy import select

from app.infra.database import db
from app.infra.i18n import say
from app.reports import figures
from app.reports.changes import Pair, changed_facts, paired
from app.reports.definitions import Cell, Cells, Row, SectionDefinition
from app.reports.enterprise_facts import facts
from app.reports.form_loading import definition
from app.reports.models import Report
from app.reports.opening import OpenReport, Ref, filing_of
from app.reports.resubmission import text_of
from app.reports.review import STANDS_OUT, change


def last_month(opened: OpenReport) -> OpenReport | None:
    """Last month's report as it was filed; None where there is none. Reads what is not read yet."""
    month = opened.ref.month.previous()
    query = select(Report).where(
        Report.form_id == opened.form.id,
        Report.period == month.key,
        Report.enterprise_id == opened.ref.enterprise_id,
    )
    report = db.session.scalars(query).one_or_none()
    if report is None:
        return None
    version = definition(report.form_version_id)
    same = opened.report is not None and report.enterprise_version_id == opened.report.enterprise_version_id
    key = figures.Key(month.key, opened.ref.enterprise_id)
    earlier = opened.earlier.get(month.key)
    return replace(
        opened,
        ref=Ref(opened.ref.form_code, month, opened.ref.enterprise_id),
        version=version,
        filing=opened.filing if same else filing_of(report.enterprise_version_id),
        report=report,
        cells=_given(earlier.cells) if earlier and version is opened.version else figures.read(version, key),
        rows={one.code: figures.read_rows(version, one.code, key) for one in version.row_sections},
        earlier={},
        earlier_states={},
    )


def _given(cells: Cells) -> dict[Cell, Decimal]:
    return {place: value for place, value in cells.items() if value is not None}


def facts_beside(opened: OpenReport, last: OpenReport | None) -> list[dict[str, Any]]:
    """Each fact of the enterprise, and what it was last month where it differs."""
    now = [(code, say(label), value) for code, label, value in facts(opened.filing)]
    before = _plain(last) if last is not None and last.filing is not opened.filing else None
    former = (
        {} if before is None else changed_facts(before, [(code, _text(value)) for code, _label, value in now])
    )
    return [
        {
            "code": code,
            "label": label,
            "value": value,
            "last": former.get(code, value) if last is not None else "",
            "changed": code in former,
        }
        for code, label, value in now
    ]


def rows_beside(opened: OpenReport, last: OpenReport | None) -> list[dict[str, Any]]:
    """Each section of rows with this month's and last month's row side by side, found by code or name."""
    return [_section(section, opened, last) for section in opened.version.row_sections]


def _section(section: SectionDefinition, opened: OpenReport, last: OpenReport | None) -> dict[str, Any]:
    before = last.rows.get(section.code, []) if last is not None else []
    pairs = paired(section, before, opened.rows.get(section.code, []))
    texts = [column for column in section.columns if not column.is_number]
    numbers = [column for column in section.columns if column.is_number]
    return {
        "code": section.code,
        "title": say(section.name),
        "numbers": [say(column.name) for column in numbers],
        "lines": [_line(pair, texts, numbers) for pair in pairs],
    }


def _line(pair: Pair, texts: list[Any], numbers: list[Any]) -> dict[str, Any]:
    here: Row = pair.now or pair.before or {}
    named = [str(here[column.code]) for column in texts if here.get(column.code)]
    return {
        "name": " ".join(named) or "—",
        "kind": "new" if pair.before is None else "gone" if pair.now is None else "",
        "stands_out": pair.before is None
        or pair.now is None
        or any(_leaps(pair, one.code) for one in numbers),
        "cells": [
            (
                text_of(pair.now.get(column.code)) if pair.now is not None else "—",
                text_of(pair.before.get(column.code)) if pair.before is not None else "—",
            )
            for column in numbers
        ],
    }


def _leaps(pair: Pair, code: str) -> bool:
    """Whether a figure changed so much over last month that a reviewer should look twice."""
    now, before = (pair.now or {}).get(code), (pair.before or {}).get(code)
    if not isinstance(now, Decimal) or not isinstance(before, Decimal):
        return now != before
    grown = change("pct", now, before)
    return now != before if grown is None else abs(grown) > STANDS_OUT


def _plain(opened: OpenReport) -> list[tuple[str, str]]:
    return [(code, _text(value)) for code, _label, value in facts(opened.filing)]


def _text(value: str) -> str:
    return value.striptags() if isinstance(value, Markup) else value
