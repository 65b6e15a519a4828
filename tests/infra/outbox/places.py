"""Servers and processes of the tests of the outbox: a mail server to kill, a gateway that misbehaves."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.mail_server import received
from tools.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0
SENDER = "platform@service.example"


@dataclass
class MailServer:
    """The mail server as a process of its own."""

    notes: Path
    pause: float = 0.0
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tools.mail_server", str(self.port), str(self.notes)]
        self.process = subprocess.Popen([*command, "--pause", str(self.pause)], cwd=ROOT)
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < deadline, "the mail server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    @property
    def letters(self) -> list[tuple[str, str]]:
        return received(self.notes)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "security": "none",
            "user": "",
            "password": "",
            "sender": SENDER,
            "timeout": 5.0,
        }


@dataclass
class Gateway:
    """An HTTP gateway: answers ``status`` and ``body``, after ``delay`` seconds, and remembers what came."""

    status: int = 200
    body: bytes = b"{}"
    delay: float = 0.0
    came: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    url: str = ""


@contextlib.contextmanager
def gateway() -> Iterator[Gateway]:
    """A gateway on a port of this machine."""
    told = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            sent = json.loads(self.rfile.read(length))
            told.came.append((dict(self.headers.items()), sent))
            time.sleep(told.delay)
            with contextlib.suppress(OSError):
                self.send_response(told.status)
                self.send_header("Content-Length", str(len(told.body)))
                self.end_headers()
                self.wfile.write(told.body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/send?from=platform"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
