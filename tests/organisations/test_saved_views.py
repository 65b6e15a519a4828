"""Views of lists: kept per account, shared downwards only, opened in the scope of whoever reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.lists.kept import Kept, ViewDraft
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.organisations import saved_views
from app.organisations.saved_views import SavedView, load_kept

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
LIST = "enterprise_query"
HERE = "/enterprise-query/"


def kept(actor: Actor, name: str, now: dt.datetime, query: str = "state=active", **more: Any) -> int:
    """A view of an account; gives its number."""
    draft = ViewDraft(LIST, HERE, name, query, **more)
    with context.acting_as(actor), unit_of_work():
        return saved_views.save_view(actor, draft, now)


def names(found: Kept) -> list[tuple[str, str]]:
    return [(view.name, view.shared_by) for view in found.views]


def page_of(client: FlaskClient, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address, follow_redirects=True).data, "html.parser")


def asked(location: str) -> dict[str, list[str]]:
    return parse_qs(location.partition("?")[2])


def test_a_view_is_kept_for_its_account_and_list_only(actor: ActorOf, now: dt.datetime) -> None:
    kept(actor("province"), "在营", now)

    assert names(load_kept(actor("province"), LIST)) == [("在营", "")]
    assert names(load_kept(actor("province"), "review")) == []
    assert names(load_kept(actor("admin"), LIST)) == []


def test_a_shared_view_is_seen_below_with_the_name_of_who_shares_it(actor: ActorOf, now: dt.datetime) -> None:
    kept(actor("prefecture"), "本市", now, is_shared=True)
    owner = actor("prefecture").name

    assert names(load_kept(actor("county"), LIST)) == [("本市", owner)]


@pytest.mark.parametrize("reader", ["province", "prefecture2", "county2", "enterprise", "admin", "auditor"])
def test_nobody_above_beside_or_outside_sees_a_shared_view(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, reader: str
) -> None:
    number = kept(actor("prefecture"), "本市专用", now, is_shared=True)

    assert names(load_kept(actor(reader), LIST)) == []
    visitor = sign_in(reader)
    assert "本市专用" not in visitor.get("/views/list/").text
    assert [
        visitor.get(f"/views/show/{number}").status_code,
        visitor.get(f"/views/edit/{number}").status_code,
        visitor.post(f"/views/delete/{number}").status_code,
    ] == [404, 404, 404]


def test_sharing_reaches_everybody_below_and_ends_when_it_is_ended(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("province")
    number = kept(owner, "全省", now, is_shared=True)
    below = ("prefecture", "prefecture2", "county", "county2")
    assert all(names(load_kept(actor(one), LIST)) == [("全省", owner.name)] for one in below)

    with context.acting_as(owner), unit_of_work():
        saved_views.share(owner, number, now, wanted=False)

    assert all(names(load_kept(actor(one), LIST)) == [] for one in below)


def test_a_view_that_is_not_shared_is_nobody_elses(actor: ActorOf, now: dt.datetime) -> None:
    number = kept(actor("province"), "自用", now)

    assert names(load_kept(actor("county"), LIST)) == []
    with pytest.raises(NotFound), unit_of_work():
        saved_views.copy_view(actor("county"), number, now)


def test_a_shared_view_can_be_copied_but_not_changed(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    number = kept(actor("province"), "全省", now, is_shared=True)
    reader = actor("county")

    for refused in (
        lambda: saved_views.make_default(reader, number, now),
        lambda: saved_views.replace_question(reader, number, "state=disabled", now),
        lambda: saved_views.share(reader, number, now),
    ):
        with pytest.raises(Forbidden), unit_of_work():
            refused()
    visitor = sign_in("county")
    answer = visitor.post(f"/views/edit/{number}", data={"name": "改", "version": "1"})
    assert answer.status_code == 409
    assert visitor.post(f"/views/delete/{number}").status_code == 409

    answer = visitor.post("/views/list/", data={"action": "copy", "key": str(number)})

    assert answer.status_code == 200
    copied = db.session.scalars(select(SavedView).where(SavedView.account_id == reader.account_id)).one()
    assert (copied.name, copied.query, copied.is_shared) == ("全省", "state=active", False)


def test_a_copy_beside_a_view_of_the_same_name_gets_a_number(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("county")
    number = kept(owner, "本县", now)

    with context.acting_as(owner), unit_of_work():
        copied = saved_views.copy_view(owner, number, now)

    assert copied.name == "本县 (2)"


def test_an_enterprise_keeps_views_and_shares_none(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    with pytest.raises(Forbidden):
        kept(actor("enterprise"), "我的", now, is_shared=True)
    kept(actor("enterprise"), "我的", now)

    page = page_of(sign_in("enterprise"), "/views/list/")

    assert page.select("button[value=copy]") and not page.select("button[value=share]")


@pytest.mark.parametrize("name", ["", "  ", "字" * 61, "a\nb", "已有"])
def test_a_name_that_cannot_be_kept_is_refused_and_stays_typed(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, name: str
) -> None:
    kept(actor("province"), "已有", now)
    visitor = sign_in("province")

    answer = visitor.post(HERE, data={"views": "save", "name": name, "state": "active"})

    page = BeautifulSoup(answer.data, "html.parser")
    box = page.select_one("#name")
    hidden = {one["name"]: one["value"] for one in page.select(".ql-ask input[type=hidden]")}
    assert answer.status_code == 422
    assert box is not None and page.select(".qj-error")
    assert "\n" in name or box["value"] == name
    assert hidden["state"] == "active"


def test_an_account_keeps_only_so_many_views_of_a_list(
    actor: ActorOf, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 1)
    kept(actor("province"), "一", now)

    with pytest.raises(Invalid) as refused:
        kept(actor("province"), "二", now)

    assert [problem.message.values for problem in refused.value.problems] == [{"count": 1}]


def test_the_menu_keeps_the_question_of_the_page_and_opens_it_again(sign_in: SignIn) -> None:
    visitor = sign_in("province")
    where = "any(all(employees.ge(100)))"
    question = {"state": "active", "where": where, "sort": "-name", "cols": "name,username,employees"}
    page = page_of(visitor, f"{HERE}?{urlencode(question)}")
    sent = {box["name"]: box["value"] for box in page.select("#ql-keep input[type=hidden]")}

    saved = visitor.post(HERE, data={**sent, "views": "save", "name": "大户", "default": "1", "shared": "1"})

    number = db.session.scalars(select(SavedView.id)).one()
    assert asked(saved.location)["view"] == [str(number)]
    again = visitor.get(f"{HERE}?view={number}")
    assert asked(again.location) == {
        **{name: [value] for name, value in question.items()},
        "view": [str(number)],
    }
    by_itself = visitor.get(HERE)
    assert asked(by_itself.location) == asked(again.location)
    opened = page_of(visitor, HERE)
    assert "大户" in opened.select_one(".ql-views summary").text  # type: ignore[union-attr]
    assert not opened.select("button[value=change]")


def test_a_list_whose_view_opens_by_itself_can_be_seen_without_it(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    kept(actor("province"), "停用", now, "state=disabled", is_default=True)
    visitor = sign_in("province")

    cleared = page_of(visitor, HERE).select_one(".ql-go a")

    assert cleared is not None and cleared["href"] == f"{HERE}?view=0"
    plain = visitor.get(cleared["href"])
    assert plain.status_code == 200
    assert not BeautifulSoup(plain.data, "html.parser").select("#f-state option[value=disabled][selected]")


@pytest.mark.parametrize("address", ["/jobs/", "/imports/"])
def test_a_list_that_takes_no_forms_offers_to_keep_nothing(sign_in: SignIn, address: str) -> None:
    page = page_of(sign_in("province"), address)

    assert page.select("#ql") and not page.select(".ql-views, #ql-columns")


def test_one_view_opens_by_itself_and_the_next_takes_its_place(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("province")
    kept(owner, "一", now, is_default=True)
    kept(owner, "二", now, is_default=True)

    default = load_kept(owner, LIST).default
    assert default is not None and default.name == "二"
    assert [view.name for view in db.session.scalars(select(SavedView).where(SavedView.is_default))] == ["二"]


def test_an_own_view_takes_the_changed_question(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    number = kept(actor("province"), "在营", now)
    visitor = sign_in("province")
    page = page_of(visitor, f"{HERE}?state=disabled&view={number}")
    assert page.select("button[value=change]")
    sent = {box["name"]: box["value"] for box in page.select("#ql-keep input[type=hidden]")}

    visitor.post(HERE, data={**sent, "views": "change"})

    assert db.session.scalars(select(SavedView.query)).one() == "state=disabled"


def test_what_a_shared_view_shows_is_cut_to_the_scope_of_the_reader(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    number = kept(actor("province"), "在营", now, "state=active&psize=100", is_shared=True)

    def rows(username: str) -> set[str]:
        page = page_of(sign_in(username), f"{HERE}?view={number}")
        return {box["value"] for box in page.select("tbody input[name=key]")}

    assert rows("prefecture") | rows("prefecture2") <= rows("province")
    assert rows("prefecture") and not rows("prefecture") & rows("prefecture2")


def test_a_view_opens_without_the_conditions_that_the_list_no_longer_has_and_says_so(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    query = urlencode(
        {
            "state": "closed",
            "gone": "1",
            "keyword": "宁波",
            "where": "any(all(lost.ge(1),employees.ge(100)),all(employees.has(1)))",
        }
    )
    number = kept(actor("province"), "旧", now, query)
    visitor = sign_in("province")

    answer = visitor.get(f"{HERE}?view={number}")
    page = visitor.get(answer.location)

    assert asked(answer.location) == {
        "keyword": ["宁波"],
        "where": ["any(all(employees.ge(100)))"],
        "view": [str(number)],
    }
    told = BeautifulSoup(page.data, "html.parser").select_one("#qj-alerts")
    assert page.status_code == 200
    assert told is not None and all(name in told.text for name in ("旧", "gone", "lost", "状态"))


def test_a_view_that_is_gone_is_told_and_the_list_is_as_usual(sign_in: SignIn) -> None:
    page = sign_in("province").get(f"{HERE}?view=4711", follow_redirects=True)

    assert page.status_code == 200
    assert "该视图已不可用" in page.text


@pytest.mark.parametrize("view", ["x", "-1", "9" * 30, "1 or 1=1", "0"])
def test_nonsense_for_a_view_is_no_error(sign_in: SignIn, view: str) -> None:
    answer = sign_in("province").get(HERE, query_string={"view": view}, follow_redirects=True)

    assert answer.status_code == 200


@pytest.mark.parametrize(("language", "words"), [("zh", "共享给下级"), ("en", "Share with subordinates")])
def test_the_menu_speaks_both_languages(sign_in: SignIn, language: str, words: str) -> None:
    visitor = sign_in("province")
    visitor.get(f"/preferences/language/{language}")

    assert words in page_of(visitor, HERE).select_one(".ql-views").text  # type: ignore[union-attr]


def test_a_view_is_renamed_shared_and_deleted_on_the_page_of_own_views(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    number = kept(actor("province"), "旧名", now)
    visitor = sign_in("province")

    renamed = visitor.post(f"/views/edit/{number}", data={"name": "新名", "is_default": "y", "version": "1"})
    visitor.post("/views/list/", data={"action": "share", "key": str(number)})

    assert renamed.status_code == 302
    row = db.session.scalars(select(SavedView)).one()
    assert (row.name, row.is_default, row.is_shared) == ("新名", True, True)
    ways = page_of(visitor, "/views/list/").select(f'a[href="{HERE}?view={number}"]')
    assert ways
    assert visitor.post(f"/views/delete/{number}").status_code == 302
    db.session.expire_all()
    assert db.session.scalars(select(SavedView)).all() == []


def test_what_an_account_keeps_of_a_list_costs_one_statement(actor: ActorOf, count: Any) -> None:
    reader = actor("county")

    with count() as statements:
        load_kept(reader, LIST)

    assert len(statements) == 1
