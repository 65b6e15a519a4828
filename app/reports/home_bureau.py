"""The workbench of a bureau: how the month goes, by place and over the year, and who is still to report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from app.enterprises.scope import COUNTED_CODES
from app.infra import settings
from app.infra.display import MISSING
from app.infra.i18n import say
from app.infra.panels import Panel
from app.infra.security import current_permissions
from app.infra.shell import Todo
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import home_counts
from app.reports.due import UNFILED
from app.reports.home_counts import Counts
from app.reports.home_trend import Point, trend_values
from app.reports.known_forms import KnownForm
from app.reports.opening import calendar_of
from app.reports.review_list import ELSEWHERE
from app.reports.settings import LOW_RATE
from app.reports.windows import TimeLeft, local_time
from app.reports.workflow import APPROVED, IN_REVIEW, RETURNED, STATE_LABELS, STATE_MARKS

TREND_MONTHS = 12
NOT_RETURNED = tuple(state for state in UNFILED if state != RETURNED)
"""States of those who are to be reminded first: nothing has come from them yet."""


def bureau_panels(actor: Actor, form: KnownForm, month: Month, now: dt.datetime) -> list[Panel]:
    """To be reminded, by place, progress and trend; five statements."""
    places = home_counts.by_place(actor, form, month, local_date(now))
    total = home_counts.total_of(places)
    return [
        _by_place(actor, form, places, total, month, now),
        _progress(actor, form, total, month, now),
        _trend(actor, form, total, month, now),
    ]


def _by_place(
    actor: Actor, form: KnownForm, places: Sequence[Counts], total: Counts, month: Month, now: dt.datetime
) -> Panel:
    low = int(settings.value(LOW_RATE, now))
    rows = [_row(place, month, low) for place in places]
    return Panel(
        name="places",
        title=say(Message("{month} by place", month=month)),
        template="home/places.html",
        values={
            "note": say(Message("Below {low} %", low=low)) if any(row["low"] for row in rows) else "",
            "rows": rows,
            "total": _row(total, month, low) if len(places) > 1 else None,
        },
        links=[(say(Message("Enterprises that have not reported")), list_url(month))],
        todos=_to_be_reminded(actor, form, total, month, now),
    )


def _row(place: Counts, month: Month, low: int) -> dict[str, Any]:
    """A line of the table: each number with the list that has exactly its rows."""
    lists = place.region_id is not None or not place.name  # a place without a number cannot be asked for
    region = place.region_id
    return {
        "name": place.name,
        "rate": place.rate,
        "rate_words": rate_words(place.rate),
        "low": place.rate is not None and place.rate < low,
        "cells": [
            (number, url if lists and number else "")
            for number, url in (
                (place.due, due_url(region)),
                (place.filed, reports_url(month, region)),
                (place.states.get(APPROVED, 0), reports_url(month, region, APPROVED)),
                (place.in_review, reports_url(month, region, IN_REVIEW)),
                (place.returned, list_url(month, region, (RETURNED,))),
                (place.unfiled, list_url(month, region, NOT_RETURNED)),
            )
        ],
        "remind": remind_url(month, region) if lists and place.unfiled and _may_remind() else "",
    }


def _to_be_reminded(
    actor: Actor, form: KnownForm, total: Counts, month: Month, now: dt.datetime
) -> list[Todo]:
    if not total.unfiled:
        return []
    calendar = calendar_of(form)
    left = TimeLeft.until(calendar.deadline(month), now)
    known = home_counts.reminders_of(actor, form.id, month, now)
    notes = [Message("due on {day}", day=calendar.due_on(month)), left.words]
    if known is not None:
        notes.append(
            Message(
                "last reminded {day}, {count} of the reminded have filed since",
                day=f"{local_time(known.last):%m-%d}",
                count=known.filed_since,
            )
        )
    remind = _may_remind()
    return [
        Todo(
            name="reports.unfiled",
            label=say(Message("Enterprises that have not reported {month}", month=month)),
            count=total.unfiled,
            url=remind_url(month) if remind else list_url(month, None, NOT_RETURNED),
            action=say(Message("Remind all")) if remind else say(Message("View")),
            note=say(Message("; ")).join(say(note) for note in notes),
            hot=left.overdue,
        )
    ]


def _progress(actor: Actor, form: KnownForm, total: Counts, month: Month, now: dt.datetime) -> Panel:
    parts = _parts(total, month)
    return Panel(
        name="progress",
        title=say(Message("Progress of {month}", month=month)),
        template="home/figure.html",
        values={
            "figure": rate_words(total.rate),
            "unit": "%" if total.rate is not None else "",
            "lead": say(Message("{filed} filed of {due} due", filed=total.filed, due=total.due)),
            "note": _against_last_month(actor, form, total, month, now),
            "parts": [(words, number, mark) for words, number, mark, _url in parts],
            "urls": [url for _words, _number, _mark, url in parts],
            "more": [(say(Message("Filed late")), total.late, reports_url(month, None, late="1"))]
            if total.late
            else [],
        },
        links=_other_months(form, month, now),
        aside=True,
    )


def _parts(total: Counts, month: Month) -> list[tuple[str, int, str, str]]:
    """Words, number, mark and list of each state; what waits for a review is split by whose turn it is."""
    found = [
        (Message("Waiting for you"), total.mine, "wait", url_for("ReviewView.desk", period=str(month))),
        (
            Message("Waiting for others"),
            total.in_review - total.mine,
            "other",
            url_for("ReviewView.desk", asked=1, state=ELSEWHERE, period=str(month)),
        ),
    ]
    found.insert(0, (STATE_LABELS[APPROVED], total.states.get(APPROVED, 0), STATE_MARKS[APPROVED],
                     reports_url(month, None, APPROVED)))  # fmt: skip
    for state in (RETURNED, *reversed(NOT_RETURNED)):
        number = total.states.get(state, 0)
        found.append((STATE_LABELS[state], number, STATE_MARKS[state], list_url(month, None, (state,))))
    return [(say(words), number, mark, url) for words, number, mark, url in found]


def _against_last_month(actor: Actor, form: KnownForm, total: Counts, month: Month, now: dt.datetime) -> str:
    """How much more or less is filed than as long before the deadline of the month before."""
    calendar = calendar_of(form)
    if total.rate is None or month != calendar.current(now):
        return ""
    before = month.previous()
    then = calendar.deadline(before) - (calendar.deadline(month) - now)
    filed = home_counts.filed_until(actor, form.id, before, then, local_date(now))
    points = total.rate - filed / total.due * 100
    return say(_compared(points, before))


def _compared(points: float, before: Month) -> Message:
    """The difference to the month before in words; what rounds to nothing is no difference."""
    shown = f"{abs(points):.1f}"
    if shown == "0.0":
        return Message("As many as in {month} on the same day", month=before)
    if points > 0:
        return Message("{points} points more than in {month} on the same day", points=shown, month=before)
    return Message("{points} points less than in {month} on the same day", points=shown, month=before)


def _other_months(form: KnownForm, month: Month, now: dt.datetime) -> list[tuple[str, str]]:
    links = [(say(Message("‹ {month}", month=month.previous())), _home_url(month.previous()))]
    if month != calendar_of(form).current(now):
        links.append((say(Message("{month} ›", month=month.next())), _home_url(month.next())))
    return links


def _trend(actor: Actor, form: KnownForm, total: Counts, month: Month, now: dt.datetime) -> Panel:
    first = month.plus(1 - TREND_MONTHS)
    months = [first.plus(number) for number in range(TREND_MONTHS)]
    filed = home_counts.filed_by_month(actor, form.id, months, local_date(now))
    points = [Point(str(one), _share(filed, one, total), _home_url(one)) for one in months]
    return Panel(
        name="trend",
        title=say(Message("Filing rate of the last {count} months (%)", count=TREND_MONTHS)),
        template="home/trend.html",
        values={"heading": say(Message("Filing rate (%)")), **trend_values(points)},
        aside=True,
    )


def _share(filed: Mapping[int, int], month: Month, total: Counts) -> float | None:
    return filed.get(month.key, 0) / total.due * 100 if total.due else None


def rate_words(rate: float | None) -> str:
    """A rate as it is shown."""
    return MISSING if rate is None else f"{rate:.1f}"


def _may_remind() -> bool:
    return ("can_remind", "NonreporterView") in current_permissions()


def _home_url(month: Month) -> str:
    return url_for("HomeView.index", month=str(month))


def list_url(month: Month, region: int | None = None, states: Sequence[str] = ()) -> str:
    """The non-reporters of a month and place in some states."""
    return url_for("NonreporterView.list", **_asked(month, region), state=list(states))


def remind_url(month: Month, region: int | None = None) -> str:
    """The page that reminds all of a place that nothing has come from yet."""
    return url_for("NonreporterView.remind", **_asked(month, region), state=list(NOT_RETURNED))


def reports_url(month: Month, region: int | None, state: str = "", late: str = "") -> str:
    """The filed reports of a month and place, of enterprises that owe reports."""
    asked = {**_asked(month, region), "filed": "1", "state": state, "late": late}
    return url_for("ReportPageView.list", **{name: words for name, words in asked.items() if words})


def due_url(region: int | None) -> str:
    """The enterprises of a place that owe reports."""
    asked: dict[str, Any] = {
        "asked": "1",
        "state": "active",
        "reviewed": "all",
        "code_status": list(COUNTED_CODES),
    }
    if region is not None:
        asked["region"] = region
    return url_for("EnterpriseView.list", **asked)


def _asked(month: Month, region: int | None) -> dict[str, Any]:
    asked: dict[str, Any] = {"asked": "1", "period": str(month)}
    if region is not None:
        asked["region"] = region
    return asked
