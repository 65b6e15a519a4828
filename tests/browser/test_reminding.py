"""The workbench and 催报 as people use them: from the number to the list, the reminder and the enterprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.infra.database import db
from app.infra.jobs import Job, JobState, runner
from app.infra.jobs.queue import engine
from app.kernel.actor import Actor
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.factories.reports import filled, submitted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
SIZES = [pytest.param(DESKTOP, id="desk"), pytest.param(PHONE, id="phone")]


def work() -> None:
    """What a worker would do: every job that waits."""
    db.session.rollback()
    for job_id in db.session.scalars(select(Job.id).where(Job.state == JobState.QUEUED)).all():
        runner.run(engine(), job_id)
    db.session.rollback()


def sound(visitor: Any) -> None:
    """The page as it stands can be used by everybody and is not wider than the window."""
    assert visitor.axe() == []
    assert not visitor.overflows()


@pytest.mark.parametrize("size", SIZES)
def test_from_the_workbench_to_the_reminder_and_its_record(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int]
) -> None:
    filled(actor("enterprise"), now)
    visitor = visit("county", size)
    page = visitor.page
    sound(visitor)

    page.get_by_role("link", name="一键催报").click()
    page.wait_for_url("**/nonreporters/remind?**")
    sound(visitor)
    page.get_by_label("短信").check()
    page.get_by_role("button", name="催报").click()
    page.wait_for_url("**/jobs/**")
    work()
    page.reload()
    page.get_by_text("站内消息：已发送").first.wait_for()
    sound(visitor)

    visitor.go("/nonreporters/?asked=1&period=2026-10&reminded=yes")
    page.get_by_text("站内消息、短信").first.wait_for()
    sound(visitor)
    visitor.go("/nonreporters/reminders")
    page.get_by_text("未读").first.wait_for()
    sound(visitor)


@pytest.mark.parametrize("size", SIZES)
def test_ticked_enterprises_are_handed_on_to_the_page_that_asks(visit: Visit, size: dict[str, int]) -> None:
    visitor = visit("county", size)
    page = visitor.go("/nonreporters/")
    page.locator("input[name=key]").nth(0).check()
    page.locator("input[name=key]").nth(1).check()
    page.locator("#ql-batch").get_by_role("button", name="催报").click()
    page.wait_for_url("**/nonreporters/remind")

    page.get_by_text("尚未报送 2026-10 月报的企业：2 户。").wait_for()
    page.get_by_label("站内消息").uncheck()
    page.get_by_role("button", name="催报").click()
    page.get_by_role("alert").get_by_text("请至少选择一种催报方式。").wait_for()
    assert page.get_by_text("企业：2 户。").is_visible()
    sound(visitor)


@pytest.mark.parametrize("size", SIZES)
def test_an_enterprise_reads_its_next_step_and_goes_there(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int]
) -> None:
    visitor = visit("enterprise", size)
    page = visitor.page
    sound(visitor)
    page.get_by_text("尚未填报：请从企业基本信息开始。").wait_for()
    page.locator("#panel-current").locator("xpath=../..").get_by_role("link", name="当期报送").click()
    page.wait_for_url("**/filing/sme_monthly/2026-10/**")

    submitted(actor("enterprise"), now)
    visitor.go("/")
    page.get_by_text("处待审核").wait_for()
    sound(visitor)
