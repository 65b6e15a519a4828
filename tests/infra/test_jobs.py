"""Jobs: asked for once, delivered after the commit, done with their outcome or not at all."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.infra.database import db
from app.infra.files import file_store
from app.infra.jobs import runner, service, sweeper
from app.infra.jobs.context import JobContext
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.outcome import Outcome, OutcomeLine
from app.infra.jobs.queue import engine
from app.infra.jobs.registry import job
from app.infra.transactions import unit_of_work
from app.infra.words import words_from_json
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.texts import LocalText, Message
from tests.infra.jobs_app import add_job, ledger, load_actor
from tests.infra.jobs_fixtures import fresh, jobs

__all__ = ["jobs"]


@pytest.fixture
def owner(jobs: Flask) -> Actor:
    found = load_actor(1)
    assert found is not None
    return found


@pytest.fixture
def stranger(jobs: Flask) -> Actor:
    found = load_actor(2)
    assert found is not None
    return found


def run(task: Job) -> Job:
    runner.run(engine(), task.id)
    return fresh(task)


def set_columns(task: Job, **values: Any) -> None:
    with unit_of_work():
        db.session.execute(update(Job).where(Job.id == task.id).values(**values))
    db.session.expire_all()


def test_a_job_is_delivered_only_after_the_commit(owner: Actor) -> None:
    with unit_of_work():
        service.enqueue("test.ledger", owner, {"rows": 1})
        before = engine().huey.pending_count()

    assert (before, engine().huey.pending_count()) == (0, 1)


def test_a_job_of_a_rolled_back_unit_never_was(owner: Actor) -> None:
    with pytest.raises(Conflict), unit_of_work():
        service.enqueue("test.ledger", owner, {"rows": 1})
        raise Conflict(Message("no"))

    assert engine().huey.pending_count() == 0
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_the_same_key_gives_the_same_job_whatever_became_of_it(owner: Actor, stranger: Actor) -> None:
    first = run(add_job("test.ledger", owner, "click", rows=1))

    again = add_job("test.ledger", owner, "click", rows=9)
    other_owner = add_job("test.ledger", stranger, "click", rows=1)
    other_kind = add_job("test.who", owner, "click")

    assert again.id == first.id
    assert len({first.id, other_owner.id, other_kind.id}) == 3


def test_the_system_too_has_one_job_for_a_key(jobs: Flask) -> None:
    first = add_job("test.who", SYSTEM, "nightly")

    assert add_job("test.who", SYSTEM, "nightly").id == first.id


def test_two_clicks_at_the_same_moment_start_one_job(jobs: Flask, owner: Actor) -> None:
    barrier = threading.Barrier(4)
    found: list[int] = []

    def click() -> None:
        with jobs.app_context():
            barrier.wait()
            found.append(add_job("test.ledger", owner, "double", rows=1).id)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == 1


def test_an_empty_or_endless_key_is_refused(owner: Actor) -> None:
    for key in ("", "k" * 101):
        with pytest.raises(Invalid):
            service.enqueue("test.who", owner, {}, key)


def test_an_unknown_kind_is_a_mistake_of_the_program(owner: Actor) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        service.enqueue("test.missing", owner, {})


def test_two_functions_cannot_share_a_kind() -> None:
    def another(ctx: JobContext) -> Outcome:
        return Outcome()

    with pytest.raises(ValueError, match="registered already"):
        job("test.who", title=Message("x"))(another)


def test_work_and_outcome_are_committed_together(owner: Actor) -> None:
    task = run(add_job("test.ledger", owner, rows=3))

    outcome = Outcome.from_json(task.outcome)
    assert task.state == JobState.DONE
    assert task.finished_at is not None
    assert ledger(task.public_id) == [0, 1, 2]
    assert str(outcome.summary) == "3 lines"
    assert (outcome.done, outcome.skipped) == (2, 1)
    assert str(outcome.lines[1].message) == "odd"


def test_a_job_delivered_twice_is_done_once(owner: Actor) -> None:
    task = run(add_job("test.ledger", owner, rows=2))

    runner.run(engine(), task.id)

    assert ledger(task.public_id) == [0, 1]
    assert fresh(task).attempts == 1


def test_a_job_runs_as_its_owner_through_the_door_of_jobs(owner: Actor) -> None:
    task = run(add_job("test.who", owner))

    assert str(Outcome.from_json(task.outcome).summary) == "enterprise 云泽一号 job"


def test_a_job_of_an_account_no_longer_active_fails_and_says_so(owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1)
    with unit_of_work():
        db.session.execute(db.text("UPDATE account SET state = 'disabled' WHERE id = 1"))
    db.session.expire_all()

    run(task)

    assert task.state == JobState.FAILED
    assert "no longer active" in str(words_from_json(task.error))
    assert ledger(task.public_id) == []


def test_a_refusal_rolls_back_and_keeps_its_words(owner: Actor) -> None:
    task = run(add_job("test.refuse", owner))

    assert task.state == JobState.FAILED
    assert task.error == {"msgid": "{unit} is frozen", "values": {"unit": "云泽"}}
    assert ledger(task.public_id) == []


def test_every_problem_of_a_refusal_becomes_a_line(owner: Actor) -> None:
    task = run(add_job("test.refuse", owner, invalid=True))

    lines = Outcome.from_json(task.outcome).lines
    assert [(line.label, str(line.message)) for line in lines] == [
        ("row 3", "too small"),
        ("row 4", "too big"),
    ]


def test_a_fault_rolls_back_and_shows_an_incident_not_the_detail(owner: Actor, caplog: Any) -> None:
    task = run(add_job("test.fault", owner))

    words = str(words_from_json(task.error))
    incident = words.split("Quote ")[1].split(" ", maxsplit=1)[0]
    assert task.state == JobState.FAILED
    assert "secret" not in words
    assert incident in caplog.text
    assert ledger(task.public_id) == []


def test_a_kind_that_the_program_no_longer_has_fails_clearly(owner: Actor) -> None:
    task = add_job("test.who", owner)
    set_columns(task, kind="test.retired")

    run(task)

    assert "cannot do this job" in str(words_from_json(task.error))


def test_an_attempt_that_lost_its_job_is_rolled_back(owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=2)
    claimed = runner.claim(task.id, lease=30)
    assert claimed is not None
    set_columns(task, attempts=2)  # the sweeper gave it to another worker meanwhile

    kind = runner.registry.find_kind("test.ledger")
    assert kind is not None
    runner.make(engine(), claimed, kind)

    assert ledger(task.public_id) == []
    assert fresh(task).state == JobState.RUNNING


def test_a_result_belongs_to_the_job_and_the_file_to_the_store(owner: Actor) -> None:
    task = run(add_job("test.export", owner, rows=3))

    found = service.find(owner, task.public_id)
    assert found.result is not None
    assert found.result.name == "月报 导出.csv"
    assert file_store().locate(found.result.path).read_bytes() == b"0\n1\n2\n"


def test_the_owner_cancels_a_job_that_waits(owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1)

    with unit_of_work():
        cancelled = service.cancel_queued(owner, task.public_id)
    run(task)

    assert cancelled
    assert task.state == JobState.CANCELLED
    assert ledger(task.public_id) == []


def test_a_running_job_stops_at_its_next_checkpoint_when_cancelled(owner: Actor) -> None:
    task = add_job("test.export", owner, rows=3)
    engine().progress.ask_cancel(task.public_id)

    run(task)

    assert task.state == JobState.CANCELLED
    assert task.outcome is None
    assert list(file_store().paths()) == []


def test_a_job_cancelled_by_its_flag_while_it_waited_never_begins(owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=0)
    engine().progress.ask_cancel(task.public_id)

    assert run(task).state == JobState.CANCELLED


def test_a_job_that_is_over_cannot_be_cancelled(owner: Actor) -> None:
    task = run(add_job("test.who", owner))

    with pytest.raises(Conflict), unit_of_work():
        service.cancel_queued(owner, task.public_id)


def test_a_stopping_worker_gives_its_job_back_uncounted(jobs: Flask, owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=2)
    engine().stopping = lambda: True

    run(task)

    assert (task.state, task.attempts) == (JobState.QUEUED, 0)
    assert ledger(task.public_id) == []
    engine().stopping = lambda: False
    assert run(task).state == JobState.DONE


def seen_by(actor: Actor) -> list[int]:
    """Ids of the jobs in an actor's scope."""
    return list(db.session.scalars(select(Job.id).where(service.visible_jobs(actor))))


def test_a_foreign_job_looks_as_if_there_were_none(owner: Actor, stranger: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1)

    for identifier in (task.public_id, "0" * 32, "nonsense", "", "é" * 32):
        with pytest.raises(NotFound):
            service.find(stranger, identifier)
    assert seen_by(stranger) == []
    assert seen_by(owner) == [task.id]


def test_nobody_cancels_a_foreign_job(owner: Actor, stranger: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1)

    with pytest.raises(NotFound), unit_of_work():
        service.cancel_queued(stranger, task.public_id)
    assert fresh(task).state == JobState.QUEUED


def test_the_platform_admin_sees_the_row_but_not_the_outcome(owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1)
    operator = Actor(kind=Kind.PLATFORM, name="operator", account_id=2)

    found = service.find(operator, task.public_id)

    assert not service.may_see_outcome(operator, found)
    assert service.may_see_outcome(owner, found)


def test_somebody_without_an_account_sees_no_job_not_even_the_system_s(jobs: Flask) -> None:
    add_job("test.who", SYSTEM)

    assert seen_by(Actor(kind=Kind.ANONYMOUS, name="")) == []


def test_the_sweeper_delivers_what_the_queue_lost(owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1)
    engine().huey.flush()
    too_early = sweeper.sweep(engine())
    set_columns(task, lease_until=service.machine_now() - dt.timedelta(seconds=1))

    handed = sweeper.sweep(engine())

    assert (too_early, handed) == (0, 1)
    assert engine().huey.pending_count() == 1
    assert sweeper.sweep(engine()) == 0  # it is waiting now, not lost


def expired(task: Job, attempts: int = 1) -> Job:
    """As a killed worker leaves it."""
    past = service.machine_now() - dt.timedelta(seconds=1)
    set_columns(task, state=JobState.RUNNING, attempts=attempts, lease_until=past)
    return task


def test_the_sweeper_resumes_a_job_whose_worker_fell_silent(owner: Actor) -> None:
    task = expired(add_job("test.ledger", owner, rows=2))

    sweeper.sweep(engine())
    run(task)

    assert (task.state, task.attempts) == (JobState.DONE, 2)
    assert ledger(task.public_id) == [0, 1]


def test_a_beating_worker_keeps_its_job(owner: Actor) -> None:
    task = expired(add_job("test.ledger", owner, rows=2))
    engine().progress.keep_alive(task.public_id, time.time() + 60)

    assert sweeper.sweep(engine()) == 0
    assert fresh(task).state == JobState.RUNNING


def test_a_job_that_kills_its_workers_is_given_up(jobs: Flask, owner: Actor) -> None:
    task = expired(add_job("test.ledger", owner, rows=2), attempts=engine().settings.max_attempts)

    sweeper.sweep(engine())

    assert fresh(task).state == JobState.FAILED
    assert "given up" in str(words_from_json(task.error))


def test_a_silent_job_that_was_cancelled_is_not_resumed(owner: Actor) -> None:
    task = expired(add_job("test.ledger", owner, rows=2))
    engine().progress.ask_cancel(task.public_id)

    assert sweeper.sweep(engine()) == 0
    assert fresh(task).state == JobState.CANCELLED


def test_progress_is_seen_while_the_transaction_is_still_open(jobs: Flask, owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=4, pause=0.4)
    store = engine().progress
    worker = threading.Thread(target=runner.run, args=(engine(), task.id))

    worker.start()
    seen = []
    while worker.is_alive():
        seen.append((store.read(task.public_id).done, len(ledger(task.public_id))))
        time.sleep(0.1)
    worker.join()

    assert any(0 < done < 4 and committed == 0 for done, committed in seen)
    assert ledger(task.public_id) == [0, 1, 2, 3]


def test_a_running_job_prolongs_its_lease_beside_the_database(owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1)

    run(task)

    assert engine().progress.read(task.public_id).alive_until > time.time()


def test_outcomes_keep_words_of_both_kinds_through_json() -> None:
    nested = Message("{place} has {count}", place=LocalText("云泽市", "Yunze"), count=3)
    outcome = Outcome(nested, (OutcomeLine("a", False, LocalText("无", ""), "7"), OutcomeLine("b", True)))

    again = Outcome.from_json(outcome.to_json())

    assert again == outcome
