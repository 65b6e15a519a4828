"""The edge of every request: identity, limits, headers, and refusals as pages or JSON."""

from __future__ import annotations

import logging
import re
import secrets
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from app.infra import audit
from app.infra.database import db
from app.infra.i18n import say
from app.infra.limits import TooMany
from app.infra.security import (
    API,
    bears_token,
    current_principal,
    is_static,
    set_request_actor,
    tell_of_ended_session,
)
from app.infra.urls import same_origin
from app.kernel.errors import DomainError, Overtaken

log = logging.getLogger(__name__)


class Protection(CSRFProtect):
    """Against forged requests: a browser sends its cookie by itself, but never the token of a program."""

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - as Flask-WTF has it
        """Check the form's token; where an access token says who asks, there is nothing to forge."""
        if not bears_token():
            super().protect(apply_exemptions=apply_exemptions)


csrf = Protection()

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""Nothing from another host, nothing inline but scripts with this answer's nonce."""

NEVER_SENT_BACK = frozenset({"csrf_token", "password", "current", "again"})
"""Entries of a form that a page must not carry once more: its old token and passwords."""

_INTERNET_EXPLORER = re.compile(r"MSIE |Trident/")
_CONTROL = re.compile(r"[\x00]")


def init_web(app: Flask) -> None:
    """Everything that happens around each request, in order."""
    app.before_request(_mark_request)
    csrf.init_app(app)
    app.after_request(_keep_own_policy)  # before Talisman's, which thereby runs earlier
    production = app.config["APP_ENV"] == "production"
    Talisman(
        app,
        force_https=False,  # the proxy in front redirects
        strict_transport_security=production,
        content_security_policy=POLICY,
        content_security_policy_nonce_in=["script-src"],
        frame_options="DENY",
        referrer_policy="same-origin",
        session_cookie_secure=app.config["SESSION_COOKIE_SECURE"],
    )
    if app.config["PROXY_HOPS"]:
        hops = app.config["PROXY_HOPS"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.session_interface = PageSessions()
    app.before_request(_refuse_old_browsers)
    app.before_request(_refuse_control_characters)
    app.after_request(_set_headers)
    _register_errors(app)


def init_identity(app: Flask) -> None:
    """After FAB put the user on ``g``: the actor, for everybody after."""
    app.before_request(set_request_actor)


def wants_json() -> bool:
    """Whether the caller is a script of a page or a machine."""
    if request.path.startswith(API) or request.is_json:
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and not request.accept_mimetypes.accept_html


def _mark_request() -> None:
    g.request_id = secrets.token_hex(8)


def _refuse_old_browsers() -> Response | None:
    if _INTERNET_EXPLORER.search(request.headers.get("User-Agent", "")) and not request.path.startswith(
        "/static/"
    ):
        return Response(render_template("errors/browser.html"), status=200)
    return None


def _refuse_control_characters() -> None:
    if _CONTROL.search(request.path) or any(_CONTROL.search(value) for value in request.args.values()):
        abort(400)


def _set_headers(response: Response) -> Response:
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if is_static():
        if request.args.get("v"):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif current_principal() is not None and "asked_again" not in g:
        response.headers["Cache-Control"] = "no-store"
    return response


def _keep_own_policy(response: Response) -> Response:
    """Files are answered under a stricter policy than pages; Talisman knows one for all."""
    if "own_policy" in g and response.status_code < 400:
        response.headers["Content-Security-Policy"] = g.own_policy
    if "framed" in g:  # a page of ours that stands in a frame of another page of ours
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace(
            "frame-ancestors 'none'", "frame-ancestors 'self'"
        )
    return response


class PageSessions(SecureCookieSessionInterface):
    """Cookies for pages only: a static file that browsers may share must not carry one."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Whether this answer renews the cookie."""
        return not is_static() and super().should_set_cookie(app, session)


def _register_errors(app: Flask) -> None:
    app.register_error_handler(DomainError, _answer_refusal)
    app.register_error_handler(CSRFError, _answer_stale_form)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(OperationalError, _answer_unavailable)
    app.register_error_handler(InterfaceError, _answer_unavailable)
    app.register_error_handler(PoolTimeout, _answer_unavailable)
    app.register_error_handler(DataError, _answer_unstorable)
    app.register_error_handler(UnicodeEncodeError, _answer_unstorable)
    app.register_error_handler(Exception, _answer_failure)


def _answer_refusal(refusal: DomainError) -> Any:
    db.session.rollback()
    if refusal.status in {403, 409} and request.method != "GET":
        audit.record_refusal(
            g.actor, request.endpoint or "", after={"reason": str(refusal), "path": request.path}
        )
    return refusal_response(refusal)


def refusal_response(refusal: DomainError) -> Any:
    """A refusal as JSON for scripts, as a page for people."""
    if wants_json():
        wait = {"Retry-After": refusal.wait} if isinstance(refusal, TooMany) else {}
        return jsonify(refusal_json(refusal)), refusal.status, wait
    page = _page(
        refusal.status,
        say(refusal.message),
        problems=refusal.problems,
        overtaken=isinstance(refusal, Overtaken),
    )
    return page, refusal.status


def refusal_json(refusal: DomainError) -> dict[str, Any]:
    """What scripts of a page read of a refusal."""
    problems = [{"field": problem.field, "message": say(problem.message)} for problem in refusal.problems]
    return {"message": say(refusal.message), "problems": problems, **getattr(refusal, "details", {})}


def _answer_stale_form(error: CSRFError) -> Any:
    if wants_json():
        status = 401 if current_principal() is None else 400
        words = gettext("Send the session's token as X-CSRFToken, or an access token.")
        if status == 401 or not request.path.startswith(API):
            words = _signed_out_words()
        return jsonify({"message": words, "problems": []}), status
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_SENT_BACK]
    if request.path.rstrip("/") == url_for("SignInView.login").rstrip("/") or not same_origin():
        return _page(400, gettext("This form is out of date. Go back, reload the page and try again.")), 400
    return render_template(
        "errors/resend.html", fields=fields, signed_in=current_principal() is not None
    ), 400


def _answer_http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    if status >= 500:
        return _answer_failure(error)
    if wants_json():
        return jsonify({"message": _words_for(status), "problems": []}), status
    return _page(status, _words_for(status)), status


def _answer_unavailable(error: Exception) -> Any:
    log.error("database unavailable: %s", type(error).__name__, exc_info=error)
    _drop_session()
    _ask_no_more_who()
    text = gettext("The database cannot be reached right now. Nothing was lost; try again in a minute.")
    if wants_json():
        return jsonify({"message": text, "problems": []}), 503, {"Retry-After": "30"}
    return render_template("errors/503.html", incident=_incident()), 503, {"Retry-After": "30"}


def _answer_unstorable(error: DataError | UnicodeEncodeError) -> Any:
    """Drivers refuse half a surrogate pair, which JSON can carry, before they ask the database."""
    log.warning("a value the database cannot hold: %s", getattr(error, "orig", error))
    _drop_session()
    text = gettext("A value is too large or contains a character that cannot be stored.")
    if wants_json():
        return jsonify({"message": text, "problems": []}), 400
    return _page(400, text), 400


def _answer_failure(error: Exception) -> Any:
    log.exception("incident %s: %s", _incident(), request.path, exc_info=error)
    _drop_session()
    _ask_no_more_who()
    if wants_json():
        words = gettext("Something went wrong on our side.")
        return jsonify({"message": words, "problems": [], "incident": _incident()}), 500
    return render_template("errors/500.html", incident=_incident()), 500


def _drop_session() -> None:
    try:
        db.session.rollback()
    except Exception:
        log.exception("rolling back failed; the connection is given up")
        db.session.remove()


def _ask_no_more_who() -> None:
    """Where reading the account is what failed, the page that tells so must not try it again."""
    if "_login_user" not in g:
        current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]


def _page(status: int, text: str, problems: Any = (), *, overtaken: bool = False) -> str:
    return render_template(
        "errors/error.html",
        status=status,
        text=text,
        problems=problems,
        overtaken=overtaken,
        incident=_incident(),
    )


def _incident() -> str:
    return str(g.get("request_id", "000000"))[:6]


def _words_for(status: int) -> str:
    words = {
        400: gettext("The request could not be understood. Go back and try again."),
        401: gettext("Sign in to go on."),
        403: gettext("Your role does not include this page."),
        404: gettext("This page or record does not exist, or you may not see it."),
        405: gettext("This address does not take this kind of request."),
        413: gettext(
            "One request takes at most %(limit)s MB, all files together.",
            limit=current_app.config["MAX_CONTENT_LENGTH"] // 2**20,
        ),
        429: gettext("Too many tries. Wait a moment and try again."),
    }
    return str(words.get(status, gettext("The request could not be answered.")))


def require_sign_in() -> Any:
    """Send an unknown visitor to the sign-in page, a script to 401."""
    if wants_json():
        return jsonify({"message": _signed_out_words(), "problems": []}), 401
    session.pop("_flashes", None)
    tell_of_ended_session()
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("SignInView.login", next=target))


def _signed_out_words() -> str:
    """What a script reads without a session: a program has typed nothing that could be kept."""
    if request.path.startswith(API):
        return gettext("A valid token or a session is needed.")
    return gettext("Your session has ended. Sign in again; what you typed is kept.")
