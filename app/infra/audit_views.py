"""Pages of the audit trail, for the auditor alone: read, search, export; nothing is ever changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, false, or_, select, true

from app.infra import scope
from app.infra.audit import AuditEntry, audited_models
from app.infra.audit_words import (
    ACTIONS,
    LISTS,
    PAGES,
    RECORDS,
    REQUESTS,
    SENT_A_FORM,
    UNUSED_TABLES,
    field_words,
)
from app.infra.database import db
from app.infra.display import in_words
from app.infra.i18n import say
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.registries import table
from app.infra.views import DomainView
from app.kernel.actor import SYSTEM, Actor, Kind, Source
from app.kernel.texts import LocalText, Message

OUTCOMES = {"done": Message("Done"), "refused": Message("Refused")}
OUTCOME_MARKS = {"done": "pass", "refused": "back"}
ACTORS = {SYSTEM.name: Message("The system")}
"""Words for who is no account; accounts are shown by their names."""
SOURCES = {
    Source.PAGE.value: Message("Page"),
    Source.API.value: Message("Interface"),
    Source.JOB.value: Message("Job"),
    Source.CLI.value: Message("Command line"),
}
KINDS = {
    Kind.ANONYMOUS.value: Message("Visitor without account"),
    Kind.AUDITOR.value: Message("Auditor"),
    Kind.BUREAU.value: Message("Bureau admin"),
    Kind.CENTRE.value: Message("Warning centre"),
    Kind.ENTERPRISE.value: Message("Enterprise"),
    Kind.PLATFORM.value: Message("Platform admin"),
    Kind.POINT.value: Message("Warning point"),
    Kind.PROVIDER.value: Message("Service provider"),
    Kind.SYSTEM.value: Message("The platform itself"),
}
WORKFLOWS_OF_RECORDS = {"enterprise_registration": "registration"}
"""Tables whose workflow is called otherwise."""
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def visible_entries(actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """The auditor reads every line, nobody else any: not even those whom the lines are about."""
    return true() if actor.kind is Kind.AUDITOR else false()


scope.register(AuditEntry, visible_entries)


def readable(value: Any) -> str:
    """A value of a line as people read it."""
    if value is None or value == "" or isinstance(value, bool):
        return in_words(value)
    if isinstance(value, dict) and set(value) == {"zh", "en"}:
        return say(LocalText(value["zh"] or "", value["en"] or ""))
    if isinstance(value, dict):
        return ", ".join(f"{name}={readable(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(readable(item) for item in value)
    return str(value)


def pages_of_records() -> dict[str, DomainView]:
    """The generated view of each table, which knows what its records and fields are called."""
    views = current_app.extensions["appbuilder"].baseviews
    return {view.model.__tablename__: view for view in views if isinstance(view, DomainView)}


def changes(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(field, before, after) for each field that a line tells of, in the line's order."""
    before, after = entry.before or {}, entry.after or {}
    view = pages_of_records().get(entry.entity)
    labels = (type(view).label_columns or {}) if view else {}
    chosen = _words_of_values(entry.entity, view)

    def told(name: str, value: Any) -> str:
        words = chosen.get(name, {}).get(value) if isinstance(value, str) else None
        return readable(value) if words is None else say(words)

    return [
        (say(field_words(name, labels)), told(name, before.get(name)), told(name, after.get(name)))
        for name in dict.fromkeys([*before, *after])
    ]


def _words_of_values(entity: str, view: DomainView | None) -> Mapping[str, Mapping[str, Any]]:
    """By field the words of its values: as the record's page says them, its state as its workflow does."""
    offered: Mapping[str, Callable[[], Any] | Sequence[Any]] = view.choices_columns if view else {}
    chosen = {name: dict(pairs() if callable(pairs) else pairs) for name, pairs in offered.items()}
    workflow = table("WORKFLOWS").get(WORKFLOWS_OF_RECORDS.get(entity, entity))
    return chosen if workflow is None else {"state": workflow.states, **chosen}


def _changes_of(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, str]:
    query = select(AuditEntry).where(AuditEntry.id.in_([key[0] for key in keys]))
    return {
        (entry.id,): "; ".join(f"{name}: {before} → {after}" for name, before, after in changes(entry))
        for entry in db.session.scalars(query)
    }


def kinds_of_record() -> list[tuple[str, Any]]:
    """What lines can be about, with its words: records by their tables, imports, and exported lists."""
    pages = pages_of_records()
    named: dict[str, Any] = {**{name: view.show_title for name, view in pages.items()}, **RECORDS}
    # plain text: the driver knows no literal for a name that SQLAlchemy quotes
    audited = {str(model.__table__.name) for model in audited_models()} - UNUSED_TABLES
    kinds = [(name, named.get(name, name)) for name in sorted(audited | {*RECORDS})]
    kinds += [(spec.name, spec.title) for spec in table("IMPORTS")]
    titles = titles_of_lists()
    return kinds + [(name, Message("List “{title}”", title=say(title))) for name, title in titles.items()]


def titles_of_lists() -> dict[str, Any]:
    """What every declared list is called, by its name."""
    return {**{view.listing_name: view.list_title for view in pages_of_records().values()}, **LISTS}


def _of_account(value: str, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Lines of an actor whose name, or the login name of whose account, contains what is asked for."""
    login = table("LOGIN_NAME")
    numbers = select(login.id).where(login.name.icontains(value, autoescape=True))
    called = AuditEntry.actor_name.icontains(value, autoescape=True)
    return or_(called, AuditEntry.account_id.in_(numbers))


def kinds_of_action() -> list[tuple[str, Any]]:
    """What lines can tell of, with its words: actions of services, and requests that were refused.

    A refused request left nothing that a service could have named: it is known by its endpoint.
    """
    return [*ACTIONS.items(), *_refused_requests()]


def _refused_requests() -> Iterator[tuple[str, Message]]:
    views = {view.endpoint: view for view in current_app.extensions["appbuilder"].baseviews}
    for rule in current_app.url_map.iter_rules():
        name, _dot, what = rule.endpoint.rpartition(".")
        if not (rule.methods or set()) & WRITING:
            continue
        asked, view = REQUESTS.get(what, SENT_A_FORM), views.get(name)
        title: Any = PAGES.get(name) or getattr(view, "list_title", "") or getattr(view, "title", "")
        words = Message("{title}: {action}", title=say(title), action=asked) if title else asked
        yield rule.endpoint, words


def audit_list(name: str, row_link: str) -> ListSpec:
    """The trail, newest first."""
    kinds = {table: say(title) for table, title in kinds_of_record()}
    actions = {action: say(words) for action, words in kinds_of_action()}
    return ListSpec(
        name=name,
        title=Message("Audit trail"),
        base=lambda actor, today: scope.visible(AuditEntry, actor, today),
        key=(AuditEntry.id,),
        columns=_columns(kinds, actions),
        filters=_filters(kinds),
        default_sort="-at",
        row_link=row_link,
        unit=Message("{count} lines"),
    )


def _columns(kinds: Mapping[str, str], actions: Mapping[str, str]) -> tuple[Column, ...]:
    return (
        Column("at", Message("Time"), AuditEntry.at, "instant", sortable=True, always=True),
        Column("actor_name", Message("Account"), AuditEntry.actor_name, "choice", words=ACTORS),
        Column("username", Message("Login name"), lookup=Lookup(AuditEntry.account_id, table("LOGIN_NAME"))),
        Column("account_id", Message("Account number"), AuditEntry.account_id, "number", default=False),
        Column("action", Message("Action"), AuditEntry.action, "choice", words=actions),
        Column("entity", Message("Kind of record"), AuditEntry.entity, "choice", words=kinds),
        Column("entity_key", Message("Record number"), AuditEntry.entity_key),
        Column(
            "outcome",
            Message("Outcome"),
            AuditEntry.outcome,
            "state",
            words=OUTCOMES,
            marks=OUTCOME_MARKS,
        ),
        Column("source", Message("Came through"), AuditEntry.source, "choice", words=SOURCES, default=False),
        Column("address", Message("Network address"), AuditEntry.address, default=False),
        Column("request_id", Message("Request"), AuditEntry.request_id, default=False),
        Column("changes", Message("Before and after"), each=_changes_of, default=False),
    )


def _filters(kinds: Mapping[str, str]) -> tuple[Filter, ...]:
    return (
        Filter("day", Message("Day"), "date_range", AuditEntry.at),
        Filter(
            "account",
            Message("Account or login name"),
            expression=AuditEntry.actor_name,
            clause=_of_account,
        ),
        Filter("verb", Message("Action"), "choice", AuditEntry.action, words=ACTIONS),
        Filter("entity", Message("Kind of record"), "choice", AuditEntry.entity, words=kinds),
        Filter("entity_key", Message("Record number"), expression=AuditEntry.entity_key, match="exact"),
        Filter("outcome", Message("Outcome"), "choice", AuditEntry.outcome, words=OUTCOMES),
        Filter(
            "source",
            Message("Came through"),
            "choice",
            AuditEntry.source,
            words=SOURCES,
            more_conditions=True,
        ),
        Filter(
            "address",
            Message("Network address"),
            expression=AuditEntry.address,
            match="starts",
            more_conditions=True,
        ),
        Filter(
            "request",
            Message("Request"),
            expression=AuditEntry.request_id,
            match="exact",
            more_conditions=True,
        ),
        Filter(
            "code",
            Message("Action as the program calls it"),
            expression=AuditEntry.action,
            match="starts",
            more_conditions=True,
        ),
    )


class AuditView(DomainView):
    """The audit trail, read only."""

    model = AuditEntry
    route_base = "/audit"
    editable = False
    show_template = "audit/show.html"
    list_title = lazy_gettext("Audit trail")
    show_title = lazy_gettext("Line of the audit trail")
    label_columns = {
        "at": lazy_gettext("Time"),
        "actor_name": lazy_gettext("Account"),
        "username": lazy_gettext("Login name"),
        "account_id": lazy_gettext("Account number"),
        "actor_kind": lazy_gettext("Kind of account"),
        "source": lazy_gettext("Came through"),
        "address": lazy_gettext("Network address"),
        "request_id": lazy_gettext("Request"),
        "action": lazy_gettext("Action"),
        "entity": lazy_gettext("Kind of record"),
        "entity_key": lazy_gettext("Record number"),
        "outcome": lazy_gettext("Outcome"),
    }
    list_columns = ["at", "actor_name", "action", "entity", "entity_key", "outcome"]
    search_columns = ["action", "entity", "outcome"]
    base_order = ("at", "desc")
    show_columns = [
        "at",
        "actor_name",
        "username",
        *list_columns[2:],
        "account_id",
        "actor_kind",
        "source",
        "address",
        "request_id",
    ]
    choices_columns = {
        "actor_name": list(ACTORS.items()),
        "action": kinds_of_action,
        "actor_kind": list(KINDS.items()),
        "entity": kinds_of_record,
        "outcome": list(OUTCOMES.items()),
        "source": list(SOURCES.items()),
    }

    def listing(self) -> ListSpec:
        """Lines by day, account, action, record and outcome."""
        return audit_list(self.listing_name, self._row_link())

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        return super()._show_page(pk, row, changes=changes(row), **values)
