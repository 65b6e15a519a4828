"""Pages of the audit trail, for the auditor alone: read, search, export; nothing is ever changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, false, select, true

from app.infra import scope
from app.infra.audit import UNAUDITED_TABLES, AuditEntry
from app.infra.database import db
from app.infra.display import MISSING
from app.infra.i18n import say
from app.infra.lists import Column, Filter, ListSpec
from app.infra.views import DomainView
from app.kernel.actor import SYSTEM, Actor, Kind, Source
from app.kernel.texts import LocalText, Message

OUTCOMES = {"done": Message("Done"), "refused": Message("Refused")}
OUTCOME_MARKS = {"done": "pass", "refused": "back"}
ACTIONS = {
    "create": Message("Create"),
    "change": Message("Change"),
    "delete": Message("Delete"),
    "sign_in": Message("Sign in"),
    "sign_out": Message("Sign out"),
    "export": Message("Export"),
    "fill": Message("Fill in reports"),
    "initialise": Message("Set up"),
    "load_demonstration": Message("Load demonstration data"),
    "restore_guards": Message("Restore guards"),
}
"""Words for actions; one that is not here is shown by its own name."""
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
RECORDS = {
    "ab_user": Message("Sign-in account"),
    "bureau_contact": Message("Contact of a bureau"),
    "indicator": Message("Indicator code"),
    "report": Message("Report"),
    "report_finding": Message("Finding of a report"),
    "stored_file": Message("File"),
}
"""Words for records without a generated page; the rest are called as their pages say."""


def visible_entries(actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """The auditor reads every line, nobody else any: not even those whom the lines are about."""
    return true() if actor.kind is Kind.AUDITOR else false()


scope.register(AuditEntry, visible_entries)


def readable(value: Any) -> str:
    """A value of a line as people read it."""
    if value is None or value == "":
        return MISSING
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
    labels = type(view).label_columns if view else {}
    return [
        (say(labels.get(name, name)), readable(before.get(name)), readable(after.get(name)))
        for name in dict.fromkeys([*before, *after])
    ]


def _changes_of(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, str]:
    query = select(AuditEntry).where(AuditEntry.id.in_([key[0] for key in keys]))
    return {
        (entry.id,): "; ".join(f"{name}: {before} → {after}" for name, before, after in changes(entry))
        for entry in db.session.scalars(query)
    }


def kinds_of_record() -> list[tuple[str, Any]]:
    """What the records of each table are called; a table without a page keeps its own name."""
    pages = pages_of_records()
    named = {**{name: view.show_title for name, view in pages.items()}, **RECORDS}
    return [(name, named.get(name, name)) for name in sorted(set(db.metadata.tables) - UNAUDITED_TABLES)]


def audit_list(name: str, row_link: str) -> ListSpec:
    """The trail, newest first."""
    kinds = {table: say(title) for table, title in kinds_of_record()}
    return ListSpec(
        name=name,
        title=Message("Audit trail"),
        base=lambda actor, today: scope.visible(AuditEntry, actor, today),
        key=(AuditEntry.id,),
        columns=(
            Column("at", Message("Time"), AuditEntry.at, "instant", sortable=True, always=True),
            Column("actor_name", Message("Account"), AuditEntry.actor_name, "choice", words=ACTORS),
            Column("account_id", Message("Account number"), AuditEntry.account_id, "number", default=False),
            Column("action", Message("Action"), AuditEntry.action, "choice", words=ACTIONS),
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
            Column(
                "source", Message("Came through"), AuditEntry.source, "choice", words=SOURCES, default=False
            ),
            Column("address", Message("Network address"), AuditEntry.address, default=False),
            Column("request_id", Message("Request"), AuditEntry.request_id, default=False),
            Column("changes", Message("Before and after"), each=_changes_of, default=False),
        ),
        filters=(
            Filter("day", Message("Day"), "date_range", AuditEntry.at),
            Filter("account", Message("Account"), expression=AuditEntry.actor_name),
            Filter("verb", Message("Action"), expression=AuditEntry.action, match="starts"),
            Filter("entity", Message("Kind of record"), "choice", AuditEntry.entity, words=kinds),
            Filter("entity_key", Message("Record number"), expression=AuditEntry.entity_key, match="exact"),
            Filter("outcome", Message("Outcome"), "choice", AuditEntry.outcome, words=OUTCOMES),
        ),
        default_sort="-at",
        row_link=row_link,
        unit=Message("{count} lines"),
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
    show_columns = [*list_columns, "account_id", "actor_kind", "source", "address", "request_id"]
    choices_columns = {
        "actor_name": list(ACTORS.items()),
        "action": list(ACTIONS.items()),
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
