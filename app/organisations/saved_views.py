"""保存的视图: named questions of lists, kept per account; an admin may share them with those below.

A view holds an address, never rows. Whoever opens a shared one reads it in the own scope, and can neither
change nor delete it, only copy it.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from app.infra import crud
from app.infra.database import db
from app.infra.lists.kept import LONGEST_NAME, LONGEST_QUERY, Kept, KeptView, ViewDraft
from app.infra.scope import find, register
from app.infra.types import UtcDateTime
from app.infra.urls import local_target
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from app.kernel.texts import Message
from app.organisations.list_columns import ListPreference
from app.organisations.models import Account, Admin

MOST_VIEWS = 50
"""Views of one list that an account keeps; a menu of more would be searched longer than a form is filled."""

LONGEST_PATH = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class SavedView(db.Model):
    """A view: the question of a list, without its page."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("account_id", "list_name", "name"),
        CheckConstraint("name <> ''", name="name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    list_name: Mapped[str] = mapped_column(String(60), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    path: Mapped[str] = mapped_column(String(LONGEST_PATH))
    query: Mapped[str] = mapped_column(Text)
    is_default: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    is_shared: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    account: Mapped[Account] = relationship()

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


def may_share(actor: Actor) -> bool:
    """Whether an account can have subordinates to share with: the admins of bureaus."""
    return actor.kind is Kind.BUREAU and actor.admin_id is not None


def accounts_above(admin_id: Any) -> Select[Any]:
    """Accounts of the active admins above an admin, however far."""
    above = select(Admin.superior_id.label("id")).where(Admin.id == admin_id).cte(recursive=True)
    one = aliased(Admin)
    above = above.union(select(one.superior_id).join(above, one.id == above.c.id))
    return select(Admin.account_id).where(Admin.id.in_(select(above.c.id)), Admin.state == "active")


def visible_views(actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """The own views, and for an admin those that the admins above share."""
    if actor.account_id is None:
        return false()
    return _seen_by(actor.account_id, actor.admin_id if may_share(actor) else None)


def _seen_by(account_id: Any, admin_id: Any) -> ColumnElement[bool]:
    own = SavedView.account_id == account_id
    if admin_id is None:
        return own
    return or_(own, and_(SavedView.is_shared, SavedView.account_id.in_(accounts_above(admin_id))))


register(SavedView, visible_views)


@lru_cache(maxsize=2)
def _kept_query(*, below_admins: bool) -> Any:
    """The statement of ``load_kept``, built once: every list of every page asks it."""
    row, mine = SavedView, ListPreference
    account, list_name = bindparam("account", type_=Integer), bindparam("list", type_=String)
    admin = bindparam("admin", type_=Integer) if below_admins else None
    one = select(literal(1).label("one")).subquery("one")
    return (
        select(
            mine.columns, row.id, row.name, row.query, row.is_default, row.is_shared, row.account_id,
            Account.display_name,
        )
        .select_from(one)
        .outerjoin(mine, and_(mine.account_id == account, mine.list_name == list_name))
        .outerjoin(row, and_(row.list_name == list_name, _seen_by(account, admin)))
        .outerjoin(Account, Account.id == row.account_id)
        .order_by(row.name, row.id)
    )  # fmt: skip


def load_kept(actor: Actor, list_name: str) -> Kept:
    """What an account keeps of a list, its own views first. One statement."""
    asked = {"account": actor.account_id, "list": list_name, "admin": actor.admin_id}
    found = db.session.execute(_kept_query(below_admins=may_share(actor)), asked).all()
    views = [
        KeptView(
            view.id, view.name, view.query,
            is_default=view.is_default and view.account_id == actor.account_id,
            is_shared=view.is_shared,
            shared_by="" if view.account_id == actor.account_id else view.display_name,
        )
        for view in found
        if view.id is not None
    ]  # fmt: skip
    columns = found[0].columns
    ordered = sorted(views, key=lambda view: not view.is_own)
    return Kept(columns.split(",") if columns else (), ordered, may_share(actor))


def save_view(actor: Actor, draft: ViewDraft, now: dt.datetime) -> int:
    """Keep a new view; gives its number.

    :raises Invalid: no name, a name that is taken or cannot be kept, or too many views.
    :raises Forbidden: shared by whoever has no subordinates.
    """
    problems = _problems(actor, draft.list_name, draft.name, None)
    if _count(actor, draft.list_name) >= MOST_VIEWS:
        problems.append(Problem(Message("A list has at most {count} views.", count=MOST_VIEWS)))
    if len(draft.query) > LONGEST_QUERY or len(draft.path) > LONGEST_PATH or not local_target(draft.path, ""):
        problems.append(Problem(Message("These conditions are too long together. Take one away.")))
    if problems:
        raise Invalid(problems)
    if draft.is_shared:
        _refuse_sharing(actor)
    values = {
        "account_id": actor.account_id,
        "list_name": draft.list_name,
        "name": draft.name.strip(),
        "path": draft.path,
        "query": draft.query,
        "is_shared": draft.is_shared,
        "updated_at": now,
    }
    row: SavedView = crud.create(SavedView, values)
    if draft.is_default:
        make_default(actor, row.id, now)
    return row.id


def replace_question(actor: Actor, key: object, query: str, now: dt.datetime) -> None:
    """Put another question in the place of a view's.

    :raises NotFound: there is no such view for this account.
    :raises Forbidden: it is somebody else's.
    :raises Invalid: the question is too long to be kept.
    """
    if len(query) > LONGEST_QUERY:
        raise Invalid([Problem(Message("These conditions are too long together. Take one away."))])
    row = own_view(actor, key, now)
    row.query, row.updated_at = query, now
    db.session.flush()


def change_view(
    actor: Actor, row: SavedView, name: str, *, is_default: bool, version: int | None, now: dt.datetime
) -> SavedView:
    """Rename a view, and say whether it opens by itself.

    :raises Invalid: a name that is taken or cannot be kept.
    :raises Overtaken: somebody changed it meanwhile.
    """
    row = own_view(actor, row.id, now)
    problems = _problems(actor, row.list_name, name, row.id)
    if problems:
        raise Invalid(problems)
    if is_default:
        _no_other_default(actor, row)
    values = {"name": name.strip(), "is_default": is_default, "updated_at": now}
    changed: SavedView = crud.change(row, values, version)
    return changed


def make_default(actor: Actor, key: object, now: dt.datetime) -> None:
    """Let a view open by itself with its list, in the place of any other."""
    row = own_view(actor, key, now)
    _no_other_default(actor, row)
    row.is_default = True
    db.session.flush()


def share(actor: Actor, key: object, now: dt.datetime, *, wanted: bool = True) -> None:
    """Share a view with the subordinates, or end it.

    :raises Forbidden: whoever has no subordinates, or the view is somebody else's.
    """
    _refuse_sharing(actor)
    row = own_view(actor, key, now)
    row.is_shared = wanted
    db.session.flush()


def copy_view(actor: Actor, key: object, now: dt.datetime) -> SavedView:
    """Make a view one's own; where the name is taken, the copy gets a number.

    :raises NotFound: there is no such view for this account.
    :raises Invalid: the list has too many views.
    """
    source = find(SavedView, key, actor, local_date(now))
    draft = ViewDraft(source.list_name, source.path, _free_name(actor, source), source.query)
    copied: SavedView = db.session.get_one(SavedView, save_view(actor, draft, now))
    return copied


def remove_view(actor: Actor, row: SavedView, now: dt.datetime) -> None:
    """Delete an own view."""
    crud.remove(own_view(actor, row.id, now))


def own_view(actor: Actor, key: object, now: dt.datetime) -> SavedView:
    """A view of the account itself.

    :raises NotFound: there is none, or the account does not see it.
    :raises Forbidden: somebody else shares it.
    """
    row: SavedView = find(SavedView, key, actor, local_date(now))
    if row.account_id != actor.account_id:
        raise Forbidden(NOT_OWN)
    return row


NOT_OWN = Message("This view is shared by somebody else. Copy it to change it.")


def _refuse_sharing(actor: Actor) -> None:
    if not may_share(actor):
        raise Forbidden(Message("Only admins of bureaus share views, with the admins below them."))


def _no_other_default(actor: Actor, row: SavedView) -> None:
    others = select(SavedView).where(
        SavedView.account_id == actor.account_id,
        SavedView.list_name == row.list_name,
        SavedView.is_default,
        SavedView.id != row.id,
    )
    for other in db.session.scalars(others):
        other.is_default = False
    db.session.flush()


def _problems(actor: Actor, list_name: str, name: str, own: int | None) -> list[Problem]:
    if actor.account_id is None:
        raise NotFound
    stripped = name.strip()
    found = []
    if not stripped:
        found.append(Problem(Message("Give the view a name."), "name"))
    if len(stripped) > LONGEST_NAME:
        found.append(Problem(Message("At most {count} characters.", count=LONGEST_NAME), "name"))
    if _CONTROL.search(stripped):
        words = Message("There are characters here that cannot be kept. Type the text again.")
        found.append(Problem(words, "name"))
    elif _taken(actor, list_name, stripped, own):
        found.append(Problem(Message("You have a view of this list by that name already."), "name"))
    return found


def _taken(actor: Actor, list_name: str, name: str, own: int | None) -> bool:
    same = select(SavedView.id).where(
        SavedView.account_id == actor.account_id,
        SavedView.list_name == list_name,
        SavedView.name == name,
        SavedView.id != (own or 0),
    )
    return db.session.scalar(same) is not None


def _free_name(actor: Actor, source: SavedView) -> str:
    name, number = source.name, 1
    while _taken(actor, source.list_name, name, None):
        number += 1
        name = f"{source.name[: LONGEST_NAME - 5]} ({number})"
    return name


def _count(actor: Actor, list_name: str) -> int:
    mine = (SavedView.account_id == actor.account_id, SavedView.list_name == list_name)
    return db.session.scalar(select(func.count()).select_from(SavedView).where(*mine)) or 0
