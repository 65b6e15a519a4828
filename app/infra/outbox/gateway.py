"""SMS and chat robots by HTTP: a POST of JSON whose shape the installation configures."""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from app.infra.outbox.adapters import Parcel, Send
from app.infra.outbox.rules import Refused, TryLater, Unreachable

IDEMPOTENCY_HEADER = "Idempotency-Key"
LONGEST_ANSWER = 65_536
PUT_OFF = frozenset({408, 409, 423, 425, 429})
LOCKED_OUT = frozenset({401, 403, 404, 405, 407})
"""Answers that speak of our address or key, not of the message: no other message would fare better."""

PLACES = ("recipient", "subject", "body", "id", "purpose")
"""What a template may name in braces."""


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """How to reach a gateway.

    ``template`` is JSON whose texts name ``{recipient}``, ``{subject}``, ``{body}``, ``{id}`` or
    ``{purpose}``. ``success`` is (name, value) of the answer's JSON that means yes, where the
    status alone does not tell. ``timeout`` in seconds.
    """

    url: str
    template: Any
    token: str = ""
    success: tuple[str, str] | None = None
    timeout: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpAdapter:
    """Carries SMS or the words of a chat robot."""

    name: str
    settings: GatewaySettings

    @contextlib.contextmanager
    def opened(self) -> Iterator[Send]:
        """Each message is a request of its own."""
        yield self._send

    def _send(self, parcel: Parcel) -> None:
        try:
            status, answer = self._post(parcel)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error
        judge(status, answer, self.settings.success)

    def _post(self, parcel: Parcel) -> tuple[int, bytes]:
        address = urlsplit(self.settings.url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        connection = kind(address.hostname or "", address.port, timeout=self.settings.timeout)
        body = json.dumps(filled(self.settings.template, parcel), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            IDEMPOTENCY_HEADER: parcel.public_id,
            **self.settings.headers,
        }
        if self.settings.token:
            headers["Authorization"] = f"Bearer {self.settings.token}"
        try:
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(LONGEST_ANSWER)
        finally:
            connection.close()


def filled(template: Any, parcel: Parcel) -> Any:
    """The template with the message in its places; only texts are filled, so the JSON stays whole."""
    if isinstance(template, dict):
        return {key: filled(value, parcel) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, parcel) for value in template]
    if not isinstance(template, str):
        return template
    given = {
        "recipient": parcel.recipient,
        "subject": parcel.subject,
        "body": parcel.body,
        "id": parcel.public_id,
        "purpose": parcel.purpose,
    }
    parts = template.split("{")
    done = [parts[0]]
    for part in parts[1:]:
        name, closing, rest = part.partition("}")
        done.append(given[name] + rest if closing and name in given else "{" + part)
    return "".join(done)


def judge(status: int, answer: bytes, success: tuple[str, str] | None) -> None:
    """Say nothing if the gateway took the message.

    :raises Refused, TryLater, Unreachable: it did not.
    """
    if status in LOCKED_OUT or 300 <= status < 400:
        raise Unreachable(f"HTTP {status}")
    if status in PUT_OFF or status >= 500 or status < 200:
        raise TryLater(f"HTTP {status}")
    if status >= 400:
        raise Refused(f"HTTP {status}")
    if success is not None and _member(answer, success[0]) != success[1]:
        raise TryLater(f"HTTP {status}, {success[0]}={_member(answer, success[0])}")


def _member(answer: bytes, name: str) -> str:
    """A member of the answer's JSON as text; empty where there is none."""
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    return str(found.get(name, "")) if isinstance(found, dict) else ""
