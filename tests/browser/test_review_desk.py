"""The review desk in a browser: usual reasons by key, marks of what came again, each view, on a phone too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.reports import filling, steps
from app.reports.models import Report
from app.reports.opening import ref_of
from app.reports.return_reasons import add_reason
from tests.browser.conftest import PHONE, Visit
from tests.factories.reports import holder_of, submitted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]


@pytest.fixture
def waiting(actor: ActorOf, now: dt.datetime) -> Report:
    """A report at the county, whose bureau has two usual reasons."""
    report = submitted(actor("enterprise"), now)
    county = holder_of(report)
    with context.acting_as(county), unit_of_work():
        for text in ("请核对累计数", "{name}：单位应为千元"):
            add_reason(county, text, None, now)
    return report


@pytest.fixture
def again(waiting: Report, actor: ActorOf, now: dt.datetime) -> Report:
    """The same report after it was returned, mended in one figure and sent again."""
    county, owner = holder_of(waiting), actor("enterprise")
    with context.acting_as(county), unit_of_work():
        found = db.session.get_one(Report, waiting.id)
        steps.give_back(county, found, found.version, "请核对从业人员", now)
    with context.acting_as(owner), unit_of_work():
        saved = filling.save_cells(owner, ref_of(found), {"employees.ytd": "199"}, found.version, now)
        told = {one.key: "有两人退休，已核实" for one in saved.outcome.soft}
        saved = filling.save_cells(owner, ref_of(found), {}, saved.opened.lock, now, told)
        return steps.submit(owner, ref_of(found), saved.opened.lock, "填报员", now)


def test_a_usual_reason_is_picked_by_its_number_edited_and_sent(visit: Visit, waiting: Report) -> None:
    page = visit("county").go("/review/")

    page.keyboard.press("2")
    comment = page.locator("#rv-comment")
    expect(comment).to_have_value(f"{waiting.enterprise_version.name}：单位应为千元")
    expect(comment).to_be_focused()
    page.keyboard.type("，请改")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.wait_for_selector("text=已退回")

    db.session.rollback()
    found = db.session.get_one(Report, waiting.id)
    assert (found.state, found.return_reason) == (
        "returned", f"{waiting.enterprise_version.name}：单位应为千元，请改"
    )  # fmt: skip


def test_what_came_again_is_marked_and_all_else_can_be_hidden(visit: Visit, again: Report) -> None:
    visitor = visit("county")
    page = visitor.go("/review/")
    lines = page.locator(".rv-cmp tbody tr")

    before = lines.count()
    expect(page.locator(".rp-since summary")).to_contain_text("退回后修改 1 处")
    page.locator("[data-only-changed]").click()

    assert before > 5
    expect(lines.locator("visible=true")).to_have_count(1)
    expect(lines.locator("visible=true").locator(".rp-was")).to_contain_text("原")
    assert visitor.axe() == []


def test_every_view_of_the_desk_satisfies_axe_and_fits(visit: Visit, again: Report) -> None:
    visitor = visit("county")
    page = visitor.go("/review/")

    for view in ("month", "last", "facts", "products", "history"):
        page.locator(f"[data-view={view}]").click()
        expect(page.locator(f"[data-part={view}]")).to_be_visible()
        assert (view, visitor.axe(), visitor.overflows()) == (view, [], False)


def test_a_question_mark_shows_the_keys_and_escape_hides_them(visit: Visit, waiting: Report) -> None:
    page = visit("county").go("/review/")

    page.keyboard.press("?")
    expect(page.locator("#rv-keys .pop")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#rv-keys .pop")).to_be_hidden()


def test_a_batch_of_returns_takes_a_usual_reason_by_a_click(visit: Visit, waiting: Report) -> None:
    visitor = visit("county")
    page = visitor.go("/review/")
    page.locator(f'input[name=key][value="{waiting.id}"]').check()
    page.locator("button[name=action][value=return]").click()

    page.locator("[data-suggested]", has_text="请核对累计数").click()
    expect(page.locator("#comment")).to_have_value("请核对累计数")
    assert visitor.axe() == []
    page.locator(".ql-ask .danger").click()

    expect(page.locator("tbody tr")).to_have_count(1)
    db.session.rollback()
    assert db.session.get_one(Report, waiting.id).return_reason == "请核对累计数"


def test_on_a_phone_the_marks_stand_within_the_screen(visit: Visit, again: Report) -> None:
    visitor = visit("county", PHONE)
    page = visitor.go(f"/review/?report={again.id}")

    expect(page.locator(".rp-since")).to_be_visible()
    assert (visitor.overflows(), visitor.axe()) == (False, [])


def test_the_page_of_a_report_marks_what_changed_too(visit: Visit, again: Report) -> None:
    visitor = visit("enterprise")
    page = visitor.go(f"/reports/{again.id}")

    expect(page.locator(".rp-g small.rp-was")).to_have_count(1)
    assert visitor.axe() == []
    page.emulate_media(media="print")
    expect(page.locator(".rp-g small.rp-was")).to_be_hidden()  # what is stamped shows what holds
