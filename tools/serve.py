"""Run the platform as one: bring it up to date, then serve pages and work on jobs until either ends."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import config  # noqa: E402 - found only once the root is on the path

DEMO_ACCOUNTS = ("province", "prefecture", "county", "enterprise", "provider", "point", "auditor", "admin")
PDEATHSIG = 1
"""prctl(2): the signal a process gets when its parent ends."""
PATIENCE = 30.0
"""Seconds in which the processes end by themselves: requests are answered, jobs go back to the queue."""
START_PATIENCE = 60.0
Processes = dict[str, subprocess.Popen[bytes]]
EVERYWHERE = ("", "0.0.0.0")  # noqa: S104 - compared with


@dataclass(frozen=True, slots=True)
class Serving:
    """Where and how wide the web server serves."""

    host: str
    port: int
    workers: int

    @property
    def reachable(self) -> str:
        """The host under which this machine reaches what listens."""
        return "127.0.0.1" if self.host in EVERYWHERE else self.host

    @property
    def address(self) -> str:
        """What a person opens."""
        local = self.reachable == "127.0.0.1"
        return f"http://{'localhost' if local else self.host}:{self.port}/"


class StartError(Exception):
    """The platform cannot start; the text says what to do."""


def serving(env: dict[str, str]) -> Serving:
    """What ``HOST``, ``PORT`` and ``WEB_WORKERS`` ask for.

    :raises StartError: a number that is none.
    """
    try:
        port, workers = int(env.get("PORT") or 8080), int(env.get("WEB_WORKERS") or 2)
    except ValueError as error:
        raise StartError(f"PORT and WEB_WORKERS must be numbers: {error}") from error
    if not (0 < port < 65536 and 0 < workers <= 64):
        raise StartError("PORT must be 1 to 65535, WEB_WORKERS 1 to 64.")
    return Serving(env.get("HOST") or "127.0.0.1", port, workers)


def commands(where: Serving, log_level: str) -> tuple[list[str], list[str]]:
    """How web server and job worker are started."""
    web = [sys.executable, "-m", "gunicorn", "run:app", "--worker-class=sync", f"--workers={where.workers}"]
    web += [f"--bind={where.host}:{where.port}", f"--log-level={log_level.lower()}"]
    web += ["--timeout=60", "--graceful-timeout=20", "--no-control-socket"]
    web += [f"--worker-tmp-dir={_memory_directory()}"]
    return web, [sys.executable, "-m", "flask", "--app", "run", "platform", "worker"]


def _memory_directory() -> str:
    """Where gunicorn's heartbeats never wait for a disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"  # noqa: S108 - gunicorn makes its own file


def end_with_parent() -> None:
    """Have this process stopped when its parent ends, however that ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PDEATHSIG, signal.SIGTERM)


def _in_child(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        end_with_parent()
        if os.getppid() != parent:  # it ended before the line above
            os._exit(1)

    return prepare


def refuse_taken(where: Serving) -> None:
    """Say that the port is taken before anything starts.

    :raises StartError: somebody listens there.
    """
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((where.host, where.port))
        except OSError as error:
            message = (
                f"{where.host}:{where.port} cannot be used ({error.strerror}): PORT={where.port + 1} make run"
            )
            raise StartError(message) from error


def prepare() -> None:
    """Do what ``flask platform init`` does, and ``demo`` where DEMO is on, in one process."""
    from flask.cli import ScriptInfo  # noqa: PLC0415 - only the child that prepares loads the application

    from app import create_app  # noqa: PLC0415

    app = create_app()
    wanted = ["init", "demo"] if app.config["DEMO"] else ["init"]
    for name in wanted:
        info = ScriptInfo(create_app=lambda: app, set_debug_flag=False)
        app.cli.main(args=["platform", name], obj=info, standalone_mode=False)


@contextlib.contextmanager
def stop_requested() -> Iterator[threading.Event]:
    """An event that SIGTERM, SIGINT and SIGHUP set."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start(processes: dict[str, list[str]]) -> Processes:
    """Start each in a session of its own: Ctrl-C reaches only the supervisor, which stops them in order."""
    prepare_child = _in_child(os.getpid())  # this process has no threads, so running it is safe
    running = {}
    for name, command in processes.items():
        running[name] = subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=prepare_child)  # noqa: PLW1509
    return running


def ended(running: Processes) -> str | None:
    """The name of a process that has ended, if one has."""
    return next((name for name, process in running.items() if process.poll() is not None), None)


def answers(where: Serving) -> bool:
    """Whether the web server answers by now."""
    connection = http.client.HTTPConnection(where.reachable, where.port, timeout=5)
    try:
        connection.request("GET", "/login/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def come_up(running: Processes, where: Serving, asked: threading.Event) -> bool:
    """Wait until the web server answers; False when it ended, takes too long, or a stop was asked for."""
    deadline = time.monotonic() + START_PATIENCE
    while not asked.is_set() and ended(running) is None and time.monotonic() < deadline:
        if answers(where):
            return True
        asked.wait(0.1)
    return False


def stop(running: Processes) -> bool:
    """Ask all to end, then end them; False if one had to be killed."""
    for process in running.values():
        if process.poll() is None:
            process.terminate()
    deadline, clean = time.monotonic() + PATIENCE, True
    for process in running.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            clean = False
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever it left behind
        process.wait()
    return clean


def greeting(where: Serving, settings: dict[str, Any]) -> str:
    """The lines a person reads when the platform is there."""
    lines = [f"The platform is at {where.address} (Ctrl-C stops it)"]
    if settings["DEMO"]:
        lines.append(f"Accounts: {', '.join(DEMO_ACCOUNTS)}. Password: {settings['DEMO_PASSWORD']}")
    return "\n".join(lines)


def run() -> int:
    """Serve until told to stop (0) or until a process ends by itself (1)."""
    settings = config.load()
    where = serving(config.environment())
    refuse_taken(where)
    with stop_requested() as asked:
        running = start({"preparation": [sys.executable, "-m", "tools.serve", "prepare"]})
        try:
            fallen = serve(running, where, asked, settings)
        finally:
            clean = stop(running)
    if fallen:
        print(f"Stopped, because the {fallen} ended.", file=sys.stderr, flush=True)
    return 0 if clean and not fallen else 1


def serve(running: Processes, where: Serving, asked: threading.Event, settings: dict[str, Any]) -> str | None:
    """Prepare, then the web server, then the worker: so pages answer soonest on a small machine.

    ``running`` always holds what runs now. Returns what ended unasked, if anything did.
    """
    while ended(running) is None and not asked.wait(0.05):
        pass
    if asked.is_set() or running["preparation"].returncode:
        return None if asked.is_set() else "preparation"
    del running["preparation"]
    web, worker = commands(where, str(settings["LOG_LEVEL"]))
    running |= start({"web server": web})
    if come_up(running, where, asked):
        running |= start({"job worker": worker})
        print(greeting(where, settings), flush=True)
        while ended(running) is None and not asked.wait(0.5):
            pass
    elif not asked.is_set():
        return "web server"
    return None if asked.is_set() else ended(running)


def main() -> int:
    """Command line: ``python -m tools.serve [run|prepare] [--with-parent]``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=("run", "prepare"), nargs="?", default="run")
    parser.add_argument("--with-parent", action="store_true", help="stop when the starting process ends")
    asked = parser.parse_args()
    if asked.with_parent:
        end_with_parent()
    try:
        if asked.task == "run":
            return run()
        prepare()
    except (StartError, config.ConfigurationError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
