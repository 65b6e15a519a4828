"""Which columns of a list an account chose: kept with the account, so that they follow to every browser."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, String, Text, delete
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.database import db
from app.kernel.actor import Actor


class ListPreference(db.Model):
    """The chosen columns of one list, their keys joined by commas."""

    __tablename__ = "list_preference"
    __unaudited__ = True  # how a page looks to one reader changes nothing for anybody else

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    list_name: Mapped[str] = mapped_column(String(60), primary_key=True)
    columns: Mapped[str] = mapped_column(Text)


def choose_columns(actor: Actor, list_name: str, columns: Sequence[str]) -> None:
    """Keep a choice of columns, inside the caller's unit of work; none brings the usual ones back."""
    mine = (ListPreference.account_id == actor.account_id, ListPreference.list_name == list_name)
    db.session.execute(delete(ListPreference).where(*mine))
    if columns and actor.account_id is not None:
        joined = ",".join(columns)
        db.session.add(ListPreference(account_id=actor.account_id, list_name=list_name, columns=joined))
    db.session.flush()
