"""Rows of the template of enterprises, for tests, bench and torture: each valid, none like another."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook

from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.sheets import ENTERPRISES
from app.infra.i18n import say
from app.infra.imports import ImportSpec

REGION = "330109"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def enterprise_row(number: int, region: str = REGION, **changes: Any) -> dict[str, Any]:
    """A valid row by the keys of its columns."""
    row = {
        "name": f"云泽导入{number:05d}号有限公司",
        "uscc": complete_credit_code("91", region, _body(number)),
        "legal_representative": "赵一禾",
        "region": region,
        "industry": ("1711", "3444", "5132")[number % 3],
        "registration_type": "私营有限责任公司（2023）",
        "control_type": "私人控股",
        "figures_year": 2025,
        "revenue": 42600.55 + number,
        "employees": 96,
        "assets": 38900,
        "opened_on": "2012-05-08",
        "main_products": "棉纱、混纺纱",
        "address": f"示范路{number}号",
        "contact_name": "钱知言",
        "phone": "0500-12345678",
    }
    return row | changes


def _body(number: int) -> str:
    text = ""
    for _place in range(6):
        number, rest = divmod(number, len(_ALPHABET))
        text = _ALPHABET[rest] + text
    return f"MA{text}"


def enterprise_rows(count: int, start: int = 0) -> Iterator[dict[str, Any]]:
    """So many valid rows."""
    return (enterprise_row(number) for number in range(start, start + count))


def workbook_of(rows: Sequence[dict[str, Any]], spec: ImportSpec = ENTERPRISES) -> bytes:
    """A filled-in template, as a spreadsheet program would save it; inside an application context."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append([say(column.label) + ("*" if column.required else "") for column in spec.columns])
    for row in rows:
        sheet.append([row.get(column.key) for column in spec.columns])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
