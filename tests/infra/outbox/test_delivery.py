"""Claims, leases, retries and settling, against a real mail server and a real gateway of this machine."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.infra.database import db
from app.infra.jobs.service import machine_now
from app.infra.outbox import Channel, Delivery, OutboxMessage, post
from app.infra.outbox.delivery import Claim, anything_due, send_due
from app.infra.outbox.gateway import GatewaySettings, HttpAdapter
from app.infra.outbox.rules import Unreachable
from app.infra.outbox.sender import one_round
from app.infra.outbox.setup import the_post
from app.infra.transactions import unit_of_work
from tests.infra.outbox.outbox_app import post_mails
from tests.infra.outbox.places import Gateway, MailServer


def all_messages() -> list[OutboxMessage]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def post_one(app: Flask, channel: Channel, recipient: str, **values: Any) -> int:
    with unit_of_work():
        now = app.extensions["clock"].now()
        return post(channel, recipient, "正文", purpose="test", now=now, **values).id


def send(channel: Channel = Channel.EMAIL) -> int:
    postal = the_post()
    return send_due(channel, postal.adapters[channel], postal.settings)


def due_at_once() -> None:
    with unit_of_work():
        db.session.execute(update(OutboxMessage).values(next_attempt_at=machine_now()))


def test_what_waits_goes_out_once_in_the_order_of_posting(office: Flask, mail_server: MailServer) -> None:
    names = post_mails(office, 8)

    assert [send(), send(), send()] == [5, 3, 0]

    assert [receiver for _name, receiver in mail_server.letters] == [
        f"reader{number}@reader.example" for number in range(8)
    ]
    assert {name.strip("<>").partition("@")[0] for name, _receiver in mail_server.letters} == names
    assert {(message.state, message.adapter, message.attempts) for message in all_messages()} == {
        (Delivery.SENT, "smtp", 1)
    }


def test_a_rolled_back_message_never_existed(office: Flask) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        post(Channel.EMAIL, "a@reader.example", "正文", purpose="test", now=machine_now())
        raise RuntimeError

    assert not anything_due(Channel.EMAIL)


def test_one_bad_receiver_holds_up_nobody(office: Flask, mail_server: MailServer) -> None:
    for receiver in ("refuse-1", "later-1", "not an address", "good"):
        post_one(office, Channel.EMAIL, receiver if " " in receiver else f"{receiver}@reader.example")

    send()

    refused, later, broken, good = all_messages()
    assert (refused.state, good.state) == (Delivery.FAILED, Delivery.SENT)
    assert "550" in refused.error
    assert (later.state, later.attempts) == (Delivery.WAITING, 1) and "451" in later.error
    assert later.next_attempt_at > machine_now() + dt.timedelta(seconds=10)
    assert broken.state == Delivery.FAILED
    assert [receiver for _name, receiver in mail_server.letters] == ["good@reader.example"]


def test_tries_come_to_an_end_with_their_reason(office: Flask) -> None:
    post_one(office, Channel.EMAIL, "later-1@reader.example")

    for _ in range(12):
        due_at_once()
        send()

    (message,) = all_messages()
    assert (message.state, message.attempts) == (Delivery.FAILED, 12)
    assert "451" in message.error and message.lease_token == ""


def test_an_outage_costs_one_message_one_try_and_the_rest_nothing(
    office: Flask, mail_server: MailServer
) -> None:
    post_mails(office, 4)
    mail_server.kill()

    with pytest.raises(Unreachable):
        send()

    assert [(message.state, message.attempts) for message in all_messages()] == [
        (Delivery.WAITING, 1),
        *[(Delivery.WAITING, 0)] * 3,
    ]
    mail_server.start()
    due_at_once()
    assert send() == 4
    assert len(mail_server.letters) == 4


def test_the_pause_grows_while_the_server_is_away_and_ends_when_it_is_back(
    office: Flask, mail_server: MailServer
) -> None:
    post_mails(office, 3)
    mail_server.kill()
    stopping = threading.Event()

    first = one_round(office, Channel.EMAIL, 0.05, stopping)
    second = one_round(office, Channel.EMAIL, first, stopping)
    third = one_round(office, Channel.EMAIL, second, stopping)
    mail_server.start()
    due_at_once()
    after = one_round(office, Channel.EMAIL, third, stopping)

    assert (first, second, third) == (0.1, 0.2, 0.2)
    assert after == 0.05


def test_two_senders_at_once_send_nothing_twice(office: Flask, mail_server: MailServer) -> None:
    post_mails(office, 60)
    faults: list[BaseException] = []

    def work() -> None:
        with office.app_context():
            try:
                while send():
                    pass
            except BaseException as error:  # noqa: BLE001 - told by the test
                faults.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert Counter(mail_server.letters).most_common(1)[0][1] == 1
    assert len(mail_server.letters) == 60


def test_a_lease_keeps_others_away_until_it_is_over(office: Flask) -> None:
    post_mails(office, 2)
    postal = the_post()
    held = Claim(Channel.EMAIL, postal.adapters[Channel.EMAIL], postal.settings)

    assert (held.size, send()) == (2, 0)

    with unit_of_work():
        db.session.execute(update(OutboxMessage).values(lease_until=machine_now() - dt.timedelta(seconds=1)))
    assert send() == 2
    held._sent(next(iter(held._open.values())))
    assert {message.attempts for message in all_messages()} == {1}


def test_a_sender_that_lost_its_lease_does_not_send(office: Flask, mail_server: MailServer) -> None:
    post_mails(office, 2)
    postal = the_post()
    held = Claim(Channel.EMAIL, postal.adapters[Channel.EMAIL], postal.settings)
    with unit_of_work():
        db.session.execute(update(OutboxMessage).values(lease_token="another"))
    held._renewed -= 10

    held.send_all(lambda: False)

    assert mail_server.letters == []
    held.give_back()
    assert {message.lease_token for message in all_messages()} == {"another"}


def test_a_sender_that_stops_gives_back_what_it_has_not_tried(office: Flask) -> None:
    post_mails(office, 3)
    postal = the_post()

    send_due(Channel.EMAIL, postal.adapters[Channel.EMAIL], postal.settings, lambda: True)

    assert {(message.state, message.attempts) for message in all_messages()} == {(Delivery.WAITING, 0)}


def test_a_secret_is_wiped_once_a_gateway_took_it_and_kept_by_the_local_outbox(office: Flask) -> None:
    post_one(office, Channel.EMAIL, "a@reader.example", secret=True)
    post_one(office, Channel.SMS, "00000000000", secret=True)

    send(Channel.EMAIL)
    send(Channel.SMS)

    assert [(message.adapter, message.body) for message in all_messages()] == [
        ("smtp", ""),
        ("local", "正文"),
    ]


def over_http(gateway: Gateway, **settings: Any) -> HttpAdapter:
    template = {"phone": "{recipient}", "content": "{body}", "id": "{id}"}
    return HttpAdapter("sms", GatewaySettings(url=gateway.url, template=template, **settings))


def test_a_gateway_gets_the_message_its_name_and_our_key(office: Flask, http_gateway: Gateway) -> None:
    post_one(office, Channel.SMS, "00000000000")

    send_due(Channel.SMS, over_http(http_gateway, token="key"), the_post().settings)

    ((headers, sent),) = http_gateway.came
    (message,) = all_messages()
    assert sent == {"phone": "00000000000", "content": "正文", "id": message.public_id}
    assert headers["Idempotency-Key"] == message.public_id
    assert headers["Authorization"] == "Bearer key"
    assert (message.state, message.adapter) == (Delivery.SENT, "sms")


@pytest.mark.parametrize(
    ("status", "state", "raises"),
    [(400, Delivery.FAILED, False), (500, Delivery.WAITING, False), (401, Delivery.WAITING, True)],
)
def test_a_gateway_that_says_no(
    office: Flask, http_gateway: Gateway, status: int, state: Delivery, raises: bool
) -> None:
    post_one(office, Channel.SMS, "00000000000")
    http_gateway.status = status

    if raises:
        with pytest.raises(Unreachable):
            send_due(Channel.SMS, over_http(http_gateway), the_post().settings)
    else:
        send_due(Channel.SMS, over_http(http_gateway), the_post().settings)

    (message,) = all_messages()
    assert (message.state, message.attempts) == (state, 1)
    assert str(status) in message.error


def test_a_gateway_that_is_silent_is_left_after_the_timeout(office: Flask, http_gateway: Gateway) -> None:
    post_one(office, Channel.SMS, "00000000000")
    http_gateway.delay = 1.0

    with pytest.raises(Unreachable, match="TimeoutError"):
        send_due(Channel.SMS, over_http(http_gateway, timeout=0.2), the_post().settings)

    (message,) = all_messages()
    assert message.state == Delivery.WAITING


def test_the_same_key_posts_one_message(office: Flask) -> None:
    keys = {post_one(office, Channel.SMS, "00000000000", key="registration.7") for _ in range(3)}

    assert len(keys) == 1
