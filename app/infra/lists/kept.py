"""What accounts keep of lists: the columns they chose, and views, named questions of an address.

Where they are kept the wiring says. A view carries conditions, never rows: what it shows is cut to the
scope of whoever opens it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from flask import current_app
from werkzeug.datastructures import MultiDict

from app.infra.i18n import listed, say
from app.infra.lists import grammar, subjects, where
from app.infra.lists.asked import Args, ask, parts
from app.infra.lists.grammar import Conditions
from app.infra.lists.registry import list_named
from app.infra.lists.spec import ListSpec
from app.kernel.actor import Actor
from app.kernel.texts import Message

LONGEST_NAME = 60
LONGEST_QUERY = 4_000
NO_VIEW = "0"
"""Asks for the list without a view, also where one opens by itself."""

CHART = "show"
"""The word of the address that says which chart is shown in the place of the table."""

LIST_WORDS = frozenset({"sort", "cols", "psize", "where", "asked", CHART})
"""Words of an address that a view keeps beside the filters of its list."""


@dataclass(frozen=True, slots=True)
class KeptView:
    """A view that an account may open. ``shared_by`` names the owner where it is somebody else's."""

    id: int
    name: str
    query: str
    is_default: bool = False
    is_shared: bool = False
    shared_by: str = ""

    @property
    def is_own(self) -> bool:
        """Whether the account may change it."""
        return not self.shared_by


@dataclass(frozen=True, slots=True)
class Kept:
    """What an account keeps of one list; ``may_share`` says whether somebody is there to share with."""

    columns: Sequence[str] = ()
    views: Sequence[KeptView] = ()
    may_share: bool = False

    @property
    def default(self) -> KeptView | None:
        """The view that opens by itself."""
        return next((view for view in self.views if view.is_default and view.is_own), None)

    def view(self, number: str) -> KeptView | None:
        """The view of that number, if the account may open it."""
        return next((view for view in self.views if str(view.id) == number), None)


NOTHING_KEPT = Kept()
"""Of whoever has no place to keep anything; then no page offers to."""


@dataclass(frozen=True, slots=True)
class ViewDraft:
    """A view to be kept: of which list at which path, how it is called, and its question."""

    list_name: str
    path: str
    name: str
    query: str
    is_default: bool = False
    is_shared: bool = False


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where things are kept. ``load`` takes one statement; the others write inside a unit of work.

    ``save`` gives the number of the new view; it and ``replace`` raise ``Invalid`` with what to mend.
    ``page`` is the endpoint where an account manages its views.
    """

    load: Callable[[Actor, str], Kept]
    choose_columns: Callable[[Actor, str, Sequence[str]], None]
    save: Callable[[Actor, ViewDraft, dt.datetime], int]
    replace: Callable[[Actor, str, str, dt.datetime], None]
    page: str


def keeper() -> Keeper | None:
    """Where this application keeps things; None where it keeps nothing."""
    found: Keeper | None = current_app.extensions["wiring"].get("LIST_KEEPER")
    return found


def kept_for(actor: Actor, list_name: str) -> Kept:
    """What an account keeps of a list."""
    found = keeper()
    return found.load(actor, list_name) if found and actor.account_id is not None else NOTHING_KEPT


def question(spec: ListSpec, args: Args | Mapping[str, str], actor: Actor, today: dt.date) -> str:
    """The question of an address as a view keeps it: without its page, and without the view it came from."""
    given: Args = args if isinstance(args, MultiDict) else MultiDict(args)
    found = parts(spec, replace(ask(spec, given, actor, today), view=""))
    if given.get(CHART) and CHART not in dict(found):
        found.append((CHART, given[CHART]))
    return urlencode(found)


def opened(
    spec: ListSpec, kept: Kept, args: Args, actor: Actor, today: dt.date
) -> tuple[str, Message | None] | None:
    """The whole address that stands for a view, and what it had to leave out; None where none is opened.

    A view is opened by an address that names it and nothing else, or, where one opens by itself, by an
    address without anything.
    """
    if set(args) - {"view"} or args.get("view") == NO_VIEW:
        return None
    number = args.get("view")
    view = kept.view(number) if number else kept.default
    if view is None:
        gone = Message("This view is no longer there for you; the list is as usual.")
        return (f"?view={NO_VIEW}", gone) if number else None
    found, left_out = still_asked(spec, view.query, actor, today)
    found["view"] = str(view.id)
    if len(found) == 1:
        found["asked"] = "1"
    said = Message(
        "The list no longer has what the view “{name}” names, so it is left out: {names}.",
        name=view.name,
        names=listed(left_out),
    )
    return "?" + urlencode(list(found.items(multi=True))), said if left_out else None


def still_asked(spec: ListSpec, query: str, actor: Actor, today: dt.date) -> tuple[Args, list[str]]:
    """What a list still has of a kept question, and the names of what it has no longer."""
    found: Args = MultiDict(parse_qsl(query, max_num_fields=500))
    spec = list_named(spec.name, actor, found) or spec
    parts_of = {part: condition for condition in spec.filters for part in condition.parts}
    left_out = [name for name in found if name not in parts_of and name not in LIST_WORDS]
    text, groups_left_out = _still_in_groups(spec, found.get("where", ""), actor, today)
    found["where"] = text
    for problem in ask(spec, found, actor, today).problems:
        if problem.field in parts_of:
            left_out.extend(parts_of[problem.field].parts)
    for name in (*left_out, *(() if text else ("where",))):
        found.poplist(name)
    named = dict.fromkeys(say(parts_of[name].label) if name in parts_of else name for name in left_out)
    return found, [*named, *groups_left_out]


def _still_in_groups(spec: ListSpec, text: str, actor: Actor, today: dt.date) -> tuple[str, list[str]]:
    if not text:
        return "", []
    try:
        conditions = grammar.parsed(text)
    except grammar.Damaged:
        return "", [say(Message("Advanced conditions"))]
    known = subjects.subjects_of(spec)
    left_out: list[str] = []
    groups = []
    for group in conditions.groups:
        held = []
        for condition in group:
            _piece, problem = where.read_one(known, condition, actor, today)
            if problem is None:
                held.append(condition)
            else:
                subject = known.get(condition.key)
                left_out.append(say(subject.label) if subject else condition.key)
        groups.append(tuple(held))
    return grammar.written(Conditions(conditions.joined, tuple(groups))), left_out
