"""The builder's pages, without scripts and as their script asks them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.questionnaires import drafts
from app.questionnaires.definition import END, Jump, Match, Question
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import Answer, Respondent, Response
from tests.questionnaires.drafted import draft, stored

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
SCRIPT = {"X-Requested-With": "fetch", "Accept": "application/json"}


@pytest.fixture
def key(actor: ActorOf, now: dt.datetime) -> int:
    """A draft of the prefecture."""
    return draft(actor("prefecture"), now)


@pytest.fixture
def admin(sign_in: SignIn, key: int) -> FlaskClient:
    """The admin's browser."""
    return sign_in("prefecture")


def address(key: int, step: str = "questions") -> str:
    return f"/questionnaire-builder/{key}/{step}"


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def form_of(answer: Any) -> dict[str, Any]:
    """The fields of the form in view as a browser without scripts sends them."""
    form = soup(answer).select_one("#qb-form")
    assert form is not None
    fields: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type", "")
        if kind in {"checkbox", "radio"} and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            value = str(chosen.get("value", chosen.text)) if chosen else ""
        else:
            value = field.text.removeprefix("\n") if field.name == "textarea" else str(field.get("value", ""))
        fields.setdefault(name, []).append(value)
    return fields


def codes(key: int) -> list[str]:
    return [question.code for question in drafts.definition_of(stored(key))]


def test_every_step_opens(admin: FlaskClient, key: int) -> None:
    for step in ("questions", "logic", "checks", "layout"):
        answer = admin.get(address(key, step))
        assert answer.status_code == 200, step
        assert "订单问卷" in answer.get_data(as_text=True)
    assert admin.get(address(key, "nothing")).status_code == 404


def test_saving_the_form_as_it_stands_changes_nothing(admin: FlaskClient, key: int) -> None:
    for step in ("questions", "logic", "checks", "layout"):
        for at in ("q1", "q2", "q3"):
            fields = form_of(admin.get(f"{address(key, step)}?at={at}"))
            assert admin.post(address(key, step), data={**fields, "do": "save"}).status_code == 302
    assert stored(key).edit_number == 1


def test_a_question_is_changed_without_scripts(admin: FlaskClient, key: int) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q1"))
    fields |= {"text.zh": "新题干", "option.o2.other": "1", "new_options": "停工\n停工\n 其他 ", "do": "save"}
    fields.pop("required")
    assert admin.post(address(key), data=fields).status_code == 302
    question = drafts.definition_of(stored(key)).find("q1")
    assert question is not None
    assert question.text.in_language("zh") == "新题干"
    assert not question.required
    assert [option.code for option in question.options] == ["o1", "o2", "o3", "o4", "o5", "o6"]
    assert [option.other for option in question.options] == [False, True, False, False, False, False]


@pytest.mark.parametrize("kind", ["single", "multiple", "line", "text", "matrix_single", "matrix_multiple"])
def test_a_question_of_any_kind_is_added_behind_the_one_in_view(
    admin: FlaskClient, key: int, kind: str
) -> None:
    answer = admin.post(address(key), data={"seen": "1", "at": "q1", "do": f"add:{kind}"})
    assert answer.headers["Location"].endswith("at=q4")
    assert codes(key) == ["q1", "q4", "q2", "q3"]
    assert admin.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize("kind", ["matrix_fill", "number", "date", "rating", "ranking", "section"])
def test_added_kinds_can_be_looked_at_in_every_step(admin: FlaskClient, key: int, kind: str) -> None:
    admin.post(address(key), data={"seen": "1", "at": "", "do": f"add:{kind}"})
    for step in ("questions", "logic", "checks", "layout"):
        assert admin.get(f"{address(key, step)}?at=q4").status_code == 200


def test_questions_are_moved_by_buttons_and_by_hand(admin: FlaskClient, key: int) -> None:
    for edit, (do, expected) in enumerate(
        [
            ("move:down", ["q2", "q1", "q3"]),
            ("move:up", ["q1", "q2", "q3"]),
            ("move:", ["q2", "q3", "q1"]),
            ("move:q3", ["q2", "q1", "q3"]),
        ],
        1,
    ):
        admin.post(address(key), data={"seen": str(edit), "at": "q1", "do": do})
        assert codes(key) == expected


def test_deleting_says_what_still_leads_there(admin: FlaskClient, key: int) -> None:
    answer = admin.post(address(key), data={"seen": "1", "at": "q3", "do": "delete"}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Q1" in soup(answer).select_one("#qj-alerts").text  # type: ignore[union-attr]
    for step in ("questions", "logic", "checks", "layout"):
        assert admin.get(f"{address(key, step)}?at=q1").status_code == 200


def test_options_are_moved_and_taken_away_with_what_is_typed(admin: FlaskClient, key: int) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q1"))
    fields |= {"option.o1.text.zh": "大增", "do": "part:options:o3:up"}
    admin.post(address(key), data=fields)
    options = drafts.definition_of(stored(key)).questions[0].options
    assert [(one.code, one.text.in_language("zh")) for one in options] == [
        ("o1", "大增"),
        ("o3", "下降"),
        ("o2", "持平"),
        ("o4", "停产"),
    ]
    fields = form_of(admin.get(f"{address(key)}?at=q1")) | {"do": "part:options:o2:remove"}
    admin.post(address(key), data=fields)
    assert [one.code for one in drafts.definition_of(stored(key)).questions[0].options] == ["o1", "o3", "o4"]


def test_a_script_gets_the_parts_to_swap(admin: FlaskClient, key: int) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q2"))
    answer = admin.post(address(key), data={**fields, "text.zh": "为何"}, headers=SCRIPT)
    body = answer.get_json()
    assert (body["edit"], body["at"], body["reshaped"]) == (2, "q2", False)
    page = BeautifulSoup(body["html"], "html.parser")
    assert page.select_one("html") is None
    assert "为何" in page.select_one("#qb-outline").text  # type: ignore[union-attr]
    assert page.select_one("#qb-undo [value=undo]:not([disabled])") is not None


def test_undo_and_redo_work_from_the_page(admin: FlaskClient, key: int) -> None:
    admin.post(address(key), data={"seen": "1", "at": "q1", "do": "delete"})
    admin.post(address(key), data={"seen": "2", "at": "", "do": "undo"})
    assert codes(key) == ["q1", "q2", "q3"]
    admin.post(address(key), data={"seen": "1", "at": "", "do": "redo"})
    assert codes(key) == ["q2", "q3"]


def test_what_two_people_type_into_one_question_is_not_lost(
    admin: FlaskClient, key: int, sign_in: SignIn
) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q2"))
    sign_in("province").post(address(key), data={**fields, "text.zh": "别人的", "do": "save"})
    answer = admin.post(address(key), data={**fields, "text.zh": "我的", "do": "save"})
    assert answer.status_code == 409
    page = soup(answer)
    assert page.select_one("textarea[name='text.zh']").text.strip() == "我的"  # type: ignore[union-attr]
    assert "2026-11-06 12:00" in page.select_one("#qb-notices").text  # type: ignore[union-attr]
    again = form_of(answer)
    assert admin.post(address(key), data={**again, "do": "save"}).status_code == 302
    assert drafts.definition_of(stored(key)).questions[1].text.in_language("zh") == "我的"


def test_a_script_is_told_of_a_conflict_and_the_edit_to_save_upon(
    admin: FlaskClient, key: int, sign_in: SignIn
) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q2"))
    sign_in("province").post(address(key), data={**fields, "text.zh": "别人的", "do": "save"})
    answer = admin.post(address(key), data={**fields, "text.zh": "我的"}, headers=SCRIPT)
    assert answer.status_code == 409
    assert answer.get_json()["edit"] == 2


def test_what_cannot_be_taken_is_told_beside_its_field_and_stays(admin: FlaskClient, key: int) -> None:
    admin.post(address(key, "checks"), data={"seen": "1", "at": "q3", "do": "add-check:range"})
    fields = form_of(admin.get(f"{address(key, 'checks')}?at=q3"))
    answer = admin.post(address(key, "checks"), data={**fields, "check.1.least": "很多", "do": "save"})
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("input[name='check.1.least']")["value"] == "很多"  # type: ignore[index]
    assert page.find(id="check.1.least-error") is not None
    scripted = admin.post(address(key, "checks"), data={**fields, "check.1.least": "x"}, headers=SCRIPT)
    assert scripted.get_json()["problems"][0]["field"] == "check.1.least"


def test_checks_are_added_changed_and_taken_away(admin: FlaskClient, key: int) -> None:
    page = address(key, "checks")
    admin.post(page, data={"seen": "1", "at": "q3", "do": "add-check:range"})
    fields = form_of(admin.get(f"{page}?at=q3"))
    admin.post(page, data={**fields, "check.1.least": "１０", "check.1.message.zh": "太少", "do": "save"})
    check = drafts.definition_of(stored(key)).questions[2].checks[0]
    assert (check.least, check.most, check.message.in_language("zh")) == (10, None, "太少")
    fields = form_of(admin.get(f"{page}?at=q3"))
    admin.post(page, data={**fields, "do": "remove-check:1"})
    assert drafts.definition_of(stored(key)).questions[2].checks == ()


def test_a_check_that_does_not_fit_is_refused(admin: FlaskClient, key: int) -> None:
    answer = admin.post(address(key, "checks"), data={"seen": "1", "at": "q1", "do": "add-check:range"})
    assert answer.status_code == 422


def test_the_layout_is_one_form(admin: FlaskClient, key: int) -> None:
    fields = form_of(admin.get(address(key, "layout")))
    fields |= {"per_row.q1": "3", "page_break.q3": "1", "english": "1", "do": "save"}
    fields.pop("numbered")
    assert admin.post(address(key, "layout"), data=fields).status_code == 302
    definition = drafts.definition_of(stored(key))
    assert definition.questions[0].per_row == 3
    assert [one.page_break for one in definition] == [False, False, True]
    assert (definition.numbered, definition.languages) == (False, ("zh", "en"))
    assert "text.en" in form_of(admin.get(f"{address(key)}?at=q1"))


def test_an_unknown_step_of_a_form_is_not_there(admin: FlaskClient, key: int) -> None:
    for do in ("explode", "add:nothing", "part:options:o1:sideways", "mend:all", "add-check:range"):
        answer = admin.post(address(key), data={"seen": "1", "at": "q1", "do": do})
        assert answer.status_code == 404, do


def test_a_handed_out_or_foreign_draft_is_not_found(sign_in: SignIn, key: int) -> None:
    stranger = sign_in("prefecture2")
    assert stranger.get(address(key)).status_code == 404
    assert stranger.post(address(key), data={"seen": "1", "do": "undo"}).status_code == 404


def test_ten_thousand_characters_are_refused_and_kept(admin: FlaskClient, key: int) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q2"))
    answer = admin.post(address(key), data={**fields, "text.zh": "字" * 10_000, "do": "save"})
    assert answer.status_code == 422
    assert "字" * 10_000 in answer.get_data(as_text=True)


def question(key: int, code: str) -> Question:
    found = drafts.definition_of(stored(key)).find(code)
    assert found is not None
    return found


def test_each_option_of_a_single_choice_gets_its_target(admin: FlaskClient, key: int) -> None:
    page = address(key, "logic")
    fields = form_of(admin.get(f"{page}?at=q1"))
    fields |= {"target.o1": "end", "target.o2": "next", "target.o3": "q3", "target": "q2", "do": "save"}
    admin.post(page, data=fields)
    assert question(key, "q1").jumps == (
        Jump(Match.ANY, ("o1", "o4"), END),
        Jump(Match.ANY, ("o3",), "q3"),
        Jump(Match.NONE, (), "q2"),
    )
    admin.post(page, data={"seen": "2", "at": "q1", "do": "clear"})
    assert question(key, "q1").jumps == ()


def test_sets_of_options_jump_too(admin: FlaskClient, key: int) -> None:
    page = address(key, "logic")
    fields = form_of(admin.get(f"{page}?at=q1&sets=1"))
    assert fields["jump"] == ["1", "2", "3"]
    fields |= {"jump.2.match": "none", "jump.2.options": ["o1", "o3", "forged"], "jump.2.target": "q2"}
    fields |= {"jump.3.match": "all", "jump.3.options": ["o1"], "jump.3.target": "next", "do": "save"}
    admin.post(page, data=fields)
    assert question(key, "q1").jumps == (
        Jump(Match.ANY, ("o2",), "q3"),
        Jump(Match.NONE, ("o1", "o3"), "q2"),
        Jump(Match.ALL, ("o1",), "q2"),  # a target that is still open is the next question
    )


def test_a_question_without_options_jumps_in_any_case(admin: FlaskClient, key: int) -> None:
    page = address(key, "logic")
    fields = form_of(admin.get(f"{page}?at=q2")) | {"target": "end", "show_if": ' q1 == "o3" ', "do": "save"}
    admin.post(page, data=fields)
    assert question(key, "q2").jumps == (Jump(Match.NONE, (), END),)
    assert question(key, "q2").show_if == 'q1 == "o3"'


def test_a_branch_to_a_deleted_question_is_found_and_drawn_nowhere(admin: FlaskClient, key: int) -> None:
    admin.post(address(key), data={"seen": "1", "at": "q3", "do": "delete"})
    answer = admin.get(f"{address(key, 'logic')}?at=q1")
    page = soup(answer)
    assert page.select_one("#qb-findings .error") is not None
    flow = json.loads(page.select_one("#qb-flow").text)  # type: ignore[union-attr]
    known = {node["id"] for node in flow["nodes"]}
    assert {edge["to"] for edge in flow["edges"]} <= known
    select = page.select_one("[name='target.o2'] option[selected]")
    assert select is not None
    assert select["value"] == "q3"


def test_a_finding_is_mended_at_once(admin: FlaskClient, key: int) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q3"))
    fields.pop("required")
    admin.post(address(key), data={**fields, "do": "save"})
    page = soup(admin.get(f"{address(key, 'logic')}?at=q1"))
    form = page.select_one("#qb-findings .warning form")
    assert form is not None
    mend = {str(one["name"]): str(one["value"]) for one in form.select("input[name], button[name]")}
    answer = admin.post(address(key, "logic"), data=mend)
    assert answer.headers["Location"].endswith("at=q1")
    assert question(key, "q3").required


def test_a_trial_shows_the_path_of_the_options_chosen(admin: FlaskClient, key: int) -> None:
    page = soup(admin.get(f"{address(key, 'logic')}?at=q1&t.q1=o2"))
    assert [node.text for node in page.select("#qb-trial .qb-path b")] == ["Q1", "Q3"]
    page = soup(admin.get(f"{address(key, 'logic')}?at=q1&t.q1=o4&t.q1=forged&t.q9=o1"))
    assert [node.text for node in page.select("#qb-trial .qb-path b")] == ["Q1"]
    answer = admin.get(f"{address(key, 'logic')}?at=q1&t.q1=o1", headers=SCRIPT)
    shown = BeautifulSoup(answer.get_json()["html"], "html.parser")
    assert [node.text for node in shown.select("#qb-trial .qb-path b")] == ["Q1", "Q2", "Q3"]


def test_every_path_is_listed(admin: FlaskClient, key: int) -> None:
    rows = soup(admin.get(address(key, "paths"))).select(".qb-paths tbody tr")
    assert sorted(" ".join(node.text for node in row.select("b")) for row in rows) == [
        "Q1",
        "Q1 Q2 Q3",
        "Q1 Q3",
    ]


def test_the_logic_sheet_says_branches_and_conditions_in_words(admin: FlaskClient, key: int) -> None:
    admin.post(address(key, "checks"), data={"seen": "1", "at": "q3", "do": "add-check:integer"})
    text = soup(admin.get(address(key, "logic-sheet"))).select_one(".ql-sheet").text  # type: ignore[union-attr]
    assert "持平" in text
    assert "Q1" in text
    assert "整数" in text


def test_a_preview_is_judged_like_an_answer_and_never_kept(admin: FlaskClient, key: int) -> None:
    assert admin.get(address(key, "preview")).status_code == 200
    answer = admin.get(address(key, "sheet"))
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    given = {"q1": "o2", "shown": "q1 q3", "page": "1", "go": "submit"}
    refused = admin.post(address(key, "sheet"), data={**given, "q3": "很多"})
    assert refused.status_code == 422
    taken = admin.post(address(key, "sheet"), data={**given, "q3": "12"})
    assert taken.status_code == 200
    assert soup(taken).select_one("form") is None
    for model in (Response, Answer, Respondent):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_no_other_page_may_stand_in_a_frame(admin: FlaskClient, key: int) -> None:
    answer = admin.get(address(key))
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_an_enabled_questionnaire_is_read_and_not_changed(
    admin: FlaskClient, key: int, now: dt.datetime
) -> None:
    with unit_of_work():
        found = db.session.get_one(Questionnaire, key)
        found.starts_on = found.ends_on = now.date()
        found.state, found.enabled_at = "enabled", now
    for step in ("questions", "logic", "checks", "layout"):
        page = soup(admin.get(f"{address(key, step)}?at=q1"))
        assert page.select("#qb-work [name=do]:not(.qj-sr)") == []
        assert admin.post(address(key, step), data={"seen": "1", "at": "q1"}).status_code == 409
    assert stored(key).edit_number == 1


def test_text_pasted_from_word_and_emoji_are_kept_plain(admin: FlaskClient, key: int) -> None:
    fields = form_of(admin.get(f"{address(key)}?at=q2"))
    typed = "“原因”\u00a0📈\x0b第二行\u200b"
    admin.post(address(key), data={**fields, "text.zh": typed, "do": "save"})
    assert question(key, "q2").text.in_language("zh") == "“原因” 📈\n第二行"
