"""Addresses inside the platform, and nothing but those."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


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
