"""The declared lists of report forms: forms, versions, and the parts of versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from app.infra import scope
from app.infra.database import db
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.kernel.actor import Actor
from app.kernel.texts import LocalText, Message
from app.reports.form_models import (
    DRAFT,
    PUBLISHED,
    FormSection,
    FormVersion,
    Indicator,
    ReportForm,
    ReportRule,
    SectionColumn,
    VersionIndicator,
)
from app.reports.form_rules import COLUMN_KINDS, GROWTH_KINDS, NATURES, SECTION_KINDS, SEVERITIES

VERSION_STATES = {DRAFT: Message("Draft"), PUBLISHED: Message("Published")}
VERSION_MARKS = {DRAFT: "edit", PUBLISHED: "pass"}
SEVERITY_MARKS = {"hard": "late", "soft": "back", "hint": "none"}


def form_list(name: str, row_link: str) -> ListSpec:
    """Report forms."""
    return ListSpec(
        name=name,
        title=Message("Report forms"),
        base=lambda actor, today: scope.visible(ReportForm, actor, today),
        key=(ReportForm.id,),
        columns=(
            Column("name", Message("Name"), ReportForm.name, "local", sortable=True, always=True),
            Column("code", Message("Code"), ReportForm.code, sortable=True),
            Column("opens_day", Message("Opens on day"), ReportForm.opens_day, "number"),
            Column("due_day", Message("Due on day"), ReportForm.due_day, "number"),
            Column(
                "closes_after_days",
                Message("Closes so many days later"),
                ReportForm.closes_after_days,
                "number",
            ),
            Column(
                "make_up_months", Message("Months that can be made up"), ReportForm.make_up_months, "number"
            ),
        ),
        filters=(Filter("keyword", Message("Name"), expression=ReportForm.name, more=(ReportForm.code,)),),
        default_sort="code",
        row_link=row_link,
        unit=Message("{count} forms"),
    )


def version_list(name: str, row_link: str) -> ListSpec:
    """Versions of forms."""
    return ListSpec(
        name=name,
        title=Message("Form versions"),
        base=lambda actor, today: scope.visible(FormVersion, actor, today),
        key=(FormVersion.id,),
        columns=(
            Column(
                "form",
                Message("Form"),
                lookup=Lookup(FormVersion.form_id, ReportForm),
                kind="local",
                always=True,
            ),
            Column("number", Message("Version"), FormVersion.number, "number", sortable=True),
            Column(
                "state",
                Message("State"),
                FormVersion.state,
                "state",
                words=VERSION_STATES,
                marks=VERSION_MARKS,
            ),
            Column(
                "effective_from",
                Message("In effect from"),
                FormVersion.effective_from,
                "month",
                sortable=True,
            ),
            Column("effective_to", Message("In effect until"), FormVersion.effective_to, "month"),
            Column("edited_at", Message("Last edited"), FormVersion.edited_at, "instant", sortable=True),
            Column(
                "published_at", Message("Published at"), FormVersion.published_at, "instant", default=False
            ),
        ),
        filters=(
            Filter("form", Message("Form"), "choice", FormVersion.form_id, words=form_choices),
            Filter("state", Message("State"), "choice", FormVersion.state, words=VERSION_STATES),
        ),
        default_sort="-edited_at",
        row_link=row_link,
        unit=Message("{count} versions"),
    )


@dataclass(frozen=True, slots=True)
class PartList:
    """What differs between the lists of parts: their model and words, their own columns and filters."""

    model: Any
    title: Message
    unit: Message
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    joined: tuple[Any, ...] = ()


def part_list(parts: PartList, name: str, row_link: str) -> ListSpec:
    """One kind of part of the versions in scope, to be narrowed to one version."""
    model = parts.model

    def base(actor: Actor, today: dt.date) -> Select[Any]:
        rows = select(model.id).select_from(model)
        for other, on in parts.joined:
            rows = rows.join(other, on)
        return rows.where(scope.scope_of(model)(actor, today))

    version = Column("version", Message("Version"), each=_version_names(model))
    place = Column("ord", Message("Order"), model.ord, "number", sortable=True, default=False)
    return ListSpec(
        name=name,
        title=parts.title,
        base=base,
        key=(model.id,),
        columns=(*parts.columns, version, place),
        filters=(
            Filter("version", Message("Version"), "choice", model.version_id, words=_versions, stays=True),
            *parts.filters,
        ),
        default_sort="ord",
        row_link=row_link,
        unit=parts.unit,
    )


def _version_names(model: Any) -> Any:
    def fetch(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, LocalText]:
        query = select(model.id, FormVersion).join(FormVersion, FormVersion.id == model.version_id)
        found = db.session.execute(query.where(model.id.in_([key[0] for key in keys])))
        return {(number,): version.label for number, version in found}

    return fetch


def _versions(actor: Actor, today: dt.date) -> Mapping[int, Any]:
    query = scope.visible(FormVersion, actor, today).order_by(FormVersion.form_id, FormVersion.number.desc())
    return {
        version.id: Message("{version} ({state})", version=version.label, state=VERSION_STATES[version.state])
        for version in db.session.scalars(query)
    }


def form_choices(actor: Actor, today: dt.date) -> Mapping[int, Any]:
    """The forms that an actor may choose from."""
    query = scope.visible(ReportForm, actor, today).order_by(ReportForm.code)
    return {form.id: form.name for form in db.session.scalars(query)}


SECTIONS = PartList(
    FormSection,
    Message("Sections"),
    Message("{count} sections"),
    (
        Column("name", Message("Name"), FormSection.name, "local", sortable=True, always=True),
        Column("code", Message("Code"), FormSection.code, sortable=True),
        Column("kind", Message("Kind"), FormSection.kind, "choice", words=SECTION_KINDS),
    ),
    (Filter("kind", Message("Kind"), "choice", FormSection.kind, words=SECTION_KINDS),),
)

INDICATORS = PartList(
    VersionIndicator,
    Message("Indicators"),
    Message("{count} indicators"),
    (
        Column("name", Message("Name"), VersionIndicator.name, "local", sortable=True, always=True),
        Column("code", Message("Code"), Indicator.code, sortable=True),
        Column("section", Message("Form section"), FormSection.name, "local"),
        Column("unit", Message("Unit"), VersionIndicator.unit, "local"),
        Column("nature", Message("Nature"), VersionIndicator.nature, "choice", words=NATURES),
        Column("scale", Message("Decimals"), Indicator.scale, "number"),
        Column(
            "industrial_only",
            Message("Industrial enterprises only"),
            VersionIndicator.industrial_only,
            "bool",
        ),
        Column(
            "growth_kind",
            Message("Growth"),
            VersionIndicator.growth_kind,
            "choice",
            words=GROWTH_KINDS,
            default=False,
        ),
    ),
    (Filter("keyword", Message("Name"), expression=VersionIndicator.name, more=(Indicator.code,)),),
    (
        (Indicator, Indicator.id == VersionIndicator.indicator_id),
        (FormSection, FormSection.id == VersionIndicator.section_id),
    ),
)

COLUMNS = PartList(
    SectionColumn,
    Message("Columns of repeating rows"),
    Message("{count} columns"),
    (
        Column("name", Message("Name"), SectionColumn.name, "local", sortable=True, always=True),
        Column("code", Message("Code"), SectionColumn.code, sortable=True),
        Column("section", Message("Form section"), FormSection.name, "local"),
        Column("kind", Message("Kind"), SectionColumn.kind, "choice", words=COLUMN_KINDS),
        Column("required", Message("Required"), SectionColumn.required, "bool"),
    ),
    (Filter("keyword", Message("Name"), expression=SectionColumn.name, more=(SectionColumn.code,)),),
    ((FormSection, FormSection.id == SectionColumn.section_id),),
)

RULES = PartList(
    ReportRule,
    Message("Rules"),
    Message("{count} rules"),
    (
        Column("code", Message("Code"), ReportRule.code, sortable=True, always=True),
        Column(
            "severity",
            Message("Severity"),
            ReportRule.severity,
            "state",
            words=SEVERITIES,
            marks=SEVERITY_MARKS,
        ),
        Column("expression", Message("Expression"), ReportRule.expression),
        Column("message", Message("Message"), ReportRule.message, "local"),
    ),
    (
        Filter("severity", Message("Severity"), "choice", ReportRule.severity, words=SEVERITIES),
        Filter("keyword", Message("Expression"), expression=ReportRule.expression, more=(ReportRule.code,)),
    ),
)
