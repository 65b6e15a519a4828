"""Gives an application its adapters and senders, by what the configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, current_app

from app.infra.outbox import delivery
from app.infra.outbox.adapters import LOCAL, Adapter, LocalAdapter
from app.infra.outbox.models import Channel
from app.infra.outbox.service import MessagesPosted
from app.infra.outbox.settings import OutboxSettings

EXTENSION = "outbox"


@dataclass(frozen=True, slots=True)
class Post:
    """The adapter of each channel, and how its senders behave."""

    adapters: Mapping[Channel, Adapter]
    settings: OutboxSettings


def init_outbox(app: Flask) -> None:
    """Choose an adapter for each channel, and have the worker run a sender for each."""
    adapters = {channel: adapter_for(app, channel) for channel in Channel}
    app.extensions[EXTENSION] = Post(adapters, OutboxSettings.of(app))
    app.extensions.setdefault("companions", []).append(_send)


def adapter_for(app: Flask, channel: Channel) -> Adapter:
    """The configured adapter of a channel; the built-in one where none is."""
    # Loaded where configured only: most web processes send nothing themselves.
    if channel is Channel.EMAIL:
        if app.config.get("MAIL") is None:
            return LocalAdapter()
        from app.infra.outbox.smtp import MailSettings, SmtpAdapter  # noqa: PLC0415

        return SmtpAdapter(MailSettings(**app.config["MAIL"]))
    given = app.config.get(channel.name)
    if given is None:
        return LocalAdapter()
    from app.infra.outbox.gateway import GatewaySettings, HttpAdapter  # noqa: PLC0415

    return HttpAdapter(channel.value, GatewaySettings(**given))


def the_post() -> Post:
    """Adapters and settings of the running application."""
    found: Post = current_app.extensions[EXTENSION]
    return found


def hand_over(event: MessagesPosted) -> None:
    """After the commit: what the built-in adapter carries is delivered at once, without a worker.

    What goes to a gateway is left to the senders of the worker: no page waits for another host.
    """
    if the_post().adapters[event.channel].name == LOCAL:
        delivery.keep_locally(event.channel)


def _send(app: Flask, stopping: object) -> None:
    from app.infra.outbox.sender import run_senders  # noqa: PLC0415 - for workers only

    run_senders(app, stopping)  # type: ignore[arg-type]
