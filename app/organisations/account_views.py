"""Pages of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_appbuilder import expose
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from wtforms import PasswordField, SelectMultipleField
from wtforms.fields.choices import Choice
from wtforms.validators import InputRequired, Length, ValidationError

from app.infra import context
from app.infra.database import db
from app.infra.display import display
from app.infra.forms import REQUIRED, PlatformForm
from app.infra.i18n import say
from app.infra.lists import ListSpec
from app.infra.security import current_permissions
from app.infra.views import protected
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid, Problem
from app.organisations import account_service as accounts
from app.organisations import password_service
from app.organisations.fields import text_field
from app.organisations.lists import account_list
from app.organisations.login_names import login_name
from app.organisations.models import Account
from app.organisations.password_service import new_password_problems
from app.organisations.passwords import LONGEST
from app.organisations.sub_pages import SubPagesView
from app.organisations.terms import KIND_NAMES, LANGUAGE_NAMES, ROLE_NAMES, STATE_NAMES


def password_field(label: Any, *, required: bool = True) -> PasswordField:
    """A password to type; never sent back to the page."""
    validators = [InputRequired(REQUIRED)] if required else []
    return PasswordField(label, validators=[*validators, Length(max=LONGEST)])


class RoleField(SelectMultipleField):
    """Roles by name."""

    def iter_choices(self) -> Any:
        """Every role."""
        names = db.session.scalars(select(Role.name).where(Role.name != "Public").order_by(Role.name))
        for name in names:
            yield Choice(name, say(ROLE_NAMES.get(name, name)), name in (self.data or ()), {})

    def pre_validate(self, form: Any) -> None:
        """Refuse what is not offered; the service names it."""


class AccountView(SubPagesView):
    """Accounts of every kind: who may sign in, and as what."""

    model = Account
    route_base = "/accounts"
    deletable = False
    batch_permission = "grant"
    list_title = lazy_gettext("Accounts")
    show_title = lazy_gettext("Account")
    add_title = lazy_gettext("New account")
    edit_title = lazy_gettext("Change account")
    label_columns = {
        "username": lazy_gettext("Login name"),
        "display_name": lazy_gettext("Name"),
        "kind": lazy_gettext("Kind of account"),
        "email": lazy_gettext("E-mail"),
        "phone": lazy_gettext("Phone"),
        "language": lazy_gettext("Language"),
        "roles": lazy_gettext("Roles"),
        "state": lazy_gettext("State"),
        "last_sign_in_at": lazy_gettext("Last sign-in"),
        "created_at": lazy_gettext("Created"),
        "password": lazy_gettext("Initial password"),
    }
    list_columns = ["display_name", "kind", "phone", "last_sign_in_at", "state"]
    search_columns = ["display_name", "kind", "state"]
    base_order = ("display_name", "asc")
    add_columns = ["username", "display_name", "kind", "roles", "email", "phone", "language", "password"]
    edit_columns = ["display_name", "email", "phone", "language"]
    show_columns = [
        *("username", "display_name", "kind", "roles", "email", "phone"),
        *("language", "state", "last_sign_in_at", "created_at"),
    ]
    choices_columns = {
        "kind": list(KIND_NAMES.items()),
        "language": list(LANGUAGE_NAMES.items()),
        "state": list(STATE_NAMES.items()),
    }
    formatters_columns = {
        "roles": lambda roles: display([ROLE_NAMES.get(role.name, role.name) for role in roles])
    }
    extra_fields: ClassVar[Mapping[str, Any]] = {
        "username": text_field(lazy_gettext("Login name"), 64, required=True),
        "email": text_field(lazy_gettext("E-mail"), 120, required=True),
        "password": password_field(lazy_gettext("Initial password")),
        "roles": RoleField(
            lazy_gettext("Roles"), description=lazy_gettext("Empty: the usual role of this kind of account.")
        ),
    }

    def listing(self) -> ListSpec:
        """Accounts by kind, name and state."""
        return account_list(self.listing_name, self._row_link())

    def examine(self, actor: Actor, row: Any, values: dict[str, Any]) -> Sequence[Problem]:
        """What the service would refuse besides."""
        if row is not None:
            return accounts.edit_problems(row, **self._entered(values))
        problems = new_password_problems(
            values["password"] or "", login_name(values["username"] or ""), context.now()
        )
        # a role is judged by the kind of the account, so there has to be one
        return [*problems, *accounts.account_problems(_draft(values))] if values["kind"] else problems

    def create(self, actor: Actor, values: dict[str, Any]) -> Any:
        """Make an account with an initial password."""
        if new_password_problems(values["password"], login_name(values["username"]), context.now()):
            raise Invalid(self.examine(actor, None, values))
        hashed = accounts.hash_password(values["password"])
        return accounts.create_account(actor, _draft(values, hashed), context.now())

    def _entered(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {name: values[name] or "" for name in self.edit_columns}

    def change(self, actor: Actor, row: Any, values: dict[str, Any], version: int | None) -> Any:
        """Change how an account is called and reached."""
        entered = self._entered(values)
        return accounts.edit_account(actor, row.id, **entered, version=version, now=context.now())

    def show_links(self, row: Any) -> list[tuple[str, str]]:
        """Roles and password have pages of their own."""
        links = []
        if self.can("grant"):
            links.append((gettext("Change roles"), self._url("grant", pk=row.id)))
        if ("can_show", "IdentityView") in current_permissions():
            links.append((gettext("Identity verification"), f"/identities/{row.id}"))
        if self.can("reset"):
            links.append((gettext("Reset password"), self._url("reset", pk=row.id)))
        return links

    @expose("/grant/<pk>", methods=["GET", "POST"])
    @protected("grant")
    def grant(self, pk: str) -> Any:
        """Give other roles; every session of the account ends."""
        row = self._find(pk)
        form = GrantForm(obj=None, roles=[role.name for role in row.roles])
        title = gettext("Roles of %(name)s", name=row.display_name)
        return self.sub_page(
            pk, title, form, lambda: accounts.set_roles(self.actor, row.id, form.roles.data, context.now())
        )

    @expose("/reset/<pk>", methods=["GET", "POST"])
    @protected("reset")
    def reset(self, pk: str) -> Any:
        """Set the password of somebody who lost it."""
        row = self._find(pk)
        form = ResetForm()
        title = gettext("New password of %(name)s", name=row.display_name)
        return self.sub_page(
            pk,
            title,
            form,
            lambda: password_service.reset_password(self.actor, row.id, form.password.data, context.now()),
        )


def _draft(values: Mapping[str, Any], password_hash: str = accounts.NO_PASSWORD) -> accounts.AccountDraft:
    return accounts.AccountDraft(
        username=values["username"] or "",
        email=values["email"] or "",
        kind=Kind(values["kind"]),
        display_name=values["display_name"] or "",
        phone=values["phone"] or "",
        language=values["language"] or "zh",
        password_hash=password_hash,
        must_change=True,
        roles=tuple(values["roles"] or ()),
    )


class GrantForm(PlatformForm):
    """The roles of an account."""

    roles = RoleField(lazy_gettext("Roles"))


class ResetForm(PlatformForm):
    """A new password, typed twice."""

    password = password_field(lazy_gettext("New password"))
    again = password_field(lazy_gettext("New password, again"))

    def validate_again(self, field: Any) -> None:
        """Both must be the same."""
        if field.data != self.password.data:
            raise ValidationError(gettext("The two passwords differ."))
