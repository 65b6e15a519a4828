"""Loads the shipped report form; safe to run again, and leaves a form that is there to its administrators."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.reports.form_models import FormVersion, ReportForm
from app.reports.form_parts import add_column, add_indicator, add_rule, add_section
from app.reports.form_publishing import publish, widen
from app.reports.form_rules import ColumnInput, FormInput, IndicatorInput, RuleInput, SectionInput
from app.reports.form_service import create_form, edit_draft
from app.reports.shipped import SHIPPED, data_of, typed


def load_shipped_forms(actor: Actor, now: dt.datetime) -> list[str]:
    """Create and publish the shipped forms that are missing and widen the tables of the others.

    Returns the codes of the new ones.
    """
    known = {form.code: form for form in db.session.scalars(select(ReportForm))}
    for form in known.values():
        widen(form)
    missing = [code for code in SHIPPED if code not in known]
    for code in missing:
        _load(actor, data_of(code), now)
    return missing


def _load(actor: Actor, data: dict[str, Any], now: dt.datetime) -> None:
    form = create_form(actor, FormInput(**typed(data["form"])), now)
    version = form.versions[0]
    edit_draft(actor, version.id, Decimal(data["tolerance"]), version.revision, now)
    for section in data["sections"]:
        _load_section(actor, version, section, now)
    for rule in data["rules"]:
        add_rule(actor, version.id, RuleInput(**typed(rule)), now)
    publish(actor, version.id, Month.parse(data["effective_from"]), None, version.revision, now)


def _load_section(actor: Actor, version: FormVersion, data: dict[str, Any], now: dt.datetime) -> None:
    head = {name: data[name] for name in ("code", "kind", "name")}
    add_section(actor, version.id, SectionInput(**typed(head)), now)
    for indicator in data.get("indicators", ()):
        add_indicator(actor, version.id, IndicatorInput(section=data["code"], **typed(indicator)), now)
    for column in data.get("columns", ()):
        add_column(actor, version.id, ColumnInput(section=data["code"], **typed(column)), now)
