"""Sign-in and sign-out: equal answers for unknown names, counted failures, a fresh session each time."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext, lazy_gettext
from flask_login import login_user, logout_user
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from app.infra import audit, context
from app.infra.forms import PlatformForm
from app.infra.i18n import say
from app.infra.limits import count_try
from app.infra.security import TAG, Credentials, current_principal, principal_of, session_tag
from app.infra.transactions import unit_of_work
from app.infra.urls import local_target
from app.kernel.errors import DomainError


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


class SignInView(BaseView):
    """``/login/`` and ``/logout/``; the only pages of the platform that need no account."""

    route_base = ""
    default_view = "login"
    title = lazy_gettext("Sign in")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        """Show the form, or sign in."""
        if current_principal() is not None:
            return redirect(local_target(request.args.get("next")))
        form = SignInForm()
        if form.validate_on_submit():
            try:
                self._sign_in(form.username.data or "", form.password.data or "")
            except DomainError as refusal:
                flash(say(refusal.message), "danger")
            else:
                return redirect(local_target(request.args.get("next")))
        status = 200 if request.method == "GET" else 422
        return self.render_template(
            "appbuilder/general/security/login_db.html", form=form, title=self.title
        ), status

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

    @staticmethod
    def _sign_in(name: str, password: str) -> None:
        count_try("sign_in", g.actor.address, current_app.config["SIGN_IN_LIMIT"])
        authenticate = current_app.extensions["wiring"]["AUTHENTICATE"]
        try:
            with unit_of_work():
                user_id, credentials = authenticate(name, password, context.now())
                audit.record(credentials.actor, "sign_in", "account", credentials.actor.account_id or "")
        except DomainError:
            current_app.extensions["wiring"]["SIGN_IN_FAILED"](name, context.now())
            raise
        start_session(user_id, credentials)


def start_session(user_id: int, credentials: Credentials) -> None:
    """Open a session for an account, leaving nothing of the one before but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session.permanent = True
    session[TAG] = session_tag(credentials)
    login_user(principal_of(user_id, credentials), remember=False)
