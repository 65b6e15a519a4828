"""What pages show of a registration: its entries in words, the working of its size, what was mended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from app.enterprises.models import ControlType, Industry, RegistrationType
from app.enterprises.registration_forms import GROUPS, InformationForm
from app.enterprises.registration_models import EnterpriseRegistration, RegistrationStep
from app.enterprises.registration_workflow import RETURNED, STATE_LABELS, STATE_MARKS
from app.enterprises.registrations import kept_facts, verb_label
from app.enterprises.size import SIZE_NAMES, enterprise_size, explained
from app.enterprises.size_standards import standards
from app.infra import context
from app.infra.database import db
from app.infra.display import MISSING, display
from app.infra.i18n import say
from app.kernel.clock import SHANGHAI
from app.organisations.models import Region

MODELS = {
    "region": Region,
    "industry": Industry,
    "registration_type": RegistrationType,
    "control_type": ControlType,
}
MONEY = frozenset({"revenue", "assets"})
FIGURES = MONEY | {"employees"}
CENTS = Decimal("0.01")


def badge(state: str) -> dict[str, str]:
    """The words and the mark of a state."""
    return {"label": say(STATE_LABELS[state]), "style": STATE_MARKS[state]}


def fact_groups(registration: EnterpriseRegistration) -> list[dict[str, Any]]:
    """Every entry in words, group by group; ``before`` is what stood there before the last return."""
    now = kept_facts(registration)
    before = facts_before_return(registration.steps)
    labels = {name: field.kwargs.get("label") or field.args[0] for name, field in _fields().items()}
    return [
        {
            "title": title,
            "facts": [
                {
                    "code": name,
                    "label": labels[name],
                    "value": shown(name, now),
                    "before": shown(name, before)
                    if before and _compared(name, now) != _compared(name, before)
                    else "",
                }
                for name in names
            ],
        }
        for title, names in GROUPS
    ]


def facts_before_return(steps: Sequence[RegistrationStep]) -> Mapping[str, Any] | None:
    """What was submitted before the last return; None where nothing was returned yet."""
    returned = [
        place for place, step in enumerate(steps) if step.target == RETURNED and step.verb == "return"
    ]
    if not returned:
        return None
    sent = [step.facts for step in steps[: returned[-1]] if step.facts is not None]
    return sent[-1] if sent else None


def shown(name: str, facts: Mapping[str, Any]) -> str:
    """One entry in words."""
    value = _key(name, facts)
    if name in MODELS:
        row = db.session.get(MODELS[name], value) if value else None
        return display(row)
    if value is not None and name in MONEY:
        return display(Decimal(value).quantize(CENTS))
    return display(value)


def _key(name: str, facts: Mapping[str, Any]) -> Any:
    return facts.get(f"{name}_id" if name in MODELS else name)


def _compared(name: str, facts: Mapping[str, Any]) -> Any:
    """An entry as it is compared: 12345 and 12345.00 are one figure, and a missing text is an empty one."""
    value = _key(name, facts)
    if name in FIGURES and value is not None:
        return Decimal(value)
    return None if value == "" else value


def _fields() -> dict[str, Any]:
    return {name: getattr(InformationForm, name) for _title, names in GROUPS for name in names}


def size_shown(industry_id: int | None, revenue: Any, employees: int | None, assets: Any) -> dict[str, Any]:
    """The size and how it was found, in words; unknown until the industry is chosen."""
    industry = db.session.get(Industry, industry_id) if industry_id else None
    if industry is None:
        return {"size": say(SIZE_NAMES["unknown"]), "working": [gettext("Choose the industry first.")]}
    found = enterprise_size(
        industry.code, revenue, employees, assets, on=context.today(), standards=standards()
    )
    return {"size": say(SIZE_NAMES[found.size]), "working": [say(line) for line in explained(found)]}


def size_of(registration: EnterpriseRegistration) -> dict[str, Any]:
    """The size of what a registration says."""
    return size_shown(
        registration.industry_id, registration.revenue, registration.employees, registration.assets
    )


def timeline(steps: Sequence[RegistrationStep]) -> list[dict[str, Any]]:
    """Every step, the newest first: who, when, what, with which comment."""
    return [
        {
            "when": moment(step.at),
            "who": f"{step.actor_name}{f' · {step.bureau_name}' if step.bureau_name else ''}",
            "words": say(verb_label(step.verb)),
            "comment": step.comment,
        }
        for step in reversed(steps)
    ]


def moment(instant: dt.datetime | None) -> str:
    """An instant as people read it."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if instant else MISSING
