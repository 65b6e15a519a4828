"""The pages of a questionnaire's life: list, theme, enabling, stopping, copying, handing out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.kernel.actor import Actor
from app.questionnaires.models import Questionnaire, QuestionnaireHandout
from app.questionnaires.workflow import DRAFT, ENABLED, STOPPED
from tests.questionnaires.drafted import stored
from tests.questionnaires.lives import asked_of, drawn_up, enabled

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]

THEME = {
    "title": "外贸企业订单问卷",
    "introduction": "第一行\r\n第二行",
    "frequency": "monthly",
    "starts_on": "2026-11-01",
    "ends_on": "2027-01-31",
    "placement": "apart",
    "sizes": ["small", "micro"],
    "sector": "manufacturing",
}


def page(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def actions_of(client: FlaskClient, title: str) -> list[str]:
    soup = page(client.get("/questionnaires/list/"))
    row = next(one for one in soup.select("tbody tr") if title in one.text)
    return [link.text for link in row.select("td.acts a")]


def only() -> Questionnaire:
    db.session.rollback()
    return db.session.scalars(select(Questionnaire)).one()


def test_a_theme_is_written_and_leads_to_the_questions(sign_in: SignIn) -> None:
    answer = sign_in("prefecture").post("/questionnaires/add", data=THEME)
    made = only()
    assert answer.status_code == 302
    assert answer.location == f"/questionnaire-builder/{made.id}/questions"
    assert (made.title, made.introduction, made.placement) == (THEME["title"], "第一行\n第二行", "apart")
    assert (made.sizes, made.sector) == (["micro", "small"], "manufacturing")


def test_a_wrong_theme_comes_back_as_it_was_typed(sign_in: SignIn) -> None:
    wrong = {**THEME, "title": "", "ends_on": "2026-10-01", "named": "不存在的企业"}
    answer = sign_in("prefecture").post("/questionnaires/add", data=wrong)
    soup = page(answer)
    assert answer.status_code == 422
    assert {error["id"] for error in soup.select(".qj-error")} == {
        "title-error",
        "ends_on-error",
        "named-error",
    }
    assert "不存在的企业" in soup.select_one("#named").text  # type: ignore[union-attr]


def test_the_form_of_a_draft_holds_what_was_saved(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    enterprise = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    made = drawn_up(actor("prefecture"), now, sizes=("small",), enterprise_ids=(enterprise.id,))
    uscc = enterprise.uscc
    client = sign_in("prefecture")
    soup = page(client.get(f"/questionnaires/edit/{made.id}"))
    assert uscc in soup.select_one("#named").text  # type: ignore[union-attr]
    assert soup.select_one("input[name=sizes][value=small]").has_attr("checked")  # type: ignore[union-attr]
    assert "1" in soup.select_one("[data-counted]").text  # type: ignore[union-attr]
    saved = client.post(
        f"/questionnaires/edit/{made.id}",
        data={**THEME, "title": "改过", "go": "stay", "version": str(stored(made.id).version)},
    )
    assert saved.location == f"/questionnaires/edit/{made.id}"
    assert stored(made.id).title == "改过"


def test_whoever_was_slower_sees_what_stands_there_now(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    made = drawn_up(actor("prefecture"), now)
    client, old = sign_in("prefecture"), str(stored(made.id).version)
    for title in ("先", "后"):
        answer = client.post(
            f"/questionnaires/edit/{made.id}", data={**THEME, "title": title, "version": old, "go": "stay"}
        )
    assert answer.status_code == 422
    assert "先" in page(answer).select_one(".qj-summary").text  # type: ignore[union-attr]


def test_the_number_of_enterprises_is_told_while_the_theme_is_written(sign_in: SignIn) -> None:
    client = sign_in("prefecture")
    everybody, small = (
        client.post("/questionnaires/audience", data={"title": "", "sizes": sizes}).get_json()["words"]
        for sizes in ([], ["unknown"])
    )
    assert "0 " in small
    assert everybody != small


def test_each_row_offers_what_applies(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    author = actor("prefecture")
    drawn_up(author, now, title="甲草稿")
    enabled(author, now, title="乙启用")
    client = sign_in("prefecture")
    client.get("/preferences/language/en")
    assert actions_of(client, "甲草稿")[:5] == [
        *("Edit", "Preview the questionnaire", "Copy", "Enable", "Hand out")
    ]
    assert actions_of(client, "乙启用")[1:5] == ["Copy", "Hand out", "Stop", "Revise"]


def test_filters_find_by_frequency_state_days_and_owner(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    drawn_up(actor("county"), now, title="县里的")
    drawn_up(actor("prefecture"), now, title="市里的", frequency="once", starts_on=dt.date(2026, 12, 5))
    client = sign_in("prefecture")
    for question, expected in (
        ("mine=1", {"市里的"}),
        ("mine=0", {"县里的"}),
        ("frequency=once", {"市里的"}),
        ("state=enabled", set()),
        ("starts_from=2026-12-01", {"市里的"}),
        ("title=县", {"县里的"}),
    ):
        soup = page(client.get(f"/questionnaires/list/?asked=1&{question}"))
        found = {
            name for name in ("县里的", "市里的") if any(name in row.text for row in soup.select("tbody tr"))
        }
        assert found == expected, question


def test_a_questionnaire_is_enabled_after_its_summary_was_seen(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    made = drawn_up(actor("prefecture"), now)
    client = sign_in("prefecture")
    shown = page(client.get(f"/questionnaires/enable/{made.id}"))
    form = shown.select_one("form[data-confirm]")
    assert form is not None
    assert "2026-11-01" in str(form["data-confirm"])
    answer = client.post(f"/questionnaires/enable/{made.id}", data={"version": str(stored(made.id).version)})
    assert answer.location == f"/questionnaires/show/{made.id}"
    found = stored(made.id)
    assert found.state == ENABLED
    assert asked_of(found)
    assert client.get(f"/questionnaires/show/{made.id}").status_code == 200


def test_what_stands_in_the_way_is_told_at_once(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    made = drawn_up(actor("prefecture"), now, starts_on=None, ends_on=None, sizes=("unknown",))
    client = sign_in("prefecture")
    shown = page(client.get(f"/questionnaires/enable/{made.id}"))
    assert len(shown.select(".qt-checks .error")) == 2
    assert shown.select_one("form[data-confirm] button").has_attr("disabled")  # type: ignore[union-attr]
    answer = client.post(f"/questionnaires/enable/{made.id}", data={"version": str(stored(made.id).version)})
    assert answer.status_code == 422
    assert stored(made.id).state == DRAFT


def test_stopping_asks_for_a_reason(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    made = enabled(actor("prefecture"), now)
    client = sign_in("prefecture")
    assert client.post(f"/questionnaires/stop/{made.id}", data={"comment": ""}).status_code == 422
    assert client.post(f"/questionnaires/stop/{made.id}", data={"comment": "口径有误"}).status_code == 302
    assert stored(made.id).state == STOPPED
    assert "口径有误" in client.get(f"/questionnaires/show/{made.id}").text


def test_a_copy_made_without_a_title_gets_one(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    made = drawn_up(actor("prefecture"), now, title="原件")
    client = sign_in("prefecture")
    assert client.get(f"/questionnaires/copy/{made.id}").status_code == 200
    for sent in ({}, {"title": "另一份"}):
        answer = client.post(f"/questionnaires/copy/{made.id}", data=sent)
        assert answer.status_code == 302
    db.session.rollback()
    titles = db.session.scalars(select(Questionnaire.title).order_by(Questionnaire.id)).all()
    assert titles[0] == "原件"
    assert titles[1].startswith("原件")
    assert titles[1] != "原件"
    assert titles[2] == "另一份"


def test_a_revision_opens_its_theme(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    made = enabled(actor("prefecture"), now)
    client = sign_in("prefecture")
    answer = client.post(f"/questionnaires/revise/{made.id}")
    again = client.post(f"/questionnaires/revise/{made.id}")
    db.session.rollback()
    revision = db.session.scalars(select(Questionnaire).where(Questionnaire.series_id == made.id)).one()
    assert answer.location == f"/questionnaires/edit/{revision.id}"
    assert again.status_code == 422
    assert str(revision.title) in client.get(f"/questionnaires/show/{made.id}").text


def test_handing_out_and_taking_back_on_one_page(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    made, below = drawn_up(actor("prefecture"), now), actor("county")
    client = sign_in("prefecture")
    address = f"/questionnaires/hand-out/{made.id}"
    assert client.post(address, data={"do": "hand_out"}).status_code == 422
    assert client.post(address, data={"do": "hand_out", "admins": [str(below.admin_id)]}).status_code == 302
    db.session.rollback()
    assert db.session.scalars(select(QuestionnaireHandout.admin_id)).all() == [below.admin_id]
    theirs = sign_in("county")
    assert made.title in theirs.get("/questionnaires/list/").text
    assert theirs.get(f"/questionnaires/edit/{made.id}").status_code == 409
    assert client.post(address, data={"do": "take_back", "taken": [str(below.admin_id)]}).status_code == 302
    assert theirs.get(f"/questionnaires/show/{made.id}").status_code == 404


@pytest.mark.parametrize("path", ["show", "edit", "theme", "enable", "stop", "copy", "revise", "hand-out"])
def test_a_questionnaire_of_a_sibling_is_not_found(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn, path: str
) -> None:
    made = drawn_up(actor("prefecture"), now)
    assert sign_in("prefecture2").get(f"/questionnaires/{path}/{made.id}").status_code == 404


def test_ticked_drafts_are_deleted_together_and_others_stay(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    author = actor("prefecture")
    draft, running = drawn_up(author, now), enabled(author, now)
    client = sign_in("prefecture")
    keys = {"action": "delete", "key": [str(draft.id), str(running.id)], "confirmed": "1", "once": "x"}
    client.post("/questionnaires/list/", data=keys)
    db.session.rollback()
    assert db.session.scalars(select(Questionnaire.id)).all() == [running.id]


def test_charts_count_by_state_and_frequency(actor: ActorOf, now: dt.datetime, sign_in: SignIn) -> None:
    drawn_up(actor("prefecture"), now)
    enabled(actor("prefecture"), now, frequency="once")
    client = sign_in("prefecture")
    for number in range(3):
        assert client.get(f"/questionnaire-charts/chart/{number}").status_code == 200
