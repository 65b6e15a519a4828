"""A signed-in user of a tortured instance, as a browser without scripts."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from tools.torture.instance import Instance

ACCOUNTS = ("province", "prefecture", "county", "enterprise", "provider", "point", "auditor", "admin")
"""The demonstration accounts."""

TIMEOUT = 60.0
_TOKEN = re.compile(r'name="csrf[_-]token" (?:content|value)="([^"]+)"|id="csrf_token"[^>]*value="([^"]+)"')
_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
_FORM = re.compile(r"<form\b(?P<head>[^>]*)>(?P<body>.*?)</form>", re.DOTALL)
_NAME = re.compile(r'\bname="([^"]+)"')
_ATTRIBUTE = re.compile(r'\b(action|method)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes, how, and the names that it sends."""

    action: str
    method: str
    names: tuple[str, ...]


@dataclass
class Visitor:
    """One session. ``token`` is its CSRF token, which lives as long as the session."""

    instance: Instance
    account: str
    client: httpx.Client = field(init=False)
    token: str = ""

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.instance.base, timeout=TIMEOUT, follow_redirects=False)

    def sign_in(self, password: str) -> Visitor:
        """Open the session.

        :raises RuntimeError: it was refused.
        """
        self.client.cookies.clear()
        page = self.client.get("/login/")
        form = {"username": self.account, "password": password, "csrf_token": token_of(page.text)}
        answer = self.client.post("/login/", data=form, headers=self._same_origin())
        if answer.status_code != 302:
            raise RuntimeError(f"{self.account} cannot sign in: {answer.status_code}")
        self.token = token_of(self.client.get("/").text)
        return self

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Read a page; redirects are not followed."""
        return self.client.get(path, **options)

    def post(self, path: str, data: Any = None, **options: Any) -> httpx.Response:
        """Send a form with the session's token."""
        form = {"csrf_token": self.token, **(data or {})}
        return self.client.post(path, data=form, headers=self._same_origin(), **options)

    def post_json(self, path: str, body: Any) -> httpx.Response:
        """Send JSON with the session's token."""
        headers = {**self._same_origin(), "X-CSRFToken": self.token, "Accept": "application/json"}
        return self.client.post(path, json=body, headers=headers)

    def _same_origin(self) -> dict[str, str]:
        return {"Referer": f"{self.instance.base}/"}

    def close(self) -> None:
        """Close the connection."""
        self.client.close()


def token_of(page: str) -> str:
    """The CSRF token in a page; empty when there is none."""
    found = _TOKEN.search(page)
    return (found.group(1) or found.group(2)) if found else ""


def links_of(page: str) -> set[str]:
    """Addresses on this host that a page links to."""
    return {html.unescape(found) for found in _LINK.findall(page)}


def forms_of(page: str, address: str) -> list[Form]:
    """The forms of a page."""
    found = []
    for match in _FORM.finditer(page):
        attributes = dict(_ATTRIBUTE.findall(match["head"]))
        action = html.unescape(attributes.get("action", "")) or address
        names = tuple(dict.fromkeys(_NAME.findall(match["body"])))
        found.append(Form(urlsplit(action).path or address, attributes.get("method", "get").lower(), names))
    return found


def crawl(visitor: Visitor, most: int) -> tuple[list[str], list[Form]]:
    """Pages and forms that a user reaches from the home page, without leaving the session."""
    seen: dict[str, None] = {"/": None}
    forms: dict[Form, None] = {}
    waiting = ["/"]
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        answer = visitor.get(address)
        target = answer.headers.get("Location", "")
        found = {target} if target.startswith("/") else set()
        if "text/html" in answer.headers.get("Content-Type", ""):
            found |= links_of(answer.text)
            forms.update(dict.fromkeys(forms_of(answer.text, urlsplit(address).path)))
        for link in sorted(found):
            if link not in seen and not link.startswith(("/logout", "/static", "/preferences/language")):
                seen[link] = None
                waiting.append(link)
    return list(seen)[:most], list(forms)
