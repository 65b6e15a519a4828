"""Puts an application together from the tables of the wiring, in the order that FAB needs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, current_app
from flask_appbuilder import AppBuilder
from flask_sqlalchemy.session import Session

from app.infra import audit, cli, i18n, look, security, settling, shell, urls, web
from app.infra.api import init_api
from app.infra.database import db, init_database
from app.infra.lists import register_list
from app.infra.views import DomainView
from app.kernel.clock import SystemClock


class PlatformBuilder(AppBuilder):
    """FAB without its stock pages: the views of the wiring are all there is."""

    def _add_global_static(self) -> None:
        """FAB's templates, for ours to extend; none of its scripts and styles."""
        current_app.register_blueprint(
            Blueprint("appbuilder", "flask_appbuilder.base", template_folder="templates")
        )

    def _add_admin_views(self) -> None:
        """Only sign-in: no stock index, utility, locale, menu or documentation views."""
        self.sm.register_views()


def assemble(app: Flask, wiring: Mapping[str, Any]) -> None:
    """Make ``app`` an application of this platform."""
    logging.basicConfig(
        level=app.config["LOG_LEVEL"], format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    app.url_rule_class = urls.LateRule
    app.config["DATA_DIR"].mkdir(parents=True, exist_ok=True)
    app.extensions.update(
        wiring=dict(wiring), clock=SystemClock(), permissions={}, menu_addresses={}, remembered={}
    )
    init_database(app)
    audit.follow(Session)
    audit.remember_old_values()
    security.follow_stamped(Session)
    web.init_web(app)
    with app.app_context():
        builder = PlatformBuilder(security_manager_class=security.PlatformSecurityManager, update_perms=False)
        builder.init_app(app, db.session)
        for view in wiring["VIEWS"]:
            register_listing(app, builder.add_view_no_menu(view))
    for name, factory in wiring["LISTS"].items():
        register_list(app, name, factory)
    app.extensions["babel"].locale_selector = i18n.select_language
    web.init_identity(app)
    init_api(app)
    settling.init_settling(app)
    i18n.init_i18n(app)
    look.init_look(app)
    shell.init_shell(app)
    cli.register(app)
    for prepare in wiring["PREPARATIONS"]:
        prepare(app)


def register_listing(app: Flask, view: Any) -> None:
    """Let jobs find the list of a generated view, for exports that take longer than a request."""
    if isinstance(view, DomainView):
        register_list(app, view.listing_name, lambda _actor, _args: view.listing())
