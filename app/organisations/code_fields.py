"""The field of a one-time code: a box for six digits and the button 获取验证码 that counts down.

The button sends the form itself with ``send=<purpose>``; the view sends the code and shows the form again
with what was typed. Scripts only count the seconds.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, request
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from wtforms import StringField
from wtforms.validators import InputRequired
from wtforms.widgets import html_params

from app.infra.forms import REQUIRED, PlatformForm
from app.infra.i18n import say
from app.infra.look import asset
from app.infra.transactions import unit_of_work
from app.infra.widgets import described_by
from app.kernel.errors import DomainError
from app.organisations.codes import issue_code, seconds_to_wait


class CodeWidget:
    """Box and button; ``data-wait`` says for how many seconds the button rests."""

    def __call__(self, field: CodeField, **kwargs: Any) -> Markup:
        """The control as HTML."""
        given = {"class": "qj-in", "type": "text", "id": field.id, "name": field.name, "required": True}
        given |= {"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 12}
        given |= {"value": field.data or ""}
        later = gettext("Again in %(seconds)s s", seconds="{}")
        return Markup(
            '<span class="qj-code"><input {box}>'
            '<button class="qj-btn" type="submit" name="send" value="{purpose}" formnovalidate'
            ' data-wait="{wait}" data-later="{later}">{words}</button></span>'
            '<script src="{script}" defer></script>'
        ).format(
            box=Markup(html_params(**described_by(field, {**given, **kwargs}))),
            purpose=field.purpose,
            wait=field.wait,
            later=later,
            words=gettext("Get code"),
            script=asset("js/codes.js"),
        )


class CodeField(StringField):
    """A one-time code for a purpose; the view sets ``wait`` before it shows the form."""

    widget = CodeWidget()

    def __init__(self, label: Any = None, *, purpose: str, required: bool = True, **kwargs: Any) -> None:
        validators = [InputRequired(REQUIRED)] if required else []
        super().__init__(label or lazy_gettext("Code by SMS"), validators=validators, **kwargs)
        self.purpose = purpose
        self.wait = 0


def wished_code() -> str:
    """The purpose whose button was pressed; empty when the form itself was sent."""
    return request.form.get("send", "") if request.method == "POST" else ""


def send_code(
    form: PlatformForm,
    field: CodeField,
    phone: str,
    now: dt.datetime,
    *,
    account_id: int | None = None,
    language: str = "zh",
) -> bool:
    """Send a code to a phone and say so; what refuses it stands at the field."""
    try:
        with unit_of_work():
            issue_code(field.purpose, phone, now, account_id=account_id, language=language)
    except DomainError as refusal:
        field.errors = [*field.errors, *_words(form, refusal)]
    else:
        flash(gettext("A code has been sent."), "success")
    field.wait = seconds_to_wait(field.purpose, phone, now, account_id=account_id)
    return not field.errors


def _words(form: PlatformForm, refusal: DomainError) -> list[str]:
    return [say(problem.message) for problem in refusal.problems] or [say(refusal.message)]
