"""Names of accounts for pages of the platform itself, which knows accounts by their table only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, Table, select

from app.infra.database import db


def _accounts() -> Table:
    return db.metadata.tables["account"]


def names_of(account_ids: Iterable[int | None]) -> Mapping[int | None, str]:
    """What the accounts with these numbers are called; one statement."""
    wanted = sorted({number for number in account_ids if number is not None})
    if not wanted:
        return {}
    accounts = _accounts()
    query = select(accounts.c.id, accounts.c.display_name).where(accounts.c.id.in_(wanted))
    return dict(db.session.execute(query).all())


def numbers_called(text: str) -> Select[Any]:
    """The numbers of the accounts whose names contain ``text``, for a condition of a list."""
    accounts = _accounts()
    return select(accounts.c.id).where(accounts.c.display_name.icontains(text, autoescape=True))
