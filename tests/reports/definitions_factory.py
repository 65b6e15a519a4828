"""Definitions made by hand: no database, so that rules are tested in microseconds."""

from __future__ import annotations

from decimal import Decimal

from app.kernel.texts import LocalText
from app.reports.definitions import (
    ALL,
    EVERY_MONTH,
    Cell,
    ColumnDefinition,
    IndicatorDefinition,
    RuleDefinition,
    SectionDefinition,
    VersionDefinition,
)


def indicator(code: str, **changes: object) -> IndicatorDefinition:
    """A cumulative flow with four cells, two of them required."""
    given: dict[str, object] = {
        "section": "main",
        "name": LocalText(f"指标{code}", f"Indicator {code}"),
        "unit": LocalText("千元", "1,000 yuan"),
        "scale": 4,
        "nature": "flow_ytd",
        "months": EVERY_MONTH,
        "industrial_only": False,
        "cells": ("m", "ytd", "ly_m", "ly_ytd"),
        "required_cells": ("ytd", "ly_ytd"),
        "growth_kind": "pct",
    }
    return IndicatorDefinition(code=code, **given | changes)  # type: ignore[arg-type]


def rule(code: str, expression: str, **changes: object) -> RuleDefinition:
    """A hard rule about every cell of every indicator, in every month."""
    given: dict[str, object] = {
        "severity": "hard",
        "applies_to": "visible",
        "section": "",
        "months": EVERY_MONTH,
        "indicators": (ALL,),
        "cells": (ALL,),
        "message": LocalText("{name}有误", "{name} is wrong"),
    }
    return RuleDefinition(code=code, expression=expression, **given | changes)  # type: ignore[arg-type]


def version(
    indicators: list[IndicatorDefinition],
    rules: list[RuleDefinition],
    columns: list[ColumnDefinition] | None = None,
) -> VersionDefinition:
    """A published version with a grid, and a section ``goods`` of rows if columns are given."""
    sections = [SectionDefinition("main", "grid", LocalText("主表", "Main"), indicators=tuple(indicators))]
    if columns:
        sections.append(
            SectionDefinition("goods", "rows", LocalText("产品", "Products"), columns=tuple(columns))
        )
    return VersionDefinition(
        id=1,
        form_id=1,
        form_code="small",
        form_name=LocalText("小表", "Small form"),
        number=1,
        state="published",
        effective_from=201801,
        effective_to=None,
        tolerance=Decimal(1),
        sections=tuple(sections),
        rules=tuple(rules),
    )


def cells(**figures: int | str) -> dict[Cell, Decimal]:
    """``revenue_ytd=5`` -> {("revenue", "ytd"): 5}."""
    found = {}
    for name, value in figures.items():
        code, _, cell = name.rpartition("_")
        if code.endswith("_ly"):
            code, cell = code.removesuffix("_ly"), f"ly_{cell}"
        found[code, cell] = Decimal(value)
    return found
