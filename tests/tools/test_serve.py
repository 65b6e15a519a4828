"""The supervisor: one process falling ends all, a stop is clean, nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import serve

PATIENCE = 60.0
"""Seconds after which a process counts as stuck: a loaded machine is slow, not wrong."""

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
FALL = [sys.executable, "-c", "pass"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(9)",
]


@pytest.fixture
def started() -> Iterator[serve.Processes]:
    """Processes that are gone after the test."""
    running: serve.Processes = {}
    yield running
    serve.stop(running)


def test_the_first_process_to_end_is_named(started: serve.Processes) -> None:
    started |= serve.start({"web server": SLEEP, "job worker": FALL})
    started["job worker"].wait(PATIENCE)

    assert serve.ended(started) == "job worker"


def test_stopping_ends_every_process_and_says_that_it_was_clean(started: serve.Processes) -> None:
    started |= serve.start({"web server": SLEEP, "job worker": SLEEP})

    assert serve.stop(started) is True
    assert all(process.poll() is not None for process in started.values())


def test_who_does_not_listen_is_killed_after_the_patience(
    started: serve.Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "PATIENCE", 0.5)
    process = subprocess.Popen(STUBBORN, stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    process.stdout.readline()
    started["web server"] = process

    clean = serve.stop(started)
    process.stdout.close()

    assert clean is False
    assert process.returncode == -signal.SIGKILL


def test_a_killed_supervisor_takes_its_processes_along(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = (
        "import pathlib, sys, time\n"
        "from tools import serve\n"
        "found = serve.start({'worker': [sys.executable, '-c', 'import time; time.sleep(600)']})\n"
        f"pathlib.Path({str(note)!r}).write_text(str(found['worker'].pid))\n"
        "time.sleep(600)\n"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", script], cwd=serve.ROOT)
    child = _number_in(note)

    supervisor.kill()
    supervisor.wait(PATIENCE)

    assert _is_gone(child)


def test_a_taken_port_is_told_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        where = serve.Serving("127.0.0.1", other.getsockname()[1], 1)

        with pytest.raises(serve.StartError, match="cannot be used"):
            serve.refuse_taken(where)


@pytest.mark.parametrize(
    "settings", [{"PORT": "web"}, {"PORT": "0"}, {"PORT": "70000"}, {"WEB_WORKERS": "0"}]
)
def test_a_setting_that_cannot_be_is_refused_in_words(settings: dict[str, str]) -> None:
    with pytest.raises(serve.StartError):
        serve.serving(settings)


def test_a_web_server_that_ends_is_not_waited_for(started: serve.Processes) -> None:
    started |= serve.start({"web server": FALL})
    started["web server"].wait(PATIENCE)

    assert serve.come_up(started, serve.Serving("127.0.0.1", 9, 1), threading.Event()) is False


def test_the_greeting_tells_the_password_only_in_demonstrations() -> None:
    where = serve.Serving("0.0.0.0", 8080, 2)  # noqa: S104 - never listened on

    demo = serve.greeting(where, {"DEMO": True, "DEMO_PASSWORD": "shown-to-all"})
    real = serve.greeting(where, {"DEMO": False, "DEMO_PASSWORD": "shown-to-all"})

    assert "http://localhost:8080/" in demo
    assert "shown-to-all" in demo
    assert "shown-to-all" not in real


def _number_in(note: Path) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if note.exists() and note.read_text():
            return int(note.read_text())
        time.sleep(0.05)
    raise AssertionError("the supervisor did not start its process")


def _is_gone(pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
