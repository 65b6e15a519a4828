"""The frame of both desks of enterprises: queue, record beside it, what follows a decision. HTTP only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for

from app.infra import context
from app.infra.database import db
from app.infra.forms import parse_version
from app.infra.i18n import say
from app.infra.lists import ListSpec, render_list, run_action
from app.infra.queues import next_of, place_in
from app.infra.transactions import unit_of_work
from app.infra.views import PageView
from app.kernel.actor import Kind
from app.kernel.errors import Invalid, NotFound


class EnterpriseDeskView(PageView):
    """A desk: a view says which list it shows, what waits, and what stands beside the queue."""

    default_view = "desk"
    template: str
    desk_key: str
    """The word of the address that opens a record."""

    def queue(self) -> ListSpec:
        """The declared list."""
        raise NotImplementedError

    def waiting(self, opened: int | None = None) -> list[int]:
        """What waits for the actor, in the order of the queue; ``opened`` is the record beside it."""
        raise NotImplementedError

    def detail(self, opened: str) -> dict[str, Any]:
        """What the template draws beside the queue."""
        raise NotImplementedError

    def url(self, opened: int | None) -> str:
        """The address of the desk, with a record beside the queue."""
        asked: dict[str, Any] = {} if opened is None else {self.desk_key: opened}
        return url_for(f"{type(self).__name__}.desk", **asked)

    def _answer(self) -> Any:
        """The page, or the outcome of an action on ticked rows."""
        if self.actor.kind is not Kind.BUREAU:
            raise NotFound
        if request.method == "POST":
            return run_action(self.queue(), self.actor, context.now())
        return self._page(request.args.get(self.desk_key, ""))

    def _place(self, opened: int) -> dict[str, Any]:
        return place_in(self.waiting(opened), opened, self.url)

    def _decide(self, opened: str, work: Callable[[int | None], Any], done: Callable[[Any], str]) -> Any:
        """Decide a record; the next one opens at once, or the same one with what is wrong."""
        before = self.waiting()
        try:
            with unit_of_work():
                decided = work(parse_version(request.form.get("version")))
        except Invalid as refusal:
            db.session.rollback()
            return self._page(opened, refusal, request.form.get("comment", "")), refusal.status
        flash(done(decided), "success")
        return redirect(self.url(next_of(before, decided.id)))

    def _page(self, asked: str, refusal: Invalid | None = None, comment: str = "") -> Any:
        waiting = self.waiting()
        opened = asked or (str(waiting[0]) if waiting else "")
        return render_list(
            self.queue(),
            self.actor,
            context.today(),
            template=self.template,
            detail=self.detail(opened) if opened else None,
            desk_key=self.desk_key,
            problems=[say(problem.message) for problem in refusal.problems] if refusal else [],
            comment=comment,
        )
