"""The application factory, and nothing else."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

import config as configuration

os.environ.setdefault("PYTZ_SKIPEXISTSCHECK", "1")
"""Else Babel, when it is imported, has 600 files of time zones opened to see whether they are there."""


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Build a wholly wired application.

    :param config: Flask settings that win over the environment, for tests and tools.
    :raises config.ConfigurationError: a production setting that would be unsafe.
    """
    with _without_collecting():
        from app import wiring  # noqa: PLC0415 - importing the domains is part of building
        from app.infra.assembly import assemble  # noqa: PLC0415

        app = Flask(__name__)
        app.config.update(configuration.load(dict(config or {})))
        assemble(app, wiring.tables())
    return app


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Building makes nothing but what stays: looking for garbage meanwhile takes a fifth of the start."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
