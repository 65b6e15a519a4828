"""What a change of key fields tells its enterprise and the administrator at whom it waits."""

from __future__ import annotations

from app.enterprises.events import KeyChangeStepped
from app.enterprises.key_change_models import KeyChange
from app.infra.database import db
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.notifications.service import notify

KIND = "report"
QUERY = "/key-change-query/"
DESK = "/key-changes/"


def tell_of_change(event: KeyChangeStepped) -> None:
    """Whoever must know of a step, in its transaction."""
    change = db.session.get_one(KeyChange, event.change_id)
    _tell_enterprise(change, event)
    if event.name == "key_change_referred":
        _tell_reviewer(change, event)


def _tell_enterprise(change: KeyChange, event: KeyChangeStepped) -> None:
    account_id = change.enterprise.account_id
    if account_id is None:
        return
    month, reason = Month.from_key(change.period), event.reason or LocalText("")
    words = {
        "key_change_approved": (
            Message("Your change of key information has passed"),
            Message("The new values hold from now on. Go on with your report of {month}.", month=month),
        ),
        "key_change_returned": (
            Message("Your change of key information was returned"),
            Message(
                "The old values stand: {reason} Your report of {month} can be edited again.",
                reason=reason,
                month=month,
            ),
        ),
        "key_change_referred": (
            Message("Your change of key information is reviewed by an administrator"),
            Message(
                "Your report of {month} stays frozen until the decision: {reason}", month=month, reason=reason
            ),
        ),
    }
    title, body = words[event.name]
    notify([account_id], KIND, title, body, event.at, url=QUERY)


def _tell_reviewer(change: KeyChange, event: KeyChangeStepped) -> None:
    if change.reviewer is None:
        return
    name = change.old_name
    notify(
        [change.reviewer.account_id],
        KIND,
        Message("{enterprise} changes its key information", enterprise=name),
        Message(
            "The change of {enterprise} waits for your review: {reason}",
            enterprise=name,
            reason=event.reason or LocalText(""),
        ),
        event.at,
        url=f"{DESK}?change={change.id}",
    )
