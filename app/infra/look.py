"""What templates of the look call: icons, static files by content, form controls, the page's language."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, has_request_context, request, url_for
from flask_babel import get_locale
from markupsafe import Markup

from app.infra.widgets import control, is_wide

SPRITE = "dist/icons.svg"
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}


def init_look(app: Flask) -> None:
    """Give templates ``icon``, ``asset``, ``control``, ``is_wide`` and ``page_language``.

    Globals of the environment, not a context processor: Flask-AppBuilder renders its widgets
    without context processors.
    """
    app.jinja_env.globals.update(
        icon=icon, asset=asset, control=control, is_wide=is_wide, page_language=page_language
    )


def asset(path: str) -> str:
    """Address of a static file, with a hash of its content, so that browsers may keep it."""
    file = f"{current_app.static_folder}/{path}"
    try:
        changed = os.stat(file).st_mtime_ns  # noqa: PTH116 - a page asks dozens of times; a Path costs thrice
    except FileNotFoundError:
        return url_for("static", filename=path)
    root = request.script_root if has_request_context() else ""
    return _address(root, path, file, changed)


@lru_cache(maxsize=512)
def _address(_root: str, path: str, file: str, _changed: int) -> str:
    return url_for("static", filename=path, v=hashlib.sha256(Path(file).read_bytes()).hexdigest()[:12])


def icon(name: str, extra: str = "") -> Markup:
    """An icon of the sprite, hidden from readers: the words beside it carry the meaning."""
    return _drawn(name, extra, asset(SPRITE))


@lru_cache(maxsize=512)
def _drawn(name: str, extra: str, sprite: str) -> Markup:
    classes = f"qj-i {extra}".strip()
    return Markup(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(classes, sprite, name)


def page_language() -> str:
    """The language tag of the page, for ``<html lang>``."""
    locale = get_locale()
    return LANGUAGE_TAGS.get(locale.language if locale else "zh", "zh-CN")
