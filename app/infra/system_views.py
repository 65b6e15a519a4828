"""运行状态 for who runs the platform, and the address by which a monitor asks whether it is up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, jsonify
from flask_appbuilder import expose
from flask_babel import lazy_gettext

from app.infra.jobs.service import machine_now
from app.infra.jobs.views import STATES as JOB_STATES
from app.infra.outbox.models import Delivery
from app.infra.pages import PageView, protected
from app.infra.system_state import healthy, system_state
from app.kernel.clock import UTC
from app.kernel.texts import Message

DELIVERIES = {
    Delivery.WAITING: Message("Waiting"),
    Delivery.SENDING: Message("Being sent"),
    Delivery.SENT: Message("Sent"),
    Delivery.FAILED: Message("Failed"),
}
UNITS = ("B", "KB", "MB", "GB", "TB")


def in_bytes(size: int) -> str:
    """``1.4 GB``."""
    amount, unit = float(size), UNITS[0]
    for unit in UNITS:
        if amount < 1024 or unit == UNITS[-1]:
            break
        amount /= 1024
    return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"


class SystemView(PageView):
    """The state of the installation."""

    route_base = "/system"
    default_view = "list"
    title = lazy_gettext("System state")

    @expose("/", methods=["GET"])
    @protected("list")
    def list(self) -> str:
        """Database, disk, jobs, workers, outbox, backup."""
        now = machine_now()
        state = system_state(now)
        workers = [
            (worker.name, worker.threads, dt.datetime.fromtimestamp(worker.seen, UTC), alive)
            for worker, alive in state.workers
        ]
        return self.page(
            "system/state.html",
            state=state,
            workers=workers,
            job_states=JOB_STATES,
            deliveries=DELIVERIES,
            in_bytes=in_bytes,
            now=now,
        )


class HealthView(PageView):
    """For monitors and load balancers: no account, nothing but whether the platform can answer."""

    route_base = ""
    default_view = "healthz"

    @expose("/healthz", methods=["GET"])
    def healthz(self) -> Any:
        """200 while the database answers, else 503."""
        up = healthy()
        answer: Response = jsonify(status="ok" if up else "unavailable")
        answer.status_code = 200 if up else 503
        answer.headers["Cache-Control"] = "no-store"
        return answer
