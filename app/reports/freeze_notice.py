"""Why a report is frozen and until when, as its pages tell it."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from app.enterprises import key_changes
from app.enterprises.key_change_models import KeyChange
from app.enterprises.key_change_rules import reasons_to_refer
from app.enterprises.key_change_workflow import MANUAL
from app.infra.i18n import listed, say
from app.kernel.texts import Message


@dataclass(frozen=True, slots=True)
class FreezeNotice:
    """The sentence at the head of a frozen report; ``seconds`` are left until the automatic review.

    None where an administrator decides, for which no time is set.
    """

    text: str
    seconds: int | None = None


def freeze_notice(enterprise_id: int, now: dt.datetime) -> FreezeNotice | None:
    """The notice of an enterprise's frozen report; None where no change is under way."""
    change = key_changes.open_change(enterprise_id)
    if change is None:
        return None
    changed = listed(say(line.label) for line in key_changes.told_changes(change.old, change.new))
    if change.route == MANUAL:
        return FreezeNotice(_by_administrator(change, changed))
    left = max(0, math.ceil((change.due_at - now).total_seconds()))
    if reasons_to_refer(change.old, change.new):
        words = Message(
            "Frozen: {fields} changed. The check at {when} hands it to an administrator to decide.",
            fields=changed,
            when=change.due_at,
        )
    else:
        words = Message(
            "Frozen: {fields} changed. The automatic review decides at {when}.",
            fields=changed,
            when=change.due_at,
        )
    return FreezeNotice(say(words), left)


def _by_administrator(change: KeyChange, changed: str) -> str:
    reasons = " ".join(say(reason) for reason in reasons_to_refer(change.old, change.new))
    reviewer = change.reviewer
    if reviewer is None:
        raise ValueError(f"change {change.id} waits for an administrator and has none")
    return say(
        Message(
            "Frozen: {fields} changed. {reasons} {bureau} decides; if you have questions, call {name}, "
            "{phone}.",
            fields=changed,
            reasons=reasons,
            bureau=reviewer.bureau.name,
            name=reviewer.account.display_name,
            phone=reviewer.account.phone or "—",
        )
    )
