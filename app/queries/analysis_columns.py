"""Columns of the analysis: counts that open their enterprises, rates, increases and shares, with totals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import BigInteger, func, literal_column

from app.infra.lists import Column
from app.kernel.texts import Message
from app.queries.analysis_counts import SPREAD_COUNTS
from app.reports.summary_sql import growth, share

Of = Callable[[str], Any]
"""The sum of a count: over a group, or over all of them."""


def reporting_columns(behind: str) -> Iterator[Column]:
    """应报 and 已报 of a kind, beside the month before.

    :param behind: the address of the enterprises of a count, which replaces ``[]``.
    """
    yield _count("due", Message("Due"), behind)
    yield _count("reported", Message("Reported"), behind)
    yield _rate("reported_rate", Message("Report rate (%)"), lambda of: share(of("reported"), of("due")))
    yield _count("on_time", Message("Reported on time"), behind)
    yield _rate("on_time_rate", Message("On-time rate (%)"), lambda of: share(of("on_time"), of("due")))
    yield _count("last_reported", Message("Reported last month"), behind)
    yield _increase()
    yield _rate(
        "growth",
        Message("Increase on last month (%)"),
        lambda of: growth(of("reported"), of("last_reported")),
    )
    yield _rate(
        "portion", Message("Share of all reported (%)"), lambda of: share(of("reported"), _all("reported"))
    )


def spread_columns(behind: str) -> Iterator[Column]:
    """规模分布: who reported, and how many of them are of which kind."""
    yield _count("reported", Message("Reported"), behind)
    yield _count("last_reported", Message("Reported last month"), behind)
    yield _increase()
    for name, words in SPREAD_COUNTS.items():
        whole = "industrial" if name == "industrial_smm" else "reported"
        yield _count(name, words, behind, band=(words, Message("Number of enterprises")))
        yield _rate(
            f"{name}_share", Message("{kind}, share (%)", kind=words), _part(name, whole),
            band=(words, Message("Share (%)")),
        )  # fmt: skip


def _part(name: str, whole: str) -> Callable[[Of], Any]:
    return lambda of: share(of(name), of(whole))


def _increase() -> Column:
    return _number(
        "increase", Message("Increase on last month"), lambda of: of("reported") - of("last_reported")
    )


def _count(name: str, words: Message, behind: str, band: Any = None) -> Column:
    return _number(name, words, lambda of: of(name), link=behind.replace("[]", name), band=band)


def _rate(key: str, words: Message, value: Callable[[Of], Any], band: Any = None) -> Column:
    return _number(key, words, value, decimals=2, band=band)


def _number(key: str, words: Message, value: Callable[[Of], Any], **more: Any) -> Column:
    return Column(key, words, value(_sum), "number", sortable=True, total=value(_all), **more)


def _sum(name: str) -> Any:
    return literal_column(f"sums.{name}", BigInteger())


def _all(name: str) -> Any:
    return func.sum(_sum(name)).over()
