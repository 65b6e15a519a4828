"""Many accounts at once: the rules of one, with what they compare with loaded in few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import func, select

from app.infra.database import db
from app.kernel.actor import Kind
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.account_service import AccountDraft, contact_problems, name_problems, new_account
from app.organisations.contacts import normalise_number
from app.organisations.login_names import login_key, login_name
from app.organisations.models import Account
from app.organisations.rules import KIND_ROLES

CHUNK = 500


def accounts_problems(drafts: Sequence[AccountDraft]) -> list[list[Problem]]:
    """What is wrong with each of several new accounts, those of one file among themselves included."""
    names = [login_key(draft.username) for draft in drafts]
    emails = [draft.email.strip().lower() for draft in drafts]
    taken_names, taken_emails = _taken(User.username, names), _taken(User.email, emails)
    found = []
    seen_names: set[str] = set()
    seen_emails: set[str] = set()
    for draft, name, email in zip(drafts, names, emails, strict=True):
        username = login_name(draft.username)
        problems = [
            *name_problems(username, draft.display_name, is_taken=name in taken_names),
            *contact_problems(
                draft.email.strip(), normalise_number(draft.phone), is_taken=email in taken_emails
            ),
        ]
        if name in seen_names:
            problems.append(Problem(Message("Another row of this file has the same login name."), "username"))
        if email and email in seen_emails:
            problems.append(
                Problem(Message("Another row of this file has the same e-mail address."), "email")
            )
        seen_names.add(name)
        seen_emails.add(email)
        found.append(problems)
    return found


def _taken(column: Any, values: Collection[str]) -> set[str]:
    wanted = sorted({value for value in values if value})
    found: set[str] = set()
    for start in range(0, len(wanted), CHUNK):
        lower = func.lower(column)
        found.update(db.session.scalars(select(lower).where(lower.in_(wanted[start : start + CHUNK]))))
    return found


def add_accounts(drafts: Sequence[AccountDraft], kind: Kind, now: dt.datetime) -> Iterator[Account]:
    """Add checked accounts of one kind with the shipped role of that kind; the caller flushes."""
    roles = list(db.session.scalars(select(Role).where(Role.name.in_(KIND_ROLES[kind]))))
    for draft in drafts:
        account = new_account(draft, roles, now)
        db.session.add(account)
        yield account
