"""Every hole that was found in Flask-AppBuilder's stock views, tried on them and on the product's family.

A probe asserts that a hole is closed. It must hold on the family, and it must fail on the stock
classes: so a probe that tests nothing, and a hole that FAB has closed itself, are both noticed.
"""

from __future__ import annotations

import inspect as python
import random
import re
import string
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, update

from app.infra.database import db
from app.infra.roles import matches
from app.infra.views import DomainView
from tests.infra.holes import ours, records, stock
from tests.infra.holes.records import FOREIGN, FOREIGN_NAME, MINE, Item

Probe = Callable[[FlaskClient], None]
COOKIE_LIMIT = 4093

PROBES: dict[str, Probe] = {}


def probe(function: Probe) -> Probe:
    """Enter a probe into the table."""
    PROBES[function.__name__] = function
    return function


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def shown(answer: Any) -> list[str]:
    """Names of the own items, in the order in which a page shows them."""
    return re.findall(r"\b(apple|banana)\b(?=\s*</)", text(answer))


# Rows out of scope


@probe
def an_action_gets_no_foreign_row(visitor: FlaskClient) -> None:
    visitor.post(f"/items/action/wipe/{FOREIGN}")
    assert records.wiped == []


@probe
def a_batch_action_gets_no_foreign_row(visitor: FlaskClient) -> None:
    visitor.post("/items/action_post", data={"action": "wipe", "rowid": [str(FOREIGN)]})
    assert records.wiped == []


@probe
def a_file_is_not_answered_by_its_name(visitor: FlaskClient) -> None:
    assert "somebody's file" not in text(visitor.get("/items/download/1_sep_paper.txt"))


@probe
def the_form_for_a_new_record_offers_no_foreign_record(visitor: FlaskClient) -> None:
    assert FOREIGN_NAME not in text(visitor.get("/items/add"))


@probe
def the_form_for_a_record_offers_no_foreign_record(visitor: FlaskClient) -> None:
    assert FOREIGN_NAME not in text(visitor.get(f"/items/edit/{MINE}"))


@probe
def the_search_form_offers_no_foreign_record(visitor: FlaskClient) -> None:
    assert FOREIGN_NAME not in text(visitor.get("/items/list/"))


@probe
def the_page_of_a_chart_offers_no_foreign_record(visitor: FlaskClient) -> None:
    assert FOREIGN_NAME not in text(visitor.get("/itemchart/chart/"))


@probe
def a_record_is_not_added_to_a_foreign_parent(visitor: FlaskClient) -> None:
    visitor.post("/items/add", data={"name": "smuggled", "team": str(FOREIGN)})
    assert records.foreign_items() == ["foreign"]


@probe
def a_record_is_not_moved_to_a_foreign_parent(visitor: FlaskClient) -> None:
    visitor.post(f"/items/edit/{MINE}", data={"name": "apple", "team": str(FOREIGN), "version": "1"})
    assert records.foreign_items() == ["foreign"]


@probe
def a_condition_in_the_address_does_not_fill_a_form(visitor: FlaskClient) -> None:
    visitor.post(f"/items/add?_flt_0_team={FOREIGN}", data={"name": "smuggled"})
    assert records.foreign_items() == ["foreign"]


@probe
def a_record_that_is_looked_up_while_typing_is_in_scope(visitor: FlaskClient) -> None:
    visitor.post("/ajax/add", data={"name": "smuggled", "team": str(FOREIGN)})
    assert records.foreign_items() == ["foreign"]


@probe
def an_interface_tells_no_foreign_record_as_a_choice(visitor: FlaskClient) -> None:
    assert FOREIGN_NAME not in text(visitor.get("/api/v1/items/_info"))


@probe
def a_master_page_shows_nothing_of_a_foreign_master(visitor: FlaskClient) -> None:
    assert not re.search(r">\s*foreign\s*<", text(visitor.get(f"/master/list/{FOREIGN}")))


@probe
def a_page_shows_no_tab_of_records_that_the_account_may_not_list(visitor: FlaskClient) -> None:
    assert "banana" not in text(visitor.get(f"/teams/show/{MINE}"))


# What a list tells


@probe
def the_order_of_a_list_tells_nothing_of_a_secret_column(visitor: FlaskClient) -> None:
    usual = shown(visitor.get("/items/list/"))
    asked = "_oc_ItemView=secret&_od_ItemView=asc&sort=secret"
    assert shown(visitor.get(f"/items/list/?{asked}")) == usual == ["apple", "banana"]


@probe
def a_condition_on_a_secret_column_is_not_answered(visitor: FlaskClient) -> None:
    found = [shown(visitor.get(f"/plain/list/?_flt_0_secret={start}&secret={start}")) for start in ("a", "q")]
    assert found[0] == found[1]


@probe
def odd_sizes_and_numbers_of_pages_are_no_failure(visitor: FlaskClient) -> None:
    values = ("-1", "abc", "99999999999999999999")
    odd = [
        f"{name}={value}" for name in ("psize_ItemView", "psize", "page_ItemView", "page") for value in values
    ]
    assert [query for query in odd if visitor.get(f"/items/list/?{query}").status_code >= 500] == []


@probe
def a_page_is_never_as_long_as_the_address_asks(visitor: FlaskClient) -> None:
    with db.session.begin():
        db.session.add_all(Item(team_id=MINE, name=f"row{number:03}x") for number in range(150))
    page = text(visitor.get("/items/list/?psize_ItemView=1000&psize=1000"))
    assert len(re.findall(r"row\d{3}x(?=\s*</)", page)) <= 100


# Writing


@probe
def a_refused_form_keeps_what_was_typed(visitor: FlaskClient) -> None:
    answer = visitor.post(
        "/items/add", data={"name": "refused thing", "team": str(MINE)}, follow_redirects=True
    )
    assert 'value="refused thing"' in text(answer)


@probe
def the_text_of_an_exception_is_not_shown(visitor: FlaskClient) -> None:
    given = {"name": "refused by a bug", "team": str(MINE)}
    assert "hunter2" not in text(visitor.post("/items/add", data=given, follow_redirects=True))


@probe
def a_form_that_was_opened_before_another_change_does_not_undo_it(visitor: FlaskClient) -> None:
    opened = text(visitor.get(f"/items/edit/{MINE}"))
    version = re.search(r'name="version"[^>]*value="(\d+)"', opened)
    with db.session.begin():
        db.session.execute(update(Item).where(Item.id == MINE).values(name="newer", version=2))
    given = {"name": "older", "team": str(MINE), "version": version[1] if version else ""}
    visitor.post(f"/items/edit/{MINE}", data=given)
    now = records.stored()
    assert now is not None and now.name == "newer"


@probe
def a_link_deletes_nothing(visitor: FlaskClient) -> None:
    visitor.get(f"/items/delete/{MINE}")
    assert records.stored() is not None


@probe
def a_form_sets_neither_state_nor_who_approved(visitor: FlaskClient) -> None:
    given = {"name": "self-made", "team": str(MINE), "state": "approved", "approved_by": "me", "version": "1"}
    visitor.post("/plain/add", data=given)
    made = records.named("self-made")
    assert made is not None and (made.state, made.approved_by) == ("draft", None)


@probe
def an_interface_makes_no_record_from_a_nested_object(visitor: FlaskClient) -> None:
    visitor.post("/api/v1/nested/", json={"name": "nested", "team": {"name": "made by nesting"}})
    assert "made by nesting" not in records.team_names()


# Sessions


@probe
def the_way_through_the_pages_does_not_fill_the_cookie(visitor: FlaskClient) -> None:
    letters = random.Random(5)
    sizes = []
    for _visit in range(8):
        word = "".join(letters.choices(string.ascii_letters + string.digits, k=1500))
        answer = visitor.get(f"/items/list/?_flt_0_name={word}")
        sizes += [len(cookie) for cookie in answer.headers.getlist("Set-Cookie")]
    assert max(sizes, default=0) < COOKIE_LIMIT


@probe
def a_language_that_is_offered_no_more_is_no_failure(visitor: FlaskClient) -> None:
    with visitor.session_transaction() as session:
        session["locale"] = session["language"] = "xx"
    assert visitor.get("/items/list/").status_code == 200


@probe
def nobody_resets_the_password_of_the_administrator_by_a_stock_page(visitor: FlaskClient) -> None:
    password = "Taken-Over-9999"
    given = {"password": password, "conf_password": password}
    answer = visitor.post("/resetpassword/form?pk=1", data=given, follow_redirects=True)
    assert answer.status_code == 404


# Running them


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> dict[ModuleType, Flask]:
    """Both applications."""
    return {world: world.build(tmp_path_factory.mktemp("holes")) for world in (stock, ours)}


@pytest.fixture
def visit(applications: dict[ModuleType, Flask]) -> Iterator[Callable[[ModuleType], FlaskClient]]:
    """Called with ``ours`` or ``stock``: a visitor's browser, with rows as at the beginning."""
    opened: list[Any] = []

    def go(world: ModuleType) -> FlaskClient:
        opened.append(applications[world].app_context())
        opened[-1].push()
        records.fill()
        browser = world.sign_in(applications[world])
        return Outside(browser, applications[world])  # type: ignore[return-value]

    yield go
    for context in opened:
        db.session.remove()
        context.pop()


class Outside:
    """A browser whose requests have contexts of their own, apart from the test's."""

    def __init__(self, browser: FlaskClient, app: Flask) -> None:
        self.browser, self.app = browser, app

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("GET", *args, **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("POST", *args, **kwargs)

    def session_transaction(self) -> Any:
        return self.browser.session_transaction()

    def _ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        db.session.remove()
        with self.app.app_context():
            return self.browser.open(*args, method=method, buffered=True, **kwargs)


Visit = Callable[[ModuleType], FlaskClient]


@pytest.mark.parametrize("name", PROBES)
def test_the_family_of_the_product_has_it_closed(visit: Visit, name: str) -> None:
    PROBES[name](visit(ours))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PROBES)
def test_the_stock_classes_have_it_open(visit: Visit, name: str) -> None:
    visitor = visit(stock)

    with pytest.raises(AssertionError):
        PROBES[name](visitor)


def test_the_visitor_reads_and_writes_what_is_in_scope(visit: Visit) -> None:
    visitor = visit(ours)

    visitor.post("/items/add", data={"name": "cherry", "team": str(MINE)})
    visitor.post(f"/items/edit/{MINE}", data={"name": "apricot", "team": str(MINE), "version": "1"})
    visitor.post("/items/delete/3")

    assert records.named("cherry") and records.named("apricot") and not records.stored(3)


def test_a_stale_form_shows_the_current_values_and_may_then_overwrite_them(visit: Visit) -> None:
    visitor = visit(ours)
    with db.session.begin():
        db.session.execute(update(Item).where(Item.id == MINE).values(name="newer", version=2))
    given = {"name": "older", "team": str(MINE), "version": "1"}

    refused = visitor.post(f"/items/edit/{MINE}", data=given)

    page = text(refused)
    assert refused.status_code == 422
    assert "newer" in page and 'value="older"' in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    visitor.post(f"/items/edit/{MINE}", data={**given, "version": version[1]})
    assert records.named("older") is not None


def test_a_stale_form_tells_what_differs_only_and_who_changed_it(visit: Visit) -> None:
    visitor = visit(ours)
    given = {"name": "newer", "team": str(MINE), "version": "1"}
    visitor.post(f"/items/edit/{MINE}", data=given)

    page = text(visitor.post(f"/items/edit/{MINE}", data={**given, "name": "older"}))
    same = text(visitor.post(f"/items/edit/{MINE}", data=given))

    assert re.search(r"(Now: |现值：)name newer", page, re.IGNORECASE)
    assert not re.search(r"(Now: |现值：)team", page, re.IGNORECASE)
    assert re.search(r"(Last change: |最近修改：)visitor", page)
    assert not re.search(r"Now: |现值：", same)


@pytest.mark.filterwarnings("ignore")
def test_a_stock_visitor_resets_the_password_of_the_administrator(visit: Visit) -> None:
    visitor = visit(stock)
    before = db.session.scalars(select(User.password).where(User.id == 1)).one()
    nobody_resets = PROBES["nobody_resets_the_password_of_the_administrator_by_a_stock_page"]

    with pytest.raises(AssertionError):
        nobody_resets(visitor)

    db.session.remove()
    assert db.session.scalars(select(User.password).where(User.id == 1)).one() != before


def test_patterns_of_roles_are_matched_as_a_whole(visit: Visit) -> None:
    visit(stock)
    pattern = (("can_list", "ItemView"),)
    sm = current_app.appbuilder.sm  # type: ignore[attr-defined]

    assert sm._has_access_builtin_roles(sm.find_role("Reader"), "can_list", "ItemViewOfSecrets")
    assert not matches(("can_list", "ItemViewOfSecrets"), pattern)
    assert not matches(("can_list_all", "ItemView"), pattern)
    assert matches(("can_list", "ItemView"), pattern)


@pytest.mark.parametrize("left_out", ["search_columns", "base_order", "list_columns"])
def test_a_view_that_leaves_to_the_stock_class_what_must_be_said_is_refused(left_out: str) -> None:
    silent = type("SilentView", (ours.ItemView,), {left_out: None})

    with pytest.raises(TypeError, match=left_out):
        silent()


def test_a_view_with_tabs_of_other_records_is_refused() -> None:
    tabbed = type("TabbedView", (ours.TeamView,), {"related_views": [ours.ItemView]})

    with pytest.raises(TypeError, match="scope"):
        tabbed()


def test_a_view_of_a_model_whose_scope_nobody_told_is_refused() -> None:
    unscoped = type("UnscopedView", (ours.ItemView,), {"model": User})

    with pytest.raises(LookupError, match="User"):
        unscoped()


def test_the_family_writes_only_through_its_services() -> None:
    overridden = {name for name, _method in python.getmembers(DomainView, python.isfunction)}

    assert {"create", "change", "remove"} <= overridden
    with pytest.raises(TypeError):
        ours.ItemView().datamodel.add(Item())
