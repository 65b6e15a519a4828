"""Versions of forms out of the database, as plain values; published ones are kept in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from flask import current_app
from sqlalchemy import Table, select

from app.infra.database import db
from app.kernel.errors import NotFound
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.definitions import (
    ColumnDefinition,
    IndicatorDefinition,
    RuleDefinition,
    SectionDefinition,
    VersionDefinition,
)
from app.reports.figures_layout import Layout, layout_of
from app.reports.figures_tables import table_of
from app.reports.form_models import (
    PUBLISHED,
    FormSection,
    FormVersion,
    ReportForm,
    ReportRule,
    SectionColumn,
    VersionIndicator,
)
from app.reports.known_forms import known_form, published_versions

_DEFINITIONS = "reports.definitions"
_LAYOUTS = "reports.layouts"
PartT = TypeVar("PartT", FormSection, VersionIndicator, SectionColumn, ReportRule)


def version_for(form_code: str, month: Month) -> VersionDefinition:
    """The version that a new report of a month is filled with: the newest published one in effect.

    :raises NotFound: no such form, or none of its versions covers the month.
    """
    found = _published_version(form_code, month)
    if found is None:
        raise NotFound(Message("No version of this form is in effect for {month}.", month=month))
    return found


def reported_month(form_code: str, text: str) -> Month:
    """The month that stands in an address.

    :raises NotFound: it is none, or the form is not reported for it.
    """
    try:
        month = Month.parse(text)
    except ValueError:
        raise NotFound from None
    if not has_version_for(form_code, month):
        raise NotFound
    return month


def has_version_for(form_code: str, month: Month) -> bool:
    """Whether the form is reported at all for a month."""
    return _published_version(form_code, month) is not None


def _published_version(form_code: str, month: Month) -> VersionDefinition | None:
    found = next((one for one in published_versions(form_code) if one.covers(month.key)), None)
    return None if found is None else _remembered(found.id, found.fingerprint)


def definition(version_id: int) -> VersionDefinition:
    """A version, draft or published: one statement when it is published and known already.

    :raises NotFound: no such version.
    """
    query = select(FormVersion.fingerprint).where(FormVersion.id == version_id)
    fingerprint = db.session.execute(query).scalar_one_or_none()
    if fingerprint is None:
        raise NotFound
    return _remembered(version_id, fingerprint) if fingerprint else load(version_id)


def _remembered(version_id: int, fingerprint: str) -> VersionDefinition:
    # the digest of the content stands in the key, so a memory can never be of another version
    known = cast(
        "dict[tuple[int, str], VersionDefinition]", current_app.extensions.setdefault(_DEFINITIONS, {})
    )
    if (version_id, fingerprint) not in known:
        known[version_id, fingerprint] = load(version_id)
    return known[version_id, fingerprint]


def load(version_id: int) -> VersionDefinition:
    """A version read from its tables.

    :raises NotFound: no such version.
    """
    query = (
        select(FormVersion, ReportForm)
        .join(ReportForm, ReportForm.id == FormVersion.form_id)
        .where(FormVersion.id == version_id)
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound
    version, form = row
    return VersionDefinition(
        id=version.id,
        form_id=form.id,
        form_code=form.code,
        form_name=form.name,
        number=version.number,
        state=version.state,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        tolerance=version.tolerance,
        sections=_sections(version_id),
        rules=_rules(version_id),
    )


def fingerprint_of(version: VersionDefinition) -> str:
    """A digest of all that a version says, taken when it is published."""
    # everything in a definition is ordered, so its printed form is the same in every process
    return hashlib.sha256(repr(replace(version, state=PUBLISHED)).encode()).hexdigest()


def _sections(version_id: int) -> tuple[SectionDefinition, ...]:
    indicators = _of_version(VersionIndicator, version_id)
    columns = _of_version(SectionColumn, version_id)
    return tuple(
        SectionDefinition(
            code=section.code,
            kind=section.kind,
            name=section.name,
            indicators=tuple(_indicator(i, section.code) for i in indicators if i.section_id == section.id),
            columns=tuple(_column(c, section.code) for c in columns if c.section_id == section.id),
        )
        for section in _of_version(FormSection, version_id)
    )


def _of_version(kind: type[PartT], version_id: int) -> Sequence[PartT]:
    query = select(kind).where(kind.version_id == version_id).order_by(kind.ord, kind.id)
    rows: Sequence[PartT] = db.session.scalars(query).all()
    return rows


def _indicator(row: VersionIndicator, section: str) -> IndicatorDefinition:
    return IndicatorDefinition(
        code=row.indicator.code,
        section=section,
        name=row.name,
        unit=row.unit,
        scale=row.indicator.scale,
        nature=row.nature,
        months=tuple(sorted(row.months)),
        industrial_only=row.industrial_only,
        cells=tuple(row.cells),
        required_cells=tuple(row.required_cells),
        growth_kind=row.growth_kind,
    )


def _column(row: SectionColumn, section: str) -> ColumnDefinition:
    return ColumnDefinition(
        code=row.code,
        section=section,
        name=row.name,
        kind=row.kind,
        scale=row.scale,
        max_length=row.max_length,
        required=row.required,
    )


def _rules(version_id: int) -> tuple[RuleDefinition, ...]:
    return tuple(
        RuleDefinition(
            code=row.code,
            severity=row.severity,
            applies_to=row.applies_to,
            section=row.section_code,
            months=tuple(sorted(row.months)),
            indicators=tuple(row.indicators),
            cells=tuple(row.cells),
            expression=row.expression,
            message=row.message,
        )
        for row in _of_version(ReportRule, version_id)
    )


def layouts(form_id: int, *more: int) -> dict[str, Layout]:
    """The columns of each figures table of a form, by section: of all published versions, and ``more``.

    :raises LayoutChangedError: two versions do not agree on a column.
    """
    query = select(FormVersion.id).where(FormVersion.form_id == form_id, FormVersion.state == PUBLISHED)
    found: dict[str, Layout] = {}
    for version_id in sorted({*db.session.scalars(query), *more}):
        version = load(version_id)
        for section in version.sections:
            layout = layout_of(version.form_code, section)
            found[section.code] = found[section.code].joined(layout) if section.code in found else layout
    return found


def table_for(form_code: str, section: str) -> Table:
    """The figures table of a section with the columns of every version, for queries over years.

    :raises NotFound: no such form or section, or nothing of it is published.
    """
    form = known_form(form_code)
    if form is None:
        raise NotFound
    return table_of_form(form, section)


def table_of_form(form: Any, section: str) -> Table:
    """As ``table_for``, for a caller that has the form (or its id, code and stamp): no statement.

    :raises NotFound: no such section, or nothing of the form is published.
    """
    known = cast("dict[tuple[str, str], dict[str, Layout]]", current_app.extensions.setdefault(_LAYOUTS, {}))
    if (form.code, form.schema_stamp) not in known:
        known[form.code, form.schema_stamp] = layouts(form.id)
    layout = known[form.code, form.schema_stamp].get(section)
    if layout is None:
        raise NotFound
    return table_of(layout)
