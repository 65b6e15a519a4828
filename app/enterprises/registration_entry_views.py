"""The way into a registration for who has no account yet: the agreement, then the account. HTTP only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app, flash, g, jsonify, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_babel import gettext, lazy_gettext
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

from app.enterprises import registrations
from app.infra import audit, context
from app.infra.captcha import CaptchaField
from app.infra.database import db
from app.infra.forms import REQUIRED, PlatformForm
from app.infra.i18n import language
from app.infra.limits import count_try
from app.infra.oidc import known_fields
from app.infra.security import credentials_of, current_principal
from app.infra.sign_in import start_session
from app.infra.transactions import unit_of_work
from app.infra.views import PageView
from app.infra.web import wants_json
from app.kernel.actor import Kind
from app.kernel.clock import UTC
from app.kernel.errors import DomainError, Invalid, Problem
from app.organisations.account_service import AccountDraft, account_problems, hash_password
from app.organisations.codes import issue_code, use_code
from app.organisations.contacts import mobile_problem, normalise_number
from app.organisations.fields import text_field
from app.organisations.login_names import login_name
from app.organisations.models import Account
from app.organisations.password_service import new_password_problems
from app.organisations.passwords import LONGEST

PURPOSE = "registration"
AGREED = "agreed_at"


class AccountForm(PlatformForm):
    """账号注册: how the enterprise signs in and is reached."""

    username = text_field(lazy_gettext("Login name"), 64, required=True)
    password = PasswordField(
        lazy_gettext("Password"), validators=[InputRequired(REQUIRED), Length(max=LONGEST)]
    )
    again = PasswordField(
        lazy_gettext("Password, again"), validators=[InputRequired(REQUIRED), Length(max=LONGEST)]
    )
    email = text_field(lazy_gettext("E-mail"), 120, required=True)
    phone = text_field(lazy_gettext("Mobile"), 20, required=True)
    code = text_field(lazy_gettext("Code of the text message"), 12, required=True)

    def validate_again(self, field: Any) -> None:
        """Both must be the same."""
        if field.data != self.password.data:
            raise ValidationError(gettext("The two passwords differ."))


class CodeForm(PlatformForm):
    """What a code is sent for: a captcha stands before it, so that no program makes phones ring."""

    phone = text_field(lazy_gettext("Mobile"), 20, required=True)
    captcha = CaptchaField()


class RegistrationEntryView(PageView):
    """``/register/`` and ``/register/account``, open to everybody."""

    route_base = "/register"
    default_view = "agreement"

    @expose("/", methods=["GET", "POST"])
    def agreement(self) -> Any:
        """注册协议: 同意 leads on, 不同意 leads back."""
        if current_principal() is not None:
            return redirect("/")
        if request.method == "POST":
            if request.form.get("answer") == "agree":
                session[AGREED] = int(context.now().timestamp())
                return redirect(url_for("RegistrationEntryView.account"))
            session.pop(AGREED, None)
            flash(gettext("Without the agreement nothing was registered."), "info")
            return redirect(url_for("SignInView.login"))
        return self.page("enterprises/registration_agreement.html")

    @expose("/account", methods=["GET", "POST"])
    @no_cache
    def account(self) -> Any:
        """账号注册: a captcha for the code, the code for the account."""
        if current_principal() is not None:
            return redirect("/")
        if AGREED not in session:
            return redirect(url_for("RegistrationEntryView.agreement"))
        if request.method == "POST" and request.form.get("go") == "code":
            return self._send_code()
        form = AccountForm(data=_known_account())
        form.validate_on_submit()
        if not form.is_submitted() or "csrf_token" in form.errors:
            return self._account_page(form)
        try:
            user_id = self._register(form)
        except DomainError as refusal:
            db.session.rollback()
            told = refusal.problems or not isinstance(refusal, Invalid)  # else the fields say all of it
            form.form_errors = [*form.form_errors, *(form.take(refusal) if told else ())]
            return self._account_page(form)
        credentials = credentials_of(user_id)
        assert credentials is not None  # noqa: S101 - the account was made this moment
        start_session(user_id, credentials)
        flash(gettext("Your account is made. Now enter the information of your enterprise."), "success")
        return redirect(url_for("RegistrationView.information"))

    def _register(self, form: AccountForm) -> int:
        """Make the account, or tell all that is wrong in one round; a form with errors is counted too.

        Only whether the code is right comes last, since each try of it is one of few.
        """
        count_try("register", g.actor.address, current_app.config["REGISTRATION_LIMIT"])
        now, phone = context.now(), normalise_number(form.phone.data or "")
        username, password = form.username.data or "", form.password.data or ""
        draft = AccountDraft(
            username=username,
            email=form.email.data or "",
            kind=Kind.ENTERPRISE,
            display_name=username,
            phone=phone,
            language=language(),
        )
        with unit_of_work():
            if username or draft.email:
                registrations.release_abandoned(now, username, draft.email)
            _refuse_problems(form, [*account_problems(draft), *_password_problems(form, now)])
            hashed = replace(draft, password_hash=hash_password(password))
            made: Account = registrations.begin(hashed, _agreed_at(), now, known_fields())
            use_code(PURPOSE, phone, form.code.data or "", now)
            audit.record(g.actor, "register", "account", made.id)
        return made.user_id

    def _send_code(self) -> Any:
        form, asked = AccountForm(), CodeForm()
        message = ""
        if asked.validate():
            try:
                message = self._issue(asked)
            except DomainError as refusal:
                db.session.rollback()
                asked.form_errors = [*asked.form_errors, *asked.take(refusal)]
        form.phone.errors = asked.phone.errors
        if not wants_json():
            if message:
                flash(message, "success")
            return self._account_page(form, asked, sent=bool(message))
        problems = [str(words) for field in asked for words in field.errors]
        problems += [str(words) for words in asked.form_errors]
        if problems:
            return jsonify(message=" ".join(problems)), 422
        return jsonify(message=message)

    @staticmethod
    def _issue(asked: CodeForm) -> str:
        phone = normalise_number(asked.phone.data or "")
        problem = mobile_problem(phone, "phone")
        if problem is not None:
            raise Invalid([problem])
        with unit_of_work():
            issue_code(PURPOSE, phone, context.now(), language=language())
        return str(gettext("A code was sent to %(phone)s.", phone=phone))

    def _account_page(self, form: AccountForm, asked: CodeForm | None = None, *, sent: bool = False) -> Any:
        page = self.page(
            "enterprises/registration_account.html", form=form, asked=asked or CodeForm(formdata=None)
        )
        return page, 422 if request.method == "POST" and not sent else 200


def _password_problems(form: AccountForm, now: dt.datetime) -> list[Problem]:
    return new_password_problems(form.password.data or "", login_name(form.username.data or ""), now)


def _refuse_problems(form: AccountForm, problems: Sequence[Problem]) -> None:
    """Stop where something is wrong; a field that is wrong by itself already keeps its own words.

    The display name is the login name here, and is wrong or right with that.

    :raises Invalid: with what is wrong besides, which may be nothing.
    """
    wrong = {name for name, field in form._fields.items() if field.errors}
    further = [problem for problem in problems if problem.field not in {*wrong, "display_name"}]
    if wrong or problems:
        raise Invalid(further)


def _known_account() -> dict[str, str]:
    """What an identity provider said of how to reach who registers."""
    known = known_fields()
    return {"email": known.get("email", ""), "phone": known.get("mobile", "")}


def _agreed_at() -> dt.datetime:
    return dt.datetime.fromtimestamp(session[AGREED], UTC)
