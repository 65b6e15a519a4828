"""The client of the documentation, over HTTP against the served application."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.organisations.tokens import create_token
from app.reports.models import Report
from app.reports.opening import open_report
from tests.conftest import ActorOf
from tests.factories.reports import good_cells, ref_for

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "client.py"
FORM, OCTOBER = "sme_monthly", "2026-10"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The example as a module."""
    found = importlib.util.spec_from_file_location("example_client", EXAMPLE)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application is served."""

    def serve(environ: dict[str, Any], start: Any) -> list[bytes]:
        with app.app_context():
            return [*app.wsgi_app(environ, start)]

    server = make_server("127.0.0.1", 0, serve)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def token_of(actor: ActorOf, now: dt.datetime) -> Callable[[str], str]:
    """``token_of("county")``: a token of that account."""

    def make(username: str) -> str:
        with unit_of_work():
            made = create_token(actor(username), "程序", dt.date(2026, 12, 31), now)
        db.session.rollback()
        return made

    return make


def test_a_month_is_filed_and_seen_by_its_reviewer(
    example: ModuleType, address: str, token_of: Callable[[str], str], actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    good = good_cells(open_report(owner, ref_for(owner), now))
    mine = example.Platform(address, token_of("enterprise"))
    reviewer = example.Platform(address, token_of("county"))

    sent = mine.file(FORM, OCTOBER, good, "王会计", {})
    waiting = list(reviewer.records("reports/", month=OCTOBER, state="in_review", limit=1))
    report = reviewer.ask("GET", f"reports/{waiting[0]['id']}")["result"]
    reviewer.ask("POST", f"reports/{report['id']}/accept", {"version": report["version"]})

    assert sent["state"] == "in_review"
    assert [one["enterprise_id"] for one in waiting] == [owner.enterprise_id]
    db.session.rollback()
    assert db.session.scalars(select(Report.accepted_levels)).one() == 1


def test_a_refusal_says_what_to_mend(
    example: ModuleType, address: str, token_of: Callable[[str], str]
) -> None:
    mine = example.Platform(address, token_of("enterprise"))

    with pytest.raises(example.Refused) as refused:
        mine.file(FORM, OCTOBER, {"revenue.ytd": "many"}, "王会计", {})

    assert refused.value.status == 422
    assert [problem["field"] for problem in refused.value.problems] == ["revenue.ytd"]


def test_it_waits_as_it_is_asked_to(
    example: ModuleType,
    app: Flask,
    address: str,
    token_of: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, waited = example.Platform(address, token_of("county")), []
    monkeypatch.setitem(app.config, "API_LIMIT", "2 per minute")
    monkeypatch.setattr(example.time, "sleep", waited.append)

    answers = [mine.ask("GET", "queries/") for _time in range(2)]
    with pytest.raises(example.Refused) as refused:
        mine.ask("GET", "queries/")

    assert answers[0]["result"]
    assert refused.value.status == 429
    assert waited == [60.0, 60.0]


def test_the_command_prints_lines_of_json(
    example: ModuleType,
    address: str,
    token_of: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PLATFORM_TOKEN", token_of("prefecture"))

    done = example.main([address, "enterprises", "limit=1"])
    refused = example.main([address, "enterprises", "colour=red"])

    told = capsys.readouterr()
    names = [json.loads(line)["name"] for line in told.out.splitlines()]
    assert (done, refused) == (0, 1)
    assert len(names) == len(set(names)) > 1
    assert "colour" in told.err
