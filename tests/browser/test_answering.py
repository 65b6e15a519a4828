"""A questionnaire answered in a real browser: its path followed while typing, and nothing lost."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.infra.database import db
from app.questionnaires import answering
from app.questionnaires.definition import (
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.round_models import Respondent, Response
from tests.browser.conftest import PHONE, Visit
from tests.conftest import ActorOf
from tests.questionnaires.asked import asked
from tests.questionnaires.samples import matrix, question, single

pytestmark = pytest.mark.browser

SMALL = """() => Array.from(document.querySelectorAll('.qs label, .qs button, .qs .qj-in, .qs select'))
    .filter(node => !node.matches('label.qs-t, label.qs-fill')).filter(node => {
        const box = node.getBoundingClientRect();
        return box.width > 2 && box.height > 2 && (box.height < 44 || box.width < 40);
    }).map(node => node.textContent.trim() || node.name)"""
"""What a finger cannot touch: an input to tick is as large as its label."""

EVERY_KIND = Definition(
    (
        single("q1", "a b", jumps=(Jump(Match.ANY, ("b",), "q3"),)),
        Question(
            "q2", QuestionKind.MULTIPLE, Wording.of("原因"),
            options=(
                Option("a", Wording.of("成本")),
                Option("o", Wording.of("其他"), other=True),
                Option("n", Wording.of("都不是"), exclusive=True),
            ),
        ),
        question("q3", QuestionKind.NUMBER, page_break=True, unit=Wording.of("万元")),
        question("q4", QuestionKind.RANKING, "a b c", required=False),
        matrix("q5", QuestionKind.MATRIX_SINGLE, required=False),
        matrix("q6", QuestionKind.MATRIX_MULTIPLE, required=False),
        Question(
            "q7", QuestionKind.MATRIX_FILL, Wording.of("分市场"), required=False,
            rows=(Line("r1", Wording.of("欧盟")),), columns=(Line("c1", Wording.of("金额"), numeric=True),),
        ),
        question("q8", QuestionKind.RATING, required=False),
        question("q9", QuestionKind.TEXT, required=False, hint=Wording.of("请简要说明。")),
        question("q10", QuestionKind.DATE, required=False),
    )
)  # fmt: skip


@pytest.fixture
def respondent(actor: ActorOf) -> Respondent:
    return asked(actor("county"), EVERY_KIND, actor("enterprise").enterprise_id, placement="apart")[0]


def seen(page: Page) -> list[str]:
    """The codes of the questions that can be seen."""
    found: list[str] = page.evaluate(
        "() => Array.from(document.querySelectorAll('[data-code]')).filter(one => one.offsetParent)"
        ".map(one => one.dataset.code)"
    )
    return found


def saved(page: Page) -> None:
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved", timeout=8000)


def answers(respondent: Respondent) -> dict[str, object]:
    db.session.rollback()
    return answering.kept_answers(db.session.get_one(Respondent, respondent.id))


def test_a_whole_questionnaire_is_answered_by_keyboard_without_a_reload(
    visit: Visit, respondent: Respondent
) -> None:
    visitor = visit("enterprise")
    page = visitor.go(f"/answers/{respondent.id}")
    assert seen(page) == ["q1"]
    page.focus("input[name=q1]")
    page.keyboard.press("Space")
    assert seen(page) == ["q1", "q2"]
    page.check("input[name=q2][value=n]")
    page.fill('[name="q2.other.o"]', "运价")
    assert page.is_checked("input[name=q2][value=o]") and not page.is_checked("input[name=q2][value=n]")
    assert visitor.axe() == []
    page.click("[data-sheet-go=next]")
    assert seen(page) == ["q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10"]
    page.fill("[name=q3]", "没有")
    page.press("[name=q3]", "Tab")
    expect(page.locator("#e-q3")).to_be_visible()
    page.fill("[name=q3]", "１，２００")
    expect(page.locator("#e-q3")).to_be_hidden()
    for code in "cab":
        page.click(f"[data-code=q4] [data-option={code}] [data-sheet-move=up]")
    page.click("[data-code=q4] [data-option=b] [data-sheet-move=up]")
    page.check('[name="q5.r1"][value=c2]')
    page.check('[name="q6.r2"][value=c1]')
    page.fill('[name="q7.r1.c1"]', "3.50")
    page.check("[name=q8][value='4']", force=True)
    page.fill("[name=q9]", "第一行\n“第二行” 🎉")
    page.fill("[name=q10]", "2026-11-05")
    assert visitor.axe() == []
    page.click("[data-sheet-submit]")
    page.wait_for_url("**/thanks")
    assert answers(respondent) == {
        "q1": {"chosen": ["a"], "other": {}},
        "q2": {"chosen": ["o"], "other": {"o": "运价"}},
        "q3": "1200",
        "q4": {"chosen": ["c", "b", "a"], "other": {}},
        "q5": {"r1": "c2"},
        "q6": {"r2": ["c1"]},
        "q7": {"r1": {"c1": "3.5"}},
        "q8": "4",
        "q9": "第一行\n“第二行” 🎉",
        "q10": "2026-11-05",
    }
    assert page.evaluate("() => Object.keys(localStorage).filter(one => one.includes('answers'))") == []


def test_a_page_with_what_is_missing_is_not_left(visit: Visit, respondent: Respondent) -> None:
    page = visit("enterprise").go(f"/answers/{respondent.id}")
    page.check("input[name=q1][value=a]")
    page.click("[data-sheet-go=next]")
    expect(page.locator("#e-q2")).to_be_visible()
    assert seen(page) == ["q1", "q2"]
    assert page.evaluate("() => document.activeElement.name") == "q2"


def test_a_connection_lost_and_back_loses_nothing(visit: Visit, respondent: Respondent) -> None:
    visitor = visit("enterprise")
    page = visitor.go(f"/answers/{respondent.id}")
    page.route("**/save", lambda route: route.abort())
    page.check("input[name=q1][value=b]")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "unsaved", timeout=8000)
    page.unroute("**/save")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    saved(page)
    visitor.faults.clear()  # the browser tells of the lost connection
    other = visit("enterprise", PHONE)
    again = other.go(f"/answers/{respondent.id}")
    assert again.is_checked("input[name=q1][value=b]")


def test_two_devices_choose_question_by_question(visit: Visit, respondent: Respondent) -> None:
    first = visit("enterprise").go(f"/answers/{respondent.id}")
    second = visit("enterprise", PHONE).go(f"/answers/{respondent.id}")
    first.check("input[name=q1][value=b]")
    saved(first)
    second.check("input[name=q1][value=a]")
    second.check("input[name=q2][value=a]")
    dialog = second.locator("dialog.cmp")
    expect(dialog).to_be_visible(timeout=8000)
    expect(dialog).to_contain_text("选项b")
    dialog.locator('input[value="theirs"]').check()
    dialog.locator(".pri").click()
    saved(second)
    assert second.is_checked("input[name=q1][value=b]") and second.is_checked("input[name=q2][value=a]")


def test_an_anonymous_draft_stays_in_the_browser_and_is_forgotten_once_it_is_submitted(
    visit: Visit, actor: ActorOf
) -> None:
    ids = actor("enterprise").enterprise_id
    respondent = asked(actor("county"), EVERY_KIND, ids, anonymous=True)[0]
    visitor = visit("enterprise")
    page = visitor.go(f"/answers/{respondent.id}")
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.check("input[name=q1][value=b]")
    page.click("[data-sheet-go=next]")
    page.fill("[name=q3]", "77")
    saved(page)
    page.reload()
    assert page.input_value("[name=q3]") == "77"
    expect(page.locator('[data-notice="draft"]')).to_be_visible()
    assert posted == []
    stored = page.evaluate("() => JSON.stringify(Object.values(localStorage))")
    assert "77" in json.dumps(json.loads(stored))
    if page.is_visible("[data-sheet-go=next]"):
        page.click("[data-sheet-go=next]")
    page.click("[data-sheet-submit]")
    page.wait_for_url("**/thanks")
    assert page.evaluate("() => Object.keys(localStorage).filter(one => one.includes('answers'))") == []
    assert db.session.scalar(select(func.count()).select_from(Response)) == 1


def test_a_phone_shows_matrices_as_cards_with_targets_large_enough(
    visit: Visit, respondent: Respondent
) -> None:
    visitor = visit("enterprise", PHONE, touch=True)
    page = visitor.go(f"/answers/{respondent.id}")
    page.tap("input[name=q1][value=b]")
    assert page.evaluate(SMALL) == []
    page.tap("[data-sheet-go=next]")
    assert seen(page)[0] == "q3"
    assert not visitor.overflows() and visitor.axe() == []
    assert page.evaluate(SMALL) == []
    box, row = page.locator('[name="q5.r1"][value=c1]').bounding_box(), page.locator("[data-row=r1]").first
    assert box is not None and box["x"] < 80
    expect(row).to_be_visible()
