"""Crafted files through a real form: each is refused with words or comes out clean, in small memory."""

from __future__ import annotations

import contextlib
import random
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import httpx

from tools.ports import free_port
from tools.torture import crafted
from tools.torture.crafted import SCRIPT, Sent
from tools.torture.files_page import ADDRESS
from tools.torture.instance import PATIENCE, Instance, Process
from tools.torture.product import make_app
from tools.torture.verdict import Verdict
from tools.torture.visitor import Visitor

MUTATIONS = 400
MOST_MEMORY = 768.0
"""MB that a worker, or a process that it starts, may take."""

ACCOUNT = "enterprise"
TYPED = "typed before the file"
_TOKEN = re.compile(r'name="files-kept" value="([^"]+)"')
_FILE = re.compile(r'href="(/files/[0-9]+)"')
_ERROR = re.compile(r'id="files-error"[^>]*>.*?<span>(.+?)</span>', re.DOTALL)


def attack_files(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Send every crafted file, good files under crafted names, and good files with changed bytes."""
    password = str(make_app(instance.url, instance.data_dir).config["DEMO_PASSWORD"])
    bad = _part(list(crafted.bad(chance)), share, chance)
    picture = crafted.picture("PNG")
    named = _part([Sent("name", name, picture, cleaned=True) for name in crafted.names()], share, chance)
    changed = [
        _changed(chance.choice(crafted.good()), chance) for _ in range(max(1, round(MUTATIONS * share)))
    ]
    with _served(instance) as (page, server):
        visitor = Visitor(page, ACCOUNT).sign_in(password)
        with _Memory(server) as memory:
            found = [
                _send_all("crafted files", visitor, bad),
                _send_all("crafted names", visitor, named),
                _send_all("files with changed bytes", visitor, changed),
            ]
        visitor.close()
    found[0].notes.append(f"worker {memory.worker:.0f} MB, its image process {memory.child:.0f} MB")
    if max(memory.worker, memory.child) > MOST_MEMORY:
        found[0].fault(f"more than {MOST_MEMORY:.0f} MB of memory were taken")
    return found


def _part(files: list[Sent], share: float, chance: random.Random) -> list[Sent]:
    return files if share >= 1 else chance.sample(files, max(1, round(len(files) * share)))


def _changed(sent: Sent, chance: random.Random) -> Sent:
    """A good file with a few of its bytes changed; it may still be good."""
    content = bytearray(sent.content)
    for _ in range(chance.randrange(1, 9)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return Sent(f"changed {sent.label}", sent.name, bytes(content), cleaned=True)


def _send_all(scenario: str, visitor: Visitor, files: Sequence[Sent]) -> Verdict:
    verdict = Verdict(scenario, len(files))
    refused, started = 0, time.monotonic()
    for sent in files:
        try:
            answer = _send(visitor, sent)
        except httpx.HTTPError as error:
            verdict.fault(f"{sent.label}: {type(error).__name__}")
            continue
        verdict.counted += 1
        if answer.status_code == 302 and sent.cleaned:
            _look_at_kept(verdict, visitor, sent)
        elif answer.status_code == 422:
            refused += 1
            _look_at_refusal(verdict, sent, answer.text)
        else:
            verdict.fault(f"{sent.label} {sent.name[:40]!r}: {answer.status_code}")
    verdict.seconds = time.monotonic() - started
    verdict.notes.append(f"{refused} refused, {verdict.counted - refused} clean")
    return verdict


def _send(visitor: Visitor, sent: Sent) -> httpx.Response:
    files = {"files": (sent.name, sent.content, "image/png")}
    return visitor.post(ADDRESS, {"name": TYPED}, files=files)


def _look_at_refusal(verdict: Verdict, sent: Sent, page: str) -> None:
    """The words stand at the field, and what was typed is still there."""
    told = _ERROR.search(page)
    if told is None or len(told[1]) < 10:
        verdict.fault(f"{sent.label}: refused without words")
    if f'value="{TYPED}"' not in page:
        verdict.fault(f"{sent.label}: what was typed is lost")
    if _TOKEN.search(page):
        verdict.fault(f"{sent.label}: refused, and yet kept")


def _look_at_kept(verdict: Verdict, visitor: Visitor, sent: Sent) -> None:
    """What was kept is a download without a script in it; then it is removed again."""
    page = visitor.get(ADDRESS).text
    tokens, addresses = _TOKEN.findall(page), _FILE.findall(page)
    if len(tokens) != 1 or not addresses:
        verdict.fault(f"{sent.label}: taken, and yet not there")
    for address in addresses:
        answer = visitor.get(address)
        head = answer.headers.get("Content-Disposition", "")
        if answer.status_code != 200 or not head.startswith("attachment; "):
            verdict.fault(f"{sent.label}: {answer.status_code} {head[:80]!r}")
        if SCRIPT in answer.content or "sandbox" not in answer.headers.get("Content-Security-Policy", ""):
            verdict.fault(f"{sent.label}: kept with its script")
        if any(sign in head for sign in ("/..", "\\", "<", "\u202e")):
            verdict.fault(f"{sent.label}: served as {head[:80]!r}")
    visitor.post(ADDRESS, {"name": TYPED, "files-kept": tokens, "files-remove": tokens})


class _Memory:
    """The most memory that any process of a server took, looked at while it works."""

    def __init__(self, server: Process) -> None:
        self._server = server
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.worker = self.child = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            for worker in _children(self._server.pid):
                self.worker = max(self.worker, _most_memory(worker))
                for child in _children(worker):
                    self.child = max(self.child, _most_memory(child))


def _children(number: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(word) for word in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
    return []


def _most_memory(number: int) -> float:
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{number}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


@contextlib.contextmanager
def _served(instance: Instance) -> Iterator[tuple[Instance, Process]]:
    """A server of the product with the page that takes files, on a port of its own."""
    page = replace(instance, port=free_port(), processes=[])
    options = ("-w", "2", "-b", f"127.0.0.1:{page.port}", "--log-level", "warning")
    server = page.start(
        sys.executable, "-m", "gunicorn", *options, "--timeout", "90", "tools.torture.files_page:make_app()"
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{page.base}/login/", timeout=5).status_code == 200:
                    break
            if time.monotonic() > deadline or server.poll() is not None:
                raise RuntimeError(f"the page for files does not answer:\n{page.end_of_log()}")
            time.sleep(0.2)
        yield page, server
    finally:
        page.stop()
