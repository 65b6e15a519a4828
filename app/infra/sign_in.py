"""Sign-in and sign-out: equal answers for unknown names, counted failures, a fresh session each time.

A right password opens no session yet where more is due (a code, a mobile, a new password): the browser
keeps a signed note of how far it came, which ends with the password, roles and state of the account.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext, lazy_gettext
from flask_login import login_user, logout_user
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from app.infra import audit, context
from app.infra.captcha import CaptchaField
from app.infra.forms import PlatformForm
from app.infra.i18n import say
from app.infra.limits import count_try
from app.infra.registries import table
from app.infra.security import (
    TAG,
    Credentials,
    credentials_of,
    current_principal,
    principal_of,
    session_tag,
    tell_of_ended_session,
)
from app.infra.transactions import unit_of_work
from app.infra.urls import local_target
from app.kernel.actor import Actor
from app.kernel.errors import DomainError
from app.kernel.texts import Message

PENDING = "pending"
"""Key of the session's note about a sign-in that is not finished."""
OUTSIDE = "outside"
"""Key of the session's note of an identity (issuer, subject, until) that the next sign-in binds."""
KNOWN = "known_fields"
"""Key of what the identity provider knows of who registers; read it by ``app.infra.oidc.known_fields``."""
PENDING_FOR = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class EntryRules:
    """What the domain of accounts says about signing in; the wiring names it as ``ENTRY``.

    ``next_step`` is asked inside a unit of work with the user, the steps passed so far and the instant,
    and gives the endpoint of the step that is due, None when the session may open. ``entered`` run in the
    unit of work of the sign-in itself. ``links`` are (words, endpoint); one that no view serves is not shown.
    """

    authenticate: Callable[[str, str, dt.datetime], tuple[int, Credentials]]
    failed: Callable[[str, dt.datetime], None]
    captcha_due: Callable[[str, dt.datetime], bool]
    next_step: Callable[[int, frozenset[str], dt.datetime], str | None]
    entered: Sequence[Callable[[Actor, dt.datetime], None]]
    links: Sequence[tuple[Message, str]] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in after a right password and before its session."""

    user_id: int
    credentials: Credentials
    passed: frozenset[str]
    target: str

    @property
    def account_id(self) -> int:
        """The account that signs in."""
        return self.credentials.actor.account_id or 0


class SignInForm(PlatformForm):
    """Name and password; the messages say which of the two is missing."""

    username = StringField(
        lazy_gettext("User name"),
        validators=[DataRequired(lazy_gettext("Enter your user name.")), Length(max=128)],
    )
    password = PasswordField(
        lazy_gettext("Password"),
        validators=[DataRequired(lazy_gettext("Enter your password.")), Length(max=256)],
    )
    captcha = CaptchaField()


class SignInView(BaseView):
    """``/login/`` and ``/logout/``."""

    route_base = ""
    default_view = "login"
    title = lazy_gettext("Sign in")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        """Show the form, or take name and password."""
        target = local_target(request.args.get("next"))
        if current_principal() is not None:
            return redirect(target)
        tell_of_ended_session()
        form = SignInForm()
        _drop_captcha(form)
        if form.validate_on_submit():
            try:
                user_id, credentials = _checked(form.username.data or "", form.password.data or "")
            except DomainError as refusal:
                flash(say(refusal.message), "danger")
                form = SignInForm(formdata=None, username=form.username.data)
                _drop_captcha(form)
            else:
                return proceed(Pending(user_id, credentials, frozenset(), target))
        return self._page(form, 200 if request.method == "GET" else 422)

    def _page(self, form: SignInForm, status: int) -> Any:
        page = self.render_template(
            "appbuilder/general/security/login_db.html",
            form=form,
            title=self.title,
            links=[
                (say(words), url_for(endpoint))
                for words, endpoint in rules().links
                if endpoint in current_app.view_functions
            ],
            providers=table("SIGN_IN_PROVIDERS")(),
            outside=outside_identity() is not None,
        )
        return page, status

    @expose("/logout/", methods=["GET", "POST"])
    def logout(self) -> Any:
        """End this session."""
        principal = current_principal()
        if principal is not None:
            with unit_of_work():
                audit.record(g.actor, "sign_out", "account", principal.actor.account_id or "")
        logout_user()
        session.clear()
        flash(gettext("You have signed out."), "info")
        return redirect(url_for("SignInView.login"))


def rules() -> EntryRules:
    """The rules of this application."""
    found: EntryRules = table("ENTRY")
    return found


def _drop_captcha(form: SignInForm) -> None:
    """Leave the captcha out where none is due; one whose visitor asked for another picture keeps it."""
    asked_for = "captcha" in request.args
    if not asked_for and not rules().captcha_due(form.username.data or "", context.now()):
        del form.captcha


def _checked(name: str, password: str) -> tuple[int, Credentials]:
    count_try("sign_in", g.actor.address, current_app.config["SIGN_IN_LIMIT"])
    try:
        with unit_of_work():
            return rules().authenticate(name, password, context.now())
    except DomainError:
        rules().failed(name, context.now())
        raise


def proceed(pending: Pending) -> Any:
    """Send the visitor to the step that is due, or open the session and go on to where it was wanted."""
    now = context.now()
    with unit_of_work():
        step = rules().next_step(pending.user_id, pending.passed, now)
        if step is None:
            actor = replace(pending.credentials.actor, address=g.actor.address, request_id=g.actor.request_id)
            audit.record(actor, "sign_in", "account", pending.account_id)
            for entered in rules().entered:
                entered(actor, now)
    if step is not None:
        session[PENDING] = _note(pending, now)
        return redirect(url_for(step))
    start_session(pending.user_id, pending.credentials)
    return redirect(pending.target)


def unfinished() -> Pending | None:
    """The sign-in that this browser is in the middle of; None when there is none, or no longer."""
    note = session.get(PENDING)
    if not isinstance(note, Mapping):
        return None
    if note["until"] <= context.now().timestamp():
        return None
    credentials = credentials_of(note["user"])
    if credentials is None or not hmac.compare_digest(note["tag"], session_tag(credentials)):
        return None
    return Pending(note["user"], credentials, frozenset(note["passed"]), note["target"])


def _note(pending: Pending, now: dt.datetime) -> dict[str, Any]:
    return {
        "user": pending.user_id,
        "tag": session_tag(pending.credentials),
        "passed": sorted(pending.passed),
        "target": pending.target,
        "until": (now + PENDING_FOR).timestamp(),
    }


def outside_identity() -> Mapping[str, Any] | None:
    """The identity of a provider that waits to be bound by signing in or registering."""
    note = session.get(OUTSIDE)
    if not isinstance(note, Mapping) or note["until"] <= context.now().timestamp():
        return None
    return note


def start_session(user_id: int, credentials: Credentials) -> None:
    """Open a session for an account; of the one before stay the language and what is known of who registers.

    An identity of a provider that waited for it is bound to the account.
    """
    kept = {name: session[name] for name in ("language", KNOWN) if name in session}
    identity = outside_identity()
    session.clear()
    session.update(kept)
    session.permanent = True
    session[TAG] = session_tag(credentials)
    login_user(principal_of(user_id, credentials), remember=False)
    if identity is not None:
        with unit_of_work():
            bind = table("BIND_IDENTITY")
            bind(credentials.actor, identity["issuer"], identity["subject"], context.now())
