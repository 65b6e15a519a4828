"""Measures how much a second web process brings: run as a process of its own on a database, prints JSON.

Clients ask a served platform for the same list page, each as soon as its last answer is there: once with one
web process, once with two, in turn. What is compared is pages a second.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from tools.bench.measuring import BenchError
from tools.bench.settings import COLUMNS, LAST_MONTH, PASSWORD, PREFECTURE_ADMIN
from tools.ports import free_port
from tools.serve import Serving, commands

ROOT = Path(__file__).resolve().parent.parent.parent
ADDRESS = f"/reports/?asked=1&period={LAST_MONTH}&cols={COLUMNS}&psize=50"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
CLIENTS = 6
WARM_UP = 2.0
SECONDS = 8.0
ROUNDS = 2
PATIENCE = 60.0


@contextlib.contextmanager
def served(url: str, workers: int) -> Iterator[int]:
    """The port of the platform, served as it is on servers."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        env = {**os.environ, "DATABASE_URL": url, "DATA_DIR": folder, "DEMO": "1", "LOG_LEVEL": "ERROR"}
        web, _worker = commands(Serving("127.0.0.1", port, workers), "error")
        running = subprocess.Popen(web, cwd=ROOT, env=env)
        try:
            _wait(port)
            yield port
        finally:
            running.terminate()
            running.wait(timeout=PATIENCE)


def _wait(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if _ask(port, "GET", "/login/")[0] == 200:
                return
        time.sleep(0.1)
    raise BenchError("the server does not answer")


def _ask(
    port: int, method: str, path: str, body: str = "", cookie: str = ""
) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    headers = {"Cookie": cookie} if cookie else {}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, content


def signed_in(port: int) -> str:
    """The cookie of a session."""
    _status, headers, page = _ask(port, "GET", "/login/")
    token = TOKEN.search(page.decode())
    if token is None:
        raise BenchError("the sign-in page has no token")
    form = {"username": PREFECTURE_ADMIN, "password": PASSWORD, "csrf_token": token[1]}
    status, headers, page = _ask(port, "POST", "/login/", urlencode(form), _cookie(headers))
    if status != 302:
        raise BenchError(f"{PREFECTURE_ADMIN} cannot sign in: {status} {page[:400].decode()}")
    return _cookie(headers)


def _cookie(headers: http.client.HTTPMessage) -> str:
    jar = SimpleCookie()
    for line in headers.get_all("Set-Cookie", []):
        jar.load(line)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def pages_a_second(port: int) -> float:
    """How many list pages all clients together get in a second."""
    cookie, ends = signed_in(port), time.monotonic() + WARM_UP
    _run(port, cookie, ends)
    started = time.monotonic()
    done = _run(port, cookie, started + SECONDS)
    return done / (time.monotonic() - started)


def _run(port: int, cookie: str, ends: float) -> int:
    counts = [0] * CLIENTS
    faults: list[str] = []

    def client(place: int) -> None:
        while time.monotonic() < ends:
            status, _headers, page = _ask(port, "GET", ADDRESS, cookie=cookie)
            if status != 200 or b"<tbody" not in page:
                faults.append(f"{status} {page[:400].decode()}")
                return
            counts[place] += 1

    threads = [threading.Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise BenchError(faults[0])
    return sum(counts)


def main() -> int:
    """Command line: ``python -m tools.bench.workers <database address>``."""
    best = {1: 0.0, 2: 0.0}
    for _round in range(ROUNDS):
        for workers, found in best.items():
            with served(sys.argv[1], workers) as port:
                best[workers] = max(found, pages_a_second(port))
    print(json.dumps({"one": round(best[1], 1), "two": round(best[2], 1)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
