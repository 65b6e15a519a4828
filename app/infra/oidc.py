"""Sign-in by an identity provider (OpenID Connect), where the configuration names one.

Code flow with PKCE, state and nonce. Who comes for the first time signs in once with the local password,
which binds the identity to that account, or registers: what the provider knows fills the form in
(``known_fields``). Nothing of Authlib is loaded where no provider is configured.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, flash, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext

from app.infra import context
from app.infra.limits import count_try
from app.infra.pages import PageView
from app.infra.registries import table
from app.infra.security import Credentials, current_principal
from app.infra.sign_in import KNOWN, OUTSIDE, Pending, proceed
from app.infra.urls import local_target, public_address

log = logging.getLogger(__name__)

OUTSIDE_FOR = dt.timedelta(minutes=30)
TARGET = "outside_target"
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Signatures that need the provider's own key; whatever else it offers is not taken."""

FIELDS = ("name", "uscc", "legal_person", "contact", "mobile", "email")
"""What a registration can be filled with; ``OIDC_CLAIMS`` says which claims they are."""
LONGEST = 120
SECONDS = 10
"""How long a provider may take for an answer."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A button of the sign-in page."""

    label: str
    url: str


def is_on() -> bool:
    """Whether a provider is configured."""
    return bool(current_app.config["OIDC_ISSUER"])


def providers() -> list[Provider]:
    """The buttons of the sign-in page."""
    if not is_on():
        return []
    target = local_target(request.args.get("next"))
    return [Provider(current_app.config["OIDC_LABEL"], url_for("OidcView.begin", next=target))]


def known_fields() -> dict[str, str]:
    """What the provider said of who is registering in this session: some of ``FIELDS``; empty if nothing."""
    note = session.get(KNOWN)
    if not isinstance(note, Mapping):
        return {}
    return {name: str(note[name]) for name in FIELDS if note.get(name)}


def fields_of(claims: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """The fields of a registration from claims; ``names`` gives the claim of each field."""
    found = {field: claims.get(names[field]) for field in FIELDS if field in names}
    return {
        field: value.strip()[:LONGEST]
        for field, value in found.items()
        if isinstance(value, str) and value.strip() and value.isprintable()
    }


def claim_names(text: str) -> dict[str, str]:
    """``field=claim`` pairs of the configuration, separated by spaces."""
    pairs = (pair.partition("=") for pair in text.split())
    return {field: claim for field, _equals, claim in pairs if field in FIELDS and claim}


class OidcView(PageView):
    """``/login/oidc``: the way to the provider and back."""

    route_base = "/login/oidc"
    default_view = "begin"

    @expose("/", methods=["GET"])
    @no_cache
    def begin(self) -> Any:
        """Send the visitor to the provider."""
        if not is_on():
            abort(404)
        if current_principal() is not None:
            return redirect("/")
        session[TARGET] = local_target(request.args.get("next"))
        try:
            return _client().authorize_redirect(public_address(url_for("OidcView.callback")))
        except _failures() as error:
            return _failed(error)

    @expose("/callback", methods=["GET"])
    @no_cache
    def callback(self) -> Any:
        """The visitor comes back with a code."""
        if not is_on():
            abort(404)
        if current_principal() is not None:
            return redirect("/")
        count_try("sign_in", self.actor.address, current_app.config["SIGN_IN_LIMIT"])
        try:
            claims = _claims()
        except _failures() as error:
            return _failed(error)
        target = local_target(session.pop(TARGET, "/"))
        return _enter(claims, target)

    @expose("/forget", methods=["GET"])
    def forget(self) -> Any:
        """Sign in without binding the identity that was brought along."""
        session.pop(OUTSIDE, None)
        return redirect(url_for("SignInView.login"))


def _enter(claims: Mapping[str, Any], target: str) -> Any:
    issuer, subject = current_app.config["OIDC_ISSUER"], str(claims["sub"])[:255]
    now = context.now()
    found: tuple[int, Credentials] | None = table("OUTSIDE_ACCOUNT")(issuer, subject)
    if found is not None:
        user_id, credentials = found
        return proceed(Pending(user_id, credentials, frozenset({"code"}), target))
    fields = fields_of(claims, claim_names(current_app.config["OIDC_CLAIMS"]))
    session[KNOWN] = fields
    session[OUTSIDE] = {
        "issuer": issuer,
        "subject": subject,
        "until": (now + OUTSIDE_FOR).timestamp(),
    }
    return redirect(url_for("SignInView.login", next=target))


def _claims() -> Mapping[str, Any]:
    """What the provider's signed token says.

    :raises ValueError: it says nothing. The failures of Authlib and of the network pass through.
    """
    client = _client()
    metadata = client.load_server_metadata()
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    taken = metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in ALGORITHMS]
    if not taken:
        raise ValueError("the provider offers no signature with a key of its own")
    wanted = {
        "iss": {"essential": True, "values": [current_app.config["OIDC_ISSUER"]]},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "nonce": {"essential": True},
    }
    token = client.authorize_access_token(claims_options=wanted)
    claims: Mapping[str, Any] | None = token.get("userinfo")
    if not claims or not claims.get("sub"):
        raise ValueError("the provider sent no identity")
    return claims


def _client() -> Any:
    """Authlib's client of the configured provider, made when it is first asked for."""
    found = current_app.extensions.get("oidc")
    if found is None:
        from authlib.integrations.flask_client import OAuth  # noqa: PLC0415 - for installations with a provider

        config = current_app.config
        found = OAuth(current_app).register(
            "oidc",
            client_id=config["OIDC_CLIENT_ID"],
            client_secret=config["OIDC_CLIENT_SECRET"],
            server_metadata_url=config["OIDC_ISSUER"].rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": config["OIDC_SCOPE"],
                "code_challenge_method": "S256",
                "default_timeout": SECONDS,
            },
        )
        current_app.extensions["oidc"] = found
    return found


def _failures() -> tuple[type[Exception], ...]:
    """What a provider, the network or a forged answer can bring about."""
    from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    return (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError, RuntimeError)


def _failed(error: Exception) -> Any:
    log.warning("sign-in by the identity provider failed: %s: %s", type(error).__name__, error)
    label = current_app.config["OIDC_LABEL"]
    flash(
        gettext("The sign-in by %(name)s did not succeed. Try again, or use your password.", name=label),
        "danger",
    )
    return redirect(url_for("SignInView.login"))
