"""How conditions in groups are written in an address, and read from it. Pure: texts in, texts out.

``any(all(staff.ge(500),state.in(pass,wait)),all(name.has('a, b')))`` says: (staff ≥ 500 and one of the two
states) or (the name holds "a, b"). ``any`` of groups joins each group by ``all``, and the other way
round. A condition without values is one that is not filled in yet; it narrows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

Part = TypeVar("Part")
Joined = Literal["any", "all"]

LONGEST = 2_000
"""Characters of conditions together: with everything else they still make an address that proxies pass."""

MOST_GROUPS = 10
MOST_CONDITIONS = 30
_LONGEST_READ = 10 * LONGEST
_INNER: dict[str, Joined] = {"any": "all", "all": "any"}
_JOINED = re.compile(r"(any|all)\(")
_CONDITION = re.compile(r"([A-Za-z0-9_.:-]{1,80})\.([a-z]{2,7})\(")
_VALUE = re.compile(r"'((?:[^']|'')+)'|([^\s,()']+)")
_BARE = re.compile(r"[^\s,()']+")


class Damaged(ValueError):
    """A text that this grammar did not write."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What is compared, how, and with which values, as they were typed; none is empty."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """Groups of conditions. ``joined`` joins the groups; within each the other one holds."""

    joined: Joined
    groups: tuple[tuple[Condition, ...], ...]

    @property
    def within(self) -> Joined:
        """What joins the conditions of one group."""
        return _INNER[self.joined]

    @property
    def count(self) -> int:
        """How many conditions there are in all groups."""
        return sum(len(group) for group in self.groups)


def written(conditions: Conditions) -> str:
    """The text of conditions; empty where there are none."""
    groups = (",".join(map(_condition, group)) for group in conditions.groups if group)
    inside = ",".join(f"{conditions.within}({group})" for group in groups)
    return f"{conditions.joined}({inside})" if inside else ""


def parsed(text: str) -> Conditions:
    """The conditions of a text.

    :raises Damaged: it is not exactly what ``written`` gives.
    """
    if len(text) > _LONGEST_READ:
        raise Damaged(text[:40])
    reader = _Reader(text)
    joined = reader.take(_JOINED)[1]
    groups = reader.several(lambda: _group(reader, joined))
    if reader.at != len(text):
        raise Damaged(text[reader.at :])
    return Conditions("any" if joined == "any" else "all", groups)


def _condition(condition: Condition) -> str:
    return f"{condition.key}.{condition.operator}({','.join(map(_value, condition.values))})"


def _value(text: str) -> str:
    return text if _BARE.fullmatch(text) else "'" + text.replace("'", "''") + "'"


def _group(reader: _Reader, outer: str) -> tuple[Condition, ...]:
    if reader.take(_JOINED)[1] != _INNER[outer]:
        raise Damaged(outer)
    return reader.several(lambda: _one(reader))


def _one(reader: _Reader) -> Condition:
    found = reader.take(_CONDITION)
    if reader.skips(")"):
        return Condition(found[1], found[2])
    return Condition(found[1], found[2], reader.several(lambda: _read_value(reader)))


def _read_value(reader: _Reader) -> str:
    found = reader.take(_VALUE)
    return found[2] or found[1].replace("''", "'")


class _Reader:
    """A text and how far it was read."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """What stands here.

        :raises Damaged: something else does.
        """
        found = pattern.match(self.text, self.at)
        if found is None:
            raise Damaged(self.text[self.at : self.at + 40])
        self.at = found.end()
        return found

    def skips(self, sign: str) -> bool:
        """Go beyond a sign if it stands here."""
        stands = self.text.startswith(sign, self.at)
        self.at += stands
        return stands

    def several(self, one: Callable[[], Part]) -> tuple[Part, ...]:
        """One or more parts with commas between them, up to the closing bracket.

        :raises Damaged: a bracket is missing.
        """
        parts = [one()]
        while self.skips(","):
            parts.append(one())
        if not self.skips(")"):
            raise Damaged(self.text[self.at : self.at + 40])
        return tuple(parts)
