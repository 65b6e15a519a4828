"""Who can be reminded of a report, by which channel, and in which words (spec 20, 催报): pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message

INBOX, SMS, EMAIL = "inbox", "sms", "email"
CHANNELS = (INBOX, SMS, EMAIL)
CHANNEL_LABELS = {
    INBOX: Message("In-app message"),
    SMS: Message("SMS"),
    EMAIL: Message("E-mail message"),
}

CLOSED = Message("the month is closed for it")
NO_ACCOUNT = Message("no account that can sign in")
NO_MOBILE = Message("no mobile number is known")
NO_EMAIL = Message("no e-mail address is known")

SUBJECT = Message("Reminder: report of {month}")
TEXT = Message(
    "{name}: your report of {month} has not been submitted. The last day is {deadline}. "
    "Please fill it in and submit it soon."
)
VARIABLES = {
    "name": LocalText("企业名称", "name"),
    "month": LocalText("报表月份", "month"),
    "deadline": LocalText("截止日期", "deadline"),
}
"""What may stand in braces in a text of one's own, in either language."""
_KINDS = {word: kind for kind, words in VARIABLES.items() for word in (words.zh, words.en)}
_VARIABLE = re.compile("{(" + "|".join(_KINDS) + ")}")


@dataclass(frozen=True, slots=True)
class Target:
    """An enterprise that has not reported, with the ways to reach it; empty where there is none.

    ``account_id`` is an account that can sign in. ``last`` tells by channel the last day on which it was
    reminded of this month. ``closed`` is whether it could not fill the month now, reminded or not.
    """

    enterprise_id: int
    name: str
    account_id: int | None = None
    language: str = "zh"
    mobile: str = ""
    email: str = ""
    last: Mapping[str, dt.date] = field(default_factory=dict)
    closed: bool = False


def obstacle(target: Target, channel: str, today: dt.date, pause: int) -> Message | None:
    """Why a target cannot be reminded by a channel today, or None.

    :param pause: how many days must lie between two reminders by the same channel.
    """
    if target.closed:
        return CLOSED
    if channel == INBOX and target.account_id is None:
        return NO_ACCOUNT
    if channel == SMS and not target.mobile:
        return NO_MOBILE
    if channel == EMAIL and not target.email:
        return NO_EMAIL
    last = target.last.get(channel)
    if last is not None and (today - last).days < pause:
        again = last + dt.timedelta(days=pause)
        return Message("reminded on {day} already, again from {again} on", day=last, again=again)
    return None


def reminder_text(template: str, name: str, month: Month, deadline: dt.date) -> Message | LocalText:
    """The text that an enterprise gets: the platform's own words, or a text of one's own with its variables.

    Braces around anything else stay as they were written, so that no text can fail to be sent.
    """
    values = {"name": name, "month": str(month), "deadline": deadline.isoformat()}
    if not template.strip():
        return Message(TEXT.msgid, **values)
    return LocalText(_VARIABLE.sub(lambda found: values[_KINDS[found[1]]], template.strip()))
