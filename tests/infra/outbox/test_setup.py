"""Which adapter carries which channel, what may not be configured, and senders that stop when told."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from app.infra.database import db
from app.infra.outbox import Delivery, OutboxMessage
from app.infra.outbox.rules import Unreachable
from app.infra.outbox.setup import Post
from app.infra.outbox.smtp import MailSettings, SmtpAdapter
from tests.infra.outbox.outbox_app import make_app, post_mails
from tests.infra.outbox.places import PATIENCE, MailServer

MAIL = {"MAIL_HOST": "mail.example", "MAIL_FROM": "platform@service.example"}
GATEWAY = {"SMS_URL": "https://sms.example/send", "ROBOT_URL": "http://robot.example/hook?key=1"}


def adapters_of(tmp_path: Path, env: dict[str, str]) -> dict[str, str]:
    given = config.load(env=env)
    app = make_app(
        tmp_path,
        f"sqlite:///{tmp_path}/outbox.sqlite3",
        **{name: given[name] for name in ("MAIL", "SMS", "ROBOT")},
    )
    post: Post = app.extensions["outbox"]
    return {channel.value: adapter.name for channel, adapter in post.adapters.items()}


def test_a_channel_without_an_address_stays_here(tmp_path: Path) -> None:
    assert adapters_of(tmp_path, {}) == {"email": "local", "sms": "local", "robot": "local"}


def test_each_channel_is_configured_by_itself(tmp_path: Path) -> None:
    assert adapters_of(tmp_path, MAIL) == {"email": "smtp", "sms": "local", "robot": "local"}
    assert adapters_of(tmp_path, GATEWAY) == {"email": "local", "sms": "sms", "robot": "robot"}


@pytest.mark.parametrize(("security", "port"), [("", 587), ("starttls", 587), ("ssl", 465), ("none", 25)])
def test_the_port_follows_from_the_encryption(security: str, port: int) -> None:
    assert config.load(env={**MAIL, "MAIL_SECURITY": security})["MAIL"]["port"] == port
    assert config.load(env={**MAIL, "MAIL_SECURITY": security, "MAIL_PORT": "2525"})["MAIL"]["port"] == 2525


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"MAIL_SECURITY": "tls"}, "MAIL_SECURITY"),
        ({"MAIL_FROM": ""}, "MAIL_FROM"),
        ({"MAIL_FROM": "nobody"}, "MAIL_FROM"),
        ({"MAIL_FROM": "a@b.example\nBcc: c@d.example"}, "MAIL_FROM"),
        ({"MAIL_USER": "platform"}, "MAIL_PASSWORD"),
        ({"MAIL_USER": "a", "MAIL_PASSWORD": "b", "MAIL_SECURITY": "none"}, "MAIL_SECURITY"),
        ({"MAIL_PORT": "smtp"}, "MAIL_PORT"),
        ({"MAIL_TIMEOUT": "soon"}, "MAIL_TIMEOUT"),
        ({"SMS_URL": "sms.example"}, "SMS_URL"),
        ({"SMS_URL": "file:///etc/passwd"}, "SMS_URL"),
        ({**GATEWAY, "SMS_TEMPLATE": "{body}"}, "SMS_TEMPLATE"),
        ({**GATEWAY, "SMS_TEMPLATE": '{"text": "hello"}'}, "SMS_TEMPLATE"),
        ({**GATEWAY, "ROBOT_SUCCESS": "errcode"}, "ROBOT_SUCCESS"),
    ],
)
def test_what_could_not_work_is_refused_at_the_start_and_named(changes: dict[str, str], named: str) -> None:
    with pytest.raises(config.ConfigurationError, match=named):
        config.load(env={**MAIL, **changes})


def test_the_answer_that_means_yes_can_be_named() -> None:
    given = config.load(env={**GATEWAY, "ROBOT_SUCCESS": "errcode=0", "ROBOT_TOKEN": "key"})["ROBOT"]

    assert given["success"] == ("errcode", "0") and given["token"] == "key"


@pytest.mark.parametrize("changes", [{"security": "starttls"}, {"security": "ssl"}, {"port": 9}])
def test_a_server_that_cannot_keep_secrets_or_is_not_there_gets_nothing(
    mail_server: MailServer, changes: dict[str, Any]
) -> None:
    adapter = SmtpAdapter(MailSettings(**{**mail_server.settings, **changes}))

    with pytest.raises(Unreachable), adapter.opened():
        pass

    assert mail_server.letters == []


def test_the_senders_of_a_worker_send_and_stop(office: Flask, mail_server: MailServer) -> None:
    (companion,) = office.extensions["companions"]
    post_mails(office, 7)
    stopping = threading.Event()
    thread = threading.Thread(target=companion, args=(office, stopping))

    thread.start()
    deadline = time.monotonic() + PATIENCE
    while len(mail_server.letters) < 7 and time.monotonic() < deadline:
        time.sleep(0.02)
    stopping.set()
    thread.join(PATIENCE)

    db.session.rollback()
    assert not thread.is_alive()
    assert {message.state for message in db.session.query(OutboxMessage)} == {Delivery.SENT}
