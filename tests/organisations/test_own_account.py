"""用户中心: mobile, scans, tokens, sign-ins; each only the owner's, and what ends them."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.files import StoredFile
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.access_models import ApiToken
from app.organisations.account_service import hash_password, set_password
from app.organisations.models import Account
from tests.access import MOBILE, OTHER_MOBILE, give_mobile, last_code
from tests.conftest import PASSWORD

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
FRESH = "Fresh-2026-Word"
REPORTS = "/api/v1/reports/"
TOKEN = re.compile(r'<code class="qj-token">([^<]+)</code>')


def phone_of(username: str, actor: ActorOf) -> str:
    db.session.rollback()
    return db.session.get_one(Account, actor(username).account_id).phone


def test_a_first_mobile_needs_one_code(sign_in: SignIn, actor: ActorOf) -> None:
    browser = sign_in("enterprise")
    with unit_of_work():
        db.session.get_one(Account, actor("enterprise").account_id).phone = ""

    assert browser.post("/account/phone", data={"send": "new_phone", "phone": MOBILE}).status_code == 200
    done = browser.post("/account/phone", data={"phone": MOBILE, "code": last_code()})

    assert done.status_code == 302
    assert phone_of("enterprise", actor) == MOBILE


def test_another_mobile_needs_a_code_to_each(sign_in: SignIn, actor: ActorOf, clock: MovableClock) -> None:
    browser = sign_in("county")
    give_mobile(actor("county").account_id)

    browser.post("/account/phone", data={"send": "old_phone", "phone": OTHER_MOBILE})
    browser.post("/account/phone", data={"send": "new_phone", "phone": OTHER_MOBILE})
    old, new = last_code(MOBILE), last_code(OTHER_MOBILE)
    form = {"phone": OTHER_MOBILE, "old_code": old, "code": new}
    for spoiled in ({"old_code": new}, {"code": old}, {"old_code": ""}):
        if old != new:
            answer = browser.post("/account/phone", data={**form, **spoiled})
            assert answer.status_code == 422
            assert f'value="{OTHER_MOBILE}"' in answer.get_data(as_text=True)
    assert phone_of("county", actor) == MOBILE

    assert browser.post("/account/phone", data=form).status_code == 302
    assert phone_of("county", actor) == OTHER_MOBILE


def test_the_basic_data_do_not_change_the_mobile(sign_in: SignIn, actor: ActorOf) -> None:
    give_mobile(actor("point").account_id)
    form = {"display_name": "新名", "email": "new@point.example", "language": "zh", "phone": OTHER_MOBILE}

    assert sign_in("point").post("/account/", data=form).status_code == 302
    assert phone_of("point", actor) == MOBILE


def make_token(browser: FlaskClient, last_day: str = "2026-12-31") -> str:
    page = browser.post("/account/tokens", data={"name": "统计程序", "last_day": last_day})
    found = TOKEN.search(page.get_data(as_text=True))
    assert found is not None, page.status_code
    return found[1]


def status(app: Flask, token: str, path: str = REPORTS) -> int:
    answer = app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
    return int(answer.status_code)


def test_a_token_reads_what_its_owner_may_and_is_shown_once(
    app: Flask, sign_in: SignIn, count: Callable[[], object]
) -> None:
    browser = sign_in("enterprise")
    token = make_token(browser)

    mine = app.test_client().get("/api/v1/enterprises/", headers={"Authorization": f"Bearer {token}"})
    assert mine.status_code == 200
    assert mine.json == browser.get("/api/v1/enterprises/").json
    assert token not in browser.get("/account/tokens").get_data(as_text=True)
    kept = db.session.scalars(select(ApiToken)).one()
    assert token not in f"{kept.token_hash}{kept.tag}{kept.name}"
    trail = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "api_token")).one()
    assert trail.after is not None and trail.after["token_hash"] == "***"


def test_the_day_of_its_last_use_is_written_down_once(
    app: Flask, sign_in: SignIn, clock: MovableClock, count: Callable[[], Any]
) -> None:
    browser = sign_in("county")
    token = make_token(browser)
    assert "尚未使用" in browser.get("/account/tokens").get_data(as_text=True)

    status(app, token)
    with count() as statements:
        status(app, token)

    assert db.session.scalars(select(ApiToken.last_used_on)).one() == dt.date(2026, 11, 6)
    assert "2026-11-06" in browser.get("/account/tokens").get_data(as_text=True)
    assert not [text for text in statements if text.startswith("UPDATE")]


def test_a_token_opens_no_page(app: Flask, sign_in: SignIn) -> None:
    token = make_token(sign_in("county"))

    assert [status(app, token, path) for path in ("/", "/review/", "/account/")] == [302] * 3
    assert status(app, f"{token}x") == 401


@pytest.mark.parametrize("change", ["password", "state", "roles", "sessions", "revoked", "expired"])
def test_a_token_ends_with(
    change: str, app: Flask, sign_in: SignIn, actor: ActorOf, clock: MovableClock
) -> None:
    browser = sign_in("county")
    token = make_token(browser)
    assert status(app, token) == 200
    if change == "sessions":
        browser.post("/account/sessions/end")
    elif change == "revoked":
        row = db.session.scalars(select(ApiToken.id)).one()
        assert browser.post(f"/account/tokens/{row}/revoke").status_code == 302
    elif change == "expired":
        clock.set(dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC))
    else:
        with unit_of_work():
            account = db.session.get_one(Account, actor("county").account_id)
            if change == "password":
                set_password(account, hash_password(FRESH), clock.now())
            elif change == "state":
                account.state = "disabled"
            else:
                account.user.roles = []

    assert status(app, token) == 401


def test_a_token_is_revoked_by_its_owner_only(app: Flask, sign_in: SignIn) -> None:
    token = make_token(sign_in("county"))
    row = db.session.scalars(select(ApiToken.id)).one()

    assert sign_in("prefecture").post(f"/account/tokens/{row}/revoke").status_code == 404
    assert status(app, token) == 200


@pytest.mark.parametrize("last_day", ["2026-11-05", "2027-11-07", "", "nonsense"])
def test_a_token_holds_for_a_year_at_most(sign_in: SignIn, last_day: str) -> None:
    page = sign_in("county").post("/account/tokens", data={"name": "程序", "last_day": last_day})

    assert page.status_code == 422
    assert db.session.scalars(select(ApiToken)).all() == []


def test_an_account_has_ten_tokens_at_most(sign_in: SignIn) -> None:
    browser = sign_in("county")
    for _number in range(10):
        make_token(browser)

    page = browser.post("/account/tokens", data={"name": "程序", "last_day": "2026-12-31"})
    assert page.status_code == 422


def test_the_own_sign_ins_are_shown_with_the_failed_ones(app: Flask, sign_in: SignIn) -> None:
    app.test_client().post("/login/", data={"username": "county", "password": "wrong"})
    app.test_client().post("/login/", data={"username": "prefecture", "password": "wrong"})

    page = sign_in("county").get("/account/sessions").get_data(as_text=True)

    assert page.count("登录成功") == 1
    assert page.count("已拒绝") == 1


def test_all_other_sessions_are_ended(sign_in: SignIn) -> None:
    one, other = sign_in("county"), sign_in("county")

    assert one.post("/account/sessions/end").status_code == 302
    assert one.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_earlier_passwords_are_refused(sign_in: SignIn) -> None:
    browser, current = sign_in("county"), PASSWORD
    chosen = [f"Chosen-{number}-2026" for number in range(3)]
    for password in chosen:
        form = {"current": current, "password": password, "again": password}
        assert browser.post("/account/password", data=form).status_code == 302
        current = password

    for password in chosen:
        form = {"current": current, "password": password, "again": password}
        assert browser.post("/account/password", data=form).status_code == 422


def picture(form: str = "PNG", appended: bytes = b"") -> io.BytesIO:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(drawn, format=form)
    return io.BytesIO(drawn.getvalue() + appended)


def hand_in(browser: FlaskClient, data: io.BytesIO, kind: str = "licence", name: str = "执照.png") -> int:
    answer = browser.post("/account/identity", data={kind: (data, name)}, content_type="multipart/form-data")
    return int(answer.status_code)


def test_scans_are_handed_in_and_seen_by_who_covers_the_account(sign_in: SignIn, actor: ActorOf) -> None:
    browser, account = sign_in("enterprise"), actor("enterprise").account_id

    assert hand_in(browser, picture(appended=b"<script>alert(1)</script>")) == 302
    own = browser.get("/account/identity/licence")
    assert own.status_code == 200 and b"script" not in own.get_data()
    assert "attachment" in own.headers["Content-Disposition"]
    for role, expected in (("county", 200), ("province", 200), ("county2", 404), ("point", 403)):
        seen = sign_in(role)
        assert seen.get(f"/identities/{account}").status_code == expected
        assert seen.get(f"/identities/{account}/licence").status_code == expected
    assert sign_in("county").get(f"/identities/{account}/legal_person").status_code == 404
    assert browser.get("/account/identity/legal_person").status_code == 404


def test_a_second_scan_takes_the_place_of_the_first(sign_in: SignIn, clock: MovableClock) -> None:
    browser = sign_in("enterprise")
    hand_in(browser, picture())
    clock.advance(minutes=1)
    hand_in(browser, picture("JPEG"), name="执照.jpg")

    files = db.session.scalars(select(StoredFile).order_by(StoredFile.id)).all()
    assert [file.expires_at is None for file in files] == [False, True]
    assert browser.get("/account/identity/licence").mimetype == "image/jpeg"


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"\xff\xd8\xff"]
)
def test_what_is_no_picture_is_refused_at_its_field(sign_in: SignIn, content: bytes) -> None:
    assert hand_in(sign_in("enterprise"), io.BytesIO(content)) == 422
    assert db.session.scalars(select(StoredFile)).all() == []


@pytest.mark.parametrize("form", [{}, {"licence": ""}], ids=str)
def test_something_has_to_be_handed_in(sign_in: SignIn, form: dict[str, str]) -> None:
    assert sign_in("enterprise").post("/account/identity", data=form).status_code == 422


def test_a_text_in_the_place_of_a_scan_is_told_at_its_field(sign_in: SignIn) -> None:
    form = {"legal_person": "a text", "licence": (picture(), "执照.png")}
    answer = sign_in("enterprise").post("/account/identity", data=form)

    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 422
    assert "请重新选择文件" in page.select_one("#legal_person-error").text
    assert page.select_one("#licence-error") is None
    assert db.session.scalars(select(StoredFile)).all() == []


def test_a_scan_is_known_as_sent_by_its_account(sign_in: SignIn, actor: ActorOf) -> None:
    hand_in(sign_in("enterprise"), picture())

    stored = db.session.scalars(select(StoredFile)).one()
    assert (stored.uploaded_by_id, stored.expires_at) == (actor("enterprise").account_id, None)


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 30])
def test_a_token_that_is_none_is_not_there(sign_in: SignIn, key: str) -> None:
    assert sign_in("county").post(f"/account/tokens/{key}/revoke").status_code == 404


def test_a_company_and_a_person_hand_in_other_scans(sign_in: SignIn) -> None:
    company = sign_in("enterprise").get("/account/identity").get_data(as_text=True)
    person = sign_in("county").get("/account/identity").get_data(as_text=True)

    assert "营业执照" in company and "人像面" not in company
    assert "人像面" in person and "营业执照" not in person
    assert "暂不认证" in company


def test_basic_data_changed_meanwhile_are_shown_before_they_are_overwritten(
    sign_in: SignIn, actor: ActorOf
) -> None:
    browser = sign_in("county")
    form = own_form(browser)
    with unit_of_work():
        db.session.get_one(Account, actor("county").account_id).display_name = "县里的新名称"

    refused = browser.post("/account/", data=form | {"display_name": "我的名称"})

    assert refused.status_code == 422
    assert "县里的新名称" in refused.text and "我的名称" in refused.text
    again = own_form(browser, refused.data)
    assert again["version"] != form["version"]
    assert browser.post("/account/", data=again).status_code == 302
    db.session.rollback()
    assert db.session.get_one(Account, actor("county").account_id).display_name == "我的名称"


def own_form(browser: FlaskClient, page: bytes = b"") -> dict[str, str]:
    """What the form of basic data holds as it is shown."""
    shown = BeautifulSoup(page or browser.get("/account/").data, "html.parser").select_one("form.qj-form")
    assert shown is not None
    fields = {str(box["name"]): str(box.get("value", "")) for box in shown.select("input[name]")}
    chosen = shown.select_one("select[name=language] option[selected]")
    assert chosen is not None
    return fields | {"language": str(chosen["value"])}
