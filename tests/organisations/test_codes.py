"""Codes by SMS: one use, few tries, few sendings, each counted also when the transaction is rolled back."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.infra.database import db
from app.infra.limits import TooMany
from app.infra.outbox import OutboxMessage
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.kernel.errors import Invalid
from app.organisations.codes import RESEND_AFTER, TRIES, issue_code, pretend_code, seconds_to_wait, use_code

PHONE = "10000000001"
OTHER_PHONE = "10000000002"


def send(now: dt.datetime, phone: str = PHONE, purpose: str = "sign_in", **more: object) -> str:
    """Send a code and read it from the outbox."""
    with unit_of_work():
        issue_code(purpose, phone, now, **more)  # type: ignore[arg-type]
    return last_code()


def last_code() -> str:
    body = db.session.scalars(select(OutboxMessage.body).order_by(OutboxMessage.id.desc())).first()
    found = re.search(r"\d{6}", body or "")
    assert found is not None, body
    return found[0]


def use(code: str, now: dt.datetime, phone: str = PHONE, purpose: str = "sign_in", **more: object) -> None:
    with unit_of_work():
        use_code(purpose, phone, code, now, **more)  # type: ignore[arg-type]


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.fixture
def limits(app: Flask) -> Iterator[Callable[[str, str], None]]:
    """``limits("CODE_LIMIT_PHONE", "2 per day")`` for the length of a test."""
    before = {name: app.config[name] for name in app.config if name.startswith("CODE_LIMIT")}
    yield lambda name, limit: app.config.update({name: limit})
    app.config.update(before)


def test_a_code_is_good_once(app: Flask, now: dt.datetime) -> None:
    code = send(now)
    use(code, now)

    with pytest.raises(Invalid) as refusal:
        use(code, now)
    assert [problem.field for problem in refusal.value.problems] == ["code"]


def test_a_code_of_which_the_use_is_rolled_back_is_still_good(app: Flask, now: dt.datetime) -> None:
    code = send(now)
    with pytest.raises(RuntimeError), unit_of_work():
        use_code("sign_in", PHONE, code, now)
        raise RuntimeError

    use(code, now)


def test_a_code_runs_out(app: Flask, clock: MovableClock) -> None:
    code = send(clock.now())
    clock.advance(minutes=5)

    with pytest.raises(Invalid):
        use(code, clock.now())


def test_a_code_holds_for_its_purpose_phone_and_account_only(app: Flask, now: dt.datetime) -> None:
    code = send(now, account_id=None)

    for more in ({"purpose": "bind_phone"}, {"phone": OTHER_PHONE}, {"account_id": 1}):
        with pytest.raises(Invalid):
            use(code, now, **more)  # type: ignore[arg-type]
    use(code, now)


def test_wrong_tries_are_counted_though_each_is_rolled_back(app: Flask, now: dt.datetime) -> None:
    code = send(now)
    for _try in range(TRIES):
        with pytest.raises(Invalid):
            use(other(code), now)

    with pytest.raises(Invalid, match="correction") as refusal:
        use(code, now)
    assert "Too many wrong codes" in str(refusal.value.problems[0].message)


def test_parallel_tries_do_not_get_past_the_cap(app: Flask, now: dt.datetime) -> None:
    code = send(now)
    answers: list[str] = []

    def guess() -> None:
        with app.app_context():
            try:
                use(other(code), now)
            except Invalid as refusal:
                answers.append(str(refusal.problems[0].message))

    threads = [threading.Thread(target=guess) for _number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum("not right" in answer for answer in answers) == TRIES
    assert len(answers) == 30


def test_a_new_code_has_tries_of_its_own_and_ends_the_last_one(app: Flask, clock: MovableClock) -> None:
    first = send(clock.now())
    for _try in range(TRIES):
        with pytest.raises(Invalid):
            use(other(first), clock.now())
    clock.advance(seconds=60)
    second = send(clock.now())

    if first != second:
        with pytest.raises(Invalid):
            use(first, clock.now())
    use(second, clock.now())


def test_another_code_is_sent_after_a_minute(app: Flask, clock: MovableClock) -> None:
    send(clock.now())
    clock.advance(seconds=20)

    assert seconds_to_wait("sign_in", PHONE, clock.now()) == 40
    with pytest.raises(TooMany, match="40 seconds"):
        send(clock.now())
    clock.advance(seconds=40)
    assert seconds_to_wait("sign_in", PHONE, clock.now()) == 0
    send(clock.now())


def test_of_parallel_requests_one_sends(app: Flask, now: dt.datetime) -> None:
    refused = []

    def ask() -> None:
        with app.app_context():
            try:
                send(now)
            except TooMany:
                refused.append(1)

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert len(refused) == 7
    assert len(db.session.scalars(select(OutboxMessage.id)).all()) == 1


@pytest.mark.parametrize(
    ("name", "more"),
    [("CODE_LIMIT_PHONE", {}), ("CODE_LIMIT_ACCOUNT", {"account_id": 1}), ("CODE_LIMIT_ADDRESS", {})],
)
def test_sendings_are_capped(
    app: Flask, clock: MovableClock, limits: Callable[[str, str], None], name: str, more: dict[str, int]
) -> None:
    limits(name, "1 per 59 minutes")
    phone = f"1000000{len(name):04}"
    with unit_of_work():
        issue_code("sign_in", phone, clock.now(), **more)
    clock.advance(seconds=60)

    with pytest.raises(TooMany, match="Too many codes"), unit_of_work():
        issue_code("sign_in", phone, clock.now(), **more)


def test_the_table_gives_neither_phone_nor_code(app: Flask, now: dt.datetime) -> None:
    code = send(now)

    kept = str(db.session.execute(text("SELECT * FROM one_time_code")).all())
    assert PHONE not in kept
    assert code not in kept
    assert db.session.scalars(select(OutboxMessage.secret)).all() == [True]


def test_the_message_is_in_the_language_of_its_receiver(app: Flask, now: dt.datetime) -> None:
    send(now, language="en")
    send(now, phone=OTHER_PHONE)

    english, chinese = db.session.scalars(select(OutboxMessage.body).order_by(OutboxMessage.id))
    assert "Your code for signing in is" in english
    assert "验证码" in chinese


def test_a_pretended_code_waits_and_refuses_like_a_sent_one(app: Flask, clock: MovableClock) -> None:
    with unit_of_work():
        pretend_code("recover_password", "nobody", clock.now())

    assert db.session.scalars(select(OutboxMessage.id)).all() == []
    with pytest.raises(TooMany, match="60 seconds"), unit_of_work():
        pretend_code("recover_password", "nobody", clock.now())
    for _try in range(TRIES):
        with pytest.raises(Invalid) as refusal:
            use("123456", clock.now(), phone="nobody", purpose="recover_password")
        assert "not right" in str(refusal.value.problems[0].message)
    with pytest.raises(Invalid) as refusal:
        use("123456", clock.now(), phone="nobody", purpose="recover_password")
    assert "Too many" in str(refusal.value.problems[0].message)
    assert dt.timedelta(seconds=60) == RESEND_AFTER
