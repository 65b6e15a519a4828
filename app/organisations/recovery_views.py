"""忘记密码 and 账号找回: open to everybody, behind a captcha."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext, lazy_gettext

from app.infra import context
from app.infra.captcha import CaptchaField
from app.infra.forms import PlatformForm
from app.infra.i18n import say
from app.infra.transactions import unit_of_work
from app.kernel.errors import DomainError
from app.organisations import recovery
from app.organisations.code_fields import CodeField, wished_code
from app.organisations.entry_views import EntryPageView, TypedTwice, new_password_field
from app.organisations.fields import submitted, text_field

ASKED = "recovery"
"""Key of the session's note of the names that were typed."""
ASKED_FOR = 15 * 60
"""Seconds for which the note holds."""


class WhoForm(PlatformForm):
    """Who lost the password."""

    username = text_field(lazy_gettext("Login name"), 64, required=True)
    display_name = text_field(
        lazy_gettext("User name of the account"),
        100,
        required=True,
    )
    captcha = CaptchaField()


class RecoveryForm(TypedTwice):
    """The code and a new password."""

    code = CodeField(purpose=recovery.PURPOSE)
    password = new_password_field(lazy_gettext("New password"))
    again = new_password_field(lazy_gettext("New password, again"))


class NamesForm(PlatformForm):
    """Whose login name was forgotten."""

    phone = text_field(lazy_gettext("Mobile number"), 30, required=True)
    display_name = text_field(lazy_gettext("User name of the account"), 100, required=True)
    captcha = CaptchaField()


class RecoveryView(EntryPageView):
    """``/recover/…``."""

    route_base = "/recover"
    default_view = "password"

    @expose("/password", methods=["GET", "POST"])
    @no_cache
    def password(self) -> Any:
        """Who it is; then a code goes to the mobile of that account."""
        form, now = WhoForm(), context.now()
        names = (form.username.data or "", form.display_name.data or "")
        if submitted(form, lambda: recovery.ask_code(self.actor, *names, now)):
            session[ASKED] = {"names": list(names), "until": now.timestamp() + ASKED_FOR}
            return redirect(url_for("RecoveryView.code"))
        lead = gettext("A code goes to the mobile of the account. Without one, ask your administrator.")
        return self.form_page(form, gettext("Forgotten password"), gettext("Next"), lead=lead, links=_links())

    @expose("/code", methods=["GET", "POST"])
    @no_cache
    def code(self) -> Any:
        """The code and the new password."""
        asked, now = session.get(ASKED), context.now()
        if not isinstance(asked, dict) or asked["until"] <= now.timestamp():
            return redirect(url_for("RecoveryView.password"))
        names: tuple[str, str] = (asked["names"][0], asked["names"][1])
        form = RecoveryForm()
        if wished_code():
            self._send_again(form, names)
        elif submitted(form, lambda: self._recover(form, names)):
            session.pop(ASKED, None)
            flash(gettext("Your password has been changed. Sign in with the new one."), "success")
            return redirect(url_for("SignInView.login"))
        form.code.wait = recovery.seconds_left(*names, now)
        lead = gettext("If the names are right, a code was sent to the mobile of the account.")
        return self.form_page(form, gettext("Forgotten password"), gettext("Save"), lead=lead, links=_links())

    @expose("/name", methods=["GET", "POST"])
    @no_cache
    def name(self) -> Any:
        """账号找回: the login names go to the mobile and are never shown."""
        form, now = NamesForm(), context.now()
        entered = (form.phone.data or "", form.display_name.data or "")
        if submitted(form, lambda: recovery.send_names(self.actor, *entered, now)):
            flash(
                gettext("If an account has this mobile and name, its login name was sent there."), "success"
            )
            return redirect(url_for("SignInView.login"))
        lead = gettext("The login name will be sent to the mobile of the account.")
        return self.form_page(form, gettext("Find account"), gettext("Send"), lead=lead, links=_links())

    def _send_again(self, form: RecoveryForm, names: tuple[str, str]) -> None:
        try:
            with unit_of_work():
                recovery.ask_code(self.actor, *names, context.now())
        except DomainError as refusal:
            form.code.errors = [*form.code.errors, say(refusal.message)]
        else:
            flash(gettext("A code has been sent."), "success")

    def _recover(self, form: RecoveryForm, names: tuple[str, str]) -> None:
        recovery.recover(self.actor, *names, form.code.data or "", form.password.data or "", context.now())


def _links() -> list[tuple[str, str]]:
    return [(gettext("Back to sign-in"), url_for("SignInView.login"))]
