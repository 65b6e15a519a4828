"""The answer of a captcha, found with the key of the installation by trying them all."""

from __future__ import annotations

import itertools
import re

from flask.testing import FlaskClient

from app.infra import captcha

TOKEN = re.compile(r'name="captcha-token" value="([^"]+)"')


def answer_of(token: str) -> str:
    """What a visitor would have to type; needs the application's context."""
    kind, nonce, expires, digest = token.split(".")
    if kind == captcha.QUESTION:
        candidates = (str(number) for number in range(100))
    else:
        letters = itertools.product(captcha.LETTERS, repeat=captcha.LENGTH)
        candidates = ("".join(found) for found in letters)
    return next(answer for answer in candidates if captcha.digest_of(kind, nonce, expires, answer) == digest)


def solved(client: FlaskClient) -> dict[str, str]:
    """Fields of a form that hold a solved captcha; a question, since few answers have to be tried."""
    token = client.get("/captcha/new?kind=question").json["token"]
    return {"captcha": answer_of(token), "captcha-token": token}


def solved_on(page: str) -> dict[str, str]:
    """The same for the captcha of a page."""
    found = TOKEN.search(page)
    assert found is not None, "the page shows no captcha"
    return {"captcha": answer_of(found[1]), "captcha-token": found[1]}
