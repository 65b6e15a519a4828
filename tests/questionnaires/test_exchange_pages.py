"""The pages of import and export: what is seen before anything is made, and who may."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra.database import db
from app.kernel.actor import Actor
from app.questionnaires import drafts
from app.questionnaires.models import Questionnaire
from tests.questionnaires.drafted import ORDERS
from tests.questionnaires.lives import drawn_up
from tests.questionnaires.test_xlsform_reading import BAD
from tests.questionnaires.xlsforms import YES_NO, workbook

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]

START = "/questionnaire-exchange/"
FORM = workbook(
    survey=[
        ("type", "name", "label", "default"),
        ("select_one yn", "q1", "是否出口", ""),
        ("image", "photo", "拍照", ""),
        ("text", "q2", "<b>原因</b>", "无"),
    ],
    choices=YES_NO,
    settings=[("form_title",), ("出口情况",)],
)


def page(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def sent(client: FlaskClient, content: bytes, name: str = "form.xlsx") -> Any:
    return client.post(START, data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def count() -> int:
    db.session.rollback()
    return int(db.session.scalar(select(func.count()).select_from(Questionnaire)) or 0)


def test_a_file_is_seen_before_a_draft_is_made_of_it(sign_in: SignIn) -> None:
    client = sign_in("prefecture")

    looked = sent(client, FORM)

    soup = page(looked)
    assert looked.status_code == 200
    assert count() == 0
    rows = [[cell.text for cell in row.select("td")][:3] for row in soup.select(".qi-problems tbody tr")]
    assert rows == [["survey", "3", "type"], ["survey", "4", "default"]]
    assert "<b>原因</b>" in soup.text
    token = soup.select_one("input[name=file-kept]")
    made = client.post(f"{START}create", data={"file-kept": token["value"]})  # type: ignore[index]
    found = db.session.scalars(select(Questionnaire)).one()
    assert made.location == f"/questionnaire-builder/{found.id}/questions"
    assert found.title == "出口情况"
    assert [question.code for question in drafts.definition_of(found)] == ["q1", "q2"]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_comes_back_with_words_and_nothing_is_made(name: str, sign_in: SignIn) -> None:
    answer = sent(sign_in("county"), BAD[name][0])

    assert answer.status_code == 422
    assert page(answer).select(".qj-summary li")
    assert count() == 0


BROKEN = (b"{", b"[1]", json.dumps({"kind": 1}).encode(), b"<html></html>", b"\xff")


@pytest.mark.parametrize("content", BROKEN)
def test_a_bad_document_comes_back_with_words(content: bytes, sign_in: SignIn) -> None:
    answer = sent(sign_in("county"), content, "form.json")

    assert answer.status_code == 422
    assert page(answer).select(".qj-summary li")


@pytest.mark.parametrize("data", [{}, {"file": "text"}, {"file-kept": "forged"}])
def test_without_a_file_nothing_is_made(data: dict[str, str], sign_in: SignIn) -> None:
    client = sign_in("prefecture")

    assert client.post(START, data=data).status_code == 422
    assert client.post(f"{START}create", data=data).status_code == 422
    assert count() == 0


def test_an_upload_of_somebody_else_is_worth_nothing(sign_in: SignIn) -> None:
    token = page(sent(sign_in("prefecture"), FORM)).select_one("input[name=file-kept]")

    answer = sign_in("prefecture2").post(f"{START}create", data={"file-kept": token["value"]})  # type: ignore[index]

    assert answer.status_code == 422
    assert count() == 0


def test_a_questionnaire_is_downloaded_in_both_forms_and_comes_back(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    key = drawn_up(actor("prefecture"), now).id
    client = sign_in("prefecture")

    shown = page(client.get(f"{START}{key}"))
    assert [link["href"] for link in shown.select(".qj-acts a")] == [
        f"{START}{key}/xlsform",
        f"{START}{key}/json",
    ]
    for kind, name in (("xlsform", "form.xlsx"), ("json", "form.json")):
        answer = client.get(f"{START}{key}/{kind}")
        assert "%E8%AE%A2%E5%8D%95" in answer.headers["Content-Disposition"]
        looked = page(sent(client, answer.data, name))
        token = looked.select_one("input[name=file-kept]")
        client.post(f"{START}create", data={"file-kept": token["value"]})  # type: ignore[index]
        newest = db.session.scalars(select(Questionnaire).order_by(Questionnaire.id.desc())).first()
        assert newest is not None
        assert newest.id != key
        assert drafts.definition_of(newest) == ORDERS


def test_the_export_tells_what_other_programs_will_not_do(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    key = drawn_up(actor("prefecture"), now).id

    soup = page(sign_in("prefecture").get(f"{START}{key}"))

    assert [row.select("td")[2].text for row in soup.select(".qi-problems tbody tr")] == ["label"]


@pytest.mark.parametrize("path", ["", "/xlsform", "/json"])
def test_what_is_out_of_sight_cannot_be_exported(
    path: str, actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    key = drawn_up(actor("prefecture"), now).id

    assert sign_in("prefecture2").get(f"{START}{key}{path}").status_code == 404
    assert sign_in("enterprise").get(f"{START}{key}{path}").status_code == 403


def test_anybody_may_read_the_schema(client: FlaskClient) -> None:
    answer = client.get(f"{START}schema.json")

    assert answer.content_type.startswith("application/schema+json")
    assert answer.json["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_losses_are_told_in_the_language_of_the_reader(sign_in: SignIn) -> None:
    client = sign_in("prefecture")
    client.get("/preferences/language/en")

    soup = page(sent(client, FORM))

    assert "Questions of this type cannot be asked here" in soup.text
