"""An enterprise is told in its inbox what became of its report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.infra.words import words_from_json
from app.kernel.actor import Actor
from app.notifications.models import InboxMessage
from app.reports import steps
from app.reports.models import Report
from tests.factories.reports import approved, submitted

ActorOf = Callable[[str], Actor]


def told(actor: Actor) -> list[tuple[str, str]]:
    query = select(InboxMessage).where(InboxMessage.account_id == actor.account_id).order_by(InboxMessage.id)
    return [(str(words_from_json(found.body)), found.url) for found in db.session.scalars(query)]


def test_a_returned_report_tells_why(actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)
    with context.acting_as(actor("county")), unit_of_work():
        found = db.session.get_one(Report, report.id)
        steps.give_back(actor("county"), found, found.version, "营业成本口径有误", now)

    [(body, url)] = told(actor("enterprise"))

    assert "营业成本口径有误" in body and "2026-10" in body
    assert url == f"/reports/{report.id}"
    assert told(actor("enterprise2")) == []


def test_an_approved_report_is_told_once_and_not_at_each_level(actor: ActorOf, now: dt.datetime) -> None:
    approved(actor("enterprise"), now)

    assert [body for body, _url in told(actor("enterprise"))] == ["Your report of 2026-10 was approved."]
