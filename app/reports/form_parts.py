"""Editing the parts of a draft version: sections, indicators, columns of repeating rows, rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import select

from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.texts import Message
from app.reports.form_editing import (
    assign,
    columns_of,
    draft_for_change,
    expect_revision,
    forget_unpublished,
    refuse,
)
from app.reports.form_loading import layouts, load
from app.reports.form_models import (
    GRID,
    ROWS,
    FormSection,
    FormVersion,
    Indicator,
    ReportRule,
    SectionColumn,
    VersionIndicator,
)
from app.reports.form_rules import (
    ColumnInput,
    IndicatorInput,
    RuleInput,
    SectionInput,
    column_problems,
    indicator_problems,
    rule_problems,
    section_problems,
)


class Part(Protocol):
    """A row that belongs to a version."""

    id: Any
    version_id: Any


PartT = TypeVar("PartT", bound=Part)


def add_section(actor: Actor, version_id: int, given: SectionInput, now: dt.datetime) -> FormSection:
    """Add a section. A code that a published version used keeps its kind.

    :raises Invalid: a field is wrong, or the code is taken.
    """
    version = draft_for_change(actor, version_id, now)
    refuse(new_section_problems(version, given))
    section = FormSection(**columns_of(given, version.sections))
    version.sections.append(section)
    db.session.flush()
    return section


def new_section_problems(version: FormVersion, given: SectionInput) -> list[Problem]:
    """Everything wrong with a section that is to be added to a draft."""
    problems = section_problems(given)
    if any(section.code == given.code for section in version.sections):
        problems.append(Problem(Message("This code is taken already."), "code"))
    known = layouts(version.form_id).get(given.code)
    if known is not None and known.has_rows != (given.kind != GRID):
        problems.append(Problem(Message("The kind of a published section is permanent."), "kind"))
    return problems


def edit_section(actor: Actor, section_id: int, given: SectionInput, now: dt.datetime) -> FormSection:
    """Rename or reorder a section; take it out and add it anew to change code or kind."""
    section = _part(actor, FormSection, section_id, now)
    problems = section_problems(given)
    problems += _permanent(("code", section.code, given.code), ("kind", section.kind, given.kind))
    refuse(problems)
    section.name, section.ord = given.name, given.ord or section.ord
    db.session.flush()
    return section


def remove_section(actor: Actor, section_id: int, now: dt.datetime) -> None:
    """Take a section out of a draft, with its indicators and columns."""
    section = _part(actor, FormSection, section_id, now)
    own = [part.indicator for part in section.indicators]
    section.version.sections.remove(section)
    db.session.flush()
    forget_unpublished(own)


def add_indicator(actor: Actor, version_id: int, given: IndicatorInput, now: dt.datetime) -> VersionIndicator:
    """Ask for an indicator. A code that a published version used keeps its section and its scale.

    :raises Invalid: a field is wrong, or the version has the indicator already.
    """
    version = draft_for_change(actor, version_id, now)
    section = _section(version, given.section, GRID)
    refuse(new_indicator_problems(version, given))
    indicator = _indicator(version, given.code) or Indicator(
        form_id=version.form_id, code=given.code, section_code=given.section, scale=given.scale
    )
    part = VersionIndicator(
        version_id=version.id, indicator=indicator, **_indicator_columns(given, section.indicators)
    )
    section.indicators.append(part)
    db.session.flush()
    return part


def new_indicator_problems(version: FormVersion, given: IndicatorInput) -> list[Problem]:
    """Everything wrong with an indicator that a draft is to ask for."""
    problems = indicator_problems(given)
    indicator = _indicator(version, given.code)
    if indicator is None:
        return problems
    if any(part.indicator_id == indicator.id for own in version.sections for part in own.indicators):
        problems.append(Problem(Message("This code is taken already."), "code"))
    return problems + _permanent(
        ("scale", indicator.scale, given.scale), ("section", indicator.section_code, given.section)
    )


def edit_indicator(
    actor: Actor, part_id: int, given: IndicatorInput, revision: int, now: dt.datetime
) -> VersionIndicator:
    """Change how the draft asks for an indicator; its code, section and scale are permanent."""
    part = _part(actor, VersionIndicator, part_id, now)
    expect_revision(part.revision, revision)
    problems = indicator_problems(given)
    indicator = part.indicator
    problems += _permanent(
        ("code", indicator.code, given.code), ("section", part.section.code, given.section)
    )
    if indicator.first_version_id is not None:
        problems += _permanent(("scale", indicator.scale, given.scale))
    refuse(problems)
    if indicator.scale != given.scale:
        indicator.scale = given.scale
    assign(part, _indicator_columns(given, part.section.indicators, part.ord))
    db.session.flush()
    return part


def remove_indicator(actor: Actor, part_id: int, now: dt.datetime) -> None:
    """Ask for an indicator no longer; the figures of published versions stay."""
    part = _part(actor, VersionIndicator, part_id, now)
    indicator = part.indicator
    part.section.indicators.remove(part)
    db.session.flush()
    forget_unpublished([indicator])


def add_column(actor: Actor, version_id: int, given: ColumnInput, now: dt.datetime) -> SectionColumn:
    """Add a column to repeating rows. A code that a published version used keeps its kind and scale."""
    version = draft_for_change(actor, version_id, now)
    section = _section(version, given.section, ROWS)
    refuse(new_column_problems(section, given))
    column = SectionColumn(version_id=version.id, **columns_of(given, section.columns, "section"))
    section.columns.append(column)
    db.session.flush()
    return column


def new_column_problems(section: FormSection, given: ColumnInput) -> list[Problem]:
    """Everything wrong with a column that is to be added to repeating rows of a draft."""
    problems = column_problems(given)
    if any(column.code == given.code for column in section.columns):
        problems.append(Problem(Message("This code is taken already."), "code"))
    return [*problems, *_column_history_problems(section.version, given)]


def edit_column(
    actor: Actor, column_id: int, given: ColumnInput, revision: int, now: dt.datetime
) -> SectionColumn:
    """Change a column of repeating rows; its code is permanent."""
    column = _part(actor, SectionColumn, column_id, now)
    expect_revision(column.revision, revision)
    problems = column_problems(given)
    problems += _permanent(("code", column.code, given.code), ("section", column.section.code, given.section))
    problems += _column_history_problems(column.section.version, given)
    refuse(problems)
    assign(column, columns_of(given, (), "section") | {"ord": given.ord or column.ord})
    db.session.flush()
    return column


def remove_column(actor: Actor, column_id: int, now: dt.datetime) -> None:
    """Take a column out of repeating rows; what published versions stored in it stays."""
    column = _part(actor, SectionColumn, column_id, now)
    column.section.columns.remove(column)
    db.session.flush()


def add_rule(actor: Actor, version_id: int, given: RuleInput, now: dt.datetime) -> ReportRule:
    """Add a rule.

    :raises Invalid: a field is wrong, the code is taken, or the expression names what is not there.
    """
    version = draft_for_change(actor, version_id, now)
    refuse(new_rule_problems(version, given))
    rule = ReportRule(**_rule_columns(given, version.rules))
    version.rules.append(rule)
    db.session.flush()
    return rule


def new_rule_problems(version: FormVersion, given: RuleInput) -> list[Problem]:
    """Everything wrong with a rule that is to be added to a draft."""
    problems = rule_problems(given, load(version.id))
    if any(rule.code == given.code for rule in version.rules):
        problems.append(Problem(Message("This code is taken already."), "code"))
    return problems


def edit_rule(actor: Actor, rule_id: int, given: RuleInput, revision: int, now: dt.datetime) -> ReportRule:
    """Change a rule of a draft; its code is permanent, since findings are stored under it."""
    rule = _part(actor, ReportRule, rule_id, now)
    expect_revision(rule.revision, revision)
    refuse([*rule_problems(given, load(rule.version_id)), *_permanent(("code", rule.code, given.code))])
    assign(rule, _rule_columns(given, rule.version.rules) | {"ord": given.ord or rule.ord})
    db.session.flush()
    return rule


def remove_rule(actor: Actor, rule_id: int, now: dt.datetime) -> None:
    """Take a rule out of a draft."""
    rule = _part(actor, ReportRule, rule_id, now)
    rule.version.rules.remove(rule)
    db.session.flush()


def _part(actor: Actor, kind: type[PartT], part_id: int, now: dt.datetime) -> PartT:
    part: PartT | None = db.session.get(kind, part_id)
    if part is None:
        raise NotFound
    draft_for_change(actor, part.version_id, now)
    return part


def _indicator(version: FormVersion, code: str) -> Indicator | None:
    """The indicator of that code, which some version of the form asks or asked for."""
    query = select(Indicator).where(Indicator.form_id == version.form_id, Indicator.code == code)
    return db.session.scalar(query)


def _section(version: FormVersion, code: str, kind: str) -> FormSection:
    for section in version.sections:
        if section.code == code and section.kind == kind:
            return section
    raise Invalid([Problem(Message("The form has no section {code}.", code=code), "section")])


def _column_history_problems(version: FormVersion, given: ColumnInput) -> list[Problem]:
    known = layouts(version.form_id).get(given.section)
    if known is None:
        return []
    was_text, scales = given.code in known.texts, dict(known.numbers)
    if (was_text and given.kind != "text") or (given.code in scales and given.kind != "number"):
        return _permanent(("kind", "", given.kind))
    return _permanent(("scale", scales.get(given.code, given.scale), given.scale))


def _permanent(*fields: tuple[str, object, object]) -> list[Problem]:
    words = Message("This is permanent: figures are stored under it. Use another code.")
    return [Problem(words, field) for field, was, becomes in fields if was != becomes]


def _indicator_columns(
    given: IndicatorInput, siblings: Sequence[VersionIndicator], position: int = 0
) -> dict[str, Any]:
    values = columns_of(given, siblings, "section", "code", "scale")
    values["ord"] = given.ord or position or values["ord"]
    return values | _as_lists(values, "months", "cells", "required_cells")


def _rule_columns(given: RuleInput, siblings: Sequence[ReportRule]) -> dict[str, Any]:
    values = columns_of(given, siblings, "section")
    lists = _as_lists(values, "months", "indicators", "cells")
    return values | lists | {"section_code": given.section}


def _as_lists(values: dict[str, Any], *names: str) -> dict[str, list[Any]]:
    return {name: list(values[name]) for name in names}
