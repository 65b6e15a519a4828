"""A captcha is good for one try within its time, in whatever process, and tells its answer to nobody."""

from __future__ import annotations

import base64
import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.infra import captcha
from app.infra.forms import PlatformForm
from app.kernel.clock import MovableClock
from tests.captcha import answer_of


class Form(PlatformForm):
    captcha = captcha.CaptchaField()


@pytest.fixture
def token(app: Flask, client: FlaskClient) -> str:
    found: str = client.get("/captcha/new?kind=question").json["token"]
    return found


@pytest.fixture
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context("/login/?next=/reports/"):
        yield


def test_a_right_answer_solves_it_once(app: Flask, token: str, now: dt.datetime) -> None:
    answer = answer_of(token)

    assert captcha.is_solved(token, f" {answer} ", now)
    assert not captcha.is_solved(token, answer, now)


def test_a_wrong_answer_spends_it(app: Flask, token: str, now: dt.datetime) -> None:
    assert not captcha.is_solved(token, "999", now)
    assert not captcha.is_solved(token, answer_of(token), now)


def test_it_runs_out(app: Flask, token: str, clock: MovableClock) -> None:
    answer = answer_of(token)
    clock.advance(minutes=5)

    assert not captcha.is_solved(token, answer, clock.now())


@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_a_token_cannot_be_altered(app: Flask, token: str, now: dt.datetime, part: int) -> None:
    answer, parts = answer_of(token), token.split(".")
    later = str(int(parts[2]) - 30)
    parts[part] = ("picture", "0" * 32, later, "0" * 64)[part]

    assert not captcha.is_solved(".".join(parts), answer, now)


@pytest.mark.parametrize("nonsense", ["", "....", "picture.a.b.c", "x" * 5000, "picture.0.99999999999999.0"])
def test_nonsense_is_no_token(app: Flask, now: dt.datetime, nonsense: str) -> None:
    assert not captcha.is_solved(nonsense, "1", now)


def test_of_parallel_tries_one_solves_it(app: Flask, token: str, now: dt.datetime) -> None:
    answer, solved = answer_of(token), []

    def submit() -> None:
        with app.app_context():
            solved.append(captcha.is_solved(token, answer, now))

    threads = [threading.Thread(target=submit) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(solved) == [False] * 11 + [True]


def test_a_picture_is_drawn_here_and_its_answer_stands_nowhere(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/captcha/new")

    drawn = base64.b64decode(answer.json["picture"].removeprefix("data:image/png;base64,"))
    assert drawn.startswith(b"\x89PNG")
    assert answer_of(answer.json["token"]) not in str({**answer.json, "picture": ""})
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_form_says_what_is_wrong_and_shows_another(app: Flask, client: FlaskClient, page: None) -> None:
    form = Form(formdata=None)
    first, second = str(form.captcha()), str(form.captcha())

    assert first != second
    assert 'href="/login/?next=/reports/&amp;captcha=question"' in first
    assert not Form(data={}).validate()


def test_an_address_that_asks_for_many_questions_gets_pictures(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captcha, "QUESTION_LIMIT", "1 per 2 minutes")

    kinds = [client.get("/captcha/new?kind=question").json["kind"] for _try in range(3)]

    assert kinds[-1] == "picture"
