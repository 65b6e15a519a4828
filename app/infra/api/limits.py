"""How often programs may ask: counted for the account, for an unknown token at the address it came from."""

from __future__ import annotations

from flask import Flask, current_app, g, request

from app.infra.limits import count_try
from app.infra.security import API, current_principal
from app.kernel.texts import Message

TOO_OFTEN = Message("Too many requests of this account. Wait a minute, then go on.")


def init_api(app: Flask) -> None:
    """Count the requests of programs; the actor must be known by then."""
    app.before_request(_count_request)


def _count_request() -> None:
    if not request.path.startswith(API):
        return
    known = current_principal() is not None
    whose = f"account-{g.actor.account_id}" if known else f"address-{g.actor.address}"
    count_try("api", whose, current_app.config["API_LIMIT"], TOO_OFTEN)
