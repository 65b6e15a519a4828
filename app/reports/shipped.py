"""The shipped report forms as plain values, read from their data files: no database is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.reports.definitions import (
    ColumnDefinition,
    IndicatorDefinition,
    SectionDefinition,
    VersionDefinition,
)
from app.reports.form_rules import ColumnInput, IndicatorInput, RuleInput, rule_of

SHIPPED = ("sme_monthly",)
MONTHLY = SHIPPED[0]
"""中小企业主要经济指标."""

_TEXTS = frozenset({"name", "unit", "message"})


def data_of(code: str) -> dict[str, Any]:
    """A shipped form as its file has it."""
    file = resources.files("app.reports") / "data" / f"{code}.json"
    data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return data


def typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """An object of the file as the inputs of services take it: texts in both languages, lists as tuples."""
    return dict(_typed_items(data))


def _typed_items(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if name in _TEXTS:
            yield name, LocalText(**value)
        else:
            yield name, tuple(value) if isinstance(value, list) else value


@cache
def shipped_version(code: str = MONTHLY) -> VersionDefinition:
    """The first version of a shipped form, as it is before anybody edits it; it has no id."""
    data = data_of(code)
    form = typed(data["form"])
    return VersionDefinition(
        id=0,
        form_id=0,
        form_code=form["code"],
        form_name=form["name"],
        number=1,
        state="published",
        effective_from=Month.parse(data["effective_from"]).key,
        effective_to=None,
        tolerance=Decimal(data["tolerance"]),
        sections=tuple(_section(given) for given in data["sections"]),
        rules=tuple(rule_of(RuleInput(**typed(given))) for given in data["rules"]),
    )


def _section(data: Mapping[str, Any]) -> SectionDefinition:
    code = data["code"]
    indicators = (IndicatorInput(section=code, **typed(given)) for given in data.get("indicators", ()))
    columns = (ColumnInput(section=code, **typed(given)) for given in data.get("columns", ()))
    return SectionDefinition(
        code=code,
        kind=data["kind"],
        name=LocalText(**data["name"]),
        indicators=tuple(_indicator(given) for given in indicators),
        columns=tuple(_column(given) for given in columns),
    )


def _indicator(given: IndicatorInput) -> IndicatorDefinition:
    return IndicatorDefinition(
        code=given.code,
        section=given.section,
        name=given.name,
        unit=given.unit,
        scale=given.scale,
        nature=given.nature,
        months=given.months,
        industrial_only=given.industrial_only,
        cells=given.cells,
        required_cells=given.required_cells,
        growth_kind=given.growth_kind,
    )


def _column(given: ColumnInput) -> ColumnDefinition:
    return ColumnDefinition(
        code=given.code,
        section=given.section,
        name=given.name,
        kind=given.kind,
        scale=given.scale,
        max_length=given.max_length,
        required=given.required,
    )
