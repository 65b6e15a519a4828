"""Conditions in groups as a form: what the page shows, and what its fields say when they are sent.

Every button is a plain submit of the query's form, so it works without scripts; what was sent is written
as one word of the address, and the page is asked for again there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from app.infra.i18n import say
from app.infra.lists import grammar, subjects
from app.infra.lists.asked import Args, Asked
from app.infra.lists.filters import SEVERAL
from app.infra.lists.grammar import Condition, Conditions
from app.infra.lists.spec import ListSpec
from app.infra.lists.subjects import OPERATOR_WORDS, Subject
from app.infra.lists.where import field_of
from app.kernel.texts import Message

PREFIX = "where."
"""Begins the names of the editor's fields; no filter can be called so."""

FIND = "find."
"""Begins the names of texts by which a visitor without scripts looks something up."""

LookUp = Callable[[str, str], str]
"""The value that is nearest to a text typed for a filter; the text itself where there is none."""

_FIELD = re.compile(r"where\.([0-9]{1,2})\.(?:([0-9]{1,2})\.(key|op|v|to|find)|new)")
_TAKEN_AWAY = re.compile(r"drop\.([0-9]{1,2})\.([0-9]{1,2})")
_NOT_KEPT = frozenset({"where", "edit", "after", "before"})
_INPUTS = {"month": "month", "month_range": "month", "date_range": "date"}


@dataclass(slots=True)
class Row:
    """A condition as fields; ``name`` begins their names, ``offered`` are (value, words) to choose from."""

    name: str
    id: str
    key: str
    label: str
    operators: list[tuple[str, str, bool]]
    control: str
    values: list[str]
    offered: list[tuple[str, str]] = field(default_factory=list)
    takes_two: bool = False
    problem: str = ""
    is_open: bool = False

    @property
    def first(self) -> str:
        """The first value, as it was typed."""
        return self.values[0] if self.values else ""

    @property
    def second(self) -> str:
        """The second value of a range."""
        return self.values[1] if len(self.values) > 1 else ""


@dataclass(slots=True)
class Editor:
    """The groups of conditions, and what may be added: (key, words)."""

    joined: grammar.Joined = "any"
    groups: list[list[Row]] = field(default_factory=list)
    offered: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0
    may_grow: bool = True


def editor_of(
    spec: ListSpec,
    asked: Asked,
    labels: Mapping[tuple[str, str], str],
    choices: Any,
) -> Editor:
    """The fields of the conditions asked for.

    :param choices: gives the values and words that a filter offers.
    """
    known = subjects.subjects_of(spec)
    offered = [(key, say(subject.label)) for key, subject in known.items()]
    conditions = asked.where.conditions
    if conditions is None:
        return Editor(offered=offered)
    wrong = {problem.field: say(problem.message) for problem in asked.problems}
    groups = [
        [
            _row(known.get(condition.key), condition, (number, place), wrong, labels, choices)
            for place, condition in enumerate(group, 1)
        ]
        for number, group in enumerate(conditions.groups, 1)
    ]
    in_force = sum(len(group) for group in asked.where.pieces)
    return Editor(conditions.joined, groups, offered, in_force, conditions.count < grammar.MOST_CONDITIONS)


def _row(
    subject: Subject | None,
    condition: Condition,
    at: tuple[int, int],
    wrong: Mapping[str, str],
    labels: Mapping[tuple[str, str], str],
    choices: Any,
) -> Row:
    name, place = f"{PREFIX}{at[0]}.{at[1]}", field_of(*at)
    problem = wrong.get(place, "")
    if subject is None:
        operators = [(condition.operator, condition.operator, True)]
        return Row(
            name, f"f-{place}", condition.key, condition.key, operators, "text", [*condition.values],
            problem=problem,
        )  # fmt: skip
    kind = subject.filter.kind
    row = Row(
        name, f"f-{place}", condition.key, say(subject.label),
        [(one, say(OPERATOR_WORDS[one]), one == condition.operator) for one in subject.operators],
        _control(kind), [*condition.values], takes_two="between" in subject.operators, problem=problem,
        is_open=not condition.values and bool(subjects.needed(condition.operator)),
    )  # fmt: skip
    if kind == "bool":
        row.offered = [("1", say(Message("Yes"))), ("0", say(Message("No")))]
    elif kind == "remote":
        key = subject.filter.key
        row.offered = [(value, labels.get((key, value), value)) for value in condition.values]
    elif row.control == "checks":
        row.offered = [(str(value), say(words)) for value, words in choices(subject.filter).items()]
    return row


def _control(kind: str) -> str:
    controls = {"choice": "checks", "multi": "checks", "remote": "remote", "bool": "choice"}
    return controls.get(kind) or _INPUTS.get(kind, "text")


def recomposed(spec: ListSpec, args: Args, look_up: LookUp) -> Args | None:
    """The address that says in one word what the editor's fields say, and has the values of what was
    looked up by its name; None where the fields say nothing."""
    sent = [name for name in args if name.startswith(PREFIX)]
    looked_up = {condition.key for condition in spec.filters if condition.remote is not None}
    sought = [key for key in looked_up if args.get(FIND + key, "").strip()]
    if not sought and not any(name.endswith((".key", ".new")) and args[name] for name in sent):
        return None
    found: Args = MultiDict(
        (name, value)
        for name, value in args.items(multi=True)
        if value and name not in _NOT_KEPT and not name.startswith((PREFIX, FIND))
    )
    for key in sorted(sought):
        found.add(key, look_up(key, args[FIND + key]))
    text = grammar.written(_conditions(spec, args, sent, look_up))
    if text:
        found["where"] = text
    elif not found:
        found["asked"] = "1"  # an address without anything would stand for the view that opens by itself
    return found


def _conditions(spec: ListSpec, args: Args, sent: Sequence[str], look_up: LookUp) -> Conditions:
    groups: dict[int, dict[int, Condition]] = {}
    known = subjects.subjects_of(spec)
    dropped = _TAKEN_AWAY.fullmatch(args.get("edit", ""))
    gone = (int(dropped[1]), int(dropped[2])) if dropped else None
    for name in sent:
        found = _FIELD.fullmatch(name)
        if found is None or not args[name]:
            continue
        group = int(found[1])
        if found[2] is None:
            groups.setdefault(group, {})[100] = _new(known, args[name])
        elif found[3] == "key" and (group, int(found[2])) != gone:
            groups.setdefault(group, {})[int(found[2])] = _sent(
                known, args, f"{PREFIX}{group}.{found[2]}", look_up
            )
    joined: grammar.Joined = "all" if args.get(PREFIX + "joined") == "all" else "any"
    ordered = (
        tuple(one for _place, one in sorted(group.items())) for _number, group in sorted(groups.items())
    )
    return Conditions(joined, tuple(ordered))


def _new(known: Mapping[str, Subject], key: str) -> Condition:
    subject = known.get(key)
    return Condition(_named(key), subject.operators[0] if subject else "is")


def _sent(known: Mapping[str, Subject], args: Args, name: str, look_up: LookUp) -> Condition:
    key = _named(args[f"{name}.key"])
    subject = known.get(key)
    operator = args.get(f"{name}.op", "")
    if not re.fullmatch(r"[a-z]{2,7}", operator):
        operator = subject.operators[0] if subject else "is"
    needed = subjects.needed(operator)
    values = [text for text in args.getlist(f"{name}.v") if text.strip()]
    if args.get(f"{name}.find", "").strip():
        values.append(look_up(key, args[f"{name}.find"]))
    if needed == 0:
        values = []
    elif needed == 2:
        values += [text for text in args.getlist(f"{name}.to") if text.strip()]
    elif subject is None or subject.filter.kind not in SEVERAL | {"choice"}:
        values = values[:1]
    return Condition(key, operator, tuple(text.replace("\0", "") for text in values))


def _named(key: str) -> str:
    """A key as the grammar can write it; what never was one stays unknown."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "_", key[:80]) or "_"
