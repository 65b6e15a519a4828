"""What cells mean, how far a batch is, what a template holds."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from openpyxl import load_workbook

from app.enterprises.sheets import ENTERPRISES
from app.infra.imports import Choice, ImportColumn, ImportRow, ImportSpec
from app.infra.imports.headings import find_heading, known_headings
from app.infra.imports.rules import Standing, refuse_confirmation, standing_of
from app.infra.imports.template import write_template
from app.infra.imports.values import CellError, ChoiceIndex, value_of
from app.infra.sheets import Fault, SheetRow
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid, Problem
from app.kernel.texts import LocalText, Message

NOW = dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(hours=24)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", " 甲 ", "甲"),
        ("text", Decimal(13000000001), "13000000001"),
        ("text", Decimal("12.5"), "12.5"),
        ("text", None, None),
        ("number", Decimal("0.1"), Decimal("0.1")),
        ("number", "１，２３４.５", Decimal("1234.5")),
        ("number", "(7)", Decimal(-7)),
        ("whole", Decimal(96), 96),
        ("whole", "96", 96),
        ("date", dt.date(2020, 1, 31), dt.date(2020, 1, 31)),
        ("date", dt.datetime.fromisoformat("2020-01-31T00:00"), dt.date(2020, 1, 31)),
        ("date", "2020-1-31", dt.date(2020, 1, 31)),
        ("date", "2020年1月31日", dt.date(2020, 1, 31)),
        ("date", "2020/01/31", dt.date(2020, 1, 31)),
        ("date", Decimal(20200131), dt.date(2020, 1, 31)),
        ("flag", "是", True),
        ("flag", "No", False),
        ("flag", True, True),
        ("flag", Decimal(0), False),
    ],
)
def test_cells_are_understood(kind: Any, cell: Any, value: Any) -> None:
    assert value_of(ImportColumn("a", Message("Name"), kind), cell) == value


@pytest.mark.parametrize(
    ("kind", "cell", "words"),
    [
        ("text", Decimal("9.13301e17"), "typed as a number"),
        ("text", "x" * 2_001, "at most 2000"),
        ("text", Fault.ERROR, "error of the spreadsheet"),
        ("text", Fault.UNCALCULATED, "formula without a value"),
        ("number", "一千", "not a number"),
        ("number", dt.date(2020, 1, 1), "not a number"),
        ("whole", Decimal("1.5"), "whole number"),
        ("date", "昨天", "Write the date"),
        ("date", "2020-02-30", "Write the date"),
        ("date", Decimal(43831), "Write the date"),
        ("date", True, "Write the date"),
        ("flag", "也许", "yes or no"),
    ],
)
def test_cells_that_cannot_be_understood_say_how_to_write_them(kind: Any, cell: Any, words: str) -> None:
    with pytest.raises(CellError, match=words):
        value_of(ImportColumn("a", Message("Name"), kind), cell)


def test_choices_are_named_in_many_ways_but_never_two_at_once() -> None:
    index = ChoiceIndex.of(
        [
            Choice(1, LocalText("杭州市萧山区", "Xiaoshan"), ("330109", "萧山区")),
            Choice(2, LocalText("甲市城关区"), ("000001", "城关区")),
            Choice(3, LocalText("乙市城关区"), ("000002", "城关区")),
            Choice(4, LocalText("杭州市萧山区（旧）"), ("萧山区",), offered=False),
        ]
    )

    assert [index.value(text) for text in ("330109", "XIAOSHAN", " 杭州市 萧山区", "萧山区")] == [1, 1, 1, 1]
    assert index.value("杭州市萧山区（旧）") == 4
    with pytest.raises(CellError, match="more than one"):
        index.value("城关区")
    with pytest.raises(CellError, match="There is no"):
        index.value("丙市")


@pytest.mark.parametrize(
    ("state", "job", "age", "standing"),
    [
        ("checking", "running", 0, Standing.CHECKING),
        ("checking", "failed", 0, Standing.REFUSED),
        ("checking", "cancelled", 0, Standing.CANCELLED),
        ("ready", "done", 23, Standing.READY),
        ("ready", "done", 24, Standing.EXPIRED),
        ("applying", "running", 30, Standing.APPLYING),
        ("applying", "failed", 1, Standing.READY),
        ("applying", "cancelled", 30, Standing.EXPIRED),
        ("done", "done", 99, Standing.DONE),
        ("refused", "done", 0, Standing.REFUSED),
        ("cancelled", "done", 0, Standing.CANCELLED),
    ],
)
def test_how_far_a_batch_is(state: str, job: str, age: int, standing: Standing) -> None:
    checked_at = NOW - dt.timedelta(hours=age)

    assert standing_of(state, job, checked_at, NOW, DAY) is standing


def test_only_what_may_be_written_is_confirmed() -> None:
    refuse_confirmation(Standing.READY, "all", 2, 2)
    refuse_confirmation(Standing.READY, "valid", 2, 1)
    for standing in (Standing.CHECKING, Standing.EXPIRED, Standing.CANCELLED, Standing.REFUSED):
        with pytest.raises(Conflict):
            refuse_confirmation(standing, "all", 2, 2)
    for mode, counted, valid in (("all", 2, 1), ("valid", 2, 0), ("", 2, 2), ("some", 2, 2)):
        with pytest.raises(Invalid):
            refuse_confirmation(Standing.READY, mode, counted, valid)


def test_headings_are_found_below_titles_in_either_language(app: Flask) -> None:
    known = known_headings(ENTERPRISES)
    rows = [
        SheetRow("a", 1, ("企业名单",)),
        SheetRow("a", 3, ("企业名称 *", None, "Credit code", "备注", "未通过原因", "企业名称")),
    ]

    found = find_heading(rows, known)

    assert found is not None
    assert (found[0].places, found[0].unknown, found[1]) == ({0: "name", 2: "uscc"}, ("备注",), 3)
    assert find_heading(rows[:1], known) is None


def small_spec(**changes: Any) -> ImportSpec:
    choices = [Choice("a", LocalText("甲", "First")), Choice("b", LocalText("乙", "Second"), offered=False)]
    usual: dict[str, Any] = {
        "name": "small",
        "title": Message("Bureaus"),
        "columns": (
            ImportColumn("name", Message("Name"), required=True, help=Message("Its name."), example="云泽"),
            ImportColumn("kind", Message("Kind"), "choice", choices=lambda _actor, _today: choices),
            ImportColumn("listed", Message("Listed"), "flag"),
            ImportColumn("count", Message("Employees"), "whole"),
        ),
        "check": lambda *_given: (),
        "apply": lambda *_given: None,
        "allowed": lambda _actor: True,
        "name_column": "name",
        "list_url": "/",
    }
    return ImportSpec(**{**usual, **changes})


@pytest.mark.parametrize(("language", "first", "offered"), [("zh", "名称*", "甲"), ("en", "Name*", "First")])
def test_a_template_has_headings_lists_and_guidance(
    app: Flask, language: str, first: str, offered: str
) -> None:
    target = io.BytesIO()
    with force_locale(language), app.test_request_context(headers={"Accept-Language": language}):
        from flask import session  # noqa: PLC0415 - the language of a page is its session's

        session["language"] = language
        write_template(target, small_spec(), SYSTEM, NOW.date())

    book = load_workbook(target)
    data, guidance, lists = book.worksheets
    assert [data.cell(1, 1).value, data.max_row] == [first, 1]
    assert data.column_dimensions["A"].number_format == "@" and data.freeze_panes == "A2"
    ranges = {str(one.sqref): one.formula1 for one in data.data_validations.dataValidation}
    assert set(ranges) == {"A2:A20001", "B2:B20001", "C2:C20001"} and ranges["B2:B20001"].endswith(
        "$A$1:$A$1"
    )
    assert lists.sheet_state == "hidden" and lists["A1"].value == offered
    assert "云泽" in [cell.value for row in guidance.iter_rows() for cell in row]


def test_failed_rows_come_back_as_they_were(app: Flask) -> None:
    target = io.BytesIO()
    row = ImportRow("数据", 7, {"name": "=1+1", "kind": Fault.ERROR, "listed": True, "count": Decimal(5)})
    row.refuse(Problem(Message("Its name."), "name"))
    row.refuse(Problem(Message("Enter a name."), "name"))
    row.refuse(Problem(Message("This row cannot be imported.")))

    write_template(target, small_spec(), SYSTEM, NOW.date(), [row])

    sheet = load_workbook(target).worksheets[0]
    cells = next(iter(sheet.iter_rows(min_row=2)))
    assert [cell.value for cell in cells[:1] + cells[3:4]] == ["=1+1", 5] and cells[0].data_type == "s"
    assert cells[4].value == "名称: 填写名称。\n此行不能导入。"
    assert cells[0].fill.fgColor.rgb.endswith("FBE9E8")


def test_a_declaration_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="choices"):
        ImportColumn("kind", Message("Kind"), "choice")
    with pytest.raises(ValueError, match="twice"):
        small_spec(name_column="other")
