"""The frame around every page: who is signed in, what waits, where one can go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from sqlalchemy import Select, literal, union_all

from app.infra import context, settings
from app.infra.database import db
from app.infra.i18n import language, say
from app.infra.registries import table
from app.infra.remembering import remembered
from app.infra.security import counted, current_permissions, current_principal
from app.infra.settings.shipped import HOTLINE, SERVICE_HOURS
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.texts import Message

TEXT_SIZES = ("normal", "large", "larger")


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the menu: for who holds ``permission`` on the endpoint's view, to ``kinds`` only if named.

    An empty ``permission`` shows it to everybody who is signed in. Pages of the views ``also`` lie under it.
    ``registered`` narrows it to accounts that have an enterprise, or to those that have none yet, ``right``
    to admins who were given that right.
    """

    label: Message
    endpoint: str
    permission: str = "can_list"
    todo: str = ""
    kinds: frozenset[Kind] = frozenset()
    values: tuple[tuple[str, str], ...] = ()
    also: frozenset[str] = frozenset()
    registered: bool | None = None
    right: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """An area of work: a group of the sidebar. An area of one entry is that entry."""

    name: str
    label: Message
    icon: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for an account: what, how many, where to do it."""

    name: str
    label: str
    count: int
    url: str
    action: str
    note: str = ""
    hot: bool = False


@dataclass(frozen=True, slots=True)
class CommonLink:
    """A link that every page has; ``endpoint`` need not be there in every installation."""

    label: str
    url: str


COMMON_LINKS: tuple[tuple[Message, str, bool], ...] = (
    (Message("Platform home"), "HomeView.index", True),
    (Message("Account settings"), "OwnAccountView.show", True),
    (Message("Message centre"), "InboxView.list", True),
    (Message("Help centre"), "HelpView.list", False),
    (Message("Site map"), "SiteMapView.show", False),
)
"""Words, endpoint, and whether an account is needed (spec 90: every page has these links)."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Records that wait for an actor's review; every queue of a page is counted in one statement.

    ``waiting`` gives a SELECT of three columns, or None where the actor has no such queue: how many wait,
    how many of them are special in the queue's own way, and since when the first one does. ``todo`` makes
    the to-do of these three.
    """

    name: str
    waiting: Callable[[Actor, dt.date], Select[int, int, dt.datetime | None] | None]
    todo: Callable[[int, int, dt.datetime], Todo]


@dataclass(slots=True)
class Shell:
    """What ``base.html`` shows around a page."""

    areas: list[dict[str, Any]] = field(default_factory=list)
    todos: list[Todo] = field(default_factory=list)
    crumbs: list[tuple[str, str | None]] = field(default_factory=list)
    user_name: str = ""
    role_label: str = ""
    unit: str = ""
    language: str = "zh"
    languages: list[tuple[str, str, str]] = field(default_factory=list)
    text_size: str = "normal"
    text_sizes: tuple[str, ...] = TEXT_SIZES
    text_size_url: str = ""
    hotline: str = ""
    service_hours: str = ""
    logout_url: str = ""
    account_url: str = ""
    home_url: str = ""
    links: list[CommonLink] = field(default_factory=list)
    help_url: str = ""
    todo_url: str = ""
    inbox_url: str = ""
    local_outbox_url: str = ""
    unread: int = 0
    demo: bool = False
    demo_password: str = ""
    demo_accounts: tuple[tuple[str, str], ...] = ()
    platform_name: str = ""
    signed_in: bool = False

    @property
    def todo_count(self) -> int:
        """How many things wait altogether."""
        return sum(todo.count for todo in self.todos)

    @property
    def unread_label(self) -> str:
        """The unread messages as the badge says them; empty for none."""
        return "99+" if self.unread > 99 else str(self.unread or "")


def init_shell(app: Flask) -> None:
    """Make ``shell`` known to every template: built when a page first asks for it."""
    app.jinja_env.globals["shell"] = _LazyShell()


class _LazyShell:
    """Builds the shell of a request once, and only for pages that show it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(current_shell(), name)


def current_shell() -> Shell:
    """The shell of this request, built once."""
    if "shell" not in g:
        g.shell = build_shell()
    found: Shell = g.shell
    return found


def common_links() -> list[CommonLink]:
    """The links at the foot of every page, as far as this installation and visitor have them."""
    signed_in = current_principal() is not None
    return [
        CommonLink(say(label), url_for(endpoint))
        for label, endpoint, account_needed in COMMON_LINKS
        if endpoint in current_app.view_functions and (signed_in or not account_needed)
    ]


def build_shell() -> Shell:
    """The shell of this request."""
    actor = context.current_actor()
    config, now = current_app.config, context.now()
    shell = Shell(
        language=language(),
        languages=_languages(),
        text_size=_text_size(),
        text_size_url=url_for("PreferencesView.text_size"),
        hotline=settings.value(HOTLINE, now),
        service_hours=settings.value(SERVICE_HOURS, now),
        links=common_links(),
        help_url=table("HELP_FOR_PAGE")(request.endpoint or "", actor),
        home_url="/",
        demo=config["DEMO"],
        demo_password=config["DEMO_PASSWORD"] if config["DEMO"] else "",
        demo_accounts=tuple((name, say(words)) for name, words in table("DEMO_ACCOUNTS"))
        if config["DEMO"]
        else (),
        local_outbox_url=_local_outbox(),
        platform_name=say(table("PLATFORM_NAME")),
    )
    if current_principal() is not None:
        _fill_signed_in(shell, actor)
    return shell


def _local_outbox() -> str:
    """Where a demonstration shows what would have left by mail and SMS; empty elsewhere."""
    shown = current_app.config["DEMO"] and "LocalOutboxView.local" in current_app.view_functions
    return url_for("LocalOutboxView.local") if shown else ""


def _fill_signed_in(shell: Shell, actor: Actor) -> None:
    shell.signed_in = True
    shell.user_name = actor.name
    shell.role_label = say(
        table("ROLE_LABELS").get((actor.kind, actor.level)) or Message(str(actor.kind.value))
    )
    shell.unit = actor.bureau_name
    shell.logout_url = url_for("SignInView.logout")
    shell.account_url = url_for("OwnAccountView.show")
    shell.todo_url = url_for("TodoView.list")
    shell.inbox_url = url_for("InboxView.list")
    shell.unread = counted("unread")
    shell.todos = todos_of(actor)
    shell.areas, trail = _areas(actor, {todo.name: todo for todo in shell.todos})
    shell.crumbs = trail


def todos_of(actor: Actor) -> list[Todo]:
    """Everything that waits for an actor, from every domain; asked once for a page and its frame."""
    known: dict[Actor, list[Todo]] = g.setdefault("todos", {})
    if actor not in known:
        now = context.now()
        found = [todo for source in table("WAITING") for todo in source(actor, now) if todo.count]
        known[actor] = [*queued(actor, local_date(now)), *found]
    return known[actor]


def queued(actor: Actor, today: dt.date) -> list[Todo]:
    """The queues in which something waits."""
    queues, statement = remembered(("queues", actor, today), lambda: _asked(actor, today))
    if statement is None:
        return []
    rows = sorted(db.session.execute(statement), key=lambda row: row[3])
    return [queues[place].todo(count, special, since) for count, special, since, place in rows if count]


def _asked(actor: Actor, today: dt.date) -> tuple[Sequence[Queue], Any]:
    """The queues and the statement that counts those of an actor; it takes longer to build than to answer."""
    queues: Sequence[Queue] = table("QUEUES")
    asked = ((place, queue.waiting(actor, today)) for place, queue in enumerate(queues))
    counts: list[Any] = [query.add_columns(literal(place)) for place, query in asked if query is not None]
    if not counts:
        return queues, None
    return queues, union_all(*counts) if len(counts) > 1 else counts[0]


def _areas(actor: Actor, todos: dict[str, Todo]) -> tuple[list[dict[str, Any]], list[tuple[str, str | None]]]:
    permissions = current_permissions()
    areas, trail = [], []
    for area in table("MENU"):
        items = [_entry(item, todos) for item in area.items if _offered(item, actor, permissions)]
        if not items:
            continue
        here = next((item for item in items if item["active"]), None)
        if here is not None:
            trail = [(say(area.label), None), (here["label"], here["url"])] if len(area.items) > 1 else []
        counted = sum(item["badge"] for item in items)
        areas.append(
            {
                "name": area.name,
                "label": say(area.label),
                "icon": area.icon,
                "url": items[0]["url"],
                "open": here is not None,
                "single": len(area.items) == 1,
                "badge": counted,
                "hot": any(item["hot"] for item in items),
                "items": items,
            }
        )
    return areas, trail


def _offered(item: Item, actor: Actor, permissions: frozenset[tuple[str, str]]) -> bool:
    if item.kinds and actor.kind not in item.kinds:
        return False
    if item.right and item.right not in actor.rights:
        return False
    if item.registered is not None and item.registered != (actor.enterprise_id is not None):
        return False
    return not item.permission or (item.permission, item.endpoint.split(".")[0]) in permissions


def _entry(item: Item, todos: dict[str, Todo]) -> dict[str, Any]:
    todo = todos.get(item.todo)
    view = item.endpoint.split(".")[0]
    return {
        "label": say(item.label),
        "url": _address(item),
        "active": request.blueprint in {view, *item.also}
        and (not item.values or dict(item.values) == (request.view_args or {})),
        "badge": todo.count if todo else 0,
        "hot": bool(todo and todo.hot),
    }


def _address(item: Item) -> str:
    """The address of an entry; addresses never change while the process runs."""
    cache = current_app.extensions["menu_addresses"]
    if item not in cache:
        values: dict[str, Any] = dict(item.values)
        cache[item] = url_for(item.endpoint, **values)
    return str(cache[item])


def _languages() -> list[tuple[str, str, str]]:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    names = {"zh": "中文", "en": "English"}
    return [
        (code, name, url_for("PreferencesView.language", code=code, next=here))
        for code, name in names.items()
    ]


def _text_size() -> str:
    size = session.get("text_size", "normal")
    return size if size in TEXT_SIZES else "normal"
