"""Files for spreadsheets: nothing runs as a formula, numbers stay exact, memory stays small."""

from __future__ import annotations

import datetime as dt
import io
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.infra import exports
from app.infra.exports import Field, sheet_name, write_csv, write_xlsx
from app.kernel.clock import SHANGHAI
from app.kernel.errors import Invalid

FIELDS = [Field("企业名称"), Field("营业收入", 2)]


def csv_of(rows: Any, fields: Any = FIELDS, encoding: str = "utf-8-sig") -> str:
    body = io.BytesIO()
    write_csv(body, fields, rows, encoding)
    return body.getvalue().decode(encoding)


def sheet_of(rows: Any, fields: Any = FIELDS) -> Any:
    body = io.BytesIO()
    write_xlsx(body, fields, rows, "月报")
    return openpyxl.load_workbook(body).active


@pytest.mark.parametrize("text", ["=1+1", "+86", "-cmd", "@sum", "\tx", "\rx"])
def test_a_text_that_would_run_is_neutralised_in_csv(text: str) -> None:
    assert f"'{text.strip()}" in csv_of([(text, None)]).replace("\t", "").replace("\r", "").replace('"', "")


@pytest.mark.parametrize("text", ["=1+1", "+86", "-cmd", "@sum", "http://example.test", "00123"])
def test_a_text_stays_a_text_in_a_workbook(text: str) -> None:
    cell = sheet_of([(text, None)])["A2"]

    assert (cell.value, cell.data_type) == (text, "s")


def test_a_negative_number_stays_a_number() -> None:
    assert csv_of([("甲", Decimal("-12.30"))]).splitlines()[1] == "甲,-12.30"
    cell = sheet_of([("甲", Decimal("-12.30"))])["B2"]
    assert (cell.value, cell.data_type, cell.number_format) == (-12.3, "n", "#,##0.00")


def test_a_number_that_a_spreadsheet_would_round_goes_as_text() -> None:
    exact = Decimal("90071992547409931.05")

    assert sheet_of([("甲", exact)])["B2"].value == "90071992547409931.05"
    assert "90071992547409931.05" in csv_of([("甲", exact)])


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (Decimal("1.5"), 2, "1.50"),
        (Decimal("1.50"), 2, "1.50"),
        (Decimal("1234.00"), 0, "1234"),
        (Decimal("1234.56"), 0, "1234.56"),
        (Decimal("1234.50"), 1, "1234.5"),
        (Decimal("-0.05"), 1, "-0.05"),
        (Decimal(100), 0, "100"),
        (100, 2, "100.00"),
        (0, 0, "0"),
        (Decimal("1E+3"), 0, "1000"),
    ],
)
def test_a_number_has_the_decimals_of_the_page_and_none_is_lost(
    value: Any, decimals: int, written: str
) -> None:
    assert csv_of([(value,)], [Field("值", decimals)]).splitlines()[1] == written


def test_a_sheet_says_that_numbers_became_texts_and_only_then() -> None:
    for rows, last in (
        ([("甲", Decimal(1))], "甲"),
        ([("甲", 10**15)], "as text"),
        ([("甲", -(10**15))], "as text"),
    ):
        body = io.BytesIO()
        assert write_xlsx(body, FIELDS, rows, "月报", "as text") == 1
        assert list(openpyxl.load_workbook(body).active.values)[-1][0] == last


def test_a_missing_figure_is_blank_and_not_zero() -> None:
    assert csv_of([("甲", None)]).splitlines()[1] == "甲,"
    assert sheet_of([("甲", None)])["B2"].value is None


def test_csv_carries_a_byte_order_mark_and_gb18030_none() -> None:
    body = io.BytesIO()
    write_csv(body, FIELDS, [])
    assert body.getvalue().startswith(b"\xef\xbb\xbf")
    assert csv_of([("㐂𠮷", None)], encoding="gb18030").splitlines()[1] == "㐂𠮷,"


def test_a_file_without_rows_still_has_its_heading() -> None:
    assert [cell.value for cell in sheet_of([])[1]] == ["企业名称", "营业收入"]
    assert csv_of([]).strip("\ufeff\r\n") == "企业名称,营业收入"


def test_headings_of_one_name_are_told_apart() -> None:
    sheet = sheet_of([("a", "b", "c")], [Field("值"), Field("值"), Field("值")])

    assert [cell.value for cell in sheet[1]] == ["值", "值 (2)", "值 (3)"]
    assert [cell.value for cell in sheet[2]] == ["a", "b", "c"]


def test_instants_and_days_read_as_people_write_them() -> None:
    row = (dt.datetime(2026, 11, 4, 9, 12, tzinfo=SHANGHAI), dt.date(2026, 11, 4))

    assert csv_of([row], [Field("时间"), Field("日期")]).splitlines()[1] == "2026-11-04 09:12,2026-11-04"


def test_a_text_longer_than_a_cell_is_cut_with_a_mark() -> None:
    assert sheet_of([("长" * 40_000, None)])["A2"].value == "长" * 32_766 + "…"


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 3)
    target = tmp_path / "x.xlsx"

    with pytest.raises(Invalid):
        write_xlsx(target, FIELDS, [("甲", 1)] * 4)

    assert not target.exists()


@pytest.mark.parametrize(("given", "kept"), [("a/b:c", "a b c"), ("", "Sheet1"), ("月" * 40, "月" * 31)])
def test_a_sheet_gets_a_name_that_a_workbook_accepts(given: str, kept: str) -> None:
    assert sheet_name(given) == kept


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_file_is_written_in_bounded_memory(kind: str, tmp_path: Path) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(60_000):
            yield (f"企业{number}", Decimal(number))

    tracemalloc.start()
    with (tmp_path / "long").open("wb") as handle:
        written = write_xlsx(handle, FIELDS, rows()) if kind == "xlsx" else write_csv(handle, FIELDS, rows())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert written == 60_000
    assert peak < 4 * 2**20
