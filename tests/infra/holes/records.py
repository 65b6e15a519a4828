"""The records of both applications: two teams, of which the visitor belongs to the first."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.infra.database import db

MINE, FOREIGN = 1, 2
"""Keys of the teams, and of an item of each."""
FOREIGN_NAME = "Foreign team"


class Base(DeclarativeBase):
    """Tables apart from the product's."""


class Team(Base):
    """Who owns items."""

    __tablename__ = "hole_team"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    items: Mapped[list[Item]] = relationship(back_populates="team")

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


class Item(Base):
    """A record with a secret, a state and a mark of who approved it, none of which a form may set."""

    __tablename__ = "hole_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("hole_team.id"))
    name: Mapped[str] = mapped_column(String(40))
    secret: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str | None] = mapped_column(String(10), default="draft")
    approved_by: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(default=1)
    team: Mapped[Team] = relationship(back_populates="items")
    __mapper_args__ = {"version_id_col": version}

    def __repr__(self) -> str:
        return self.name

    __str__ = __repr__


wiped: list[str] = []
"""Names of the items that an action was run on."""


def fill() -> None:
    """Tables, and the rows as they are at the beginning."""
    Base.metadata.create_all(db.engine)
    wiped.clear()
    db.session.remove()
    with db.session.begin():
        db.session.execute(delete(Item))
        db.session.execute(delete(Team))
        db.session.add_all([Team(id=MINE, name="Own team"), Team(id=FOREIGN, name=FOREIGN_NAME)])
        db.session.flush()
        db.session.add_all(
            [
                Item(id=MINE, team_id=MINE, name="apple", secret="zzz"),
                Item(id=FOREIGN, team_id=FOREIGN, name="foreign", secret="mmm"),
                Item(id=3, team_id=MINE, name="banana", secret="aaa"),
            ]
        )


def stored(key: int = MINE) -> Item | None:
    """An item as it is stored now."""
    db.session.remove()
    return db.session.get(Item, key)


def named(name: str) -> Item | None:
    """An item by its name, as it is stored now."""
    db.session.remove()
    return db.session.scalars(select(Item).where(Item.name == name)).first()


def foreign_items() -> list[str]:
    """Names of the foreign team's items as they are stored now."""
    db.session.remove()
    return list(db.session.scalars(select(Item.name).where(Item.team_id == FOREIGN).order_by(Item.id)))


def team_names() -> list[str]:
    """Names of the teams as they are stored now."""
    db.session.remove()
    return list(db.session.scalars(select(Team.name).order_by(Team.id)))
