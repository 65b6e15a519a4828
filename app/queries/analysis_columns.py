"""Columns of the analysis: counts that open their enterprises, rates, increases and shares, with totals."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, func, literal_column

from app.infra.lists import Column
from app.kernel.texts import Message
from app.queries.analysis_counts import SPREAD_COUNTS
from app.reports.summary_sql import growth, share

Of = Callable[[str], Any]
"""The sum of a count: over a group, or over all of them."""
COUNTED = frozenset({"due", "reported", "on_time", "last_reported", *SPREAD_COUNTS})
"""Columns that count enterprises, who can be opened."""


def reporting_columns(behind: str) -> Iterator[Column]:
    """应报 and 已报 of a kind, beside the month before.

    :param behind: the address of the enterprises of a count, which replaces ``[]``.
    """
    return _leading(_reporting(), behind)


def spread_columns(behind: str) -> Iterator[Column]:
    """规模分布: who reported, and how many of them are of which kind; ``behind`` as above."""
    return _leading(_spread(), behind)


def _leading(columns: Sequence[Column], behind: str) -> Iterator[Column]:
    """Each count with its way to the enterprises that it counts."""
    return (
        replace(column, link=behind.replace("[]", column.key)) if column.key in COUNTED else column
        for column in columns
    )


@functools.cache
def _reporting() -> Sequence[Column]:
    """Made once: they are the same for every question, and long to make."""
    return (
        _count("due", Message("Due")),
        _count("reported", Message("Reported")),
        _rate("reported_rate", Message("Report rate (%)"), lambda of: share(of("reported"), of("due"))),
        _count("on_time", Message("Reported on time")),
        _rate("on_time_rate", Message("On-time rate (%)"), lambda of: share(of("on_time"), of("due"))),
        _count("last_reported", Message("Reported last month")),
        _increase(),
        _rate(
            "growth",
            Message("Increase on last month (%)"),
            lambda of: growth(of("reported"), of("last_reported")),
        ),
        _rate(
            "portion",
            Message("Share of all reported (%)"),
            lambda of: share(of("reported"), _all("reported")),
        ),
    )


@functools.cache
def _spread() -> Sequence[Column]:
    found = [
        _count("reported", Message("Reported")),
        _count("last_reported", Message("Reported last month")),
        _increase(),
    ]
    for name, words in SPREAD_COUNTS.items():
        whole = "industrial" if name == "industrial_smm" else "reported"
        portion, over = Message("{kind}, share (%)", kind=words), (words, Message("Share (%)"))
        found.append(_count(name, words, band=(words, Message("Number of enterprises"))))
        found.append(_rate(f"{name}_share", portion, _part(name, whole), band=over))
    return found


def _part(name: str, whole: str) -> Callable[[Of], Any]:
    return lambda of: share(of(name), of(whole))


def _increase() -> Column:
    return _number(
        "increase", Message("Increase on last month"), lambda of: of("reported") - of("last_reported")
    )


def _count(name: str, words: Message, band: Any = None) -> Column:
    return _number(name, words, lambda of: of(name), band=band)


def _rate(key: str, words: Message, value: Callable[[Of], Any], band: Any = None) -> Column:
    return _number(key, words, value, decimals=2, band=band)


def _number(key: str, words: Message, value: Callable[[Of], Any], **more: Any) -> Column:
    return Column(key, words, value(_sum), "number", sortable=True, total=value(_all), **more)


def _sum(name: str) -> Any:
    return literal_column(f"sums.{name}", BigInteger())


def _all(name: str) -> Any:
    return func.sum(_sum(name)).over()
