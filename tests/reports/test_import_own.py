"""上报导入: the form of the month out and in again, each error at its cell, saved as the page saves it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.files import file_store
from app.infra.imports.rules import BatchState
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.reports import filling
from app.reports.models import Report, ReportStep
from app.reports.workflow import EDITING, IN_REVIEW
from tests.factories.report_imports import (
    PRODUCT,
    add_product,
    confirmed,
    edited,
    figures_of,
    fill_own,
    notices,
    number,
    opened,
    own_template,
    places,
    products_of,
    saved,
    told,
    uploaded,
)
from tests.factories.reports import OCTOBER, good_cells, ref_for, submitted

ActorOf = Callable[[str], Actor]


@pytest.fixture
def owner(actor: ActorOf) -> Actor:
    return actor("enterprise")


def report_of(owner: Actor) -> Report | None:
    query = select(Report).where(Report.enterprise_id == owner.enterprise_id, Report.period == OCTOBER.key)
    return db.session.scalars(query).one_or_none()


def filled_template(owner: Actor, now: dt.datetime, changes: dict[str, Any] | None = None) -> bytes:
    return fill_own(own_template(owner, now), opened(owner, now), changes)


def test_the_template_is_laid_out_as_the_form(owner: Actor, now: dt.datetime) -> None:
    report = opened(owner, now)

    book = load_workbook(io.BytesIO(own_template(owner, now)))

    sheet = book["主要经济指标"]
    assert [sheet.cell(4, at).value for at in range(1, 7)] == [
        "指标名称",
        "计算单位",
        "本年本月",
        "本年1-本月",
        "上年本月",
        "上年1-本月",
    ]
    rows = places(book)
    shown = report.version.sections[0].applicable(10, industrial=report.filing.industry.is_industrial)
    assert list(rows) == [indicator.name.zh for indicator in shown]
    _sheet, stock = rows["应收账款"]
    assert [sheet.cell(stock, at).protection.locked for at in range(1, 7)] == [
        True,
        True,
        True,
        False,
        True,
        False,
    ]
    assert sheet.cell(stock, 3).fill.patternType == "lightUp" and sheet.protection.sheet
    assert not sheet.protection.password and sheet.freeze_panes == "C5"
    assert book["_import"].sheet_state == "hidden"


def test_what_is_saved_and_what_the_platform_proposes_stands_in_place(owner: Actor, now: dt.datetime) -> None:
    with context.acting_as(owner), unit_of_work():
        filling.save_cells(owner, ref_for(owner), {"revenue.ytd": "1234.5"}, 0, now)
        filling.save_rows(owner, ref_for(owner), "products", [{"product_name": "=棉纱"}], 2, now)

    book = load_workbook(io.BytesIO(own_template(owner, now)))

    sheet, row = places(book)["营业收入"]
    product = book["主要产品产销存"]
    assert sheet.cell(row, 4).value == 1234.5
    assert (product.cell(5, 2).value, product.cell(5, 2).data_type) == ("=棉纱", "s")


def test_a_filled_in_template_becomes_a_draft(owner: Actor, now: dt.datetime) -> None:
    content = add_product(filled_template(owner, now), *PRODUCT)
    batch = uploaded(owner, content, now)
    before = report_of(owner)

    batch = confirmed(owner, batch, now)

    report = report_of(owner)
    wanted = {tuple(key.split(".")): Decimal(text) for key, text in good_cells(opened(owner, now)).items()}
    assert before is None and told(owner, batch, now) == []
    assert report is not None and (batch.state, report.state) == (BatchState.DONE, EDITING)
    assert figures_of(owner) == wanted
    assert [(row["product_name"], row["closing_stock"]) for row in products_of(owner)] == [
        ("棉纱", Decimal("20.5"))
    ]
    assert (report.filled_via, report.filler_name, report.hard_count) == ("import", "填报员", 0)
    steps = db.session.scalars(select(ReportStep.verb).where(ReportStep.report_id == report.id)).all()
    lines = select(AuditEntry.action).where(
        AuditEntry.entity == "report", AuditEntry.entity_key == str(report.id)
    )
    assert steps == ["save"] and "fill" in db.session.scalars(lines).all()


def test_the_same_file_twice_changes_nothing_and_says_so(owner: Actor, now: dt.datetime) -> None:
    content = add_product(filled_template(owner, now), *PRODUCT)
    confirmed(owner, uploaded(owner, content, now), now)
    first = report_of(owner)
    assert first is not None
    version = first.version

    batch = uploaded(owner, content, now, key="second")
    batch = confirmed(owner, batch, now)

    again = report_of(owner)
    assert again is not None and again.version == version
    assert "changes nothing" in notices(batch)[0]


def test_every_error_is_named_by_sheet_row_column_and_value(owner: Actor, now: dt.datetime) -> None:
    content = filled_template(
        owner, now, {"revenue.ytd": "一千", "cost.ytd": "1.23456", "employees.ytd": 1e15}
    )

    def change(book: Workbook) -> None:
        sheet, row = places(book)["应收账款"]
        sheet.cell(row, 3).value = 5
        sheet.cell(places(book)["利润总额"][1], 2).value = "万元"

    batch = uploaded(owner, add_product(edited(content, change), "", "棉" * 300, "吨", "很多"), now)

    found = {(sheet, column): words for sheet, _row, column, words in told(owner, batch, now)}
    assert set(found) == {
        ("主要经济指标", "This year, cumulative"),
        ("主要经济指标", "This year, month"),
        ("主要经济指标", "Unit"),
        ("主要产品产销存", "产品名称"),
        ("主要产品产销存", "本月生产量"),
    }
    assert "convert" in found["主要经济指标", "Unit"]
    assert batch.preview["problems"][0]["value"] == "一千"


def test_what_the_rules_find_is_told_and_keeps_no_draft_from_being_saved(
    owner: Actor, now: dt.datetime
) -> None:
    content = filled_template(owner, now, {"revenue.ytd": None, "cost.ytd": -5})

    batch = uploaded(owner, content, now)
    remarks = {(column, words) for _sheet, _row, column, words in told(owner, batch, now, "remarks")}
    batch = confirmed(owner, batch, now)

    report = report_of(owner)
    assert any("营业收入" in words for _column, words in remarks)
    assert batch.state == BatchState.DONE and report is not None
    assert (report.state, report.hard_count > 0) == (EDITING, True)


def test_only_valid_rows_can_be_taken_and_the_others_come_back(owner: Actor, now: dt.datetime) -> None:
    batch = uploaded(owner, filled_template(owner, now, {"revenue.ytd": "一千"}), now)

    batch = confirmed(owner, batch, now, "valid")

    job = batch.apply_job
    assert job is not None and job.result is not None and batch.failed == 1
    book = load_workbook(io.BytesIO(file_store().locate(job.result.path).read_bytes()))
    assert ("cost", "ytd") in figures_of(owner) and ("revenue", "ly_ytd") not in figures_of(owner)
    sheet = book["主要经济指标"]
    assert [sheet.cell(5, at).value for at in (1, 4)] == ["营业收入", "一千"] and sheet.cell(
        6, 1
    ).value is None
    assert "本年1-本月" in str(sheet.cell(5, 7).value)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("month", "2026-09", "2026-09"),
        ("version", "99", "version 99"),
        ("form", "other", "form other"),
        ("import", "report_batch", "another import"),
        ("enterprise", "91330109MA00000000", "another enterprise"),
    ],
)
def test_a_template_of_something_else_is_refused_for_what_it_is(
    owner: Actor, now: dt.datetime, key: str, value: str, words: str
) -> None:
    def change(book: Workbook) -> None:
        sheet = book["_import"]
        row = next(row for row in range(1, 9) if sheet.cell(row, 1).value == key)
        sheet.cell(row, 2).value = value

    batch = uploaded(owner, edited(filled_template(owner, now), change), now)

    assert batch.state == BatchState.REFUSED and words in notices(batch)[0]
    assert report_of(owner) is None


def test_a_formula_counts_by_its_value_and_without_one_is_named(owner: Actor, now: dt.datetime) -> None:
    batch = uploaded(owner, filled_template(owner, now, {"revenue.ytd": "=1+1"}), now)

    assert [column for _sheet, _row, column, _words in told(owner, batch, now)] == ["This year, cumulative"]
    assert "formula" in told(owner, batch, now)[0][3]


def test_swapped_extra_and_merged_columns_are_read_by_their_headings(owner: Actor, now: dt.datetime) -> None:
    report = opened(owner, now)
    figures = good_cells(report)
    book = Workbook()
    sheet = book.active
    sheet.append(["备注", "本年1-本月", "指标名称", "本年本月"])
    sheet.append(["无", number(figures["revenue.ytd"]), "营业收入", number(figures["revenue.m"])])
    sheet.append(["无", number(figures["cost.ytd"]), "营业成本"])
    sheet.merge_cells("A2:A3")

    batch = confirmed(owner, uploaded(owner, saved(book), now), now)

    stored = figures_of(owner)
    assert stored["revenue", "ytd"] == Decimal(figures["revenue.ytd"])
    assert stored["cost", "ytd"] == Decimal(figures["cost.ytd"])
    assert any("备注" in words for words in notices(batch)) and any(
        "2026-10" in words for words in notices(batch)
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_of_the_figures_is_read_in_both_encodings(
    owner: Actor, now: dt.datetime, encoding: str
) -> None:
    text = '指标名称,本年1-本月,上年1-本月\n营业收入,"1,200.5",1100\n营业成本,900,800\n'

    batch = confirmed(owner, uploaded(owner, text.encode(encoding), now), now)

    assert batch.written == 2 and figures_of(owner)["revenue", "ytd"] == Decimal("1200.5")


def test_an_indicator_that_is_repeated_or_not_the_enterprises_is_refused(
    owner: Actor, now: dt.datetime
) -> None:
    text = "指标名称,本年1-本月\n营业收入,1\n营业收入,2\n工业人数,3\n资产总计,4\n"

    batch = uploaded(owner, text.encode(), now)

    assert [row for _sheet, row, _column, _words in told(owner, batch, now)] == [3, 4, 5]


def test_a_report_that_waits_for_review_takes_no_file(owner: Actor, now: dt.datetime) -> None:
    content = filled_template(owner, now)
    submitted(owner, now)

    batch = uploaded(owner, content, now)

    report = report_of(owner)
    assert batch.state == BatchState.REFUSED and "In review" in notices(batch)[0]
    assert report is not None and report.state == IN_REVIEW


def test_what_was_saved_since_the_download_is_told(owner: Actor, now: dt.datetime) -> None:
    with context.acting_as(owner), unit_of_work():
        filling.save_cells(owner, ref_for(owner), {"revenue.ytd": "1"}, 0, now)
    content = filled_template(owner, now)
    with context.acting_as(owner), unit_of_work():
        filling.save_cells(owner, ref_for(owner), {"revenue.ytd": "2"}, 2, now + dt.timedelta(minutes=1))

    batch = uploaded(owner, content, now)

    assert any("saved after this template" in words for words in notices(batch))


def test_nobody_but_an_enterprise_imports_an_own_report(
    owner: Actor, now: dt.datetime, actor: ActorOf
) -> None:
    content = filled_template(owner, now)

    with pytest.raises(Forbidden):
        uploaded(actor("county"), content, now)
    with pytest.raises(NotFound):
        uploaded(owner, content, now, options={"month": "1999-13"})
    with pytest.raises(Invalid):
        uploaded(owner, content, now, options={"filler": " "})
