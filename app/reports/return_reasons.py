"""常用退回原因: what the admins of a bureau often write when they return a report, and its variables.

The list belongs to the bureau, so that who follows in an office finds it; each bureau keeps its own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from app.infra import crud
from app.infra.database import db
from app.infra.i18n import language, listed, say
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Forbidden, Invalid, Problem
from app.kernel.texts import Message
from app.reports.form_loading import definition
from app.reports.models import Report
from app.reports.review_models import LONGEST_REASON, ReturnReason

MOST_REASONS = 30
LAST_POSITION = 999
VARIABLES = {
    "zh": {"月份": "month", "企业名称": "name", "指标": "indicator"},
    "en": {"month": "month", "name": "name", "indicator": "indicator"},
}
"""What a reason may ask for, by language: the report's month, the enterprise, the indicators with findings.

Both are understood everywhere; a page tells those of its language.
"""
_KNOWN = {word: meaning for words in VARIABLES.values() for word, meaning in words.items()}

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_STRAY = re.compile(r"[{}]")


class VariableNames:
    """The variables as they are written, in the language of whoever reads the page."""

    def __str__(self) -> str:
        return listed(f"{{{word}}}" for word in VARIABLES[language()])


def problems_of(text: str) -> list[Problem]:
    """Everything that is wrong with a reason."""
    stripped = text.strip()
    found = []
    if not stripped:
        found.append(Problem(Message("Write the reason."), "text"))
    if len(stripped) > LONGEST_REASON:
        found.append(Problem(Message("At most {count} characters.", count=LONGEST_REASON), "text"))
    unknown = [name for name in _VARIABLE.findall(stripped) if name not in _KNOWN]
    if unknown or _STRAY.search(_VARIABLE.sub("", stripped)):
        words = Message("Only these stand for something: {names}.", names=VariableNames())
        found.append(Problem(words, "text"))
    return found


def filled(text: str, values: Mapping[str, str]) -> str:
    """A reason with its variables replaced; what is none stays as it was written."""
    return _VARIABLE.sub(lambda found: values.get(_KNOWN.get(found[1], ""), found[0]), text)


def reasons_for(actor: Actor, today: dt.date) -> list[str]:
    """The reasons that the actor may choose from, in their order, variables and all."""
    query = select(ReturnReason.text).where(scope_of(ReturnReason)(actor, today))
    return list(db.session.scalars(query.order_by(ReturnReason.position, ReturnReason.id)))


def values_for(report: Report) -> dict[str, str]:
    """What the variables stand for in a report."""
    version = definition(report.form_version_id)
    codes = dict.fromkeys(found.indicator for found in report.findings if found.severity != "hint")
    names = {one.code: one.name for one in version.indicators}
    told = [say(names[code]) for code in codes if code in names]
    return {
        "month": say(Message("{month}/{year}", year=report.month.year, month=report.month.month)),
        "name": report.enterprise_version.name,
        "indicator": listed(told) or say(Message("the figures")),
    }


def told(report: Report, text: str) -> str:
    """A reason as the enterprise of a report reads it."""
    return filled(text, values_for(report)) if _VARIABLE.search(text) else text


def next_position(actor: Actor) -> int:
    """The place after the last reason of the actor's bureau."""
    query = select(func.max(ReturnReason.position)).where(ReturnReason.bureau_id == actor.bureau_id)
    return min((db.session.scalar(query) or 0) + 1, LAST_POSITION)


def add_reason(actor: Actor, text: str, position: int | None, now: dt.datetime) -> ReturnReason:
    """Add a reason to the list of the actor's bureau; without a position at its end.

    :raises Invalid: nothing written, too long, an unknown variable, there already, or the list is full.
    :raises Forbidden: whoever belongs to no bureau.
    """
    if actor.bureau_id is None:
        raise Forbidden(Message("Only bureaus keep usual reasons."))
    own = ReturnReason.bureau_id == actor.bureau_id
    found = _problems(actor.bureau_id, text, None)
    if (db.session.scalar(select(func.count()).where(own)) or 0) >= MOST_REASONS:
        found.append(Problem(Message("A bureau keeps at most {count} reasons.", count=MOST_REASONS)))
    if found:
        raise Invalid(found)
    values = {
        "bureau_id": actor.bureau_id,
        "text": text.strip(),
        "position": position or next_position(actor),
        "updated_at": now,
    }
    row: ReturnReason = crud.create(ReturnReason, values)
    return row


def change_reason(
    actor: Actor, row: ReturnReason, text: str, position: int | None, version: int | None, now: dt.datetime
) -> ReturnReason:
    """Change a reason that the actor sees.

    :raises Invalid: as for a new one.
    :raises Overtaken: somebody changed it meanwhile.
    """
    found = _problems(row.bureau_id, text, row.id)
    if found:
        raise Invalid(found)
    values = {"text": text.strip(), "position": position or row.position, "updated_at": now}
    changed: ReturnReason = crud.change(row, values, version)
    return changed


def suggestions(actor: Actor, now: dt.datetime) -> Sequence[str]:
    """The reasons for a batch of returns: their variables are filled in for each report by itself."""
    return reasons_for(actor, local_date(now))


def _problems(bureau_id: int, text: str, own: int | None) -> list[Problem]:
    found = problems_of(text)
    same = select(ReturnReason.id).where(
        ReturnReason.bureau_id == bureau_id, ReturnReason.text == text.strip(), ReturnReason.id != (own or 0)
    )
    if db.session.scalar(same) is not None:
        found.append(Problem(Message("The list has this reason already."), "text"))
    return found
