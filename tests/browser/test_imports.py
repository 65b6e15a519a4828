"""An import in a real browser: a file with errors, the valid rows, the failed ones corrected and sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.jobs import Job, JobState, runner
from app.infra.jobs.queue import engine
from tests.browser.conftest import DESKTOP, PHONE
from tools.import_rows import enterprise_row, workbook_of

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]
UPLOAD = "/imports/new/enterprises"


def work() -> None:
    """What a worker would do: every job that waits."""
    db.session.rollback()
    for job_id in db.session.scalars(select(Job.id).where(Job.state == JobState.QUEUED)).all():
        runner.run(engine(), job_id)
    db.session.rollback()


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Enterprise.id))) or 0


def send(page: Page, path: Path) -> None:
    page.set_input_files("[name=file]", path)
    page.click("main form button.pri")
    expect(page.locator("#job")).to_be_visible()
    work()
    expect(page.locator("#qi-state")).to_be_visible()


@pytest.fixture
def faulty(app: object, tmp_path: Path) -> Path:
    """A workbook of three rows of which one has errors."""
    path = tmp_path / "企业.xlsx"
    path.write_bytes(
        workbook_of([enterprise_row(0), enterprise_row(1, phone="12", region="330212"), enterprise_row(2)])
    )
    return path


def test_the_valid_rows_go_in_and_the_failed_ones_after_correction(
    visit: Visit, faulty: Path, tmp_path: Path
) -> None:
    page = visit("prefecture").go("/enterprises/list/")
    before = count()
    page.click(".qj-head a[href='/imports/new/enterprises']")

    send(page, faulty)
    rows = page.locator(".qi-problems tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("330212")
    expect(page.locator(".qi-rows td.wrong")).to_have_count(2)
    assert count() == before
    page.click("button[name=mode]")
    expect(page.locator("#job")).to_be_visible()
    work()
    expect(page.locator("#qi-lines")).to_be_visible()
    assert count() == before + 2

    with page.expect_download() as download:
        page.click("a[href$='/result']")
    failed = tmp_path / download.value.suggested_filename
    download.value.save_as(failed)
    book = openpyxl.load_workbook(failed)
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, places["电话"]).value = "0500-12345678"
    sheet.cell(2, places["所在地区*"]).value = "330109"
    book.save(failed)

    page.click(".qj-head a[href='/imports/new/enterprises']")
    send(page, failed)
    page.click("button[name=mode][value=all]")
    expect(page.locator("#job")).to_be_visible()
    work()
    expect(page.locator("#qi-lines")).to_be_visible()
    assert count() == before + 3


def test_a_file_that_is_none_is_refused_at_its_field(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "旧表.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    page = visit("prefecture").go(UPLOAD)

    page.set_input_files("[name=file]", path)
    page.click("main form button.pri")

    expect(page.locator("#file-error")).to_contain_text("另存为 .xlsx")
    expect(page.locator(".qj-summary a")).to_have_attribute("href", "#file")


@pytest.mark.parametrize(
    ("size", "language"), [(DESKTOP, "zh"), (PHONE, "en")], ids=["desk-Chinese", "phone-English"]
)
def test_the_pages_can_be_used_by_everybody(
    visit: Visit, faulty: Path, size: dict[str, int], language: str, now: dt.datetime
) -> None:
    visitor = visit("prefecture", size)
    visitor.go(f"/preferences/language/{language}")
    findings: list[str] = []

    def look(where: str) -> None:
        findings.extend(f"{where} {found}" for found in visitor.axe())
        if visitor.overflows():
            findings.append(f"{where} is wider than the window")

    page = visitor.go(UPLOAD)
    page.click("details.qi-columns summary")
    look("upload")
    page.set_input_files("[name=file]", faulty)
    page.click("main form button.pri")
    expect(page.locator("#job")).to_be_visible()
    look("progress")
    work()
    expect(page.locator("#qi-problems")).to_be_visible()
    look("preview")
    page.click("button[name=mode]")
    work()
    expect(page.locator("#qi-lines")).to_be_visible()
    look("outcome")
    visitor.go("/imports/")
    look("list")

    assert findings == []
