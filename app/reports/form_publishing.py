"""Publishing a draft version: from then on it never changes, and the figures tables have its columns."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

from app.infra.database import db
from app.infra.transactions import emit
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, Problem, Unavailable
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.figures_layout import LayoutChangedError, stamp_of
from app.reports.figures_tables import lock_tables, prepare
from app.reports.form_editing import draft_for_change, expect_revision, require_editor
from app.reports.form_loading import fingerprint_of, layouts, load
from app.reports.form_models import PUBLISHED, FormVersion, ReportForm
from app.reports.form_rules import version_problems


@dataclass(frozen=True, slots=True)
class FormVersionPublished:
    """A version of a form takes effect; ``added`` are the figures tables and columns made for it."""

    actor: Actor
    form_id: int
    version_id: int
    added: tuple[str, ...]


def problems_of(version_id: int) -> list[Problem]:
    """What keeps a draft from being published, all together; empty when it is ready.

    :raises NotFound: no such version.
    """
    version = load(version_id)
    found = version_problems(version)
    try:
        layouts(version.form_id, version_id)
    except LayoutChangedError as error:
        words = Message("{name} would no longer fit the figures that are stored.", name=error.name)
        found.append(Problem(words))
    return found


def publish(
    actor: Actor,
    version_id: int,
    effective_from: Month,
    effective_to: Month | None,
    revision: int,
    now: dt.datetime,
) -> FormVersion:
    """Put a draft into effect for reports of these months; the newest version in effect wins.

    Tables and columns that it needs are made in the same transaction, by one process at a time.

    :raises Invalid: with everything that is wrong with the draft.
    :raises Conflict: somebody else changed or published it since ``revision``.
    :raises Unavailable: a long-running reader keeps a table from being widened.
    """
    require_editor(actor)
    with _patience():
        lock_tables(db.session.connection())
    version = draft_for_change(actor, version_id, now)
    expect_revision(version.revision, revision)
    problems = problems_of(version_id)
    if effective_to is not None and effective_to < effective_from:
        problems.append(Problem(Message("The last month lies before the first."), "effective_to"))
    if problems:
        raise Invalid(problems)
    _put_into_effect(actor, version, effective_from, effective_to, now)
    added = widen(version.form)
    emit(FormVersionPublished(actor, version.form_id, version_id, tuple(added)))
    return version


def _put_into_effect(
    actor: Actor, version: FormVersion, first: Month, last: Month | None, now: dt.datetime
) -> None:
    version.effective_from = first.key
    version.effective_to = last.key if last is not None else None
    # one UPDATE: the database refuses any that comes after the state is set
    version.fingerprint = fingerprint_of(load(version.id))
    version.published_at = now
    version.published_by = actor.account_id
    version.state = PUBLISHED
    for section in version.sections:
        for part in section.indicators:
            if part.indicator.first_version_id is None:
                part.indicator.first_version_id = version.id
    db.session.flush()


def widen(form: ReportForm) -> list[str]:
    """Make the figures tables of a form fit its published versions; what was added.

    Also called by ``flask platform init``, so that dimensions added by a release appear.
    """
    connection = db.session.connection()
    with _patience():
        lock_tables(connection)
        wanted = list(layouts(form.id).values())
        added = prepare(connection, wanted)
    form.schema_stamp = stamp_of(wanted)
    db.session.flush()
    return added


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise Unavailable(Message("The figures are in use just now. Try again in a minute.")) from error
