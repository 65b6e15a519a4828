"""A form takes a form's encoding only: JSON, where a text may be a number or an object, counts as empty."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel
from wtforms import StringField
from wtforms.validators import InputRequired

from app.infra.forms import LocalTextField, PlatformForm


class NameForm(PlatformForm):
    name = StringField("Name", validators=[InputRequired()])


@pytest.fixture
def app() -> Flask:
    app = Flask("forms")
    app.config.update(SECRET_KEY="a secret of the tests", WTF_CSRF_ENABLED=False)
    Babel(app)
    return app


@pytest.mark.parametrize("body", [1.5, None, True, "text", [], [1, 2], {"name": "x"}, {"name": {"a": 1}}])
def test_json_never_reaches_a_form(app: Flask, body: Any) -> None:
    with app.test_request_context(method="POST", json=body):
        form = NameForm()

        assert not form.validate_on_submit()
        assert form.errors == {"name": ["This field is required."]}


def test_a_form_reaches_a_form(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"name": "云泽"}):
        form = NameForm()

        assert form.validate_on_submit()
        assert form.name.data == "云泽"


class TitleForm(PlatformForm):
    title = LocalTextField("Title", description="As people call it.", validators=[InputRequired()])


def test_both_inputs_of_a_text_are_tied_to_its_help_and_its_error(app: Flask) -> None:
    with app.test_request_context(method="POST", data={"title": "", "title-en": "x"}):
        form = TitleForm()
        form.title.errors = ["Enter it."]

        chinese, english = str(form.title()).split("<input ")[1:]

    assert 'aria-describedby="title-help title-error"' in chinese and "aria-invalid" in chinese
    assert 'aria-describedby="title-help title-error"' in english and "aria-invalid" not in english
