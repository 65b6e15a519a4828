"""The templates of reports' imports opened and saved by LibreOffice: the import still takes them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook, load_workbook

from app.infra.imports.rules import BatchState
from app.kernel.actor import Actor
from tests.factories.report_imports import (
    PRODUCT,
    add_product,
    batch_row,
    batch_sheet,
    batch_template,
    confirmed,
    edited,
    figures_of,
    fill_batch,
    fill_own,
    importer,
    notices,
    opened,
    own_template,
    places,
    products_of,
    told,
    uploaded,
)
from tests.soffice import resaved

ActorOf = Callable[[str], Actor]


def test_an_own_report_survives_libreoffice_before_and_after_it_is_filled_in(
    actor: ActorOf, now: dt.datetime, tmp_path: Path
) -> None:
    owner = actor("enterprise")
    report = opened(owner, now)
    empty = resaved(own_template(owner, now), tmp_path)

    book = load_workbook(io.BytesIO(empty))
    sheet, stock = places(book)["应收账款"]
    assert sheet.protection.sheet and not sheet.protection.password
    assert [sheet.cell(stock, at).protection.locked for at in (1, 3, 4)] == [True, True, False]
    assert sheet.cell(stock, 3).fill.patternType not in (None, "none")
    assert {one.type for one in sheet.data_validations.dataValidation} == {"decimal"}
    assert book["_import"].sheet_state != "visible"
    filled = resaved(add_product(fill_own(empty, report), *PRODUCT), tmp_path)
    batch = uploaded(owner, filled, now)
    problems = told(owner, batch, now)
    confirmed(owner, batch, now)

    assert problems == [] and notices(batch) == []
    assert figures_of(owner)["revenue", "ytd"] == Decimal(batch_row(report)["revenue.ytd"])
    assert [row["closing_stock"] for row in products_of(owner)] == [Decimal("20.5")]


def test_a_formula_that_libreoffice_calculated_counts_by_its_value(
    actor: ActorOf, now: dt.datetime, tmp_path: Path
) -> None:
    owner = actor("enterprise")

    def change(book: Workbook) -> None:
        sheet, row = places(book)["营业收入"]
        sheet.cell(row, 4).value = "=1000+200.5"

    filled = resaved(edited(fill_own(own_template(owner, now), opened(owner, now)), change), tmp_path)
    confirmed(owner, uploaded(owner, filled, now), now)

    assert figures_of(owner)["revenue", "ytd"] == Decimal("1200.5")


def test_a_batch_survives_libreoffice_with_its_lists_and_locks(
    actor: ActorOf, now: dt.datetime, tmp_path: Path
) -> None:
    owner = importer(actor("prefecture"), now)
    enterprise = actor("enterprise")
    report = opened(enterprise, now)
    empty = resaved(batch_template([(report.enterprise.uscc, report.enterprise.name)]), tmp_path)

    book = load_workbook(io.BytesIO(empty))
    sheet, products = batch_sheet(book), book["主要产品产销存"]
    offered = [one for one in products.data_validations.dataValidation if one.type == "list"]
    assert sheet["A1"].protection.locked and not sheet["A2"].protection.locked
    assert not sheet.column_dimensions["D"].protection.locked and sheet.protection.sheet
    assert len(offered) == 1 and "$A$2" in offered[0].formula1
    assert sheet["A2"].value == report.enterprise.uscc
    content = add_product(fill_batch([batch_row(report)], empty), report.enterprise.uscc, None, *PRODUCT)
    batch = uploaded(owner, resaved(content, tmp_path), now, spec="report_batch")
    problems = told(owner, batch, now)
    batch = confirmed(owner, batch, now)

    assert problems == [] and batch.state == BatchState.DONE
    assert figures_of(enterprise)["revenue", "ytd"] == Decimal(batch_row(report)["revenue.ytd"])
    assert [row["product_name"] for row in products_of(enterprise)] == ["棉纱"]
