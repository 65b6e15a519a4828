"""Gives an application its queue and the function that runs what comes out of it."""

from __future__ import annotations

from flask import Flask

from app.infra.jobs import runner
from app.infra.jobs.queue import JobEngine, JobSettings


def init_jobs(app: Flask) -> None:
    """Set up jobs: over Redis where ``QUEUE_URL`` names one, else over files under ``DATA_DIR``."""
    app.extensions["jobs"] = JobEngine(app, JobSettings.of(app), runner.run)
