"""What belongs to this product, one table each: pages, menu, scopes, events, jobs, steps of the wizard.

A new domain is added here and nowhere else: the rest of the program reads these tables.
"""

from __future__ import annotations

from typing import Any

import app.enterprises.scope
import app.organisations.scope
import app.reports.scope  # noqa: F401 - scopes register themselves
from app.infra.home import HomeView
from app.infra.jobs import JobQueued, deliver, init_jobs
from app.infra.preferences import PreferencesView
from app.infra.shell import Area, Item
from app.infra.triggers import AUDIT_GUARDS
from app.kernel.texts import LocalText, Message
from app.enterprises.seed import load_dictionaries
from app.kernel.actor import SYSTEM
from app.organisations import accounts, authentication
from app.organisations.seed import load_regions
from app.reports.seed import load_shipped_forms
from app.organisations.shipped_roles import SHIPPED_ROLES
from app.reports.guards import FORM_GUARDS

PLATFORM_NAME = LocalText("外贸企业运行监测与服务平台", "Trade & Enterprise Monitoring Platform")

GUARDS = (*AUDIT_GUARDS, *FORM_GUARDS)
"""Rows that the database itself keeps from changing."""

VIEWS: tuple[type, ...] = (HomeView, PreferencesView)

MENU: tuple[Area, ...] = (
    Area("home", Message("Workbench"), "layout-dashboard", (Item(Message("Workbench"), "HomeView.index", ""),)),
)

HOOKS: dict[type, tuple[Any, ...]] = {}
"""event -> what runs in its transaction."""

EVENTS: dict[type, tuple[Any, ...]] = {JobQueued: (deliver,)}
"""event -> what runs after its commit."""


def tables() -> dict[str, Any]:
    """Every table, as the application keeps them."""
    return {
        "PLATFORM_NAME": PLATFORM_NAME,
        "VIEWS": VIEWS,
        "MENU": MENU,
        "GUARDS": GUARDS,
        "HOOKS": HOOKS,
        "EVENTS": EVENTS,
        "PRINCIPAL_LOADER": accounts.load_credentials,
        "ACTOR_LOADER": accounts.actor_of_account,
        "AUTHENTICATE": authentication.authenticate,
        "SIGN_IN_FAILED": authentication.count_failure,
        "TODOS": (),
        "HOME_PANELS": (),
        "ROLE_LABELS": {},
        "DEMO_ACCOUNTS": (),
        "SHIPPED_ROLES": SHIPPED_ROLES,
        "DICTIONARIES": (load_regions, load_dictionaries, lambda now: load_shipped_forms(SYSTEM, now)),
        "DELETION_VETOES": {},
        "WIZARD_STEPS": (),
        "SUBMISSION_CONDITIONS": (),
        "PREPARATIONS": (init_jobs,),
        "KEEP_PREFERENCE": lambda actor, name, value: None,
    }


