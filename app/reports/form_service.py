"""Forms and their drafts: what the panel does before a version is published."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, NotFound, Problem
from app.kernel.texts import Message
from app.reports.form_editing import (
    assign,
    columns_of,
    draft_for_change,
    expect_revision,
    forget_unpublished,
    refuse,
    require_editor,
)
from app.reports.form_models import DRAFT, FormVersion, ReportForm
from app.reports.form_rules import FormInput, form_problems, tolerance_problems
from app.reports.window_dates import follow_form


def create_form(actor: Actor, given: FormInput, now: dt.datetime) -> ReportForm:
    """A new form with an empty draft as its first version.

    :raises Invalid: a field is wrong, or the code is taken.
    """
    require_editor(actor)
    problems = form_problems(given)
    if db.session.scalar(select(ReportForm.id).where(ReportForm.code == given.code)) is not None:
        problems.append(Problem(Message("This code is taken already."), "code"))
    refuse(problems)
    form = ReportForm(**columns_of(given))
    form.versions.append(FormVersion(number=1, created_at=now, edited_at=now))
    db.session.add(form)
    db.session.flush()
    return form


def edit_form(actor: Actor, form_id: int, given: FormInput, revision: int) -> ReportForm:
    """Change the name and the reporting window of a form; its code is permanent.

    :raises Conflict: somebody else changed it since ``revision``.
    """
    require_editor(actor)
    form: ReportForm | None = db.session.get(ReportForm, form_id)
    if form is None:
        raise NotFound
    expect_revision(form.revision, revision)
    problems = form_problems(given)
    if given.code != form.code:
        problems.append(Problem(Message("The code is permanent: figures are stored under it."), "code"))
    refuse(problems)
    assign(form, columns_of(given))
    db.session.flush()
    follow_form(form)
    return form


def create_draft(actor: Actor, form_id: int, now: dt.datetime) -> FormVersion:
    """A draft that begins as a copy of the newest published version.

    :raises Conflict: the form has a draft already.
    """
    require_editor(actor)
    form = db.session.get(ReportForm, form_id, with_for_update=True)
    if form is None:
        raise NotFound
    versions = db.session.scalars(
        select(FormVersion).where(FormVersion.form_id == form_id).order_by(FormVersion.number)
    ).all()
    for version in versions:
        if version.state == DRAFT:
            raise Conflict(
                Message("Version {number} is a draft already. Go on with it.", number=version.number)
            )
    newest = versions[-1]
    draft = FormVersion(
        form_id=form_id,
        number=newest.number + 1,
        tolerance=newest.tolerance,
        created_at=now,
        edited_at=now,
    )
    db.session.add(draft)
    db.session.flush()
    _copy_parts(newest, draft)
    return draft


def _copy_parts(source: FormVersion, draft: FormVersion) -> None:
    for section in source.sections:
        copy = _copied(section, version_id=draft.id)
        db.session.add(copy)
        db.session.flush()
        parts = (*section.indicators, *section.columns)
        db.session.add_all(_copied(part, version_id=draft.id, section_id=copy.id) for part in parts)
    db.session.add_all(_copied(rule, version_id=draft.id) for rule in source.rules)
    db.session.flush()


def _copied(row: Any, **changes: object) -> Any:
    columns = {found.key for found in row.__mapper__.column_attrs} - {"id", "revision"}
    return type(row)(**{key: getattr(row, key) for key in columns} | changes)


def edit_draft(
    actor: Actor, version_id: int, tolerance: Decimal, revision: int, now: dt.datetime
) -> FormVersion:
    """Set within which difference two figures count as equal in this version's rules."""
    version = draft_for_change(actor, version_id, now)
    expect_revision(version.revision, revision)
    refuse(tolerance_problems(tolerance))
    version.tolerance = tolerance
    db.session.flush()
    return version


def discard_draft(actor: Actor, version_id: int, revision: int, now: dt.datetime) -> None:
    """Delete a draft, and the indicators that were only ever in it.

    :raises Conflict: it is the form's only version, published, or changed since ``revision``.
    """
    version = draft_for_change(actor, version_id, now)
    expect_revision(version.revision, revision)
    if version.number == 1:
        raise Conflict(Message("The first version of a form cannot be discarded. Edit it."))
    own = [part.indicator for section in version.sections for part in section.indicators]
    db.session.delete(version)
    db.session.flush()
    forget_unpublished(own)
