"""The pages of reports' imports: month, template, file, preview, and where they lead."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.imports.models import ImportBatch
from app.infra.jobs import runner
from app.infra.jobs.queue import engine
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.reports import steps, unfreezing
from app.reports.import_months import own_months
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.unfreezing import UnfreezeDraft
from tests.factories.report_imports import add_product, batch_row, fill_batch, fill_own, opened
from tests.factories.reports import approved, holder_of, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
LATE = dt.datetime(2027, 11, 6, 4, 0, tzinfo=dt.UTC)
OWN, BATCH = "/report-import/sme_monthly/2026-10", "/batch-import/sme_monthly/2026-10"


def sent(content: bytes, **values: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(content), "上报.xlsx"), "filler": "张示例", "once": "a1b2c3", **values}


def run_jobs() -> ImportBatch:
    db.session.rollback()
    batch = db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc())).first()
    assert batch is not None
    runner.run(engine(), batch.apply_job_id or batch.check_job_id or 0)
    return batch


def test_an_own_report_goes_from_the_template_to_its_page(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    client = sign_in("enterprise")
    first = client.get("/report-import/")
    page = client.get(OWN).get_data(as_text=True)
    template = client.get(f"{OWN}/template")
    content = fill_own(template.data, opened(actor("enterprise"), now), {"cost.ytd": None})

    answer = client.post(OWN, data=sent(content), content_type="multipart/form-data")
    run_jobs()
    preview = client.get(answer.location).get_data(as_text=True)
    client.post(f"{answer.location}/confirm", data={"mode": "all"})
    run_jobs()
    done = client.get(answer.location)

    assert first.location == OWN and "上报导入" in page and 'value="2025-11"' in page
    assert "%E4%B8%8A%E6%8A%A5" in template.headers["Content-Disposition"]
    assert "导入后待处理" in preview and "营业成本" in preview
    assert (done.status_code, done.location) == (302, "/filing/sme_monthly/2026-10/main")
    assert "导入成功" in client.get(done.location).get_data(as_text=True)
    report = db.session.scalars(select(Report).where(Report.filled_via == "import")).one()
    assert report.filler_name == "张示例"


def test_a_refused_upload_keeps_what_was_typed(sign_in: SignIn) -> None:
    client = sign_in("enterprise")

    missing = client.post(OWN, data={"filler": "张示例", "once": "a1"})
    broken = client.post(OWN, data=sent(b"PK\x03\x04"), content_type="multipart/form-data")
    nobody = client.post(OWN, data=sent(b"a,b\n1,2\n", filler=""), content_type="multipart/form-data")

    assert [answer.status_code for answer in (missing, broken, nobody)] == [422, 422, 422]
    assert 'value="张示例"' in missing.get_data(as_text=True)
    assert db.session.scalars(select(ImportBatch)).all() == []


def test_a_report_under_review_offers_no_upload(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)

    page = sign_in("enterprise").get(OWN).get_data(as_text=True)

    assert "审核中" in page and 'type="file"' not in page


def test_only_months_whose_report_can_be_filled_are_offered(
    sign_in: SignIn, actor: ActorOf, clock: MovableClock, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    august, september = submitted(owner, now, Month(2026, 8)), approved(owner, now, Month(2026, 9))
    clock.set(LATE)  # August and September lie too far back for all
    holder = holder_of(august)
    with context.acting_as(holder), unit_of_work():
        steps.give_back(holder, august, august.version, "请核对累计数", LATE)

    months = own_months("sme_monthly", owner.enterprise_id or 0, LATE)

    assert august.month in months and september.month not in months
    assert Month(2027, 10) in months


@pytest.mark.parametrize("month", ["2026-13", "1999-01", "x", "3000-01"])
@pytest.mark.parametrize(
    ("name", "address"), [("enterprise", "/report-import"), ("prefecture", "/batch-import")]
)
def test_a_month_that_is_none_is_not_found(sign_in: SignIn, name: str, address: str, month: str) -> None:
    client = sign_in(name)

    answers = [client.get(f"{address}/sme_monthly/{month}"), client.get(f"{address}/nothing/2026-10")]
    answers.append(client.get(f"{address}/?month={month}"))

    assert {answer.status_code for answer in answers} == {404}


def test_a_batch_lists_every_enterprise_after_it_was_written(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    client = sign_in("prefecture")
    report = opened(actor("enterprise"), now)
    listed = client.get(f"{BATCH}/template?listed=1")
    content = fill_batch([batch_row(report)])
    content = add_product(content, report.enterprise.uscc, None, "", "棉纱", "吨", 1, 2, 3)

    answer = client.post(BATCH, data=sent(content, submit="1"), content_type="multipart/form-data")
    run_jobs()
    preview = client.get(answer.location).get_data(as_text=True)
    client.post(f"{answer.location}/confirm", data={"mode": "all"})
    run_jobs()
    done = client.get(answer.location)

    names = [
        row[0] for row in load_workbook(io.BytesIO(listed.data)).worksheets[1].iter_rows(values_only=True)
    ]
    assert report.enterprise.uscc in names
    assert "1 份报表可直接上报" in preview and "主要产品产销存" in preview
    assert done.status_code == 200 and "已上报" in done.get_data(as_text=True)
    assert report.enterprise.name in done.get_data(as_text=True)


def test_the_batch_is_offered_to_who_has_the_right_and_the_own_import_to_enterprises(sign_in: SignIn) -> None:
    menus = {
        name: sign_in(name).get("/").get_data(as_text=True) for name in ("prefecture", "county", "enterprise")
    }

    assert ["/batch-import/" in menus[name] for name in menus] == [True, False, False]
    assert ["/report-import/" in menus[name] for name in menus] == [False, False, True]
    assert sign_in("county").get(BATCH).status_code == 403


def test_the_list_of_imports_leads_to_the_page_of_the_month(sign_in: SignIn) -> None:
    client = sign_in("enterprise")

    answer = client.get("/imports/new/own_report")

    assert (answer.status_code, answer.location) == (302, "/report-import/")
    assert client.get("/imports/template/own_report").status_code == 404
    assert "/imports/new/own_report" in client.get("/imports/").get_data(as_text=True)


def test_the_wizard_leads_to_the_import_of_its_month(sign_in: SignIn) -> None:
    page = sign_in("enterprise").get("/filing/sme_monthly/2026-10/main").get_data(as_text=True)

    assert f'href="{OWN}"' in page


def test_a_month_that_a_timed_unfreeze_opens_is_offered(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    page = sign_in("enterprise")
    assert '<option value="2025-05"' not in page.get(OWN).text

    with context.acting_as(actor("province")), unit_of_work():
        unfreezing.grant(
            actor("province"),
            UnfreezeDraft(
                find_form("sme_monthly").id,
                Month(2025, 5),
                actor("enterprise").enterprise_id,
                None,
                now.date() + dt.timedelta(days=5),
                "补报以前月份",
            ),
            now,
        )

    assert '<option value="2025-05"' in page.get(OWN).text
