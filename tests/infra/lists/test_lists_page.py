"""The page of a list: what it shows, where its links lead, what it says when there is nothing."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from app.infra.database import db
from app.infra.lists import Action, Column, Filter
from app.kernel.texts import Message
from tests.infra.lists.lists_app import STATES, Firm, firm, firm_list


def soup(app: Flask, query: str = "", status: int = 200) -> BeautifulSoup:
    answer = app.test_client().get(f"/firms/{query}")
    assert answer.status_code == status
    return BeautifulSoup(answer.data, "html.parser")


def cells(page: BeautifulSoup, row: int) -> list[str]:
    return [cell.get_text() for cell in page.select("tbody tr")[row].select("td")][1:]


def test_values_read_as_people_write_them(app: Flask) -> None:
    page = soup(app, "?keyword=0007")

    assert cells(page, 0) == [
        "云泽第0007厂", "石渡区", "2026-08", "−300.00", "750", "In review", "2002-01-01", "2026-11-20 05:00"
    ]  # fmt: skip
    assert page.select_one("tbody td.num").get_text() == "−300.00"
    assert page.select_one("tbody .qj-st.none").get_text() == "In review"


def test_a_missing_value_is_a_dash_and_not_zero(app: Flask) -> None:
    assert cells(soup(app, "?keyword=0060"), 0)[1:5] == ["—", "2026-01", "—", "—"]


def test_the_first_column_leads_to_the_record(app: Flask) -> None:
    links = soup(app, "?keyword=0007").select("tbody a")

    assert [(link["href"], link.get_text()) for link in links] == [("/firms/7", "云泽第0007厂")]


def test_each_cell_carries_its_label_for_the_cards_of_a_phone(app: Flask) -> None:
    row = soup(app).select("tbody tr")[0]

    assert [cell["data-label"] for cell in row.select("td")[1:4]] == ["Name", "Place", "Month"]


def test_the_total_is_told(app: Flask) -> None:
    assert "60 firms" in soup(app).get_text()
    assert "20 firms" in soup(app, "?state=pass").get_text()


def test_a_heading_says_how_it_is_sorted_and_sorts_the_other_way(app: Flask) -> None:
    heading = soup(app, "?sort=month&state=pass").select_one("th[aria-sort]")

    assert heading["aria-sort"] == "ascending"
    assert heading.a["href"] == "?state=pass&sort=-month"


def test_what_was_typed_stays_in_its_field(app: Flask) -> None:
    page = soup(app, "?keyword=%3Cb%3E&state=pass&months_from=2026-03&place=1")

    assert page.select_one("#f-keyword")["value"] == "<b>"
    assert page.select_one("#f-state option[selected]")["value"] == "pass"
    assert page.select_one("#f-months")["value"] == "2026-03"
    assert page.select_one("#f-place option[selected]").get_text() == "望潮区"


def test_a_wrong_condition_answers_400_with_a_link_to_its_field(app: Flask) -> None:
    page = soup(app, "?month=2026-13", status=400)

    assert page.select_one(".qj-summary a")["href"] == "#f-month"
    assert page.select_one("#f-month")["aria-invalid"] == "true"
    assert page.select_one("#f-month-error")
    assert not page.select("tbody tr")


def test_a_folded_condition_in_force_is_unfolded(app: Flask) -> None:
    assert soup(app, "?staff_from=1").select_one("form > details").has_attr("open")
    assert not soup(app).select_one("form > details").has_attr("open")


def test_an_empty_list_says_why_and_what_next(app: Flask) -> None:
    by_conditions = soup(app, "?keyword=nobody")
    app.extensions["spec"] = firm_list(
        base=lambda actor, today: firm_list().base(actor, today).where(Firm.id < 0),
        empty=Message("No firm yet."),
        empty_next=(Message("Add one"), "/firms/add"),
    )
    at_all = soup(app)

    assert "Nothing meets these conditions" in by_conditions.get_text()
    assert "No firm yet." in at_all.get_text()
    assert at_all.select_one(".qj-empty a")["href"] == "/firms/add"


def test_chosen_columns_are_shown_and_kept_by_every_link(app: Flask) -> None:
    page = soup(app, "?cols=revenue,tags")

    assert [heading.get_text() for heading in page.select("th")[1:]] == ["Name", "Revenue", "Tags"]
    assert "cols=name%2Crevenue%2Ctags" in page.select_one("a[rel=next]")["href"]


def test_an_action_is_drawn_only_for_who_may_take_it(app: Flask) -> None:
    may = Action("may", "May", lambda *given: None)
    may_not = Action("may_not", "May not", lambda *given: None, allowed=lambda actor: False)
    app.extensions["spec"] = firm_list(actions=(may, may_not))

    assert [button["value"] for button in soup(app).select("button[name=action]")] == ["may"]


def test_a_choice_may_be_drawn_as_tabs(app: Flask) -> None:
    tabs = Filter("state", "State", "choice", Firm.state, words=STATES, tabs=True)
    app.extensions["spec"] = firm_list(filters=(tabs, Filter("keyword", "Name", expression=Firm.name)))

    page = soup(app, "?state=wait&keyword=0007")

    assert page.select_one(".qj-tabs [aria-current]").get_text() == "In review"
    assert page.select_one("form.qj-filters input[name=state]")["value"] == "wait"
    assert page.select(".qj-tabs a")[-1]["href"] == "?state=pass&keyword=0007"


def test_a_link_may_lead_by_another_column(app: Flask) -> None:
    place = Column("place_id", "Place", Firm.place_id, "number", link="/places/{}", link_from=Firm.place_id)
    app.extensions["spec"] = firm_list(columns=(Column("name", "Name", Firm.name, sortable=True), place))

    page = soup(app)

    assert page.select("tbody tr")[0].select("a")[-1]["href"] == "/places/2"
    assert len(page.select("tbody tr")[9].select("a")) == 1


@pytest.mark.parametrize(
    "query", ["?choices=place&q=石", "?choices=place&q=" + "x" * 5000, "?choices=place&q=%00"]
)
def test_choices_are_answered_at_the_address_of_the_list(app: Flask, query: str) -> None:
    answer = app.test_client().get(f"/firms/{query}")

    assert answer.status_code == 200
    assert isinstance(answer.get_json()["results"], list)


def test_choices_of_no_filter_are_not_found(app: Flask) -> None:
    assert app.test_client().get("/firms/?choices=secret").status_code == 404


def test_nothing_is_styled_or_scripted_inline(app: Flask) -> None:
    page = soup(app)

    assert not page.select("[style]")
    assert not [script for script in page.select("script") if not script.get("src")]
    assert not [name for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]


def test_the_page_says_yes_and_no_in_words(app: Flask) -> None:
    columns: Any = (
        Column("name", "Name", Firm.name, sortable=True),
        Column("big", "Big", Firm.staff > 500, "bool"),
    )
    app.extensions["spec"] = firm_list(columns=columns)

    assert {row.select("td")[2].get_text() for row in soup(app).select("tbody tr")} == {"Yes", "No", "—"}


def test_a_row_may_open_beside_the_list_which_stays_as_it_is(app: Flask) -> None:
    app.extensions["spec"] = firm_list(row_link="?firm={}")
    first = soup(app, "?state=pass&psize=15")
    second = soup(app, first.select_one("a[rel=next]")["href"])

    link = second.select_one("tbody a")["href"]
    again = soup(app, link)

    assert soup(app).select_one("tbody a")["href"] == "?firm=1"
    assert link.startswith("?state=pass&psize=15&after=")
    assert link.endswith(f"&firm={second.select_one('tbody input')['value']}")
    assert again.select("tbody a") == second.select("tbody a")


def test_what_is_made_of_a_number_stands_on_the_page_and_in_files(app: Flask) -> None:
    def doubled(keys: Any, values: Any, actor: Any) -> list[Any]:
        return [f"{key[0]}: {value * 2}" for key, value in zip(keys, values, strict=True)]

    made = Column("twice", Message("Twice"), Firm.staff, made=doubled)
    app.extensions["spec"] = firm_list(columns=(Column("name", "Name", Firm.name, sortable=True), made))

    file = app.test_client().post("/firms/", data={"asked": "1", "keyword": "0007", "format": "csv"})

    assert cells(soup(app, "?keyword=0007"), 0) == ["云泽第0007厂", "7: 1500"]
    assert "7: 1500" in file.get_data(as_text=True)


def test_a_name_is_never_taken_for_markup(app: Flask) -> None:
    odd = '<b onclick="x">"&\''
    db.session.add(firm(98, name=odd))
    db.session.commit()

    answer = app.test_client().get("/firms/", query_string={"asked": "1", "keyword": "onclick"})
    row = BeautifulSoup(answer.data, "html.parser").select("tbody tr")[0]

    assert row.select_one("td a").get_text() == odd
    assert row.select_one("input")["aria-label"] == f"Tick {odd}"
    assert row.select("b") == []
