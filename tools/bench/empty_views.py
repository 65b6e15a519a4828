"""Starts Flask-AppBuilder with empty views, as many as asked for: what a start costs at least."""

from __future__ import annotations

import os
import sys

from flask import Flask
from flask_appbuilder import AppBuilder, Model, ModelView
from flask_appbuilder.models.sqla.base import SQLA
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy.orm import Mapped, mapped_column


class Thing(Model):
    """A table with nothing in it."""

    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def build(count: int) -> Flask:
    """An application with ``count`` empty views and without FAB's permission sync."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="of-a-bench",  # noqa: S106 - guards nothing
        SQLALCHEMY_DATABASE_URI="sqlite://",
        FAB_UPDATE_PERMS=False,
        FAB_CREATE_DB=False,
    )
    db = SQLA(app)
    with app.app_context():
        builder = AppBuilder(app, db.session, update_perms=False)
        for number in range(count):
            view = type(f"Empty{number}View", (ModelView,), {"datamodel": SQLAInterface(Thing)})
            builder.add_view_no_menu(view)
    return app


if __name__ == "__main__":
    build(int(sys.argv[1]))
    os._exit(0)  # as the start that it is compared with
