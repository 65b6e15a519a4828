"""The source of job workers: forks one for each line that it reads."""

from __future__ import annotations

import os
import signal
import sys

from flask import Flask

from app.infra.database import db
from app.infra.jobs import worker
from tools.torture.product import make_app


def serve_forks(app: Flask) -> None:
    """Fork a worker for each line that comes in, and say its number.

    Starting Python anew for every kill would take most of the time of the torture.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the dead
    with app.app_context():
        db.engine.dispose()
    for _line in sys.stdin:
        number = os.fork()
        if number == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            worker.run(app, parent=os.getppid())
            os._exit(0)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve_forks(make_app())
