"""What follows from a failed try, what a letter and a request look like: without a database."""

from __future__ import annotations

import datetime as dt
import email
from email import policy
from typing import Any

import pytest

from app.infra.outbox.adapters import Parcel
from app.infra.outbox.gateway import filled, judge
from app.infra.outbox.rules import (
    NotDelivered,
    Refused,
    TryLater,
    Unreachable,
    after_failure,
    reason_of,
    retry_wait,
)
from app.infra.outbox.smtp import letter_of

NOON = dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC)


def parcel(**changes: Any) -> Parcel:
    given = {
        "id": 1,
        "public_id": "c0ffee",
        "channel": "email",
        "recipient": "reader@reader.example",
        "subject": "注册审核通过",
        "body": "您好：\n注册已通过。",
        "purpose": "registration",
        "secret": False,
        "attempts": 0,
        "created_at": NOON,
    }
    return Parcel(**{**given, **changes})


def test_waits_double_from_a_quarter_of_a_minute_to_an_hour() -> None:
    waits = [int(retry_wait(attempts).total_seconds()) for attempts in range(1, 12)]

    assert waits == [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert retry_wait(10**6) == dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("error", "attempts", "given_up"),
    [
        (TryLater("451"), 0, False),
        (Unreachable("refused"), 10, False),
        (TryLater("451"), 11, True),
        (Unreachable("refused"), 11, True),
        (Refused("550"), 0, True),
    ],
)
def test_a_message_is_given_up_when_it_is_refused_or_its_tries_are_used_up(
    error: NotDelivered, attempts: int, given_up: bool
) -> None:
    verdict = after_failure(error, attempts, most=12)

    assert verdict.attempts == attempts + 1
    assert (verdict.wait is None) is given_up


def test_a_reason_is_one_short_line() -> None:
    assert reason_of(TryLater("450\r\nbusy\x00 " + "x" * 900)).startswith("450 busy x")
    assert len(reason_of(TryLater("x" * 900))) == 300
    assert reason_of(TryLater()) == "TryLater"


def test_a_letter_carries_utf8_and_a_name_that_never_changes() -> None:
    one = email.message_from_bytes(
        letter_of(parcel(), "platform@service.example").as_bytes(), policy=policy.default
    )

    assert one["Message-ID"] == "<c0ffee@service.example>"
    assert one["Subject"] == "注册审核通过"
    assert one.get_content().splitlines() == ["您好：", "注册已通过。"]
    assert (one["To"], one["From"]) == ("reader@reader.example", "platform@service.example")


def test_a_subject_cannot_add_a_header() -> None:
    letter = letter_of(parcel(subject="通知\r\nBcc: all@reader.example"), "platform@service.example")

    assert "Bcc" not in letter
    assert letter["Subject"] == "通知 Bcc: all@reader.example"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.example, c@d.example",
        "a@b.example\nBcc: c@d.example",
        "a@b@c.example",
        "读者@b.example",
    ],
)
def test_an_address_that_is_none_or_several_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        letter_of(parcel(recipient=address), "platform@service.example")


def test_a_template_is_filled_in_its_texts_only() -> None:
    template = {
        "to": ["{recipient}"],
        "text": "{body}|{id}|{purpose}|{subject}|{other}|{",
        "n": 1,
        "{id}": None,
    }

    made = filled(template, parcel(body='{"{recipient}"}', recipient="x"))

    assert made == {
        "to": ["x"],
        "text": '{"{recipient}"}|c0ffee|registration|注册审核通过|{other}|{',
        "n": 1,
        "{id}": None,
    }


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (200, b"{}", None),
        (204, b"", None),
        (200, b'{"errcode": 0}', None),
        (301, b"", Unreachable),
        (400, b"", Refused),
        (401, b"", Unreachable),
        (404, b"", Unreachable),
        (422, b"", Refused),
        (429, b"", TryLater),
        (500, b"", TryLater),
        (503, b"", TryLater),
    ],
)
def test_the_status_of_an_answer_says_what_follows(
    status: int, answer: bytes, outcome: type[NotDelivered] | None
) -> None:
    if outcome is None:
        judge(status, answer, None)
    else:
        with pytest.raises(outcome, match=str(status)):
            judge(status, answer, None)


@pytest.mark.parametrize("answer", [b'{"errcode": 45009}', b"[]", b"not json", b""])
def test_a_robot_that_says_no_with_status_200_is_asked_again(answer: bytes) -> None:
    judge(200, b'{"errcode": 0}', ("errcode", "0"))

    with pytest.raises(TryLater, match="errcode"):
        judge(200, answer, ("errcode", "0"))
