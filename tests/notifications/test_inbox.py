"""The message centre: one's own messages only, counted, opened, marked and said in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.errors import NotFound
from app.kernel.texts import LocalText, Message
from app.notifications.models import InboxMessage
from app.notifications.service import notify, open_message, read_all, remove_message
from tests.notifications.conftest import unread_count

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
Tell = Callable[..., int]


@pytest.fixture
def tell(app: Flask, actor: ActorOf, now: dt.datetime) -> Tell:
    """``tell("enterprise", url="/account/")``: a message to an account; gives its key."""

    def told(username: str, **changes: Any) -> int:
        given = {
            "kind": "registration",
            "title": Message("Report of {month}", month="2026-10"),
            "body": LocalText("请按意见修改后重新提交。"),
            "url": "",
            **changes,
        }
        with unit_of_work():
            account_id = actor(username).account_id or 0
            notify([account_id], given.pop("kind"), given.pop("title"), given.pop("body"), now, **given)
            return db.session.scalars(select(func.max(InboxMessage.id))).one()

    return told


def test_the_badge_counts_what_was_not_opened_without_a_statement_of_its_own(
    tell: Tell, actor: ActorOf, sign_in: SignIn, now: dt.datetime, count: Callable[[], Any]
) -> None:
    reader, visitor = actor("enterprise"), sign_in("enterprise")
    keys = [tell("enterprise") for _ in range(3)]
    tell("enterprise2")
    with unit_of_work():
        open_message(reader, keys[0], now)
    visitor.get("/account/")

    with count() as statements:
        page = BeautifulSoup(visitor.get("/account/").data, "html.parser")

    assert page.select_one("a[href='/inbox/'] .qj-dotn").text == "2"
    assert [one for one in statements if "FROM inbox_message" in one and "ab_user" not in one] == []
    assert unread_count(ANONYMOUS) == 0


def test_beyond_ninety_nine_the_badge_stops_counting(
    app: Flask, actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    reader = actor("enterprise")
    with unit_of_work():
        for number in range(130):
            notify([reader.account_id or 0], "report", LocalText(f"{number}"), LocalText("文"), now)

    assert unread_count(reader) == 130
    page = BeautifulSoup(sign_in("enterprise").get("/inbox/").data, "html.parser")
    assert page.select_one("a[href='/inbox/'] .qj-dotn").text == "99+"


def test_the_same_key_tells_once(tell: Tell, actor: ActorOf) -> None:
    tell("enterprise", key="registration.1.passed")
    tell("enterprise", key="registration.1.passed")

    assert unread_count(actor("enterprise")) == 1


def test_nobody_opens_or_removes_the_message_of_another(tell: Tell, actor: ActorOf, now: dt.datetime) -> None:
    foreign = tell("enterprise2")

    for name in ("enterprise", "prefecture", "admin", "auditor"):
        with pytest.raises(NotFound), unit_of_work():
            open_message(actor(name), foreign, now)
        with pytest.raises(NotFound), unit_of_work():
            remove_message(actor(name), foreign, now)
    assert unread_count(actor("enterprise2")) == 1


def test_marking_all_as_read_leaves_the_others_alone(tell: Tell, actor: ActorOf, now: dt.datetime) -> None:
    tell("enterprise"), tell("enterprise"), tell("enterprise2")

    with unit_of_work():
        assert read_all(actor("enterprise"), now) == 2

    assert (unread_count(actor("enterprise")), unread_count(actor("enterprise2"))) == (0, 1)


def test_a_message_leads_to_its_page_and_is_read_from_then_on(
    tell: Tell, actor: ActorOf, sign_in: SignIn
) -> None:
    key = tell("enterprise", url="/account/")
    visitor = sign_in("enterprise")

    answer = visitor.get(f"/inbox/{key}")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert unread_count(actor("enterprise")) == 0
    assert sign_in("enterprise2").get(f"/inbox/{key}").status_code == 404


def test_an_address_of_another_host_is_never_followed(tell: Tell, sign_in: SignIn) -> None:
    key = tell("enterprise", url="//elsewhere.example/")

    assert sign_in("enterprise").get(f"/inbox/{key}").headers["Location"] == "/"


@pytest.mark.parametrize(("language", "words"), [("zh", "2026-10"), ("en", "Report of 2026-10")])
def test_words_are_said_in_the_language_of_the_reader(
    tell: Tell, sign_in: SignIn, language: str, words: str
) -> None:
    key = tell("enterprise")
    visitor = sign_in("enterprise")
    visitor.get(f"/preferences/language/{language}")

    listed, opened = visitor.get("/inbox/").text, visitor.get(f"/inbox/{key}").text

    assert words in listed and words in opened
    assert "请按意见修改后重新提交。" in opened
    assert ("Report of" in listed) is (language == "en")


def test_ticked_messages_are_marked_and_removed_and_foreign_ones_are_not(
    tell: Tell, actor: ActorOf, sign_in: SignIn
) -> None:
    mine, foreign = tell("enterprise"), tell("enterprise2")
    visitor = sign_in("enterprise")

    for action in ("read", "remove"):
        form = {"action": action, "key": [str(mine), str(foreign)], "confirmed": "1", "once": f"k{action}"}
        assert visitor.post("/inbox/", data=form).status_code == 200

    assert unread_count(actor("enterprise2")) == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(InboxMessage)) == 1


def test_the_kind_and_unread_narrow_the_list(tell: Tell, sign_in: SignIn) -> None:
    tell("enterprise", title=LocalText("甲"), kind="report")
    read = tell("enterprise", title=LocalText("乙"), kind="account")
    visitor = sign_in("enterprise")
    visitor.get(f"/inbox/{read}")

    unread = BeautifulSoup(visitor.get("/inbox/?unread=1").data, "html.parser").select("tbody tr")
    accounts = BeautifulSoup(visitor.get("/inbox/?kind=account").data, "html.parser").select("tbody tr")

    assert ["甲" in row.text for row in unread] == [True]
    assert ["乙" in row.text for row in accounts] == [True]


def test_everything_can_be_marked_by_one_button(tell: Tell, actor: ActorOf, sign_in: SignIn) -> None:
    tell("enterprise"), tell("enterprise")
    visitor = sign_in("enterprise")

    assert visitor.post("/inbox/read").status_code == 302

    assert unread_count(actor("enterprise")) == 0
    assert "/inbox/read" not in visitor.get("/inbox/").text
