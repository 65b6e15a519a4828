"""The working-day calendar: a table that administrators keep, and deadlines counted by it.

Glossary
--------
exception 调整日         a day that differs from the week: a holiday, or a make-up workday on a weekend
announced year 已公布    its calendar was published by the State Council and entered; others are provisional
provisional 暂定         counted by weekdays and the holidays fixed by law, until the announcement is entered

``work_calendar()`` reads the table once for each request; ``deadline`` counts by it.
"""

from app.infra.calendar.service import deadline, work_calendar

__all__ = ["deadline", "work_calendar"]
