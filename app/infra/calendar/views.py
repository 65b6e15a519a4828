"""Pages of the working-day calendar: a year, one day of it, its announcement."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import format_date, gettext, lazy_gettext
from sqlalchemy import extract, select
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from app.infra import context
from app.infra.calendar import announcement, service
from app.infra.calendar.models import CalendarDay, CalendarYear
from app.infra.calendar.pages import runs, year_grid
from app.infra.database import db
from app.infra.forms import REQUIRED, ChoiceField, LocalTextField, refuse_control_characters
from app.infra.i18n import language, say
from app.infra.page_fields import submitted
from app.infra.pages import PageView, protected
from app.infra.settings.forms import ReasonForm
from app.kernel.errors import Invalid
from app.kernel.texts import LocalText, Message

FIRST_YEAR, LAST_YEAR = 1949, 2199
WEEK, HOLIDAY, WORKDAY = "week", "off", "on"
RULINGS = [
    (WEEK, Message("As the week: Monday to Friday worked")),
    (HOLIDAY, Message("Day off")),
    (WORKDAY, Message("Working day")),
]


class DayForm(ReasonForm):
    """What one day is."""

    ruling = ChoiceField(lazy_gettext("This day is"), choices=RULINGS, must=True)
    name = LocalTextField(
        lazy_gettext("Name of the day"),
        validators=[refuse_control_characters],
        description=lazy_gettext("Such as the festival. Not needed where the day follows the week."),
    )


class YearForm(ReasonForm):
    """A year's announcement, a line for each day."""

    lines = TextAreaField(
        lazy_gettext("Days that differ from the week"),
        validators=[InputRequired(REQUIRED), refuse_control_characters],
        description=lazy_gettext(
            "One day on each line: day, holiday or workday, Chinese name, English name, with commas. "
            "They take the place of what is there."
        ),
        render_kw={"rows": 14, "spellcheck": "false"},
    )


class CalendarView(PageView):
    """工作日历: which days are worked; deadlines in working days are counted by it."""

    route_base = "/calendar"
    default_view = "list"
    title = lazy_gettext("Working-day calendar")

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> Any:
        """This year."""
        return self._year_page(context.today().year)

    @expose("/<int:year>", methods=["GET"])
    @protected("list")
    def year(self, year: int) -> Any:
        """Twelve months, with holidays and make-up workdays."""
        return self._year_page(_known(year))

    def _year_page(self, year: int) -> str:
        rows = db.session.scalars(select(CalendarDay).where(extract("year", CalendarDay.day) == year))
        exceptions = {row.day: (row.is_workday, row.name) for row in rows}
        months = year_grid(year, exceptions)
        known = db.session.get(CalendarYear, year)
        return self.page(
            "calendar/year.html",
            year=year,
            months=months,
            month_names=[format_date(dt.date(year, month.number, 1), "LLLL") for month in months],
            weekdays=[format_date(dt.date(2026, 6, day), "EEEEE") for day in range(1, 8)],
            weekday_names=[format_date(dt.date(2026, 6, day), "EEEE") for day in range(1, 8)],
            runs=runs(exceptions),
            provisional=known is None or not known.announced,
            known=known is not None,
            note=known.reason if known else "",
            workdays=sum(month.workdays for month in months),
            years=[number for number in (year - 1, year + 1) if FIRST_YEAR <= number <= LAST_YEAR],
            changeable=self._changeable(),
        )

    @expose("/day/<day>", methods=["GET", "POST"])
    @protected("change")
    def day(self, day: str) -> Any:
        """Say of one day whether it is worked."""
        self._refuse_strangers()
        when = _parsed(day)
        held = db.session.get(CalendarDay, when)
        form = DayForm(data=None if held is None else {"ruling": _ruling_of(held), "name": held.name})

        def work() -> None:
            worked = None if form.ruling.data == WEEK else form.ruling.data == WORKDAY
            ruling = service.Ruling(worked, form.name.data or LocalText(""), (form.reason.data or "").strip())
            service.rule_day(self.actor, when, ruling)

        if submitted(form, work):
            flash(gettext("Saved."), "success")
            return redirect(url_for("CalendarView.year", year=when.year))
        return self._form(format_date(when, "full"), form, when.year, ("ruling", "name", "reason"))

    @expose("/<int:year>/announcement", methods=["GET", "POST"])
    @protected("change")
    def announce(self, year: int) -> Any:
        """Take in a year's announcement."""
        self._refuse_strangers()
        form = YearForm(data={"lines": _lines_of(_known(year))})

        def work() -> None:
            days, problems = announcement.read(form.lines.data or "", year)
            if problems:
                raise Invalid(problems)
            service.announce_year(self.actor, year, days, (form.reason.data or "").strip())

        if submitted(form, work):
            flash(gettext("The calendar of %(year)d was taken in.", year=year), "success")
            return redirect(url_for("CalendarView.year", year=year))
        return self._form(
            gettext("Announced calendar of %(year)d", year=year), form, year, ("lines", "reason")
        )

    def _form(self, title: str, form: ReasonForm, year: int, names: tuple[str, ...]) -> Any:
        back = url_for("CalendarView.year", year=year)
        page = self.page(
            "panel/form.html", title=title, sub=say(self.title), form=form, names=names, back_url=back
        )
        return page, 422 if form.errors or form.form_errors else 200

    def _changeable(self) -> bool:
        return self.can("change") and service.may_rule(self.actor)

    def _refuse_strangers(self) -> None:
        if not self._changeable():
            abort(403)


def _known(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        abort(404)
    return year


def _parsed(day: str) -> dt.date:
    """A day from an address; 404 for what is none."""
    try:
        found = dt.date.fromisoformat(day)
    except ValueError:
        abort(404)
    _known(found.year)
    return found


def _ruling_of(held: CalendarDay) -> str:
    return WORKDAY if held.is_workday else HOLIDAY


def _lines_of(year: int) -> str:
    """What is held of a year, as lines to be corrected."""
    rows = db.session.scalars(
        select(CalendarDay).where(extract("year", CalendarDay.day) == year).order_by(CalendarDay.day)
    )
    off, on = ("休", "班") if language() == "zh" else ("holiday", "workday")
    cells = ((row.day.isoformat(), on if row.is_workday else off, row.name.zh, row.name.en) for row in rows)
    return "\n".join(",".join(line).rstrip(",") for line in cells)
