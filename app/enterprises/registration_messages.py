"""What a registration tells its enterprise and its reviewer: SMS on pass only, mail on return (spec 10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from app.enterprises.events import RegistrationStepped
from app.enterprises.registration_models import EnterpriseRegistration
from app.infra.database import db
from app.infra.i18n import say_in
from app.infra.outbox import Channel, post
from app.kernel.texts import Message
from app.notifications.service import notify

KIND = "registration"
OWN_PAGE = "/register/information"
DESK = "/registrations/"


def tell(event: RegistrationStepped) -> None:
    """Whoever must know of a step, in its transaction."""
    registration = db.session.get_one(EnterpriseRegistration, event.registration_id)
    TOLD[event.name](registration, event.at)


def tell_submitted(registration: EnterpriseRegistration, now: dt.datetime) -> None:
    """The responsible admin learns that a registration waits."""
    reviewer = registration.reviewer
    if reviewer is None:
        return
    notify(
        [reviewer.account_id],
        KIND,
        Message("{enterprise} has registered", enterprise=registration.name),
        Message("The registration of {enterprise} waits for your review.", enterprise=registration.name),
        now,
        url=f"{DESK}?registration={registration.id}",
    )


def tell_approved(registration: EnterpriseRegistration, now: dt.datetime) -> None:
    """The enterprise gets an SMS, and the same in its inbox."""
    account = registration.account
    words = Message(
        "The registration of {enterprise} has passed. Sign in as {username} and fill in this month's report.",
        enterprise=registration.name,
        username=account.username,
    )
    notify([account.id], KIND, Message("Your registration has passed"), words, now, url="/")
    post(
        Channel.SMS,
        account.phone or registration.mobile,
        say_in(words, account.language),
        purpose="registration_approved",
        now=now,
        account_id=account.id,
        key=f"registration-{registration.id}-approved",
    )


def tell_returned(registration: EnterpriseRegistration, now: dt.datetime) -> None:
    """The enterprise gets a mail and a message in its inbox, and no SMS."""
    account = registration.account
    title = Message("Your registration was returned")
    words = Message(
        "The registration of {enterprise} was returned: {reason} Sign in, correct it and submit it again.",
        enterprise=registration.name,
        reason=registration.return_reason,
    )
    notify([account.id], KIND, title, words, now, url=OWN_PAGE)
    post(
        Channel.EMAIL,
        account.email,
        say_in(words, account.language),
        subject=say_in(title, account.language),
        purpose="registration_returned",
        now=now,
        account_id=account.id,
    )


TOLD: Mapping[str, Callable[[EnterpriseRegistration, dt.datetime], None]] = {
    "registration_submitted": tell_submitted,
    "registration_approved": tell_approved,
    "registration_returned": tell_returned,
}
"""What a step emits -> who is told what."""
