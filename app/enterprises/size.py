"""How large an enterprise is: the thresholds of the standard in force as tables, and one rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.enterprises.size_tables import (
    BANDS,
    SPLIT_GROUP,
    UNCLASSIFIED_GROUP,
    SizeGroup,
    Standard,
    Thresholds,
    normalise_industry,
    shipped_standards,
    size_group_of,
    standard_on,
)
from app.kernel.numbers import format_number, parse_number
from app.kernel.texts import Message

SIZE_NAMES: Mapping[str, Message] = {
    "large": Message("Large"),
    "medium": Message("Medium"),
    "small": Message("Small"),
    "micro": Message("Micro"),
    "unknown": Message("Unknown"),
    "not_classified": Message("Not classified"),
}
METRIC_NAMES: Mapping[str, Message] = {
    "revenue": Message("Revenue (1,000 yuan)"),
    "employees": Message("Employees"),
    "assets": Message("Total assets (1,000 yuan)"),
}

Figure = Decimal | int | float | str | None
"""A figure as it comes: a number, a number as people write it, or nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of the working: its value, its thresholds and the band it reaches.

    ``value`` is None where the figure is missing, ``band`` also where it cannot be measured: a
    negative figure is an error of the entry and no sign of a small enterprise.
    """

    thresholds: Thresholds
    value: Decimal | None
    band: str | None
    decides: bool

    @property
    def metric(self) -> str:
        """What was measured."""
        return self.thresholds.metric

    def explanation(self) -> Message:
        """The metric in one sentence."""
        limits = {name: format_number(getattr(self.thresholds, name).normalize()) for name in BANDS}
        metric = METRIC_NAMES[self.metric]
        if self.value is None:
            return Message(
                "{metric} is missing (large from {large}, medium from {medium}, small from {small}).",
                metric=metric,
                **limits,
            )
        if self.band is None:
            return Message(
                "{metric} {value} is below zero and cannot be measured.",
                metric=metric,
                value=format_number(self.value),
            )
        return Message(
            "{metric} {value} reaches {band} (large from {large}, medium from {medium}, small from {small}).",
            metric=metric,
            value=format_number(self.value),
            band=SIZE_NAMES[self.band],
            **limits,
        )


@dataclass(frozen=True, slots=True)
class EnterpriseSize:
    """A size and how it was found.

    ``standard`` is None where none was in force on the day, ``group`` where the trade has none.
    """

    size: str
    group: SizeGroup | None
    working: tuple[Measured, ...] = ()
    standard: Standard | None = None
    on: dt.date | None = None

    @property
    def deciding(self) -> tuple[str, ...]:
        """The metrics that hold the size down to what it is."""
        return tuple(measured.metric for measured in self.working if measured.decides)


def enterprise_size(
    industry_code: str | None,
    revenue: Figure,
    employees: Figure,
    assets: Figure,
    *,
    on: dt.date | None = None,
    standards: Iterable[Standard] | None = None,
) -> EnterpriseSize:
    """The size of an enterprise by its trade and the figures of the end of last year.

    Money is in 千元. A band needs every metric of the trade's group to reach it, so the weakest
    metric decides. A metric that the group needs and that is missing or below zero gives
    ``unknown``, never ``micro``; trades that the measures leave out give ``not_classified``. A
    section or division of which parts are measured differently gives ``unknown`` until the group
    or class is known, and so does a trade that is not known at all.

    :param industry_code: a section, division, group or class of GB/T 4754-2017.
    :param on: the day whose standard counts; without it the latest one.
    :param standards: those to choose from; without them the shipped ones.
    :raises ValueError: there is no such trade, or a text is no number.
    """
    standard = standard_on(shipped_standards() if standards is None else standards, on)
    if standard is None or not (industry_code or "").strip():
        return EnterpriseSize("unknown", None, standard=standard, on=on)
    code = size_group_of(normalise_industry(industry_code or ""))
    if code in (UNCLASSIFIED_GROUP, SPLIT_GROUP):
        size = "not_classified" if code == UNCLASSIFIED_GROUP else "unknown"
        return EnterpriseSize(size, None, standard=standard, on=on)
    group = standard.groups[code]
    figures = {"revenue": revenue, "employees": employees, "assets": assets}
    size, working = _measure(group, {name: _number(value) for name, value in figures.items()})
    return EnterpriseSize(size, group, working, standard, on)


def _number(value: Figure) -> Decimal | None:
    """The exact figure; a text as people write it; what is no finite number is missing."""
    if isinstance(value, str):
        return parse_number(value)
    number = None if value is None else Decimal(str(value))
    return number if number is not None and number.is_finite() else None


def _measure(group: SizeGroup, figures: Mapping[str, Decimal | None]) -> tuple[str, tuple[Measured, ...]]:
    found = []
    for limits in group.thresholds:
        value = figures[limits.metric]
        found.append((limits, value, limits.band(value) if value is not None and value >= 0 else None))
    bands = [band for _limits, _value, band in found if band is not None]
    size = max(bands, key=_ORDER.index) if len(bands) == len(found) else "unknown"
    return size, tuple(
        Measured(limits, value, band, band is None or band == size) for limits, value, band in found
    )


_ORDER = (*BANDS, "micro")


def explained(found: EnterpriseSize) -> list[Message]:
    """The working in sentences: the standard with its date, then each figure, the deciding ones marked."""
    standard = found.standard
    if standard is None:
        return [Message("No standard was in force on {date}.", date=found.on.isoformat() if found.on else "")]
    if found.group is None:
        closer = Message(
            "Choose the industry more closely: {document} measures its parts differently.",
            document=standard.document,
        )
        outside = Message("{document} does not classify this industry.", document=standard.document)
        return [closer if found.size == "unknown" else outside]
    lines = [
        Message(
            "By {document}, version {version}, in force from {date}, for {group}.",
            document=standard.document,
            version=standard.version,
            date=standard.in_force_from.isoformat(),
            group=found.group.name,
        )
    ]
    for measured in found.working:
        lines.append(measured.explanation())
        if measured.decides and measured.band is not None and found.size != "unknown":
            lines.append(Message("{metric} decides.", metric=METRIC_NAMES[measured.metric]))
    return lines
