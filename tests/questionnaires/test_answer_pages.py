"""The pages of answering: page by page without scripts, refusals with what was typed, autosave, the list."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.questionnaires import answering
from app.questionnaires.definition import Definition, Jump, Match, Option, QuestionKind, Wording
from app.questionnaires.round_models import QuestionnaireRound, Respondent, Response
from tests.conftest import ActorOf, SignIn
from tests.questionnaires.asked import asked
from tests.questionnaires.samples import matrix, multiple, question, single

OTHER = Option("o", Wording.of("其他"), other=True)
PAGED = Definition(
    (
        single("q1", "a b", jumps=(Jump(Match.ANY, ("b",), "q3"),)),
        multiple("q2", "a c", required=False),
        question("q3", QuestionKind.LINE, page_break=True),
        question("q4", QuestionKind.RANKING, "a b", required=False),
        matrix("q5", QuestionKind.MATRIX_SINGLE, required=False),
    )
)


@pytest.fixture
def respondent(actor: ActorOf) -> Respondent:
    return asked(actor("county"), PAGED, actor("enterprise").enterprise_id)[0]


@pytest.fixture
def nameless(actor: ActorOf) -> Respondent:
    return asked(actor("county"), PAGED, actor("enterprise").enterprise_id, anonymous=True)[0]


def fields(page: Any) -> dict[str, list[str]]:
    """What the form of a page would send, without a button."""
    form = BeautifulSoup(page.data, "html.parser").select_one("#answer-form")
    found: dict[str, list[str]] = {}
    for control in form.select("input, select, textarea"):
        name = control.get("name")
        if not name or (control.get("type") in ("radio", "checkbox") and not control.has_attr("checked")):
            continue
        value = control.get("value", "")
        if control.name == "select":
            value = next((one["value"] for one in control.select("option[selected]")), "")
        if control.name == "textarea":
            value = control.text
        found.setdefault(name, []).append(value)
    return found


def post(client: FlaskClient, respondent: Respondent, page: Any, go: str, **typed: Any) -> Any:
    """Send the form of a page with some of its inputs typed in."""
    data = {**fields(page), "go": [go], **{name.replace("__", "."): value for name, value in typed.items()}}
    return client.post(f"/answers/{respondent.id}", data=data)


def shown(page: Any) -> list[str]:
    """The codes of the questions that can be seen."""
    soup = BeautifulSoup(page.data, "html.parser")
    return [
        one["data-code"]
        for one in soup.select("[data-code]")
        if not one.has_attr("hidden")
        and not one.find_parent(attrs={"data-sheet-page-number": True}).has_attr("hidden")
    ]


def test_without_scripts_a_questionnaire_is_answered_page_by_page(
    sign_in: SignIn, respondent: Respondent
) -> None:
    client = sign_in("enterprise")
    page = client.get(f"/answers/{respondent.id}")
    assert shown(page) == ["q1"]  # what follows waits for the answer
    answer = post(client, respondent, page, "next", q1="a")
    assert answer.status_code == 302
    page = client.get(answer.location)
    assert shown(page) == ["q1", "q2"]
    assert "根据您的答案" in page.text
    page = client.get(post(client, respondent, page, "next", q2=["c"]).location)
    assert shown(page) == ["q3", "q4", "q5"]
    answer = post(
        client, respondent, page, "submit", q3="欧盟", q4__rank__b="1", q4__rank__a="2", q5__r1="c2"
    )
    assert answer.location.endswith("/thanks")
    assert "感谢填写" in client.get(answer.location).text
    kept = answering.kept_answers(db.session.get_one(Respondent, respondent.id))
    assert kept == {
        "q1": {"chosen": ["a"], "other": {}},
        "q2": {"chosen": ["c"], "other": {}},
        "q3": "欧盟",
        "q4": {"chosen": ["b", "a"], "other": {}},
        "q5": {"r1": "c2"},
    }


def test_an_anonymous_draft_travels_in_the_page_and_never_reaches_the_database(
    sign_in: SignIn, nameless: Respondent
) -> None:
    client = sign_in("enterprise")
    lines = db.session.scalar(select(func.count()).select_from(AuditEntry))
    page = client.get(f"/answers/{nameless.id}")
    page = post(client, nameless, page, "next", q1="b")
    assert page.status_code == 200 and shown(page) == ["q3", "q4", "q5"]
    assert db.session.get_one(Respondent, nameless.id).version == 1
    answer = post(client, nameless, page, "submit", q3="秘密")
    assert answer.status_code == 302
    twice = post(client, nameless, page, "submit", q3="秘密")
    assert twice.status_code == 409 and "秘密" in twice.text
    saved = client.post(f"/answers/{nameless.id}/save", json={"version": 1, "answers": {"q3": "密"}})
    assert saved.status_code == 409
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == lines
    shown_again = client.get(f"/answers/{nameless.id}/response").text
    assert "秘密" not in shown_again
    assert db.session.scalar(select(func.count()).select_from(Response)) == 1


def test_wrong_answers_come_back_with_what_was_typed_and_what_to_mend(
    sign_in: SignIn, respondent: Respondent
) -> None:
    client = sign_in("enterprise")
    page = client.get(f"/answers/{respondent.id}")
    page = client.get(post(client, respondent, page, "next", q1="b").location)
    long = "字" * 10_000
    answer = post(client, respondent, page, "submit", q3=long)
    assert answer.status_code == 422 and long in answer.text
    soup = BeautifulSoup(answer.data, "html.parser")
    assert [link["href"] for link in soup.select(".qj-summary a")] == ["#a-q3"]
    assert "10000" in soup.select_one("#e-q3").text
    assert soup.select_one("#a-q3")["aria-invalid"] == "true"


def test_a_rank_given_twice_is_refused_at_its_list(sign_in: SignIn, respondent: Respondent) -> None:
    client = sign_in("enterprise")
    page = client.get(
        post(client, respondent, client.get(f"/answers/{respondent.id}"), "next", q1="b").location
    )
    answer = post(client, respondent, page, "submit", q3="欧盟", q4__rank__a="1", q4__rank__b="1")
    assert answer.status_code == 422
    soup = BeautifulSoup(answer.data, "html.parser")
    assert [link["href"] for link in soup.select(".qj-summary a")] == ["#a-q4.rank.b"]


def test_a_submission_that_leads_to_questions_not_shown_yet_shows_them_first(
    sign_in: SignIn, respondent: Respondent
) -> None:
    client = sign_in("enterprise")
    page = client.get(f"/answers/{respondent.id}")
    answer = post(client, respondent, page, "submit", q1="b")
    assert answer.status_code == 200 and shown(answer) == ["q3", "q4", "q5"]
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0


def test_an_answer_can_be_cleared_without_scripts(sign_in: SignIn, respondent: Respondent) -> None:
    client = sign_in("enterprise")
    page = client.get(f"/answers/{respondent.id}")
    data = {**fields(page), "q5.r1": ["c1"], "q1": ["b"], "clear": ["q5"]}
    client.post(f"/answers/{respondent.id}", data=data)
    db.session.refresh(respondent)
    assert respondent.draft == '{"q1":{"chosen":["b"]}}'


def test_a_closed_round_keeps_what_was_typed_on_the_page(
    sign_in: SignIn, respondent: Respondent, clock: MovableClock
) -> None:
    client = sign_in("enterprise")
    page = client.get(f"/answers/{respondent.id}")
    clock.set(dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC))
    client = sign_in("enterprise")
    answer = post(client, respondent, page, "submit", q1="b", q3="还没有发出的话")
    assert answer.status_code == 422 and "还没有发出的话" in answer.text
    answer = post(client, respondent, page, "save", q1="b", q3="还没有发出的话")
    assert answer.status_code == 409 and "还没有发出的话" in answer.text


def test_autosave_keeps_what_changed_and_tells_of_another_device(
    sign_in: SignIn, respondent: Respondent
) -> None:
    client = sign_in("enterprise")
    url = f"/answers/{respondent.id}/save"
    first = client.post(url, json={"version": 1, "answers": {"q1": {"chosen": ["a"]}}})
    assert first.status_code == 200 and first.json["version"] == 2
    second = client.post(url, json={"version": 1, "answers": {"q3": "x"}})
    assert second.status_code == 409
    assert second.json["answers"] == {"q1": {"chosen": ["a"]}} and second.json["version"] == 2
    for body in ([], {"answers": []}, {"version": "x", "answers": {"q1": {"chosen": [1, None, {}]}}}):
        assert client.post(url, json=body).status_code in (400, 409)


def test_what_others_were_asked_does_not_exist(sign_in: SignIn, respondent: Respondent) -> None:
    for name in ("enterprise2", "county2"):
        for path in ("", "/thanks", "/response"):
            assert sign_in(name).get(f"/answers/{respondent.id}{path}").status_code in (403, 404)
    assert sign_in("county").get(f"/answers/{respondent.id}/response").status_code == 200
    assert sign_in("county").get(f"/answers/{respondent.id}").status_code == 403


def test_an_admin_reads_a_response_and_reopens_it(
    sign_in: SignIn, actor: ActorOf, respondent: Respondent, now: dt.datetime
) -> None:
    with unit_of_work():
        answers = {"q1": {"chosen": ["b"]}, "q3": "欧盟", "q5": {"r2": "c1"}}
        answering.submit(actor("enterprise"), respondent.id, answers, now)
    county = sign_in("county")
    page = county.get(f"/answers/{respondent.id}/response")
    assert "欧盟" in page.text and f"/answers/{respondent.id}/reopen" in page.text
    assert county.post(f"/answers/{respondent.id}/reopen", data={"comment": ""}).status_code == 422
    assert county.post(f"/answers/{respondent.id}/reopen", data={"comment": "请核对"}).status_code == 302
    enterprise = sign_in("enterprise")
    page = enterprise.get(f"/answers/{respondent.id}")
    assert "请核对" in page.text and 'value="欧盟"' in page.text
    assert county.get(f"/answers/{respondent.id}/reopen").status_code == 409


def test_an_enterprise_finds_its_questionnaires_on_its_list_and_home_page(
    sign_in: SignIn, actor: ActorOf, respondent: Respondent, now: dt.datetime
) -> None:
    client = sign_in("enterprise")
    page = client.get("/answers/")
    assert "经营情况问卷" in page.text and "2026-11" in page.text
    assert client.get("/answers/?due=1&asked=1").text.count(f"/answers/{respondent.id}") >= 1
    home = client.get("/").text
    assert f"/answers/{respondent.id}" in home
    with unit_of_work():
        answering.submit(actor("enterprise"), respondent.id, {"q1": {"chosen": ["b"]}, "q3": "x"}, now)
    assert f"/answers/{respondent.id}" not in client.get("/").text


def test_the_monthly_report_waits_for_the_questionnaires_that_must_be_answered(
    sign_in: SignIn, actor: ActorOf, respondent: Respondent, now: dt.datetime
) -> None:
    asked(actor("county"), PAGED, actor("enterprise").enterprise_id, placement="optional", title="选答的问卷")
    asked(actor("county"), PAGED, actor("enterprise").enterprise_id, placement="apart", title="另外的问卷")
    client = sign_in("enterprise")
    step = client.get("/filing/sme_monthly/2026-10/questionnaires")
    assert step.status_code == 200
    assert "经营情况问卷" in step.text and "选答的问卷" in step.text and "另外的问卷" not in step.text
    confirm = client.get("/filing/sme_monthly/2026-10/confirm").text
    assert "经营情况问卷" in confirm and "选答的问卷" not in confirm
    with unit_of_work():
        answering.submit(actor("enterprise"), respondent.id, {"q1": {"chosen": ["b"]}, "q3": "x"}, now)
    assert "经营情况问卷" not in client.get("/filing/sme_monthly/2026-10/confirm").text


def test_a_stopped_questionnaire_no_longer_holds_a_report_back(
    sign_in: SignIn, respondent: Respondent, now: dt.datetime
) -> None:
    with unit_of_work():
        db.session.get_one(QuestionnaireRound, respondent.round_id).closed_at = now
    assert sign_in("enterprise").get("/filing/sme_monthly/2026-10/questionnaires").status_code == 404
