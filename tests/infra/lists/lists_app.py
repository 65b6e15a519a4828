"""A small application with a list of its own: places, firms and their figures, nothing of the product."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from flask_babel import Babel
from flask_login import LoginManager
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import Date, ForeignKey, Index, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.infra.context import acting_as
from app.infra.database import db, init_database
from app.infra.i18n import init_i18n
from app.infra.jobs import init_jobs
from app.infra.lists import Column, Filter, ListSpec, Lookup, Remote, register_list, render_list, run_action
from app.infra.look import init_look
from app.infra.types import LocalTextType, Scaled, UtcDateTime
from app.kernel.actor import Actor, Kind
from app.kernel.clock import UTC, MovableClock
from app.kernel.errors import DomainError
from app.kernel.names import name_key
from app.kernel.texts import LocalText, Message
from tests.infra import jobs_app

ROOT = Path(__file__).resolve().parents[3]
NOW = dt.datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TODAY = dt.date(2026, 11, 20)
ACTOR = Actor(kind=Kind.BUREAU, name="示例", account_id=1, region_ids=frozenset({1, 2, 3}))
STRANGER = Actor(kind=Kind.BUREAU, name="外人", account_id=2, region_ids=frozenset({9}))


class Base(DeclarativeBase):
    """Tables apart from the product's."""


class Place(Base):
    """A place that firms lie in."""

    __tablename__ = "lists_test_place"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))

    def __str__(self) -> str:
        return self.name


class Firm(Base):
    """A firm, with a value of every kind, some of them missing."""

    __tablename__ = "lists_test_firm"
    __table_args__ = (Index("ix_lists_test_firm_month_revenue", "month", "revenue", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("lists_test_place.id"))
    month: Mapped[int]
    revenue: Mapped[Decimal | None] = mapped_column(Scaled(2))
    staff: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    opened: Mapped[dt.date | None] = mapped_column(Date)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[LocalText | None] = mapped_column(LocalTextType)
    place: Mapped[Place | None] = relationship()

    def __str__(self) -> str:
        return self.name


BARE = """<!doctype html><html lang="{{ page_language() }}"><title>{% block title %}{% endblock %}</title>
{% block styles %}{% endblock %}{% block actions %}{% endblock %}{% block main %}{% endblock %}
{% block scripts %}{% endblock %}</html>"""

STATES = {"edit": Message("Draft"), "wait": Message("In review"), "pass": Message("Approved")}


def visible_firms(actor: Actor, today: dt.date) -> Any:
    """Firms in the actor's places; a firm without a place is everybody's."""
    return select(Firm).where(Firm.place_id.in_(actor.region_ids) | Firm.place_id.is_(None))


def places(actor: Actor, today: dt.date) -> Any:
    """The actor's places."""
    return select(Place.id, Place.name).where(Place.id.in_(actor.region_ids))


def tags(keys: Any, actor: Actor) -> dict[Any, str]:
    """A value fetched for the rows of a page, in one statement."""
    found = db.session.execute(select(Firm.id, Firm.staff).where(Firm.id.in_([key[0] for key in keys])))
    return {(number,): f"#{staff or 0}" for number, staff in found}


def firm_list(**changes: Any) -> ListSpec:
    """The list of firms, with changes."""
    settings: dict[str, Any] = {
        "name": "firms",
        "title": Message("Firms"),
        "base": visible_firms,
        "key": (Firm.id,),
        "columns": (
            Column("name", Message("Name"), Firm.name, sortable=True, always=True),
            Column("place", Message("Place"), lookup=Lookup(Firm.place_id, Place), sortable=True),
            Column("month", Message("Month"), Firm.month, "month", sortable=True),
            Column("revenue", Message("Revenue"), Firm.revenue, "number", sortable=True, decimals=2),
            Column("staff", Message("Staff"), Firm.staff, "number", sortable=True),
            Column(
                "state", Message("State"), Firm.state, "state", True, words=STATES, marks={"pass": "pass"}
            ),
            Column("opened", Message("Opened"), Firm.opened, "date", sortable=True),
            Column("sent_at", Message("Sent"), Firm.sent_at, "instant", sortable=True),
            Column("note", Message("Note"), Firm.note, "local", default=False),
            Column("tags", Message("Tags"), each=tags, default=False),
        ),
        "filters": (
            Filter("keyword", Message("Name"), expression=Firm.name_key, more=(Firm.name,), by_name_key=True),
            Filter("place", Message("Place"), "remote", Firm.place_id, remote=Remote(places)),
            Filter("month", Message("Month"), "month", Firm.month),
            Filter("months", Message("Months"), "month_range", Firm.month),
            Filter("state", Message("State"), "choice", Firm.state, words=STATES),
            Filter("states", Message("States"), "multi", Firm.state, words=STATES),
            Filter("revenue", Message("Revenue"), "number_range", Firm.revenue, more_conditions=True),
            Filter("staff", Message("Staff"), "number_range", Firm.staff, more_conditions=True),
            Filter("sent", Message("Sent"), "date_range", Firm.sent_at, more_conditions=True),
            Filter("opened", Message("Opened"), "date_range", Firm.opened, more_conditions=True),
            Filter(
                "large",
                Message("Large"),
                "bool",
                clause=lambda value, actor, today: Firm.staff >= 500 if value else Firm.staff < 500,
                more_conditions=True,
            ),
        ),
        "default_sort": "name",
        "row_link": "/firms/{}",
        "unit": Message("{count} firms"),
    }
    return ListSpec(**{**settings, **changes})


def make_app(folder: Path, url: str) -> Flask:
    """An application with a database, jobs, the look and the language, and one page: the list of firms."""
    app = Flask(
        "lists_app", template_folder=str(ROOT / "app/templates"), static_folder=str(ROOT / "app/static")
    )
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url,
        DATA_DIR=folder,
        QUEUE_URL="",
        SECRET_KEY="a secret of the tests",
        **jobs_app.FAST,
    )
    init_database(app)
    init_jobs(app)
    LoginManager(app).user_loader(lambda _key: None)
    Babel(app, locale_selector=lambda: "en")  # words as in the source; texts of the data by the session
    init_i18n(app)
    init_look(app)
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    app.jinja_loader = ChoiceLoader([DictLoader({"base.html": BARE}), app.jinja_loader])
    app.extensions["clock"] = MovableClock(NOW)
    app.extensions["wiring"] = {"HOOKS": {}, "EVENTS": {}, "ACTOR_LOADER": {1: ACTOR, 2: STRANGER}.get}
    app.extensions["spec"] = firm_list()
    app.add_url_rule("/firms/", "firms", firms_page, methods=["GET", "POST"])
    app.add_url_rule("/jobs/<public_id>", "JobView.show", lambda public_id: public_id)
    app.register_error_handler(DomainError, lambda refusal: (str(refusal), refusal.status))
    register_list(app, "firms", lambda _actor, _args: app.extensions["spec"])
    return app


def firms_page() -> Any:
    """The page of the list, as a view serves it."""
    spec = current_app.extensions["spec"]
    with acting_as(ACTOR):
        if request.method == "POST":
            return run_action(spec, ACTOR, NOW)
        return render_list(spec, ACTOR, TODAY)


def firm(number: int, **values: Any) -> Firm:
    """A firm with a number; what is not said is missing or usual."""
    name = values.pop("name", f"云泽第{number:04}厂")
    usual = {"place_id": 1, "month": 202610, "state": "wait"}
    return Firm(id=number, name=name, name_key=name_key(name), **{**usual, **values})


def fill() -> None:
    """Sixty firms in two places, one firm elsewhere; every third without revenue, every fourth unsent."""
    db.session.add_all([Place(id=1, name="望潮区"), Place(id=2, name="石渡区"), Place(id=9, name="外地")])
    db.session.flush()
    for number in range(1, 61):
        db.session.add(
            firm(
                number,
                place_id=None if number % 10 == 0 else 1 + number % 2,
                month=202601 + number % 12,
                revenue=None if number % 3 == 0 else Decimal(number % 7) * 100 - 300,
                staff=None if number % 5 == 0 else number % 4 * 250,
                state=("edit", "wait", "pass")[number % 3],
                opened=None if number % 6 == 0 else dt.date(2000 + number % 5, 1, 1),
                sent_at=None if number % 4 == 0 else NOW - dt.timedelta(hours=number % 9),
                note=LocalText(f"备注{number}", f"Note {number}" if number % 2 else ""),
            )
        )
    db.session.add(firm(99, name="外地100%公司", place_id=9))
    db.session.commit()
