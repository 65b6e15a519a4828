"""Pages for who is not signed in yet: activation of an account, and the steps after a right password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext, lazy_gettext
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

from app.infra import context
from app.infra.database import db
from app.infra.forms import REQUIRED, PlatformForm
from app.infra.pages import PageView
from app.infra.security import credentials_of, current_principal
from app.infra.sign_in import PENDING, Pending, proceed, unfinished
from app.infra.transactions import unit_of_work
from app.kernel.errors import Invalid
from app.organisations import steps
from app.organisations.activation import account_of_link, activate
from app.organisations.code_fields import CodeField, send_code, wished_code
from app.organisations.codes import seconds_to_wait, use_code
from app.organisations.contacts import normalise_number
from app.organisations.fields import submitted, text_field
from app.organisations.models import Account
from app.organisations.passwords import LONGEST

COMPLETIONS = {"password": "new-password", "again": "new-password"}


def new_password_field(label: Any) -> PasswordField:
    """A new password to type; never sent back to the page."""
    return PasswordField(label, validators=[InputRequired(REQUIRED), Length(max=LONGEST)])


class TypedTwice(PlatformForm):
    """Forms with ``password`` and ``again``."""

    def validate_again(self, field: Any) -> None:
        """Both must be the same."""
        if field.data != self._fields["password"].data:
            raise ValidationError(gettext("The two passwords differ."))


class NewPasswordForm(TypedTwice):
    """A new password, typed twice."""

    password = new_password_field(lazy_gettext("New password"))
    again = new_password_field(lazy_gettext("New password, again"))


class EntryPageView(PageView):
    """A small form in the middle of a page that needs no account."""

    def form_page(self, form: PlatformForm, title: str, submit: str, **values: Any) -> Any:
        """The page of a form: 422 where something in it has to be mended."""
        shown = {"lead": "", "links": (), "completions": COMPLETIONS, **values}
        page = self.page("entry/form.html", form=form, title=title, submit=submit, **shown)
        return page, 422 if form.errors else 200


class ActivationView(EntryPageView):
    """``/activate/<token>``: the first password of an account."""

    route_base = "/activate"
    default_view = "choose"

    @expose("/<token>", methods=["GET", "POST"])
    @no_cache
    def choose(self, token: str) -> Any:
        """Choose the password, then sign in with it."""
        account = account_of_link(token, context.now())
        lead = gettext("%(name)s: your login name is %(username)s. Choose the password you will use.")
        shown = {"lead": lead % {"name": account.display_name, "username": account.username}}
        form = NewPasswordForm()
        if submitted(form, lambda: activate(token, form.password.data or "", context.now())):
            flash(gettext("Your account is active. Sign in with your new password."), "success")
            return redirect(url_for("SignInView.login"))
        return self.form_page(form, gettext("Activate account"), gettext("Activate"), **shown)


class CodeForm(PlatformForm):
    """The code that was sent to the mobile of the account."""

    code = CodeField(purpose="sign_in")


class PhoneForm(PlatformForm):
    """A mobile, and the code that was sent there."""

    phone = text_field(lazy_gettext("Mobile number"), 30, required=True)
    code = CodeField(purpose="bind_phone")


class EntryView(EntryPageView):
    """``/login/…``: the steps between a right password and a session."""

    route_base = "/login"
    default_view = "code"

    @expose("/code", methods=["GET", "POST"])
    @no_cache
    def code(self) -> Any:
        """The second factor."""
        pending = unfinished()
        if pending is None:
            return _begin_anew()
        account, now = db.session.get_one(Account, pending.account_id), context.now()
        phone, language = account.phone, account.language
        form = CodeForm()
        if wished_code():
            send_code(form, form.code, phone, now, account_id=pending.account_id, language=language)
        elif submitted(form, lambda: _use_sign_in_code(pending, form.code.data or "")):
            return proceed(replace(pending, passed=pending.passed | {steps.CODE}))
        form.code.wait = seconds_to_wait("sign_in", phone, now, account_id=pending.account_id)
        lead = gettext("Enter the code that was sent to your mobile %(phone)s.", phone=steps.masked(phone))
        return self._step(form, gettext("Code by SMS"), lead)

    @expose("/phone", methods=["GET", "POST"])
    @no_cache
    def phone(self) -> Any:
        """绑定手机号, for an account that has none to send a code to."""
        pending = unfinished()
        if pending is None:
            flash(gettext("Sign in first: an account without a mobile is then asked for one."), "info")
            return redirect(url_for("SignInView.login", next=url_for("OwnAccountView.phone")))
        account = db.session.get_one(Account, pending.account_id)
        if not steps.needs_phone(account):
            return proceed(pending)
        form, now = PhoneForm(), context.now()
        if wished_code():
            send_to_typed(form, pending.account_id, account.language)
        elif submitted(form, lambda: _bind(pending, form)):
            return proceed(replace(pending, passed=pending.passed | {steps.CODE}))
        if form.phone.data and not form.phone.errors:
            form.code.wait = seconds_to_wait(
                "bind_phone", normalise_number(form.phone.data), now, account_id=pending.account_id
            )
        lead = gettext("This account has no mobile yet. Codes and notices will be sent to the one you bind.")
        return self._step(form, gettext("Bind mobile"), lead)

    @expose("/password", methods=["GET", "POST"])
    @no_cache
    def password(self) -> Any:
        """A new password, where the present one is too old or was chosen by somebody else."""
        pending = unfinished()
        if pending is None:
            return _begin_anew()
        with unit_of_work():
            due = steps.next_step(pending.user_id, pending.passed, context.now())
        if due != "EntryView.password":
            return proceed(pending)
        form = NewPasswordForm()
        if submitted(form, lambda: _renew(pending, form)):
            credentials = credentials_of(pending.user_id)
            if credentials is None:
                return _begin_anew()
            return proceed(replace(pending, credentials=credentials))
        lead = gettext("Your password is too old, or was set by an administrator. Choose a new one to go on.")
        return self._step(form, gettext("New password"), lead)

    def _step(self, form: PlatformForm, title: str, lead: str) -> Any:
        links = [(gettext("Back to sign-in"), url_for("EntryView.leave"))]
        return self.form_page(form, title, gettext("Go on signing in"), lead=lead, links=links)

    @expose("/leave", methods=["GET"])
    def leave(self) -> Any:
        """Give this sign-in up."""
        session.pop(PENDING, None)
        return redirect(url_for("SignInView.login"))


def send_to_typed(form: Any, account_id: int, language: str) -> None:
    """Send a code to the mobile that was typed into a form; a wrong number is told at its field."""
    try:
        number = steps.checked_mobile(form.phone.data or "")
    except Invalid as refusal:
        form.take(refusal)
    else:
        send_code(form, form.code, number, context.now(), account_id=account_id, language=language)


def _begin_anew() -> Any:
    session.pop(PENDING, None)
    if current_principal() is None:
        flash(gettext("Sign in again: this sign-in took too long, or has been finished."), "info")
    return redirect(url_for("SignInView.login"))


def _use_sign_in_code(pending: Pending, code: str) -> None:
    account = db.session.get_one(Account, pending.account_id)
    use_code("sign_in", account.phone, code, context.now(), account_id=account.id)


def _bind(pending: Pending, form: PhoneForm) -> None:
    steps.bind_phone(pending.account_id, form.phone.data or "", form.code.data or "", context.now())


def _renew(pending: Pending, form: NewPasswordForm) -> None:
    steps.renew_password(pending.account_id, form.password.data or "", context.now())
