"""Messages, to-dos and notices in a browser: axe, phone width, a confirmation, a publication by keyboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.infra import context
from app.infra.content import judge
from app.infra.database import db
from app.infra.files.attachments import FileSet, keep_upload
from app.infra.outbox import Channel, post
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.texts import LocalText
from app.notifications import notices
from app.notifications.models import InboxMessage
from app.notifications.service import notify
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tools.torture import crafted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
PAGES = {
    "enterprise": ("/", "/inbox/", "/inbox/{message}", "/todos/", "/board/", "/board/{notice}"),
    "county": (
        *("/notices/list/", "/notices/show/{notice}", "/notices/show/{draft}", "/notices/add"),
        *("/notices/edit/{draft}", "/notices/withdraw/{notice}"),
        *("/notice-readers/list/?notice={notice}", "/notice-charts/chart/0"),
    ),
    "admin": ("/outbox/list/", "/outbox/show/{letter}", "/todos/"),
    "": ("/outbox/local",),
}


@pytest.fixture
def records(app: Flask, actor: ActorOf, now: dt.datetime) -> dict[str, int]:
    author, reader = actor("county"), actor("enterprise")

    def given() -> notices.NoticeInput:
        sent = (("填报说明.pdf", crafted.pdf()), ("图示.png", crafted.png()))
        files = [keep_upload(author, judge(name, content, notices.FILES), now).id for name, content in sent]
        words = ("关于填报的通知", "第一段。\n\n第二段。", ["enterprise"])
        return notices.NoticeInput(*words, on_top=True, must_read=True, files=FileSet(added=tuple(files)))

    with context.acting_as(author), unit_of_work():
        notice = notices.create_notice(author, given(), now)
        notices.take_step(author, notice.id, "publish", "", now)
        draft = notices.create_notice(author, given(), now)
    with unit_of_work():
        notify([reader.account_id or 0], "account", LocalText("资料已更新"), LocalText("请核对。"), now)
        letter = post(
            Channel.SMS, "00000000000", "验证码 482913", purpose="registration", now=now, secret=True
        )
    newest = db.session.scalar(select(func.max(InboxMessage.id))) or 0
    found = {"notice": notice.id, "draft": draft.id, "letter": letter.id, "message": newest}
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("size", "language"),
    [pytest.param(DESKTOP, "zh", id="desk-zh"), pytest.param(PHONE, "en", id="phone-en")],
)
@pytest.mark.parametrize("role", PAGES, ids=lambda role: role or "public")
def test_pages_of_messages_can_be_used_by_everybody(
    records: dict[str, int], visit: Visit, role: str, size: dict[str, int], language: str
) -> None:
    visitor = visit(role, size)
    visitor.go(f"/preferences/language/{language}")
    findings = []
    for pattern in PAGES[role]:
        path = pattern.format(**records)
        answer = visitor.page.goto(visitor.address + path)
        assert answer is not None and answer.status == 200, path
        findings += [f"{path} {found}" for found in visitor.axe()]
        if visitor.overflows():
            findings.append(f"{path} is wider than the window")

    assert findings == []


def test_a_reader_goes_from_the_badge_to_the_notice_and_confirms_it_on_a_phone(
    records: dict[str, int], visit: Visit
) -> None:
    visitor = visit("enterprise", PHONE)
    page = visitor.page

    page.click("header a[href='/inbox/']")
    page.click("text=关于填报的通知")
    page.wait_for_url(f"**/board/{records['notice']}")
    page.click("text=我已阅读本公告")

    assert page.locator(".qm-confirm .qj-st").inner_text().startswith("您已于")
    page.goto(visitor.address + "/todos/")
    assert page.locator(".qj-todo li", has_text="待确认阅读").count() == 0


def test_an_author_writes_and_publishes_with_the_keyboard_only(records: dict[str, int], visit: Visit) -> None:
    visitor = visit("county")
    page = visitor.go("/notices/add")

    page.focus("[name=title]")
    page.keyboard.type("键盘写的公告")
    page.keyboard.press("Tab")
    page.keyboard.type("正文一段。")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.focus("form.qj-form button.pri")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notices/show/*")
    page.focus("form[action*='/publish/'] button")
    page.keyboard.press("Enter")
    page.locator("#qj-confirm [data-answer=yes]").wait_for()
    page.keyboard.press("Tab")
    page.locator("#qj-confirm [data-answer=yes]").focus()
    page.keyboard.press("Enter")
    page.locator(".qm-counts").wait_for()

    assert page.locator(".qm-counts dd").first.inner_text() != "0"
