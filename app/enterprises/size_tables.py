"""The standards by which enterprises are sized, and which trades each of their groups is for: as shipped."""

from __future__ import annotations

import csv
import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

from app.kernel.texts import LocalText

DATA = Path(__file__).parent / "data"
BANDS = ("large", "medium", "small")
UNCLASSIFIED_GROUP = "NA"
SPLIT_GROUP = "SPLIT"


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
class Standard:
    """A document with its thresholds: it holds from ``in_force_from`` until the next one does."""

    version: str
    document: LocalText
    in_force_from: dt.date
    groups: Mapping[str, SizeGroup] = field(repr=False, hash=False)


@cache
def shipped_standards() -> tuple[Standard, ...]:
    """The standards that the platform brings along, oldest first."""
    groups: dict[str, dict[str, tuple[LocalText, list[Thresholds]]]] = {}
    for row in read_table("enterprise_size_thresholds.csv"):
        bounds = (Decimal(row[band]) for band in BANDS)
        of_standard = groups.setdefault(row["standard"], {})
        name = LocalText(row["name_zh"], row["name_en"])
        of_standard.setdefault(row["size_group"], (name, []))[1].append(Thresholds(row["metric"], *bounds))
    return tuple(
        Standard(
            row["version"],
            LocalText(row["document_zh"], row["document_en"]),
            dt.date.fromisoformat(row["in_force_from"]),
            {
                code: SizeGroup(code, name, tuple(limits))
                for code, (name, limits) in groups[row["version"]].items()
            },
        )
        for row in read_table("enterprise_size_standards.csv")
    )


def standard_on(standards: Iterable[Standard], day: dt.date | None) -> Standard | None:
    """The standard in force on a day, the latest one where no day is given; None before the first."""
    begun = [one for one in standards if day is None or one.in_force_from <= day]
    return max(begun, key=lambda one: one.in_force_from, default=None)


def group_names() -> Mapping[str, LocalText]:
    """What each size group is called; the groups are those of the latest shipped standard."""
    return {code: group.name for code, group in shipped_standards()[-1].groups.items()}


def metrics_of(group: str) -> Sequence[str]:
    """By which figures a size group is measured."""
    return [limits.metric for limits in shipped_standards()[-1].groups[group].thresholds]


def normalise_industry(code: str) -> str:
    """A trade's code as the tables write it: ``c 1711`` and ``Ｃ１７１１`` mean ``1711``.

    A section letter before digits is only kept out where it is the digits' own section.
    """
    written = "".join(unicodedata.normalize("NFKC", code).split()).upper()
    if len(written) > 1 and written[0].isalpha() and written[1:].isdigit():
        return written[1:] if section_of(written[1:]) == written[0] else written
    return written


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
def _trade_groups() -> Mapping[str, tuple[str, str]]:
    """Division, or group where a division is split → its section and size group."""
    return {
        row["industry"]: (row["section"], row["size_group"])
        for row in read_table("enterprise_size_groups.csv")
    }


def read_table(name: str) -> Iterator[dict[str, str]]:
    """Rows of a shipped table."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
