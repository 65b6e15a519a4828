"""Batches: a line for each row, one refusal spoils no other, and nothing out of scope is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, update

from app.infra.database import db
from app.infra.jobs import Job, Outcome, runner
from app.infra.jobs.queue import engine
from app.infra.lists import Action, batch
from app.infra.transactions import emit, unit_of_work
from app.kernel.errors import Conflict, Invalid, Problem
from app.kernel.texts import Message
from tests.infra.lists.lists_app import Firm, firm_list


@dataclass(frozen=True)
class Accepted:
    """What the action of the tests tells the product."""

    number: int


HEARD: list[int] = []


def accept(actor: Any, key: Any, comment: str, now: Any) -> None:
    """Accept what waits; what is a draft is refused after it was written, so that the undoing shows."""
    firm = db.session.get(Firm, key[0])
    was, firm.state = firm.state, "pass"
    db.session.flush()
    emit(Accepted(key[0]))
    if was == "pass":
        raise Conflict(Message("Accepted already."))
    if was == "edit":
        raise Invalid([Problem(Message("one")), Problem(Message("two"))])


@pytest.fixture(autouse=True)
def actions(app: Flask) -> Any:
    HEARD.clear()
    app.extensions["wiring"]["EVENTS"] = {Accepted: [lambda event: HEARD.append(event.number)]}
    app.extensions["spec"] = firm_list(
        actions=(
            Action("accept", "Accept", accept),
            Action("sure", "Surely accept", accept, confirm=Message("Really accept?")),
            Action("why", "Accept with a reason", accept, comment="required"),
            Action("never", "Never", accept, allowed=lambda actor: False),
        )
    )
    yield
    db.session.rollback()
    with unit_of_work():
        for number in range(1, 61):
            state = ("edit", "wait", "pass")[number % 3]
            db.session.execute(update(Firm).where(Firm.id == number).values(state=state))


def send(app: Flask, **form: Any) -> Any:
    return app.test_client().post("/firms/", data={"action": "accept", **form})


def lines(answer: Any) -> list[list[str]]:
    page = BeautifulSoup(answer.data, "html.parser")
    return [[cell.get_text() for cell in row.select("td")] for row in page.select("tbody tr")]


def states() -> dict[int, str]:
    db.session.rollback()
    return dict(map(tuple, db.session.execute(select(Firm.id, Firm.state))))


def test_each_row_gets_a_line_and_a_refused_one_is_undone_alone(app: Flask) -> None:
    answer = send(app, key=["1", "2", "3"])

    assert lines(answer) == [
        ["云泽第0002厂", "Skipped", "Accepted already."],
        ["云泽第0003厂", "Skipped", "one; two"],
        ["云泽第0001厂", "Done", ""],
    ]
    assert [states()[number] for number in (1, 2, 3)] == ["pass", "pass", "edit"]
    assert HEARD == [1]


def test_a_row_out_of_scope_is_skipped_as_if_it_were_not_there(app: Flask) -> None:
    found = lines(send(app, key=["1", "99", "12345"]))

    assert [line[0] for line in found] == ["99", "12345", "云泽第0001厂"]
    assert found[0][2] == found[1][2]
    assert states()[99] == "wait"


def test_all_filtered_rows_are_those_that_the_conditions_leave(app: Flask) -> None:
    found = lines(send(app, all="1", state="wait", place="2"))

    assert [line[0] for line in found] == [f"云泽第{number:04}厂" for number in range(1, 60, 6)]


def test_a_batch_that_needs_confirmation_asks_first(app: Flask) -> None:
    asked = send(app, action="sure", key=["1", "4"])
    page = BeautifulSoup(asked.data, "html.parser")

    assert "Really accept?" in asked.text
    assert [box["value"] for box in page.select("input[name=key]")] == ["1", "4"]
    assert states()[1] == "wait"
    assert len(lines(send(app, action="sure", key=["1", "4"], confirmed="1"))) == 2
    assert states()[1] == "pass"


@pytest.mark.parametrize("comment", ["", "  ", "x" * 501, "a\0b"])
def test_a_reason_that_cannot_be_taken_keeps_what_was_typed(app: Flask, comment: str) -> None:
    answer = send(app, action="why", key="1", confirmed="1", comment=comment)
    page = BeautifulSoup(answer.data, "html.parser")

    assert answer.status_code == 422
    assert page.select_one("textarea").get_text().strip("\n") == comment.strip()
    assert page.select_one("#comment-error")
    assert states()[1] == "wait"


def test_a_reason_reaches_the_action(app: Flask) -> None:
    reasons: list[str] = []
    spec = firm_list(
        actions=(Action("why", "W", lambda a, k, comment, n: reasons.append(comment), comment="required"),)
    )
    app.extensions["spec"] = spec

    send(app, action="why", key="1", confirmed="1", comment=" 核对无误 ")

    assert reasons == ["核对无误"]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({}, 422),
        ({"key": "x"}, 422),
        ({"key": "1", "action": "never"}, 404),
        ({"key": "1", "action": "nothing"}, 404),
        ({"all": "1", "month": "x"}, 422),
    ],
)
def test_a_batch_that_cannot_be_done_is_refused_as_a_whole(app: Flask, form: Any, status: int) -> None:
    before = states()

    assert send(app, **form).status_code == status
    assert states() == before


def test_a_long_batch_is_a_job_and_a_double_click_the_same_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "AT_ONCE", 5)

    first = send(app, all="1", once="a1")
    second = send(app, all="1", once="a1")
    db.session.rollback()
    job = db.session.scalars(select(Job).order_by(Job.id.desc())).first()
    runner.run(engine(), job.id)
    db.session.rollback()
    db.session.refresh(job)
    outcome = Outcome.from_json(job.outcome)

    assert first.location == second.location == f"/jobs/{job.public_id}"
    assert job.state == "done", job.error
    assert (outcome.done, outcome.skipped) == (20, 40)
    assert [states()[number] for number in (1, 2, 3)] == ["pass", "pass", "edit"]
    assert len(HEARD) == 20
