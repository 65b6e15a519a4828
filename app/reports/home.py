"""What reports show on the home page: for a bureau how the month goes, for an enterprise its own months."""

from __future__ import annotations

import datetime as dt

from flask import request

from app.infra.panels import Panel
from app.kernel.actor import Actor, Kind
from app.kernel.periods import Month
from app.reports.filing_views import DEFAULT_FORM
from app.reports.home_bureau import bureau_panels
from app.reports.home_enterprise import enterprise_panels
from app.reports.known_forms import known_form
from app.reports.opening import calendar_of


def report_panels(actor: Actor, now: dt.datetime) -> list[Panel]:
    """The panels of an actor's home page."""
    form = known_form(DEFAULT_FORM)
    if form is None:
        return []
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return bureau_panels(actor, form, _shown_month(calendar_of(form).current(now)), now)
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return enterprise_panels(actor, form, now)
    return []


EARLIEST = Month(2000, 1)
"""The workbench goes back no further: there is nothing to see, and the trend needs a year before it."""


def _shown_month(current: Month) -> Month:
    """The month in the address; the current one where none is named, or one out of reach."""
    try:
        wanted = Month.parse(request.args.get("month", ""))
    except ValueError:
        return current
    return wanted if EARLIEST.key <= wanted.key <= current.key else current
