"""What registrations show on the home page: to-dos of both sides, and how it stands for the enterprise."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from markupsafe import Markup
from sqlalchemy import Select, func, select

from app.enterprises.registration_list import waiting_for
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_page import badge, moment
from app.enterprises.registration_workflow import APPROVED, DRAFT, PENDING, RETURNED
from app.infra.database import db
from app.infra.i18n import say
from app.infra.panels import Panel
from app.infra.shell import Queue, Todo
from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message

NEXT_STEPS = {
    DRAFT: Message("Enter the information of your enterprise and submit it for review."),
    PENDING: Message("Wait for the review. You will be told of the result by SMS, mail or message."),
    RETURNED: Message("Correct it and submit again"),
    APPROVED: Message("Your enterprise is registered. You can fill in reports now."),
}


def registration_todos(actor: Actor, now: dt.datetime) -> list[Todo]:
    """The next step of an enterprise that is not let in yet."""
    registration = _own(actor)
    if registration is None or registration.state not in (DRAFT, RETURNED):
        return []
    returned = registration.state == RETURNED
    label = Message("Registration returned") if returned else Message("Complete the registration")
    note = registration.return_reason if returned else say(NEXT_STEPS[DRAFT])
    url = url_for("RegistrationView.information")
    return [Todo("enterprises.register", say(label), 1, url, say(Message("Go on")), note, returned)]


def registration_panels(actor: Actor, now: dt.datetime) -> list[Panel]:
    """How the registration of an enterprise stands, until it is let in."""
    registration = _own(actor)
    if registration is None:
        return []
    mark = badge(registration.state)
    state = Markup('<span class="qj-st {}">{}</span>').format(mark["style"], mark["label"])
    url = url_for("RegistrationView.information")
    action = Markup('<a href="{}">{}</a>').format(url, say(Message("Open")))
    next_step = registration.return_reason or say(NEXT_STEPS[registration.state])
    heads = (Message("Enterprise name"), Message("State"), Message("Submitted at"), Message("Next step"))
    row = (registration.name, state, moment(registration.submitted_at), next_step, action)
    return [
        Panel(
            name="registration",
            title=say(Message("Enterprise registration")),
            template="home/table.html",
            values={
                "headings": [(say(head), False) for head in (*heads, Message("Action"))],
                "rows": [row],
            },
        )
    ]


def _waiting(actor: Actor, today: dt.date) -> Select[int, int, dt.datetime | None] | None:
    if actor.kind is not Kind.BUREAU or actor.admin_id is None:
        return None
    since = func.min(EnterpriseRegistration.submitted_at)
    return waiting_for(actor, today).with_only_columns(func.count(), func.count(), since)


def _review(count: int, _special: int, earliest: dt.datetime) -> Todo:
    return Todo(
        name="enterprises.registrations",
        label=say(Message("Registrations to review")),
        count=count,
        url=url_for("RegistrationReviewView.desk"),
        action=say(Message("Review")),
        note=say(Message("The earliest came on {day}", day=moment(earliest)[5:])),
    )


REGISTRATIONS_TO_REVIEW = Queue("enterprises.registrations", _waiting, _review)
"""The desk of an admin."""


def _own(actor: Actor) -> EnterpriseRegistration | None:
    """The registration of an enterprise account that has no enterprise yet."""
    if actor.kind is not Kind.ENTERPRISE or actor.enterprise_id is not None or actor.account_id is None:
        return None
    table = EnterpriseRegistration
    return db.session.scalars(select(table).where(table.account_id == actor.account_id)).one_or_none()
