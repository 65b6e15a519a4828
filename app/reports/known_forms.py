"""Forms as nearly every page reads them: their dates and their published versions, as plain values.

They are remembered (``app.infra.remembering``): in a signed-in request that does not write they cost no
statement, unless somebody changed them meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.infra.database import db
from app.infra.remembering import follow, remembered
from app.kernel.errors import NotFound
from app.kernel.texts import LocalText
from app.reports.form_models import PUBLISHED, FormVersion, ReportForm, ReportPeriod

follow(ReportForm, ReportPeriod, FormVersion)


@dataclass(frozen=True, slots=True)
class KnownPeriod:
    """Dates of one month that differ from those of its form."""

    period: int
    opens_on: dt.date
    due_on: dt.date
    closes_on: dt.date | None


@dataclass(frozen=True, slots=True)
class KnownForm:
    """What ``ReportForm`` says, and the months with dates of their own."""

    id: int
    code: str
    name: LocalText
    make_up_months: int
    opens_day: int
    due_day: int
    closes_after_days: int | None
    schema_stamp: str
    periods: Sequence[KnownPeriod]


AnyForm = ReportForm | KnownForm
"""A form to read from, whether it is a row that may be changed or not."""


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A published version: the months that it covers, as keys, and the digest of its content."""

    id: int
    number: int
    effective_from: int
    effective_to: int | None
    fingerprint: str

    def covers(self, period: int) -> bool:
        """Whether a month is filled with it, unless a later version covers it too."""
        return self.effective_from <= period and (self.effective_to is None or period <= self.effective_to)


def known_form(code: str) -> KnownForm | None:
    """A form by its code; None where there is none."""
    return remembered("forms", _read_forms).get(code)


def find_form(code: str) -> KnownForm:
    """A form by its code.

    :raises NotFound: there is none.
    """
    form = known_form(code)
    if form is None:
        raise NotFound
    return form


def published_versions(code: str) -> Sequence[PublishedVersion]:
    """The published versions of a form, the newest first."""
    return remembered(("published versions", code), lambda: _read_versions(code))


def _read_forms() -> Mapping[str, KnownForm]:
    columns = (
        *(ReportForm.id, ReportForm.code, ReportForm.name, ReportForm.make_up_months, ReportForm.opens_day),
        *(ReportForm.due_day, ReportForm.closes_after_days, ReportForm.schema_stamp),
    )
    dates: dict[int, list[KnownPeriod]] = {}
    own = (ReportPeriod.period, ReportPeriod.opens_on, ReportPeriod.due_on, ReportPeriod.closes_on)
    for form_id, *period in db.session.execute(
        select(ReportPeriod.form_id, *own).order_by(ReportPeriod.period)
    ):
        dates.setdefault(form_id, []).append(KnownPeriod(*period))
    return {
        row.code: KnownForm(**row._mapping, periods=dates.get(row.id, ()))
        for row in db.session.execute(select(*columns))
    }


def _read_versions(code: str) -> Sequence[PublishedVersion]:
    columns = (FormVersion.id, FormVersion.number, FormVersion.effective_from, FormVersion.effective_to)
    query = (
        select(*columns, FormVersion.fingerprint)
        .join(ReportForm, ReportForm.id == FormVersion.form_id)
        .where(ReportForm.code == code, FormVersion.state == PUBLISHED)
        .order_by(FormVersion.number.desc())
    )
    return [PublishedVersion(*row) for row in db.session.execute(query)]
