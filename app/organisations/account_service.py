"""Accounts: made, changed, given roles, disabled and enabled again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from flask import current_app
from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import func, select
from werkzeug.security import generate_password_hash

from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import normalise_name
from app.kernel.texts import Message
from app.organisations.access_models import PasswordRecord
from app.organisations.contacts import any_phone_problem, email_problem, normalise_number
from app.organisations.events import AccountDisabled, RolesChanged
from app.organisations.login_names import login_key, login_name, login_name_problem
from app.organisations.models import Account
from app.organisations.passwords import password_problems
from app.organisations.rules import EXCLUSIVE_ROLES, KIND_ROLES, role_problems
from app.organisations.terms import ACCOUNT_KINDS

NO_PASSWORD = "!"  # noqa: S105 - no password has this hash
"""The hash of an account that cannot sign in with a password until one is set."""
RELEASED = "released"
"""What an account is called whose names were freed for others."""


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """What a new account is made of. ``password_hash`` comes from ``hash_password``, or none is set;
    whoever knows a password that is not his own says ``must_change``.

    Without ``roles`` the account gets the shipped role of its kind.
    """

    username: str
    email: str
    kind: Kind
    display_name: str
    phone: str = ""
    language: str = "zh"
    password_hash: str = NO_PASSWORD
    must_change: bool = False
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
    problems = account_problems(draft)
    if problems:
        raise Invalid(problems)
    roles, _missing = _roles(draft.roles or _default_roles(draft.kind))
    account = new_account(draft, roles, now)
    db.session.add(account)
    db.session.flush()
    return account


def new_account(draft: AccountDraft, roles: list[Role], now: dt.datetime) -> Account:
    """The rows of an account whose entries were checked; not yet added to the session."""
    name = normalise_name(draft.display_name)
    user = User(
        username=login_name(draft.username),
        first_name=name[:64],
        last_name="",
        email=draft.email.strip(),
        password=draft.password_hash,
        active=True,
        roles=roles,
        created_on=now.replace(tzinfo=None),
        changed_on=now.replace(tzinfo=None),
    )
    return Account(
        user=user,
        kind=draft.kind.value,
        display_name=name,
        phone=normalise_number(draft.phone),
        language=draft.language,
        must_change_password=draft.must_change,
        password_set_at=now,
        created_at=now,
    )


def account_problems(draft: AccountDraft) -> list[Problem]:
    """Everything wrong with a new account as entered."""
    roles, missing = _roles(draft.roles or _default_roles(draft.kind))
    return [
        *_name_problems(login_name(draft.username), draft.display_name),
        *_contact_problems(draft.email.strip(), normalise_number(draft.phone)),
        *role_problems(draft.kind, [role.name for role in roles]),
        *missing,
    ]


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
    account = find_account(actor, account_id, now)
    claim_version(account, version)
    email, phone = email.strip(), normalise_number(phone)
    problems = edit_problems(account, display_name=display_name, email=email, phone=phone, language=language)
    if problems:
        raise Invalid(problems)
    account.display_name, account.phone, account.language = normalise_name(display_name), phone, language
    account.user.email = email
    account.user.first_name = account.display_name[:64]
    db.session.flush()
    return account


def edit_problems(
    account: Account, *, display_name: str, email: str, phone: str, language: str
) -> list[Problem]:
    """Everything wrong with how an account is to be called and reached, as entered."""
    problems = [*_contact_problems(email.strip(), normalise_number(phone), account.user_id)]
    if not normalise_name(display_name):
        problems.append(Problem(Message("Enter a name."), "display_name"))
    if language not in ("zh", "en"):
        problems.append(Problem(Message("Choose a language."), "language"))
    return problems


def set_roles(actor: Actor, account_id: int, names: Collection[str], now: dt.datetime) -> Account:
    """Give an account other roles; its sessions end.

    :raises Forbidden: it is the actor's own account, or the actor does not grant roles.
    :raises Invalid: roles that exclude each other or do not fit the kind of account.
    """
    if actor.kind not in (Kind.PLATFORM, Kind.SYSTEM):
        raise Forbidden(Message("Only the platform's administration grants roles."))
    account = find_account(actor, account_id, now)
    _refuse_oneself(actor, account)
    _may_grant(actor, set(names) ^ {role.name for role in account.user.roles})
    roles, problems = _roles(names)
    problems += role_problems(Kind(account.kind), {role.name for role in roles} | group_roles(account))
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


def group_roles(account: Account) -> set[str]:
    """The roles that an account has through groups."""
    return {role.name for group in account.user.groups for role in group.roles}


def disable_account(actor: Actor, account_id: int, now: dt.datetime) -> Account:
    """End the sessions of an account and refuse new ones.

    :raises Forbidden: it is the actor's own account, or one whose roles the actor may not take away.
    :raises Conflict: it is disabled already, or belongs to an active admin.
    """
    account = find_account(actor, account_id, now)
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
    account = find_account(actor, account_id, now)
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


def release_account(account: Account) -> None:
    """Free the login name and the addresses of an account whose record is gone.

    The account stays as an empty shell that nobody can enter, since the audit trail speaks of it.
    """
    account.state, account.session_epoch = "disabled", account.session_epoch + 1
    account.phone, account.display_name = "", RELEASED
    account.user.password, account.user.active = NO_PASSWORD, False
    account.user.username = f"{RELEASED}:{account.id}"  # no new login name may have a colon
    account.user.email = f"{account.id}@{RELEASED}.invalid"
    account.user.first_name = RELEASED
    db.session.flush()


def switch_on(account: Account) -> Account:
    """Enable the account of a record that was enabled again."""
    account.state = "active"
    account.failed_sign_ins, account.locked_until = 0, None
    db.session.flush()
    return account


def set_password(
    account: Account, password_hash: str, now: dt.datetime, *, must_change: bool = False
) -> None:
    """Replace the password: every session and token of the account ends, a lock-out too.

    :param must_change: somebody else chose it, so the owner chooses another at the next sign-in.
    """
    account.user.password = password_hash
    account.password_set_at, account.must_change_password = now, must_change
    account.session_epoch += 1
    account.failed_sign_ins, account.locked_until = 0, None
    db.session.add(PasswordRecord(account_id=account.id, password_hash=password_hash, set_at=now))
    db.session.flush()


def has_no_password(account: Account) -> bool:
    """Whether nobody can sign in with the account until its owner has chosen a password."""
    return bool(account.user.password == NO_PASSWORD)


def find_account(actor: Actor, account_id: int, now: dt.datetime) -> Account:
    """An account that the actor sees, locked for a change.

    :raises NotFound: there is none, or not for this actor.
    """
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
    taken = select(User.id).where(func.lower(User.username) == login_key(username))
    return name_problems(username, display_name, is_taken=db.session.scalar(taken) is not None)


def name_problems(username: str, display_name: str, *, is_taken: bool) -> list[Problem]:
    """What is wrong with the names of an account: pure.

    :param is_taken: whether another account has the login name, in whatever case.
    """
    problems = []
    malformed = login_name_problem(username)
    if malformed is not None:
        problems.append(malformed)
    elif is_taken:
        problems.append(Problem(Message("This login name is taken: choose another one."), "username"))
    if not normalise_name(display_name):
        problems.append(Problem(Message("Enter a name."), "display_name"))
    return problems


def _contact_problems(email: str, phone: str, user_id: int | None = None) -> Sequence[Problem]:
    taken = select(User.id).where(func.lower(User.email) == email.lower(), User.id != (user_id or 0))
    return contact_problems(email, phone, is_taken=db.session.scalar(taken) is not None)


def contact_problems(email: str, phone: str, *, is_taken: bool) -> Sequence[Problem]:
    """What is wrong with how an account is reached: pure.

    :param is_taken: whether another account has the e-mail address, in whatever case.
    """
    found = [email_problem(email), any_phone_problem(phone) if phone else None]
    if found[0] is None and is_taken:
        found.append(Problem(Message("This e-mail address belongs to another account."), "email"))
    return [problem for problem in found if problem is not None]


def create_platform_admin(
    actor: Actor, username: str, email: str, password: str, now: dt.datetime
) -> Account:
    """The account that the command line makes to run a new installation.

    :raises Invalid: naming every entry that cannot be taken.
    """
    problems = password_problems(password, login_name(username))
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
