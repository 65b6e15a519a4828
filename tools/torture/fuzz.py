"""Nonsense in every address, query and form: each answer is a page or a refusal, never a fault."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
from werkzeug.routing import Rule

from tools.torture.instance import Instance
from tools.torture.nonsense import NONSENSE, PARAMETERS
from tools.torture.product import make_app
from tools.torture.verdict import Verdict
from tools.torture.visitor import ACCOUNTS, Form, Visitor, crawl

INPUTS = 10_000
THREADS = 4
TIME_LIMIT = 1500.0
PAGES_PER_ACCOUNT = 60
SPARED = ("/logout", "/static", "/login")
"""What would end the session, or is only a file."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address to be sent nonsense to, by one account."""

    account: str
    path: str
    method: str
    names: tuple[str, ...]


class Tally:
    """Counts of several threads."""

    def __init__(self, wished: int) -> None:
        self.verdict = Verdict("fuzzed inputs", wished)
        self._lock = threading.Lock()
        self._left = wished
        self._ends = time.monotonic() + TIME_LIMIT
        self.statuses: dict[int, int] = {}

    def take(self) -> bool:
        """Whether another input is wanted."""
        with self._lock:
            self._left -= 1
            return self._left >= 0 and time.monotonic() < self._ends

    def note(self, what: str, status: int) -> None:
        """Count an answer."""
        with self._lock:
            self.verdict.counted += 1
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status >= 500:
                self.verdict.fault(f"{status} {what}")


def fuzz(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Send the inputs from several sessions at once."""
    app = make_app(instance.url, instance.data_dir)
    rules = [rule for rule in app.url_map.iter_rules() if not str(rule).startswith(SPARED)]
    password = str(app.config["DEMO_PASSWORD"])
    instance.serve()
    targets = _targets(instance, password, rules, chance)
    tally = Tally(max(1, round(INPUTS * share)))
    seeds = [chance.random() for _ in range(THREADS)]
    threads = [
        threading.Thread(target=_send, args=(instance, password, targets, tally, random.Random(seed)))
        for seed in seeds
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    tally.verdict.notes.append(f"{len(targets)} targets; {statuses}")
    return [tally.verdict]


def _targets(instance: Instance, password: str, rules: Sequence[Rule], chance: random.Random) -> list[Target]:
    """Every rule for every account, and the real pages and forms that each account reaches."""
    targets = []
    for account in ACCOUNTS:
        visitor = Visitor(instance, account).sign_in(password)
        pages, forms = crawl(visitor, PAGES_PER_ACCOUNT)
        visitor.close()
        names = tuple(sorted({name for form in forms for name in form.names} - {"csrf_token"}))
        targets += [Target(account, urlsplit(page).path, "GET", names) for page in pages]
        targets += [_of_form(account, form) for form in forms if not form.action.startswith(SPARED)]
        for rule in rules:
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}):
                targets.append(Target(account, str(rule), method, names))
    chance.shuffle(targets)
    return targets


def _of_form(account: str, form: Form) -> Target:
    return Target(account, form.action, form.method.upper(), form.names)


def _send(
    instance: Instance, password: str, targets: Sequence[Target], tally: Tally, chance: random.Random
) -> None:
    visitors = {account: Visitor(instance, account).sign_in(password) for account in ACCOUNTS}
    while tally.take():
        target = chance.choice(targets)
        visitor = visitors[target.account]
        path = _filled(target.path, chance)
        what = f"{target.account} {target.method} {path[:200]!r}"
        try:
            answer = _request(visitor, target, path, chance)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            tally.note(f"{what} cannot be sent: {error}", 0)  # the client itself refuses such an address
            continue
        except httpx.HTTPError as error:
            tally.note(f"{what}: {type(error).__name__}", 599)
            continue
        tally.note(f"{what} {_asked(answer)}", answer.status_code)
        if answer.status_code == 302 and "/login" in answer.headers.get("Location", ""):
            visitor.sign_in(password)
    for visitor in visitors.values():
        visitor.close()


def _request(visitor: Visitor, target: Target, path: str, chance: random.Random) -> httpx.Response:
    query = urlencode(_pairs(target.names + PARAMETERS, chance, most=4), errors="surrogatepass")
    address = f"{path}?{query}"
    if target.method == "GET":
        return visitor.get(address)
    if target.method != "POST":
        headers = {"X-CSRFToken": visitor.token, "Referer": f"{visitor.instance.base}/"}
        return visitor.client.request(target.method, address, headers=headers)
    if chance.random() < 0.3:
        return visitor.post_json(address, _json(chance, 3))
    files = {"file": ("酷刑.xlsx", chance.randbytes(64))} if chance.random() < 0.1 else None
    return visitor.post(address, dict(_pairs(target.names or PARAMETERS, chance, most=8)), files=files)


def _filled(path: str, chance: random.Random) -> str:
    """A rule with something in the place of each argument."""
    parts = []
    for part in path.split("/"):
        if "<" in part and ">" in part:
            value = str(chance.randrange(1, 40)) if chance.random() < 0.4 else chance.choice(NONSENSE)
            parts.append(quote(value[:300], safe=""))
        else:
            parts.append(part)
    return "/".join(parts)


def _pairs(names: Sequence[str], chance: random.Random, most: int) -> list[tuple[str, str]]:
    return [(chance.choice(names), chance.choice(NONSENSE)) for _ in range(chance.randrange(most + 1))]


def _json(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(6) if depth else 0
    if kind == 1:
        return [_json(chance, depth - 1) for _ in range(chance.randrange(4))]
    if kind in {2, 3, 4}:
        names = ("cells", "rows", "version", "explanations", "key", "value", "", "__proto__")
        return {chance.choice(names): _json(chance, depth - 1) for _ in range(chance.randrange(4))}
    return chance.choice((*NONSENSE, None, True, -1, 10**30, 1.5))


def _asked(answer: httpx.Response) -> str:
    sent = answer.request
    body = b"" if isinstance(sent.stream, httpx.AsyncByteStream) else sent.read()
    return f"?{sent.url.query.decode(errors='replace')[:300]} {body[:300]!r}"
