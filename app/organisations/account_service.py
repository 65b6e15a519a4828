"""Accounts: made, changed, given roles, disabled and enabled again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from flask import current_app
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import func, select
from werkzeug.security import check_password_hash, generate_password_hash

from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import normalise_name
from app.kernel.texts import Message
from app.organisations.contacts import any_phone_problem, email_problem, normalise_number
from app.organisations.events import AccountDisabled, RolesChanged
from app.organisations.models import Account
from app.organisations.passwords import password_problems
from app.organisations.rules import EXCLUSIVE_ROLES, KIND_ROLES, role_problems
from app.organisations.terms import ACCOUNT_KINDS

NO_PASSWORD = "!"  # noqa: S105 - no password has this hash
"""The hash of an account that cannot sign in with a password until one is set."""


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """What a new account is made of. ``password_hash`` comes from ``hash_password``, or none is set.

    Without ``roles`` the account gets the shipped role of its kind.
    """

    username: str
    email: str
    kind: Kind
    display_name: str
    phone: str = ""
    language: str = "zh"
    password_hash: str = NO_PASSWORD
    roles: Collection[str] = field(default_factory=tuple)


def hash_password(password: str) -> str:
    """The hash of a password, by the method that the application is configured with."""
    method = current_app.config.get("FAB_PASSWORD_HASH_METHOD", "scrypt")
    return generate_password_hash(password, method=method)


def create_account(actor: Actor, draft: AccountDraft, now: dt.datetime) -> Account:
    """Make an account with its FAB user.

    :raises Forbidden: the actor may not make accounts of this kind.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _may_make(actor, draft.kind)
    _may_grant(actor, draft.roles or _default_roles(draft.kind))
    username = normalise_name(draft.username)
    email = draft.email.strip()
    phone = normalise_number(draft.phone)
    roles, missing = _roles(draft.roles or _default_roles(draft.kind))
    problems = [
        *_name_problems(username, draft.display_name),
        *_contact_problems(email, phone),
        *role_problems(draft.kind, [role.name for role in roles]),
        *missing,
    ]
    if problems:
        raise Invalid(problems)
    user = User(
        username=username,
        first_name=normalise_name(draft.display_name)[:64],
        last_name="",
        email=email,
        password=draft.password_hash,
        active=True,
        roles=roles,
        created_on=now.replace(tzinfo=None),
        changed_on=now.replace(tzinfo=None),
    )
    account = Account(
        user=user,
        kind=draft.kind.value,
        display_name=normalise_name(draft.display_name),
        phone=phone,
        language=draft.language,
        created_at=now,
    )
    db.session.add(account)
    db.session.flush()
    return account


def edit_account(
    actor: Actor,
    account_id: int,
    *,
    display_name: str,
    email: str,
    phone: str,
    language: str,
    version: int | None,
    now: dt.datetime,
) -> Account:
    """Change how an account is called and reached.

    :raises Invalid: naming every entry that cannot be taken.
    :raises Conflict: somebody changed it since ``version``.
    """
    account = _find(actor, account_id, now)
    claim_version(account, version)
    email, phone = email.strip(), normalise_number(phone)
    problems = [*_contact_problems(email, phone, account.user_id)]
    if not normalise_name(display_name):
        problems.append(Problem(Message("Enter a name."), "display_name"))
    if language not in ("zh", "en"):
        problems.append(Problem(Message("Choose a language."), "language"))
    if problems:
        raise Invalid(problems)
    account.display_name, account.phone, account.language = normalise_name(display_name), phone, language
    account.user.email = email
    account.user.first_name = account.display_name[:64]
    db.session.flush()
    return account


def set_roles(actor: Actor, account_id: int, names: Collection[str], now: dt.datetime) -> Account:
    """Give an account other roles; its sessions end.

    :raises Forbidden: it is the actor's own account, or the actor does not grant roles.
    :raises Invalid: roles that exclude each other or do not fit the kind of account.
    """
    if actor.kind not in (Kind.PLATFORM, Kind.SYSTEM):
        raise Forbidden(Message("Only the platform's administration grants roles."))
    account = _find(actor, account_id, now)
    _refuse_oneself(actor, account)
    _may_grant(actor, set(names) ^ {role.name for role in account.user.roles})
    roles, problems = _roles(names)
    problems += role_problems(Kind(account.kind), [role.name for role in roles])
    if not names:
        problems.append(Problem(Message("Choose at least one role."), "roles"))
    if problems:
        raise Invalid(problems)
    if {role.name for role in account.user.roles} != set(names):
        account.user.roles = roles
        account.session_epoch += 1
        db.session.flush()
        emit(RolesChanged(actor, account.id, frozenset(names), now))
    return account


def disable_account(actor: Actor, account_id: int, now: dt.datetime) -> Account:
    """End the sessions of an account and refuse new ones.

    :raises Forbidden: it is the actor's own account, or one whose roles the actor may not take away.
    :raises Conflict: it is disabled already, or belongs to an active admin.
    """
    account = _find(actor, account_id, now)
    _refuse_oneself(actor, account)
    _may_grant(actor, {role.name for role in account.user.roles})
    if account.admin is not None and account.admin.state == "active":
        raise Conflict(Message("This account belongs to an active admin: disable the admin first."))
    return switch_off(actor, account, now)


def enable_account(actor: Actor, account_id: int, now: dt.datetime) -> Account:
    """Let an account sign in again.

    :raises Forbidden: its roles are not the actor's to give.
    :raises Conflict: it is active already.
    """
    account = _find(actor, account_id, now)
    _may_grant(actor, {role.name for role in account.user.roles})
    if account.state == "active":
        raise Conflict(Message("This account is active already."))
    return switch_on(account)


def switch_off(actor: Actor, account: Account, now: dt.datetime) -> Account:
    """Disable the account of a record that was disabled; decided by the service that calls."""
    if account.state == "disabled":
        raise Conflict(Message("This account is disabled already."))
    account.state = "disabled"
    account.session_epoch += 1
    db.session.flush()
    emit(AccountDisabled(actor, account.id, now))
    return account


def switch_on(account: Account) -> Account:
    """Enable the account of a record that was enabled again."""
    account.state = "active"
    account.failed_sign_ins, account.locked_until = 0, None
    db.session.flush()
    return account


def reset_password(actor: Actor, account_id: int, password: str, now: dt.datetime) -> Account:
    """Set another account's password for its owner who lost it.

    :raises Forbidden: the account runs, secures or audits the platform; only the command line resets it.
    :raises Invalid: the password is too weak.
    """
    account = _find(actor, account_id, now)
    held = {role.name for role in account.user.roles}
    if actor.kind is not Kind.SYSTEM and (held & set(EXCLUSIVE_ROLES) or account.id == actor.account_id):
        raise Forbidden(Message("The password of this account is changed by its owner only."))
    problems = password_problems(password, account.username)
    if problems:
        raise Invalid(problems)
    set_password(account, hash_password(password))
    return account


def change_own_password(actor: Actor, current: str, password: str, now: dt.datetime) -> Account:
    """Change the actor's own password; every session of the account ends.

    :raises Invalid: the current password is not right, or the new one is too weak or the same.
    """
    account = _find(actor, actor.account_id or 0, now)
    problems = password_problems(password, account.username)
    if not check_password_hash(account.user.password, current):
        problems.append(Problem(Message("The current password is not right."), "current"))
    elif current == password:
        problems.append(Problem(Message("Choose a password other than the current one."), "password"))
    if problems:
        raise Invalid(problems)
    set_password(account, hash_password(password))
    return account


def set_password(account: Account, password_hash: str) -> None:
    """Replace the password: every session of the account ends, a lock-out too."""
    account.user.password = password_hash
    account.session_epoch += 1
    account.failed_sign_ins, account.locked_until = 0, None
    db.session.flush()


def _find(actor: Actor, account_id: int, now: dt.datetime) -> Account:
    found: Account = scope.find(Account, account_id, actor, local_date(now), lock=True)
    return found


def _may_make(actor: Actor, kind: Kind) -> None:
    if kind.value not in ACCOUNT_KINDS:
        raise Invalid([Problem(Message("Choose what kind of account this is."), "kind")])
    if actor.kind in (Kind.PLATFORM, Kind.SYSTEM):
        return
    if actor.kind is Kind.BUREAU and kind in (Kind.BUREAU, Kind.ENTERPRISE, Kind.POINT, Kind.CENTRE):
        return
    raise Forbidden(Message("You may not create accounts of this kind."))


def _may_grant(actor: Actor, roles: Collection[str]) -> None:
    """A bureau gives shipped roles of the working kinds only.

    Running, securing and auditing the platform are granted by the security administrator; until
    there is one, the platform administrator appoints the first.
    """
    if actor.kind is Kind.BUREAU and set(roles) - frozenset().union(*KIND_ROLES.values()):
        raise Forbidden(Message("Only the platform's administration grants roles."))
    if actor.kind is Kind.SYSTEM or not set(roles) & set(EXCLUSIVE_ROLES) or "SecurityAdmin" in actor.roles:
        return
    secured = select(Account.id).join(User, User.id == Account.user_id)
    secured = secured.where(User.roles.any(Role.name == "SecurityAdmin"), Account.state == "active").limit(1)
    if "PlatformAdmin" not in actor.roles or db.session.scalar(secured):
        raise Forbidden(Message("Only the security administrator grants this role."))


def _refuse_oneself(actor: Actor, account: Account) -> None:
    if actor.account_id == account.id:
        raise Forbidden(Message("Nobody changes the rights of the own account: ask another administrator."))


def _default_roles(kind: Kind) -> Collection[str]:
    shipped = KIND_ROLES[kind]
    return ("PlatformAdmin",) if kind is Kind.PLATFORM else shipped


def _roles(names: Collection[str]) -> tuple[list[Role], list[Problem]]:
    roles = list(db.session.scalars(select(Role).where(Role.name.in_(names)).order_by(Role.name)))
    unknown = sorted(set(names) - {role.name for role in roles})
    return roles, [Problem(Message("There is no role {role}.", role=role), "roles") for role in unknown]


def _name_problems(username: str, display_name: str) -> list[Problem]:
    problems = []
    if not 2 <= len(username) <= 64 or any(character.isspace() for character in username):
        problems.append(Problem(Message("A login name has 2 to 64 characters without spaces."), "username"))
    elif db.session.scalar(select(User.id).where(func.lower(User.username) == username.lower())):
        problems.append(Problem(Message("This login name is taken: choose another one."), "username"))
    if not normalise_name(display_name):
        problems.append(Problem(Message("Enter a name."), "display_name"))
    return problems


def _contact_problems(email: str, phone: str, user_id: int | None = None) -> Sequence[Problem]:
    found = [email_problem(email), any_phone_problem(phone) if phone else None]
    taken = select(User.id).where(func.lower(User.email) == email.lower(), User.id != (user_id or 0))
    if found[0] is None and db.session.scalar(taken):
        found.append(Problem(Message("This e-mail address belongs to another account."), "email"))
    return [problem for problem in found if problem is not None]


def create_platform_admin(
    actor: Actor, username: str, email: str, password: str, now: dt.datetime
) -> Account:
    """The account that the command line makes to run a new installation.

    :raises Invalid: naming every entry that cannot be taken.
    """
    problems = password_problems(password, username)
    if problems:
        raise Invalid(problems)
    draft = AccountDraft(username, email, Kind.PLATFORM, username, password_hash=hash_password(password))
    return create_account(actor, draft, now)


def keep_preference(actor: Actor, name: str, value: str) -> None:
    """Keep how pages look for an account (``language`` or ``text_size``).

    :raises ValueError: no such preference.
    """
    if name not in ("language", "text_size"):
        raise ValueError(f"no preference {name}")
    account = db.session.get(Account, actor.account_id)
    if account is not None:
        setattr(account, name, value)
        db.session.flush()
