"""Pages for everybody: the message centre, the to-dos, the notice board."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import func, select

from app.infra import context
from app.infra.database import db
from app.infra.forms import parse_version
from app.infra.i18n import say
from app.infra.lists import render_list, run_action
from app.infra.panels import Panel
from app.infra.security import counted
from app.infra.shell import Todo, todos_of
from app.infra.transactions import unit_of_work
from app.infra.urls import local_target
from app.infra.views import PageView, protected
from app.infra.words import words_from_json
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.texts import Message
from app.notifications import notices, service
from app.notifications.lists import KIND_NAMES, board_list, due_for, inbox_list
from app.notifications.models import Notice, NoticeKind
from app.notifications.reach import AUDIENCE, readable

ON_PANEL = 6
"""Notices on the home page: those to be confirmed first, then the ones on top, then the newest."""

MOST_ON_TOP = 5


class InboxView(PageView):
    """The messages of whoever is signed in."""

    route_base = "/inbox"
    default_view = "list"

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """By kind, newest first."""
        spec = inbox_list(self.actor)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(spec, self.actor, context.today(), template="notifications/inbox.html")

    @expose("/<int:message_id>", methods=["GET"])
    @protected("list")
    def open(self, message_id: int) -> Any:
        """Mark a message as read and go to the page that it is about; a message without one is shown."""
        with unit_of_work():
            message = service.open_message(self.actor, message_id, context.now())
        if message.url:
            return redirect(local_target(message.url))
        return self.page(
            "notifications/message.html",
            message=message,
            title=say(words_from_json(message.title) or ""),
            body=say(words_from_json(message.body) or ""),
            kind=say(service.KINDS.get(message.kind, message.kind)),
        )

    @expose("/read", methods=["POST"])
    @protected("list")
    def read(self) -> Any:
        """Mark everything as read."""
        with unit_of_work():
            number = service.read_all(self.actor, context.now())
        flash(gettext("%(count)d messages marked as read.", count=number), "success")
        return redirect(url_for("InboxView.list"))


class TodoView(PageView):
    """Everything that waits for whoever is signed in."""

    route_base = "/todos"
    default_view = "list"

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> str:
        """What, how many, and the way to exactly those."""
        return self.page("notifications/todos.html", todos=todos_of(self.actor))


class NoticeBoardView(PageView):
    """Published notices that are for whoever is signed in."""

    route_base = "/board"
    default_view = "list"

    @expose("/", methods=["GET", "POST"])
    @protected("list")
    def list(self) -> Any:
        """The declared list, with what is kept on top above it."""
        spec = board_list(self.actor)
        if request.method == "POST":
            return run_action(spec, self.actor, context.now())
        return render_list(
            spec,
            self.actor,
            context.today(),
            template="notifications/board.html",
            tops=[] if request.args else tops_for(self.actor, context.today()),
        )

    @expose("/<int:notice_id>", methods=["GET"])
    @protected("list")
    def show(self, notice_id: int) -> str:
        """One notice; opening it is noted."""
        now = context.now()
        with unit_of_work():
            notice = notices.find_readable(self.actor, notice_id, now)
            reading = notices.note_reading(self.actor, notice, now)
        return self.page(
            "notifications/board_notice.html",
            notice=notice,
            kind=say(KIND_NAMES[notice.kind]),
            publisher=say(notices.publisher_of(notice, notice.publisher)),
            paragraphs=[part for part in notice.body.split("\n\n") if part.strip()],
            files=notice.files,
            confirmed_at=reading.acknowledged_at,
        )

    @expose("/<int:notice_id>/confirm", methods=["POST"])
    @protected("list")
    def confirm(self, notice_id: int) -> Any:
        """The reader's word that the notice was read."""
        edition = parse_version(request.form.get("edition"))
        with unit_of_work():
            notices.acknowledge(self.actor, notice_id, edition, context.now())
        flash(gettext("Thank you: your confirmation is kept."), "success")
        return redirect(url_for("NoticeBoardView.show", notice_id=notice_id))


def tops_for(actor: Actor, today: dt.date) -> list[tuple[str, str, str]]:
    """(title, address, day) of what is kept on top of the actor's board, newest first."""
    query = select(Notice).where(readable(actor, today), Notice.on_top)
    found = db.session.scalars(
        query.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(MOST_ON_TOP)
    )
    return [
        (one.title, url_for("NoticeBoardView.show", notice_id=one.id), say(one.published_at)[:10])
        for one in found
    ]


def notice_todos(_actor: Actor, _now: dt.datetime) -> list[Todo]:
    """Notices that the actor has still to confirm."""
    return [
        Todo(
            name="notices.due",
            label=say(Message("Notices to confirm")),
            count=counted("due_notices"),
            url=url_for("NoticeBoardView.list", due="1"),
            action=say(Message("Read now")),
            note=say(Message("Read them and confirm that you did")),
            hot=True,
        )
    ]


def notice_panels(actor: Actor, now: dt.datetime) -> list[Panel]:
    """The newest notices for the actor, a card for each kind that there is."""
    if actor.kind not in AUDIENCE:
        return []
    query = select(Notice.id, Notice.kind, Notice.title, Notice.published_at, due_for(actor))
    panels = []
    rank = func.row_number().over(
        partition_by=Notice.kind,
        order_by=(due_for(actor).desc(), Notice.on_top.desc(), Notice.published_at.desc(), Notice.id.desc()),
    )
    ranked = (
        query.add_columns(rank.label("place"), Notice.on_top)
        .where(readable(actor, local_date(now)))
        .subquery()
    )
    rows = db.session.execute(select(ranked).where(ranked.c.place <= ON_PANEL).order_by(ranked.c.place)).all()
    for kind, title in (
        (NoticeKind.BUREAU, Message("Notices")),
        (NoticeKind.PLATFORM, Message("Platform notices")),
    ):
        items = [_item(row) for row in rows if row.kind == kind]
        if items:
            panels.append(
                Panel(
                    name=f"notices-{kind}",
                    title=say(title),
                    template="home/links.html",
                    values={"items": items},
                    links=[(say(Message("More")), url_for("NoticeBoardView.list", kind=kind.value))],
                    aside=True,
                )
            )
    return panels


def _item(row: Any) -> tuple[str, str, str]:
    day = say(row.published_at)[:10]
    marks = [say(Message("To be confirmed"))] if row[4] else []
    marks += [say(Message("On top"))] if row.on_top else []
    return row.title, url_for("NoticeBoardView.show", notice_id=row.id), " · ".join([*marks, day])
