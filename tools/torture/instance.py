"""A temporary instance of the platform: a database, demonstration data, a web server, a worker."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from sqlalchemy import make_url

from tools.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
WEB_WORKERS = 4
PATIENCE = 180.0
CHAINED = ("During handling of the above exception", "was the direct cause of the following")
LOCKS = ("database is locked", "deadlock detected", "could not serialize")

Process = subprocess.Popen[bytes]


@dataclass
class Instance:
    """Where it lives and what runs; scenarios kill and start its workers."""

    database: str
    url: str
    data_dir: Path
    port: int
    processes: list[Process] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    _forks: Process | None = None
    _web: Process | None = None

    @property
    def base(self) -> str:
        """The address of its web server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What its processes say."""
        return self.data_dir / "processes.log"

    def environment(self) -> dict[str, str]:
        """Settings of its processes, and nothing of the caller's database."""
        kept = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "QUEUE_URL"}
        }
        return {
            **kept,
            "APP_ENV": "development",
            "DATABASE_URL": self.url,
            "DATA_DIR": str(self.data_dir),
            "LOG_LEVEL": "WARNING",
            "DEMO": "1",
            "TORTURE": "1",
            **self.extra,
        }

    def start(self, *command: str, speaking: bool = False) -> Process:
        """Start a process of the instance; one that is ``speaking`` has pipes."""
        pipe = subprocess.PIPE if speaking else None
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdin=pipe, stdout=pipe or log, stderr=log
            )
        self.processes.append(process)
        return process

    def run(self, *command: str) -> None:
        """Run a command to its end.

        :raises RuntimeError: it failed; with the end of its output.
        """
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stderr.decode(errors='replace')[-3000:]}")

    def start_worker(self) -> int:
        """A job worker that also knows the jobs of the torture; gives its process number."""
        if self._forks is None:
            self._forks = self.start(sys.executable, "-m", "tools.torture.worker", speaking=True)
        if self._forks.stdin is None or self._forks.stdout is None:
            raise RuntimeError("the source of workers does not listen")
        self._forks.stdin.write(b"\n")
        self._forks.stdin.flush()
        answer = self._forks.stdout.readline()
        if not answer:
            raise RuntimeError(f"no worker could be started:\n{self.end_of_log()}")
        return int(answer)

    def with_settings(self, **extra: str) -> None:
        """Settings for the workers that are started from now on, beside the usual ones."""
        self.extra = extra
        if self._forks is not None:
            self._forks.kill()
            self._forks.wait()
            self._forks = None

    def serve(self) -> None:
        """The web server, answering; nothing if it runs already."""
        if self._web is not None and self._web.poll() is None:
            return
        server = ("-w", str(WEB_WORKERS), "-b", f"127.0.0.1:{self.port}", "--log-level", "warning", "run:app")
        process = self._web = self.start(sys.executable, "-m", "gunicorn", *server)
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.base}/login/", timeout=5).status_code == 200:
                    return
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"the web server does not answer:\n{self.end_of_log()}")
            time.sleep(0.2)

    def end_of_log(self, size: int = 3000) -> str:
        """The last words of the processes."""
        return self.log.read_bytes()[-size:].decode(errors="replace") if self.log.exists() else ""

    def complaints(self, offset: int = 0) -> list[str]:
        """Faults and locks that the log speaks of after so many bytes, each once with its count."""
        text = self.log.read_bytes()[offset:].decode(errors="replace") if self.log.exists() else ""
        found = Counter(
            _last_frame(block) for block in text.split("Traceback (most recent call last):\n")[1:]
        )
        found.update(line for line in text.splitlines() if any(word in line for word in LOCKS))
        return [f"{count} × {what}" for what, count in found.most_common()]

    def stop(self) -> None:
        """End every process that was started."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        self._forks = self._web = None


def _last_frame(block: str) -> str:
    """Where a traceback ends and with what: the last frame of our own, and the error."""
    lines = block.splitlines()
    frames = [line.strip() for line in lines if line.startswith('  File "') and f"{ROOT}/app/" in line]
    error = next((line for line in lines if line and not line.startswith(" ")), "")
    return f"{error[:200]} at {frames[-1].replace(str(ROOT), '') if frames else 'a library'}"


def kill(number: int) -> None:
    """``kill -9``, and wait until the process is no more."""
    os.kill(number, signal.SIGKILL)
    while Path(f"/proc/{number}").exists():
        time.sleep(0.005)


def peak_memory(process: int | str = "self") -> int:
    """The most memory (bytes) that a process took; ``getrusage`` would count what forked it before, too."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024


@contextlib.contextmanager
def temporary_instance(database: str, server: str) -> Iterator[Instance]:
    """An initialised instance with demonstration data, gone afterwards.

    :param database: ``sqlite`` or ``postgresql``. :param server: the PostgreSQL server to use.
    """
    with (
        tempfile.TemporaryDirectory(prefix="torture-") as directory,
        _database(database, server, directory) as url,
    ):
        instance = Instance(database, url, Path(directory), free_port())
        flask = (sys.executable, "-m", "flask", "--app", "run:app", "platform")
        try:
            instance.run(*flask, "init")
            instance.run(*flask, "demo")
            yield instance
        finally:
            instance.stop()


@contextlib.contextmanager
def _database(database: str, server: str, directory: str) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{directory}/platform.sqlite3"
        return
    name = f"torture_{secrets.token_hex(5)}"
    url = make_url(server).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield url.set(drivername="postgresql+psycopg", database=name).render_as_string(
                hide_password=False
            )
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
