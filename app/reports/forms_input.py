"""What pages of reports send, read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.reports.definitions import SectionDefinition

EXPLANATION = "x-"
_CELL = re.compile(r"c-([a-z0-9_]+)-([a-z_]+)")
_ROW = re.compile(r"r-([0-9]{1,4})-([a-z0-9_]+)")


def lock_of(text: object) -> int:
    """The version that a page was opened at: 0 for none, -1 for what no page could have sent."""
    if text in (None, ""):
        return 0
    found = str(text)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else -1


def typed_cells(form: Mapping[str, str]) -> dict[str, str]:
    """The cells of a form that is sent without scripts: ``c-revenue-ytd`` is ``revenue.ytd``."""
    named = ((_CELL.fullmatch(name), text) for name, text in form.items())
    return {f"{found[1]}.{found[2]}": text for found, text in named if found}


def typed_explanations(form: Mapping[str, str]) -> dict[str, str]:
    """The explanations of such a form, by what they explain."""
    return {
        name.removeprefix(EXPLANATION): text for name, text in form.items() if name.startswith(EXPLANATION)
    }


def typed_rows(form: Mapping[str, str], section: SectionDefinition) -> list[dict[str, str]]:
    """The repeating rows of such a form: ``r-1-sales`` is row 1, column sales.

    An empty row between others is kept, so that a problem is shown at the row that has it.
    """
    codes = {column.code for column in section.columns}
    rows: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        found = _ROW.fullmatch(name)
        if found and found[2] in codes:
            rows.setdefault(int(found[1]), {})[found[2]] = text
    filled = [number for number, row in rows.items() if any(text.strip() for text in row.values())]
    return [rows[number] for number in sorted(rows) if number <= max(filled, default=0)]
