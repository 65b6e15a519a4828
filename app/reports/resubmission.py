"""What an enterprise changed after a report was returned: marks on the desk, and a line for each return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup
from sqlalchemy import select

from app.infra.database import db
from app.infra.i18n import say
from app.kernel.texts import Message
from app.reports.changes import Pair, changed_cells, changed_facts, paired
from app.reports.definitions import CELL_KINDS, Cell, Row, SectionDefinition, VersionDefinition
from app.reports.enterprise_facts import facts
from app.reports.grid_page import shown
from app.reports.models import ReportStep
from app.reports.opening import OpenReport, filing_of
from app.reports.review_models import ReportSnapshot
from app.reports.snapshots import Content, parsed
from app.reports.windows import local_time


@dataclass(frozen=True, slots=True)
class State:
    """A report at one time: its figures, and the version of the enterprise that it was filed with."""

    content: Content
    enterprise_version_id: int


@dataclass(frozen=True, slots=True)
class Line:
    """One change in words: what, as it was, as it became."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Change:
    """What changed after one return: until the next one, or until now."""

    step: ReportStep
    cells: Mapping[Cell, tuple[Decimal | None, Decimal | None]]
    rows: Mapping[str, Sequence[Pair]]
    facts: Mapping[str, str]
    lines: Sequence[Line]

    @property
    def when(self) -> str:
        """When it was returned, as people read it."""
        return f"{local_time(self.step.at):%Y-%m-%d %H:%M}"


def changes_after_returns(opened: OpenReport) -> list[Change]:
    """What changed after each return of a report, the oldest return first; none where it never was."""
    if opened.report is None:
        return []
    query = (
        select(ReportSnapshot, ReportStep)
        .join(ReportStep, ReportStep.id == ReportSnapshot.step_id)
        .where(ReportSnapshot.report_id == opened.report.id)
        .order_by(ReportSnapshot.id)
    )
    kept = [(snapshot, step) for snapshot, step in db.session.execute(query)]
    states = [State(parsed(one.content, opened.version), one.enterprise_version_id) for one, _step in kept]
    states.append(State(Content(opened.cells, opened.rows), opened.report.enterprise_version_id))
    return [
        _change(opened.version, step, before, now)
        for (_snapshot, step), before, now in zip(kept, states[:-1], states[1:], strict=True)
    ]


def _change(version: VersionDefinition, step: ReportStep, before: State, now: State) -> Change:
    cells = changed_cells(before.content.cells, now.content.cells)
    rows = {
        section.code: paired(
            section, before.content.rows.get(section.code, ()), now.content.rows.get(section.code, ())
        )
        for section in version.row_sections
    }
    former, lines = _facts(before, now)
    lines = [*lines, *_cell_lines(version, cells)]
    for section in version.row_sections:
        lines += row_lines(section, rows[section.code])
    return Change(step, cells, rows, former, lines)


def _facts(before: State, now: State) -> tuple[Mapping[str, str], list[Line]]:
    if before.enterprise_version_id == now.enterprise_version_id:
        return {}, []
    was = plain_facts(before.enterprise_version_id)
    became = plain_facts(now.enterprise_version_id)
    former = changed_facts(
        [(code, text) for code, _label, text in was], [(code, text) for code, _label, text in became]
    )
    return former, [
        Line(label, former[code] or "—", text or "—") for code, label, text in became if code in former
    ]


def plain_facts(version_id: int) -> list[tuple[str, str, str]]:
    """(code, label, text) of each fact of a version of an enterprise."""
    return [
        (code, say(label), value.striptags() if isinstance(value, Markup) else value)
        for code, label, value in facts(filing_of(version_id))
    ]


def _cell_lines(
    version: VersionDefinition, cells: Mapping[Cell, tuple[Decimal | None, Decimal | None]]
) -> list[Line]:
    found = []
    for indicator in version.indicators:
        for cell in indicator.cells:
            if (indicator.code, cell) in cells:
                before, now = cells[indicator.code, cell]
                what = Message("{name}, {cell}", name=indicator.name, cell=CELL_KINDS[cell].name)
                found.append(Line(say(what), text_of(before), text_of(now)))
    return found


def row_lines(section: SectionDefinition, pairs: Sequence[Pair]) -> list[Line]:
    """The changed rows of a section in words."""
    found = []
    for pair in pairs:
        if pair.before is None or pair.now is None:
            what = say(Message("{section}: {name}", section=section.name, name=_name(section, pair)))
            found.append(Line(what, _whole(section, pair.before), _whole(section, pair.now)))
            continue
        for column in section.columns:
            if column.code in pair.columns:
                what = say(Message("{name}, {cell}", name=_name(section, pair), cell=column.name))
                found.append(
                    Line(what, text_of(pair.before.get(column.code)), text_of(pair.now.get(column.code)))
                )
    return found


def _name(section: SectionDefinition, pair: Pair) -> str:
    row = pair.now or pair.before or {}
    texts = [row.get(column.code) for column in section.columns if not column.is_number]
    return " ".join(str(text) for text in texts[:2] if text) or "—"


def _whole(section: SectionDefinition, row: Row | None) -> str:
    """A whole row in one text: its figures with their columns."""
    if row is None:
        return "—"
    parts = [
        f"{say(column.name)} {text_of(row.get(column.code))}"
        for column in section.columns
        if column.is_number
    ]
    return say(Message(", ")).join(parts)


def text_of(value: Decimal | str | None) -> str:
    """A figure or a text as it is read; a dash where there is none."""
    if value is None or value == "":
        return "—"
    return shown(value) if isinstance(value, Decimal) else value
