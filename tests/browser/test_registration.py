"""An enterprise registers, is returned, mends, is let in and signs in: at a desk and on a phone."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.models import Enterprise
from app.enterprises.registration_models import EnterpriseRegistration
from app.infra.database import db
from app.infra.outbox import OutboxMessage
from tests.browser.conftest import DESKTOP, PHONE, Visit, Visitor
from tests.captcha import solved_on

pytestmark = pytest.mark.browser

NAME = "杭州新禾示范服饰有限公司"
PASSWORD = "Registration-2026"
MOBILE = "10012345678"


def last_message(app: Flask, purpose: str) -> str:
    """The body of the last message of a kind, as the local outbox keeps it."""
    with app.app_context():
        query = select(OutboxMessage.body).where(OutboxMessage.purpose == purpose)
        return str(db.session.scalars(query.order_by(OutboxMessage.id.desc())).first())


def register_account(app: Flask, visitor: Visitor) -> Page:
    """From the sign-in page to an account of one's own."""
    page = visitor.go("/login/")
    page.click("a[href='/register/']")
    assert visitor.axe() == [] and not visitor.overflows()
    page.click("button[value=agree]")
    page.fill("[name=username]", "newmill")
    page.fill("[name=email]", "newmill@enterprise.example")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.fill("[name=phone]", MOBILE)
    page.fill("[name=captcha]", "0")
    spent = page.locator("[name=captcha-token]").input_value()
    page.click("[data-send-code]")
    expect(page.locator("[data-code-told]")).to_have_class(re.compile("qj-error"))
    expect(page.locator("[name=captcha-token]")).not_to_have_value(spent)  # another comes in its place
    with app.app_context():
        answer = solved_on(page.content())["captcha"]
    page.fill("[name=captcha]", answer)
    page.click("[data-send-code]")
    expect(page.locator("[data-code-told]")).to_contain_text(MOBILE)
    assert visitor.axe() == [] and not visitor.overflows()
    code = re.search(r"\d{6}", last_message(app, "code.registration"))
    assert code is not None
    page.fill("[name=code]", code[0])
    page.click("button.pri[value=register]")
    page.wait_for_url("**/register/information")
    return page


def enter_information(page: Page) -> None:
    """All that is needed, the size watched as it is typed."""
    page.fill("[name=name]", NAME)
    page.fill("[name=uscc]", complete_credit_code("91", "330109", "70001234"))
    page.fill("[name=legal_representative]", "陈言知")
    for name, label in (
        ("region-1", "浙江省"),
        ("region-2", "杭州市"),
        ("region-3", "萧山区"),
        ("industry-1", "C 制造业"),
        ("industry-2", "18 纺织服装、服饰业"),
    ):
        expect(page.locator(f"[name={name}]")).to_be_enabled()
        page.select_option(f"[name={name}]", label=label)
    choose(page, "registration_type", "私营有限责任公司")
    page.select_option("[name=control_type]", label="私人控股")
    page.fill("[name=revenue]", "12,345")
    page.fill("[name=employees]", "120")
    expect(page.locator("[data-size]")).to_have_text("小型")
    page.fill("[name=assets]", "98700")
    page.fill("[name=opened_on]", "2001-05-01")
    page.fill("[name=main_products]", "针织服装")
    page.fill("[name=address]", "示范路1号")
    page.fill("[name=contact_name]", "陈言知")


def choose(page: Page, name: str, words: str) -> None:
    """Pick an entry of a list to type into."""
    page.locator(f"#{name}-ts-control").click()
    page.keyboard.type(words)
    page.locator(f"#{name}-ts-dropdown .option", has_text=words).first.click()


def submit_information(visitor: Visitor) -> None:
    """Told of everything that is missing, then all of it, left and taken up again, and sent."""
    page = visitor.page
    page.click("button[value=submit]")
    expect(page.locator(".qj-summary")).to_contain_text("所在地区")
    assert visitor.axe() == [] and not visitor.overflows()
    enter_information(page)
    expect(page.locator("#rg-saved")).to_have_attribute("data-state", "saved")
    page.goto(visitor.address + "/")
    page.goto(visitor.address + "/register/information")
    expect(page.locator("[name=name]")).to_have_value(NAME)
    page.click("button[value=submit]")
    expect(page.locator("body")).to_contain_text("待审核")
    assert visitor.axe() == [] and not visitor.overflows()


def return_it(county: Visitor) -> None:
    """Found on the home page, read, and sent back with a reason by keyboard."""
    desk = county.go("/")
    expect(desk.locator("body")).to_contain_text("待审核的企业注册")
    desk.goto(county.address + "/registrations/")
    desk.locator("a[href*='registration=']").first.click()
    desk.wait_for_load_state()
    assert county.axe() == [] and not county.overflows()
    desk.keyboard.press("r")
    desk.keyboard.type("所属行业请选到小类")
    desk.locator("button[form=rv-return]").click()
    expect(desk.locator("body")).to_contain_text(f"已退回：{NAME}")


def mend_it(visitor: Visitor) -> None:
    """The reason read on the home page, the trade chosen more closely, sent again."""
    page = visitor.go("/")
    expect(page.locator("body")).to_contain_text("所属行业请选到小类")
    page.goto(visitor.address + "/register/information")
    for name, label in (
        ("industry-3", "182 针织或钩针编织服装制造"),
        ("industry-4", "1829 其他针织或钩针编织服装制造"),
    ):
        expect(page.locator(f"[name={name}]")).to_be_enabled()
        page.select_option(f"[name={name}]", label=label)
    page.click("button[value=submit]")
    expect(page.locator("body")).to_contain_text("待审核")


def let_it_in(county: Visitor) -> None:
    """What was mended is marked; passed by keyboard."""
    desk = county.go("/registrations/")
    desk.locator("a[href*='registration=']").first.click()
    expect(desk.locator("#rv-detail")).to_contain_text("退回前：")
    desk.keyboard.press("a")
    expect(desk.locator("body")).to_contain_text(f"已通过：{NAME}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_an_enterprise_registers_is_returned_mends_it_and_is_let_in(
    app: Flask, visit: Visit, size: dict[str, int]
) -> None:
    newcomer = visit("", size)
    page = register_account(app, newcomer)
    submit_information(newcomer)
    county = visit("county", size)
    return_it(county)
    mend_it(newcomer)
    let_it_in(county)

    page.goto(newcomer.address + "/logout/")
    page.goto(newcomer.address + "/login/")
    page.fill("[name=username]", "newmill")
    page.fill("[name=password]", PASSWORD)
    page.click("form:has([name=password]) [type=submit]")
    page.wait_for_url(re.compile(r".*/$"))

    expect(page.locator("body")).to_contain_text("中小企业主要经济指标")
    assert NAME in last_message(app, "registration_approved")
    with app.app_context():
        made = db.session.scalars(select(Enterprise).where(Enterprise.name == NAME)).one()
        assert (made.size, made.industry.code, made.direct_reviewer is not None) == ("small", "1829", True)


def test_what_another_window_saved_is_told_before_anything_is_lost(app: Flask, visit: Visit) -> None:
    newcomer = visit("")
    page = register_account(app, newcomer)
    other = newcomer.context.new_page()
    other.goto(newcomer.address + "/register/information")
    other.fill("[name=name]", "杭州另一窗口示范有限公司")
    other.click("button[value=save]")
    other.wait_for_load_state()

    page.fill("[name=name]", NAME)

    expect(page.locator("#rg-saved")).to_have_attribute("data-state", "refused")
    expect(page.locator("#rg-saved")).to_contain_text("其他窗口")
    expect(page.locator("[name=name]")).to_have_value(NAME)
    with app.app_context():
        row = db.session.scalars(select(EnterpriseRegistration)).one()
        assert row.name == "杭州另一窗口示范有限公司"
    page.on("dialog", lambda dialog: dialog.accept())


def test_back_after_a_refused_form_leads_to_the_form_and_sends_nothing_again(visit: Visit) -> None:
    page = visit().go("/register/")
    page.click("button[value=agree]")
    page.click("button.pri[value=register]")
    expect(page.locator(".qj-summary")).to_be_visible()
    page.fill("[name=username]", "a b")
    page.click("button.pri[value=register]")
    expect(page.locator(".qj-summary")).to_be_visible()

    page.go_back()

    expect(page.locator("[name=username]")).to_be_visible()
    assert page.url.endswith("/register/account")
    expect(page.locator(".qj-summary")).to_have_count(0)
