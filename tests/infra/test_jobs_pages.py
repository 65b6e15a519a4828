"""Pages of jobs: one's own only; the platform admin sees rows without what they brought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_appbuilder import expose
from sqlalchemy import inspect, select

import config as configuration
from app import wiring
from app.infra import files
from app.infra.assembly import assemble
from app.infra.database import db
from app.infra.home import HomeView
from app.infra.jobs import init_jobs, runner
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.outcome import Outcome, OutcomeLine
from app.infra.jobs.queue import engine
from app.infra.jobs.views import MAX_LINES, JobView, lines_to_show
from app.infra.preferences import PreferencesView
from app.infra.security import TAG, Credentials, session_tag
from app.infra.transactions import unit_of_work
from app.infra.views import PageView
from app.kernel.actor import Actor, Kind
from tests.infra import jobs_app
from tests.infra.jobs_app import add_job
from tests.infra.jobs_fixtures import fresh
from tests.infra.scratch import scratch_database

OWNER = Actor(kind=Kind.ENTERPRISE, name="云泽一号", account_id=1, user_id=1)
STRANGER = Actor(kind=Kind.ENTERPRISE, name="云泽二号", account_id=2, user_id=2)
OPERATOR = Actor(kind=Kind.PLATFORM, name="平台", account_id=3, user_id=3)
ACTORS = {1: OWNER, 2: STRANGER, 3: OPERATOR}
RIGHTS = frozenset({(f"can_{verb}", "JobView") for verb in ("list", "cancel", "again")})
SCRIPT = {"Accept": "application/json"}


def load_credentials(user_id: int) -> Credentials:
    return Credentials(ACTORS[user_id], "secret", frozenset({1}), 0)


class OwnAccountView(PageView):
    """Where the frame's account menu leads; the real one belongs to a domain above."""

    route_base = "/own-account"

    @expose("/")
    def show(self) -> str:
        return ""


class InboxView(PageView):
    """As above."""

    route_base = "/inbox"
    default_view = "list"

    @expose("/")
    def list(self) -> str:
        return ""


class TodoView(InboxView):
    """As above."""

    route_base = "/todos"


TABLES: dict[str, Any] = {
    "VIEWS": (HomeView, PreferencesView, OwnAccountView, InboxView, TodoView, JobView),
    "QUEUES": (),
    "WAITING": (),
    "HOME_PANELS": (),
    "MENU": (),
    "PREPARATIONS": (init_jobs,),
    "PRINCIPAL_LOADER": load_credentials,
    "SETTLERS": (),
    "ACTOR_LOADER": jobs_app.load_actor,
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Flask]:
    """The product's frame with the pages of jobs and the jobs of the tests."""
    with scratch_database(tmp_path) as url:
        app = Flask("app", root_path=str(jobs_app.ROOT / "app"))
        app.config.update(
            configuration.load(
                {"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": tmp_path, "QUEUE_URL": ""}, env={}
            )
        )
        app.config.update(jobs_app.FAST, WTF_CSRF_ENABLED=False)
        assemble(app, {**wiring.tables(), **TABLES})
        app.extensions["permissions"][(0, frozenset({1}))] = RIGHTS
        jobs_app.create_tables(app)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def sign_in(app: Flask, actor: Actor, language: str = "en") -> FlaskClient:
    for name in list(g):  # requests share the context of the fixture; a new visitor brings nothing along
        g.pop(name)
    client = app.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": str(actor.user_id), "_fresh": True, "language": language})
        session[TAG] = session_tag(load_credentials(actor.user_id or 0))
    return client


def finished(kind: str = "test.export", **params: Any) -> Job:
    job = add_job(kind, OWNER, **{"rows": 3, **params})
    runner.run(engine(), job.id)
    return fresh(job)


def begin(job: Job) -> None:
    """As a worker in another process takes it up."""
    runner.claim(job.id, 30)
    db.session.expire_all()


def test_the_list_shows_one_s_own_jobs_with_their_files(site: Flask) -> None:
    job = finished()

    own = sign_in(site, OWNER).get("/jobs/").get_data(as_text=True)
    foreign = sign_in(site, STRANGER).get("/jobs/").get_data(as_text=True)

    assert "Test export" in own
    assert '<span lang="zh">月报 导出</span>.csv' in own
    assert f"/jobs/{job.public_id}/result" in own
    assert job.public_id not in foreign


def test_a_page_of_a_running_job_has_a_progress_bar_and_a_way_to_cancel(site: Flask) -> None:
    job = add_job("test.ledger", OWNER, rows=3)
    begin(job)
    engine().progress.report(job.public_id, 1, 3, {"msgid": "Reading", "values": {}})

    page = sign_in(site, OWNER).get(f"/jobs/{job.public_id}").get_data(as_text=True)
    status = sign_in(site, OWNER).get(f"/jobs/{job.public_id}/progress", headers=SCRIPT).get_json()

    assert 'max="3" value="1"' in page
    assert "style=" not in page.split("<main")[1].split("</main>")[0]
    assert f'action="/jobs/{job.public_id}/cancel"' in page
    assert (status["state"], status["done"], status["total"], status["note"]) == ("running", 1, 3, "Reading")
    assert status["final"] is False


def test_a_page_of_a_done_job_tells_each_row_the_skipped_ones_first(site: Flask) -> None:
    job = finished("test.ledger")

    page = sign_in(site, OWNER).get(f"/jobs/{job.public_id}").get_data(as_text=True)

    assert "2 done, 1 skipped" in page
    assert page.index("第 1 行") < page.index("第 0 行")
    assert "odd" in page


def test_a_failed_job_says_why(site: Flask) -> None:
    job = finished("test.refuse", invalid=True)

    page = sign_in(site, OWNER).get(f"/jobs/{job.public_id}").get_data(as_text=True)

    assert "nothing was changed" in page
    assert "row 3: too small" in page
    assert "row 4: too big" in page


def test_the_owner_downloads_the_result_as_an_attachment(site: Flask) -> None:
    job = finished()

    answer = sign_in(site, OWNER).get(f"/jobs/{job.public_id}/result")

    assert answer.data == b"0\n1\n2\n"
    answer.close()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["", "/progress", "/result"])
def test_a_foreign_job_is_not_found_on_any_route(site: Flask, path: str) -> None:
    job = finished()

    for identifier in (job.public_id, "0" * 32, "x", "%00", "é"):
        answer = sign_in(site, STRANGER).get(f"/jobs/{identifier}{path}")
        assert answer.status_code in ({404} if "%" not in identifier else {400, 404})


def test_a_foreign_job_cannot_be_cancelled(site: Flask) -> None:
    job = add_job("test.ledger", OWNER, rows=3)

    answer = sign_in(site, STRANGER).post(f"/jobs/{job.public_id}/cancel")

    assert answer.status_code == 404
    assert fresh(job).state == JobState.QUEUED
    assert not engine().progress.read(job.public_id).cancel


def test_a_waiting_job_is_cancelled_at_once(site: Flask) -> None:
    job = add_job("test.ledger", OWNER, rows=3)

    answer = sign_in(site, OWNER).post(f"/jobs/{job.public_id}/cancel", follow_redirects=True)

    assert "The job is cancelled." in answer.get_data(as_text=True)
    assert fresh(job).state == JobState.CANCELLED


def test_a_running_job_is_asked_to_stop_without_touching_the_locked_database(site: Flask) -> None:
    job = add_job("test.ledger", OWNER, rows=3)
    begin(job)
    client = sign_in(site, OWNER)

    with db.engine.connect() as writer:  # a long write, as the job itself holds it
        if writer.dialect.name == "sqlite":
            writer.exec_driver_sql("UPDATE job SET params = params")
        answer = client.post(f"/jobs/{job.public_id}/cancel", follow_redirects=True)

    assert "being stopped" in answer.get_data(as_text=True)
    assert engine().progress.read(job.public_id).cancel


def test_a_job_that_is_over_is_not_cancelled_again(site: Flask) -> None:
    site.extensions["wiring"]["HOOKS"] = {}
    db.metadata.tables["audit_entry"].create(db.engine)
    job = finished("test.who")

    assert sign_in(site, OWNER).post(f"/jobs/{job.public_id}/cancel").status_code == 409


def test_the_platform_admin_sees_the_row_without_what_it_brought(site: Flask) -> None:
    job = finished()
    operator = sign_in(site, OPERATOR)

    listed = operator.get("/jobs/").get_data(as_text=True)
    page = operator.get(f"/jobs/{job.public_id}").get_data(as_text=True)

    assert "Test export" in listed
    assert "月报" not in listed + page
    assert "exported" not in page
    assert operator.get(f"/jobs/{job.public_id}/result").status_code == 404


def test_an_expired_result_is_explained_on_the_page_and_by_address(site: Flask) -> None:
    job = finished()
    with unit_of_work():
        stored = db.session.get(files.StoredFile, job.result_id)
        assert stored is not None
        stored.expires_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    client = sign_in(site, OWNER)

    page = client.get(f"/jobs/{job.public_id}").get_data(as_text=True)
    answer = client.get(f"/jobs/{job.public_id}/result")

    assert "has been removed" in page
    assert answer.status_code == 410
    assert "has been removed" in answer.get_data(as_text=True)


def test_a_job_without_a_file_has_nothing_to_download(site: Flask) -> None:
    job = finished("test.who")

    assert sign_in(site, OWNER).get(f"/jobs/{job.public_id}/result").status_code == 404


def test_without_a_session_the_sign_in_page_answers(site: Flask) -> None:
    job = finished()

    page = site.test_client().get(f"/jobs/{job.public_id}")
    script = site.test_client().get(f"/jobs/{job.public_id}/progress", headers=SCRIPT)

    assert page.status_code == 302
    assert script.status_code == 401


def test_a_page_bears_only_so_many_lines() -> None:
    outcome = Outcome.of(lines=[OutcomeLine(str(number), done=number != 900) for number in range(1000)])

    shown = lines_to_show(outcome)

    assert len(shown) == MAX_LINES
    assert shown[0].label == "900"


def with_trail() -> None:
    """The table of the audit trail, which these pages write when a job is run again."""
    if not inspect(db.engine).has_table("audit_entry"):
        db.metadata.tables["audit_entry"].create(db.engine)


def test_a_failed_job_is_run_again_once_for_its_owner(site: Flask) -> None:
    with_trail()
    job = finished("test.refuse", invalid=True)
    client = sign_in(site, OWNER)
    assert f'action="/jobs/{job.public_id}/again"' in client.get(f"/jobs/{job.public_id}").text

    first = client.post(f"/jobs/{job.public_id}/again")
    second = client.post(f"/jobs/{job.public_id}/again")

    assert first.status_code == 302 and first.headers["Location"] == second.headers["Location"]
    again = db.session.scalars(select(Job).where(Job.id != job.id)).one()
    assert (again.kind, again.owner_id, again.params) == (job.kind, OWNER.account_id, job.params)
    assert again.state == JobState.QUEUED


def test_the_platform_admin_runs_a_job_again_in_the_name_of_its_owner(site: Flask) -> None:
    with_trail()
    job = finished("test.fault")

    answer = sign_in(site, OPERATOR).post(f"/jobs/{job.public_id}/again")

    assert answer.status_code == 302
    assert db.session.scalars(select(Job).where(Job.id != job.id)).one().owner_id == OWNER.account_id


def test_what_is_done_or_under_way_is_not_run_again(site: Flask) -> None:
    with_trail()
    done, waiting = finished(), add_job("test.ledger", OWNER, rows=1)

    for job in (done, waiting):
        assert sign_in(site, OWNER).post(f"/jobs/{job.public_id}/again").status_code == 409
    assert sign_in(site, STRANGER).post(f"/jobs/{done.public_id}/again").status_code == 404
    assert len(db.session.scalars(select(Job)).all()) == 2


def test_the_platform_admin_reads_faults_of_the_program_but_no_refusals(site: Flask) -> None:
    refused, broken = finished("test.refuse"), finished("test.fault")
    operator = sign_in(site, OPERATOR)

    listed = operator.get("/jobs/").text
    pages = [operator.get(f"/jobs/{job.public_id}").text for job in (refused, broken)]

    assert "云泽 is frozen" not in listed + pages[0] and "was refused" in listed and "was refused" in pages[0]
    assert "a fault in the program" in listed and "a fault in the program" in pages[1]
    assert "a secret detail" not in listed + pages[1]


def test_the_platform_admin_finds_jobs_by_account_state_and_day(site: Flask) -> None:
    job = finished()
    operator = sign_in(site, OPERATOR)

    for asked, found in (
        ("account=一号", True),
        ("account=二号", False),
        ("state=done", True),
        ("state=failed", False),
        ("state=failed&state=done", True),
        ("created_from=2000-01-01", True),
        ("created_to=2000-01-01", False),
    ):
        assert (job.public_id in operator.get(f"/jobs/?{asked}").text) == found, asked
    assert "云泽一号" in operator.get("/jobs/").text
