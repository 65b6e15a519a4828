"""Addresses inside the platform, and nothing but those; and routes that are quickly made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, has_request_context, request
from werkzeug.routing import Rule

Built = tuple[str, str]


class LateRule(Rule):
    """A route that compiles what writes its addresses when the first one is written.

    Compiling it for every route takes a third of building the application, and most are asked for never.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Built]:  # noqa: FBT001, FBT002 - as werkzeug has it
        compiled = super()._compile_builder

        def late(rule: LateRule, /, **values: Any) -> Built:
            made: Callable[..., Built] = compiled(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", made)
            return made(**values)

        return late


def local_target(target: str | None, default: str = "/") -> str:
    """``target`` if it is a path of this site, else ``default``: no open redirects."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(char) < 32 for char in target) or "\\" in target:
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def same_origin() -> bool:
    """Whether the request says that it comes from a page of this site."""
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return bool(source) and urlsplit(source).netloc == request.host


def public_address(path: str) -> str:
    """A whole address for messages: ``PUBLIC_URL``, else as the request came, else this machine."""
    base: str = current_app.config["PUBLIC_URL"]
    if not base and has_request_context():
        base = request.host_url.rstrip("/")
    return (base or "http://127.0.0.1:8080") + path
