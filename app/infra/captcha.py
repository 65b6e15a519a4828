"""Captchas made on this machine: a picture of characters or a question in words, each good for one try.

The page carries a token with a keyed digest of the answer: without the key of the installation it
tells nothing, and any web process can judge it, so that showing a form writes nothing. A token that
was tried, rightly or wrongly, is written down as spent in the database that all processes share.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import io
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

from flask import current_app, jsonify, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup
from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import Field
from wtforms.validators import ValidationError
from wtforms.widgets import html_params

from app.infra import context
from app.infra.database import db, insert_for_database
from app.infra.i18n import say
from app.infra.limits import TooMany, count_try
from app.infra.look import asset
from app.infra.pages import PageView
from app.infra.transactions import unit_of_work
from app.infra.types import UtcDateTime
from app.infra.widgets import described_by
from app.kernel.texts import Message

LETTERS = "ACEFHJKMNPRTWXY34679"
"""None that people take for another one."""
LENGTH = 4
LIFE = dt.timedelta(minutes=5)
WIDTH, HEIGHT = 132, 44
PICTURE, QUESTION = "picture", "question"
QUESTION_LIMIT = "60 per 10 minutes"
"""For one address: a program reads a question more easily than a picture, so it gets few of them."""

NUMBERS = (
    *(Message("zero"), Message("one"), Message("two"), Message("three"), Message("four")),
    *(Message("five"), Message("six"), Message("seven"), Message("eight"), Message("nine")),
)
SUM = Message("How much is {one} plus {other}? Answer in digits.")
PRODUCT = Message("How much is {one} times {other}? Answer in digits.")


class SpentCaptcha(db.Model):
    """A captcha that was tried; kept until it would have run out anyway."""

    __tablename__ = "spent_captcha"
    __unaudited__ = True  # what was tried with it is audited

    nonce: Mapped[str] = mapped_column(String(32), primary_key=True)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a visitor is shown: a picture as a data address, or a question in words."""

    token: str
    picture: str = ""
    question: str = ""


def challenge(kind: str, now: dt.datetime) -> Challenge:
    """A new captcha; a picture in the place of a question for an address that asked for too many."""
    if kind == QUESTION and _may_ask():
        words, answer = _question()
        return Challenge(_token(QUESTION, answer, now), question=say(words))
    answer = "".join(secrets.choice(LETTERS) for _place in range(LENGTH))
    return Challenge(_token(PICTURE, answer, now), picture=_picture(answer))


def is_solved(token: str, answer: str, now: dt.datetime) -> bool:
    """Whether the answer is right, the captcha still good and never tried before; it is spent by asking."""
    parts = token.split(".")
    if len(parts) != 4 or not _is_well_formed(parts):
        return False
    kind, nonce, expires, digest = parts
    expires_at = dt.datetime.fromtimestamp(int(expires), dt.UTC)
    if expires_at <= now or expires_at > now + LIFE or not _spend(nonce, expires_at, now):
        return False
    return hmac.compare_digest(digest, digest_of(kind, nonce, expires, normal(answer)))


def digest_of(kind: str, nonce: str, expires: str, answer: str) -> str:
    """The keyed digest that a token carries."""
    text = f"captcha|{kind}|{nonce}|{expires}|{answer}".encode()
    return hmac.digest(current_app.config["SECRET_KEY"].encode(), text, hashlib.sha256).hex()


def normal(answer: str) -> str:
    """An answer as it is compared: half-width, without spaces, in capitals."""
    return "".join(unicodedata.normalize("NFKC", answer).split()).upper()


def _is_well_formed(parts: list[str]) -> bool:
    kind, nonce, expires, digest = parts
    known = kind in (PICTURE, QUESTION) and len(nonce) == 32 and len(digest) == 64
    return (
        known
        and digest.isascii()
        and nonce.isalnum()
        and expires.isascii()
        and expires[:11].isdigit()
        and (len(expires) < 12)
    )


def _token(kind: str, answer: str, now: dt.datetime) -> str:
    nonce, expires = secrets.token_hex(16), str(int((now + LIFE).timestamp()))
    return ".".join((kind, nonce, expires, digest_of(kind, nonce, expires, answer)))


def _spend(nonce: str, expires_at: dt.datetime, now: dt.datetime) -> bool:
    """Write a captcha down as tried; False where somebody was first."""
    with unit_of_work():
        table = SpentCaptcha.__table__
        db.session.execute(delete(table).where(table.c.expires_at <= now))
        fresh = insert_for_database()(table).values(nonce=nonce, expires_at=expires_at)
        written = db.session.scalar(fresh.on_conflict_do_nothing().returning(table.c.nonce))
    return written is not None


def _may_ask() -> bool:
    try:
        count_try("captcha_question", context.current_actor().address, QUESTION_LIMIT)
    except TooMany:
        return False
    return True


def _question() -> tuple[Message, str]:
    one, other = secrets.randbelow(8) + 2, secrets.randbelow(8) + 2
    words, answer = (SUM, one + other) if secrets.randbelow(2) else (PRODUCT, one * other)
    return Message(words.msgid, one=NUMBERS[one], other=NUMBERS[other]), str(answer)


def _picture(answer: str) -> str:
    from captcha.image import ImageCaptcha  # noqa: PLC0415 - Pillow is for processes that draw

    drawn: io.BytesIO = ImageCaptcha(width=WIDTH, height=HEIGHT, font_sizes=(32, 35, 38)).generate(answer)
    return "data:image/png;base64," + base64.b64encode(drawn.getvalue()).decode()


class CaptchaWidget:
    """The answer's box, the picture or question, and the ways to another one, with and without scripts."""

    def __call__(self, field: CaptchaField, **kwargs: Any) -> Markup:
        """The control as HTML; each drawing is a new captcha."""
        shown = challenge(_wished_kind(), context.now())
        given = {"class": "qj-in", "type": "text", "id": field.id, "name": field.name, "maxlength": 12}
        given |= {
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "required": True,
        }
        attributes = described_by(field, {**given, **kwargs})
        told = attributes.get("aria-describedby", "")
        attributes["aria-describedby"] = f"{field.id}-question {told}".strip()
        return Markup(
            '<span class="qj-captcha" data-captcha="{address}" data-kind="{kind}">'
            '<input {box}><input type="hidden" name="{name}-token" value="{token}">'
            '<img src="{picture}" width="{width}" height="{height}" alt="{alt}"{no_picture}>'
            '<span class="qj-captcha-question" id="{id}-question" aria-live="polite"{no_question}>{question}'
            "</span></span>"
            '<span class="qj-captcha-ways"><a href="{again}" data-captcha-kind="{kind}">{again_words}</a>'
            '<a href="{other}" data-captcha-kind="{other_kind}">{other_words}</a></span>'
            '<script src="{script}" defer></script>'
        ).format(
            box=Markup(html_params(**attributes)),
            id=field.id,
            name=field.name,
            token=shown.token,
            picture=shown.picture or "data:,",
            question=shown.question,
            no_picture=Markup("" if shown.picture else " hidden"),
            no_question=Markup("" if shown.question else " hidden"),
            width=WIDTH,
            height=HEIGHT,
            alt=gettext("Picture of %(count)d characters", count=LENGTH),
            address=url_for("CaptchaView.new"),
            script=asset("js/captcha.js"),
            **_ways(QUESTION if shown.question else PICTURE),
        )


def _ways(kind: str) -> dict[str, Any]:
    other = PICTURE if kind == QUESTION else QUESTION
    again = gettext("Another question") if kind == QUESTION else gettext("Cannot read it? Click for another")
    swap = gettext("Show a picture instead") if kind == QUESTION else gettext("Answer a question instead")
    return {
        "kind": kind,
        "again": _here(kind),
        "again_words": again,
        "other": _here(other),
        "other_words": swap,
        "other_kind": other,
    }


def _here(kind: str) -> str:
    """This page with a captcha of a kind, for visitors without scripts."""
    kept = {key: value for key, value in request.args.items() if key != "captcha"}
    values: dict[str, Any] = {**(request.view_args or {}), **kept, "captcha": kind}
    return url_for(request.endpoint or "", **values)


def _wished_kind() -> str:
    return QUESTION if request.args.get("captcha") == QUESTION else PICTURE


class CaptchaField(Field):
    """A captcha in a form. Validating spends it; whenever the form is shown again there is a new one."""

    widget = CaptchaWidget()

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label or lazy_gettext("Verification code of the picture"), **kwargs)
        self.flags.required = True
        self.token = ""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take the answer and the token that the page carried."""
        super().process(formdata, data, extra_filters)
        if formdata is not None:
            self.data = formdata.get(self.name, "")
            self.token = formdata.get(f"{self.name}-token", "")

    def pre_validate(self, form: Any) -> None:
        """Refuse an empty, wrong, old or second answer."""
        if not normal(self.data or ""):
            raise ValidationError(gettext("Enter the characters of the picture, or the answer."))
        if not is_solved(self.token, self.data, context.now()):
            raise ValidationError(gettext("This answer is not right or has expired. Try the new one."))


class CaptchaView(PageView):
    """Another captcha without loading the page anew; open to everybody."""

    route_base = "/captcha"
    default_view = "new"

    @expose("/new", methods=["GET"])
    def new(self) -> Any:
        """``token`` and ``picture`` or ``question``, and the words of the two ways on."""
        kind = QUESTION if request.args.get("kind") == QUESTION else PICTURE
        shown = challenge(kind, context.now())
        ways = _ways(QUESTION if shown.question else PICTURE)
        answer = jsonify(
            token=shown.token,
            picture=shown.picture,
            question=shown.question,
            kind=ways["kind"],
            again=ways["again_words"],
            other=ways["other_words"],
            other_kind=ways["other_kind"],
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer
