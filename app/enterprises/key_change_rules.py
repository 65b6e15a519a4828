"""What the automatic review of a change of key fields decides (spec 20): pure.

The three key fields say who an enterprise is. A definite violation returns the change; a change that is
too far-reaching for a program goes to an administrator; everything else passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.errors import Problem, Words
from app.kernel.texts import Message

KEY_FIELDS = ("name", "uscc", "industry")
"""企业名称, 统一社会信用代码, 所属行业, as fields of a form are called."""

NAME_AND_CODE = Message("Name and credit code change together.")
OTHER_SECTION = Message("The industry moves to another section.")


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """Who an enterprise is: its name, its credit code, and its trade with the section that this lies in."""

    name: str
    uscc: str
    industry_id: int
    section: str


class Decision(StrEnum):
    """What the automatic review makes of a change."""

    ACCEPT = "accept"
    RETURN = "return"
    REFER = "refer"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision and why; a pass needs no reason."""

    decision: Decision
    reasons: tuple[Words, ...] = ()


def changed_fields(old: KeyFacts, new: KeyFacts) -> frozenset[str]:
    """Which of the key fields differ."""
    differs = {
        "name": old.name != new.name,
        "uscc": old.uscc != new.uscc,
        "industry": old.industry_id != new.industry_id,
    }
    return frozenset(field for field, changed in differs.items() if changed)


def reasons_to_refer(old: KeyFacts, new: KeyFacts) -> tuple[Message, ...]:
    """Why an administrator has to look at a change; none where the program may decide."""
    changed = changed_fields(old, new)
    found = []
    if {"name", "uscc"} <= changed:
        found.append(NAME_AND_CODE)
    if "industry" in changed and old.section != new.section:
        found.append(OTHER_SECTION)
    return tuple(found)


def decide(old: KeyFacts, new: KeyFacts, problems: Sequence[Problem]) -> Verdict:
    """The verdict on a change, by what is wrong with the new entries as other records have it.

    :param problems: of the whole entry; those of fields that do not change are nobody's business here.
    """
    changed = changed_fields(old, new)
    violations = tuple(dict.fromkeys(one.message for one in problems if one.field in changed))
    if violations:
        return Verdict(Decision.RETURN, violations)
    if reasons := reasons_to_refer(old, new):
        return Verdict(Decision.REFER, reasons)
    return Verdict(Decision.ACCEPT)
