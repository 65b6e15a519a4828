"""How large an enterprise is: 《统计上大中小微型企业划分办法（2017）》 as tables and one rule."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from app.kernel.numbers import format_number
from app.kernel.texts import LocalText, Message

DATA = Path(__file__).parent / "data"
BANDS = ("large", "medium", "small")
UNCLASSIFIED_GROUP = "NA"
SPLIT_GROUP = "SPLIT"

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


@dataclass(frozen=True, slots=True)
class Standard:
    """The document that thresholds come from."""

    version: str
    document: LocalText
    in_force_from: dt.date


STANDARD = Standard(
    "2017",
    LocalText(
        "统计上大中小微型企业划分办法（2017），国统字〔2017〕213号",
        "Measures for the Statistical Classification of Enterprises by Size (2017), NBS [2017] No. 213",
    ),
    dt.date(2017, 12, 28),
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least values of one metric for each band; 千元 for money, persons for employees."""

    metric: str
    large: Decimal
    medium: Decimal
    small: Decimal

    def band(self, value: Decimal) -> str:
        """The band that a value reaches; a value equal to a threshold reaches it."""
        for name in BANDS:
            if value >= getattr(self, name):
                return name
        return "micro"


@dataclass(frozen=True, slots=True)
class SizeGroup:
    """Trades that are measured by the same metrics."""

    code: str
    name: LocalText
    thresholds: tuple[Thresholds, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric of the working: its value, its thresholds and the band it reaches (None: missing)."""

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
        limits = {name: format_number(getattr(self.thresholds, name)) for name in BANDS}
        if self.band is None:
            return Message(
                "{metric} is missing (large from {large}, medium from {medium}, small from {small}).",
                metric=METRIC_NAMES[self.metric],
                **limits,
            )
        return Message(
            "{metric} {value} reaches {band} (large from {large}, medium from {medium}, small from {small}).",
            metric=METRIC_NAMES[self.metric],
            value=format_number(self.value),
            band=SIZE_NAMES[self.band],
            **limits,
        )


@dataclass(frozen=True, slots=True)
class EnterpriseSize:
    """A size and how it was found."""

    size: str
    group: SizeGroup | None
    working: tuple[Measured, ...] = ()
    standard: Standard = STANDARD

    @property
    def deciding(self) -> tuple[str, ...]:
        """The metrics that hold the size down to what it is."""
        return tuple(measured.metric for measured in self.working if measured.decides)


def enterprise_size(
    industry_code: str,
    revenue: Decimal | int | None,
    employees: int | None,
    assets: Decimal | int | None,
) -> EnterpriseSize:
    """The size of an enterprise by its trade and the figures of the end of last year.

    Money is in 千元. A band needs every metric of the trade's group to reach it, so the weakest
    metric decides. A missing metric that the group needs gives ``unknown``, never ``micro``;
    trades that the measures leave out give ``not_classified``. A division of which parts are
    measured differently gives ``unknown`` until the group or class is known.

    :raises ValueError: there is no such trade in GB/T 4754-2017.
    """
    code = size_group_of(industry_code)
    if code == UNCLASSIFIED_GROUP:
        return EnterpriseSize("not_classified", None)
    if code == SPLIT_GROUP:
        return EnterpriseSize("unknown", None)
    figures = {"revenue": revenue, "employees": employees, "assets": assets}
    group = size_groups()[code]
    values = [figures[thresholds.metric] for thresholds in group.thresholds]
    bands = [
        None if value is None else limits.band(Decimal(value))
        for limits, value in zip(group.thresholds, values, strict=True)
    ]
    size = "unknown" if None in bands else max((band for band in bands if band), key=_ORDER.index)
    working = tuple(
        Measured(limits, None if value is None else Decimal(value), band, band == size or band is None)
        for limits, value, band in zip(group.thresholds, values, bands, strict=True)
    )
    return EnterpriseSize(size, group, working)


def explained(found: EnterpriseSize) -> list[Message]:
    """The working in sentences: the standard with its date, then each figure, the deciding one marked."""
    standard = found.standard
    if found.group is None:
        document = standard.document
        if found.size == "unknown":
            return [
                Message(
                    "Choose the industry more closely: {document} measures its parts differently.",
                    document=document,
                )
            ]
        return [Message("{document} does not classify this industry.", document=document)]
    lines = [
        Message(
            "By {document}, in force from {date}, for {group}.",
            document=standard.document,
            date=standard.in_force_from.isoformat(),
            group=found.group.name,
        )
    ]
    for measured in found.working:
        lines.append(measured.explanation())
        if measured.decides and measured.band is not None and len(found.working) > 1:
            lines.append(Message("{metric} decides.", metric=METRIC_NAMES[measured.metric]))
    return lines


_ORDER = (*BANDS, "micro")


def size_group_of(industry_code: str) -> str:
    """The size group of a trade: a code such as G02, NA where none applies, SPLIT where parts differ.

    :raises ValueError: there is no such trade.
    """
    groups = _trade_groups()
    if len(industry_code) == 1:
        found = {group for section, group in groups.values() if section == industry_code}
        if found:
            return found.pop() if len(found) == 1 else SPLIT_GROUP
    for length in range(len(industry_code), 1, -1):
        if industry_code[:length] in groups:
            return groups[industry_code[:length]][1]
    if len(industry_code) == 2 and any(code.startswith(industry_code) for code in groups):
        return SPLIT_GROUP
    raise ValueError(f"no trade {industry_code!r} in GB/T 4754-2017")


def section_of(industry_code: str) -> str:
    """The section letter of a trade.

    :raises ValueError: there is no such trade.
    """
    sections = {section for section, _group in _trade_groups().values()}
    if industry_code in sections:
        return industry_code
    for code, (section, _group) in _trade_groups().items():
        if code[:2] == industry_code[:2]:
            return section
    raise ValueError(f"no trade {industry_code!r} in GB/T 4754-2017")


@cache
def size_groups() -> Mapping[str, SizeGroup]:
    """Every size group with its thresholds."""
    names: dict[str, LocalText] = {}
    limits: dict[str, list[Thresholds]] = {}
    for row in _read("enterprise_size_thresholds.csv"):
        names[row["size_group"]] = LocalText(row["name_zh"], row["name_en"])
        bounds = (Decimal(row[band]) for band in BANDS)
        limits.setdefault(row["size_group"], []).append(Thresholds(row["metric"], *bounds))
    return {code: SizeGroup(code, name, tuple(limits[code])) for code, name in names.items()}


@cache
def _trade_groups() -> Mapping[str, tuple[str, str]]:
    """Division, or group where a division is split → its section and size group."""
    return {
        row["industry"]: (row["section"], row["size_group"]) for row in _read("enterprise_size_groups.csv")
    }


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
