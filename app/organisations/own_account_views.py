"""用户中心: everybody's own account: basic data, mobile, password, scans, tokens, sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from wtforms import DateField, HiddenField
from wtforms.validators import InputRequired

from app.infra import context
from app.infra.database import db
from app.infra.files import download
from app.infra.forms import REQUIRED, ChoiceField, PlatformForm, parse_version
from app.infra.i18n import say
from app.infra.page_fields import UploadField
from app.infra.scope import parse_key
from app.infra.security import current_permissions
from app.infra.sign_in import start_session
from app.infra.transactions import unit_of_work
from app.infra.views import PageView, protected
from app.kernel.actor import Kind
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations import account_service as accounts
from app.organisations import identities, own_account, password_service, steps, tokens
from app.organisations.account_views import ResetForm, password_field
from app.organisations.accounts import load_credentials
from app.organisations.code_fields import CodeField, send_code, wished_code
from app.organisations.codes import seconds_to_wait
from app.organisations.contacts import normalise_number
from app.organisations.entry_views import send_to_typed
from app.organisations.fields import submitted, text_field
from app.organisations.models import Account
from app.organisations.terms import DOCUMENT_KINDS, DOCUMENT_NAMES, LANGUAGE_NAMES


class OwnPasswordForm(ResetForm):
    """The current and a new password."""

    current = password_field(lazy_gettext("Current password"))


class OwnAccountForm(PlatformForm):
    """How the account is called and reached; the mobile has a page of its own."""

    display_name = text_field(lazy_gettext("Name"), 100, required=True)
    email = text_field(lazy_gettext("E-mail"), 120, required=True)
    language = ChoiceField(lazy_gettext("Language"), choices=list(LANGUAGE_NAMES.items()), must=True)
    version = HiddenField()

    def current_values(self, account: Account) -> list[str]:
        """After a change by somebody else: what the account holds now where the form differs.

        Whoever saves again has seen it and overwrites it.
        """
        if parse_version(str(self.version.data or "")) in {None, account.version}:
            return []
        self.version.data = str(account.version)
        stored = OwnAccountForm(formdata=None, obj=account)
        words = {"language": LANGUAGE_NAMES.get(account.language, account.language)}
        return [
            gettext(
                "Now: %(field)s %(value)s",
                field=self[name].label.text,
                value=say(words.get(name, stored[name].data)),
            )
            for name in ("display_name", "email", "language")
            if stored[name].data != self[name].data
        ]


class OwnPhoneForm(PlatformForm):
    """Codes to the present and to the new mobile."""

    old_code = CodeField(lazy_gettext("Code sent to the present mobile"), purpose="old_phone")
    phone = text_field(lazy_gettext("New mobile"), 30, required=True)
    code = CodeField(lazy_gettext("Code sent to the new mobile"), purpose="new_phone")


class TokenForm(PlatformForm):
    """What a token is for, and how long it holds."""

    name = text_field(lazy_gettext("What it is for"), 60, required=True)
    last_day = DateField(lazy_gettext("Valid until"), validators=[InputRequired(REQUIRED)])


class IdentityForm(PlatformForm):
    """Scans; each may be handed in alone."""

    identity_front = UploadField(DOCUMENT_NAMES["identity_front"].msgid)
    identity_back = UploadField(DOCUMENT_NAMES["identity_back"].msgid)
    licence = UploadField(DOCUMENT_NAMES["licence"].msgid)
    legal_person = UploadField(DOCUMENT_NAMES["legal_person"].msgid)


class OwnAccountView(PageView):
    """用户中心; every page is the actor's own."""

    route_base = "/account"
    default_view = "show"
    title = lazy_gettext("Own account")

    @expose("/", methods=["GET", "POST"])
    @protected("show")
    def show(self) -> Any:
        """基本信息."""
        account = self._account()
        form = OwnAccountForm(obj=account)
        if submitted(form, lambda: self._save(account, form)):
            return self._saved("show")
        form.form_errors = [*form.form_errors, *form.current_values(self._account())]
        return self._own("basic", form, account=account)

    @expose("/phone", methods=["GET", "POST"])
    @protected("show")
    def phone(self) -> Any:
        """手机号: another one needs a code to the present and to the new one."""
        account, now = self._account(), context.now()
        present, language = account.phone, account.language
        form = OwnPhoneForm()
        if steps.needs_phone(account):
            del form.old_code
        own = {"account_id": account.id}
        if wished_code() == "old_phone" and "old_code" in form:
            send_code(form, form.old_code, present, now, language=language, **own)
        elif wished_code():
            send_to_typed(form, account.id, language)
        elif submitted(form, lambda: self._change_phone(form)):
            return self._saved("phone")
        if "old_code" in form:
            form.old_code.wait = seconds_to_wait("old_phone", present, now, **own)
        if form.phone.data:
            form.code.wait = seconds_to_wait("new_phone", normalise_number(form.phone.data), now, **own)
        shown = "" if steps.needs_phone(self._account()) else steps.masked(present)
        return self._own("phone", form, present=shown)

    @expose("/password", methods=["GET", "POST"])
    @protected("show")
    def password(self) -> Any:
        """密码: every other session of the account ends, this one goes on."""
        form = OwnPasswordForm()
        if submitted(form, lambda: self._renew(form)):
            self._go_on()
            return self._saved("password")
        return self._own("password", form)

    @expose("/identity", methods=["GET", "POST"])
    @protected("show")
    def identity(self) -> Any:
        """实名认证: optional; what was handed in is seen by the admin who covers the account."""
        kinds = own_account.document_kinds(Kind(self.actor.kind))
        form = IdentityForm()
        for kind in DOCUMENT_KINDS:
            if kind in kinds:
                form[kind].label.text = say(DOCUMENT_NAMES[kind])
            else:
                delattr(form, kind)
        if submitted(form, lambda: self._submit(form, kinds)):
            return self._saved("identity")
        documents = own_account.documents_of(self.actor.account_id or 0)
        return self._own("identity", form, documents=documents, names=DOCUMENT_NAMES)

    @expose("/identity/<kind>", methods=["GET"])
    @protected("show")
    def document(self, kind: str) -> Any:
        """An own scan."""
        return download(own_account.document(self.actor.account_id or 0, kind).file, context.now())

    @expose("/tokens", methods=["GET", "POST"])
    @protected("show")
    def tokens(self) -> Any:
        """访问令牌: a new one is shown once."""
        form, made = TokenForm(), []
        if submitted(form, lambda: made.append(self._new_token(form))):
            form = TokenForm(formdata=None)
        rows = tokens.live_tokens(self.actor, context.now())
        may_ask = ("can_list", "InterfaceHelpView") in current_permissions()
        return self._own("tokens", form, token="".join(made), rows=rows, may_ask=may_ask)

    @expose("/tokens/<pk>/revoke", methods=["POST"])
    @protected("show")
    def revoke(self, pk: str) -> Any:
        """End a token."""
        with unit_of_work():
            tokens.revoke_token(self.actor, parse_key(pk, int), context.now())
        flash(gettext("The token has been revoked."), "success")
        return redirect(url_for("OwnAccountView.tokens"))

    @expose("/sessions", methods=["GET"])
    @protected("show")
    def sessions(self) -> Any:
        """登录记录."""
        account_id = self.actor.account_id or 0
        bound = bool(identities.identities_of(account_id))
        label = current_app.config["OIDC_LABEL"] if bound else ""
        return self._own("sessions", None, rows=own_account.recent_sign_ins(account_id), label=label)

    @expose("/sessions/unbind", methods=["POST"])
    @protected("show")
    def unbind(self) -> Any:
        """Let no identity of a provider open this account any more."""
        with unit_of_work():
            identities.unbind_identities(self.actor)
        return self._saved("sessions")

    @expose("/sessions/end", methods=["POST"])
    @protected("show")
    def end_sessions(self) -> Any:
        """End all sessions but this one, and all tokens."""
        with unit_of_work():
            own_account.end_sessions(self.actor, context.now())
        self._go_on()
        flash(gettext("All other sessions and all tokens have ended."), "success")
        return redirect(url_for("OwnAccountView.sessions"))

    def _account(self) -> Account:
        account = db.session.get(Account, self.actor.account_id)
        if account is None:
            abort(404)
        return account

    def _save(self, account: Account, form: OwnAccountForm) -> None:
        entered = {name: form[name].data or "" for name in ("display_name", "email", "language")}
        version = parse_version(str(form.version.data or ""))
        accounts.edit_account(
            self.actor, account.id, **entered, phone=account.phone, version=version, now=context.now()
        )

    def _change_phone(self, form: OwnPhoneForm) -> None:
        old_code = (form.old_code.data or "") if "old_code" in form else ""
        entered = (old_code, form.phone.data or "", form.code.data or "")
        steps.change_phone(self.actor.account_id or 0, *entered, context.now())

    def _renew(self, form: OwnPasswordForm) -> None:
        password_service.change_own_password(self.actor, form.current.data, form.password.data, context.now())

    def _submit(self, form: IdentityForm, kinds: Sequence[str]) -> None:
        sent = {kind: form[kind].data for kind in kinds if form[kind].data}
        if not sent:
            raise Invalid([Problem(Message("Choose at least one picture."), kinds[0])])
        for kind, one in sent.items():
            own_account.submit_document(self.actor, kind, one.filename or "", one.stream, context.now())

    def _new_token(self, form: TokenForm) -> str:
        return tokens.create_token(self.actor, form.name.data or "", form.last_day.data, context.now())

    def _go_on(self) -> None:
        """Keep this session, now that the account's sessions have ended."""
        user_id = self.actor.user_id or 0
        credentials = load_credentials(user_id)
        if credentials is not None:
            start_session(user_id, credentials)

    def _saved(self, page: str) -> Any:
        flash(gettext("Saved."), "success")
        return redirect(url_for(f"OwnAccountView.{page}"))

    def _own(self, part: str, form: PlatformForm | None, **values: Any) -> Any:
        status = 422 if form is not None and form.errors else 200
        shown = {"part": part, "form": form, "account": self._account(), **values}
        return self.page(f"organisations/own_{part}.html", **shown), status
