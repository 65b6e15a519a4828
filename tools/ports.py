"""Ports for servers that tests and tools start and end on this machine."""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

LOWEST = 10_000
USUAL_START = 32_768
"""Where Linux usually begins to hand out ports unasked."""

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_CHANCE = random.SystemRandom()


def free_port() -> int:
    """A port of the loopback that nobody listens on, below those that the system hands out by itself.

    A port that the system chose may, before the server starts or while it is away, become the other end
    of any connection of this machine, such as one to the database.
    """
    end = max(_first_handed_out(), LOWEST + 1_000)
    while True:
        number = _CHANCE.randrange(LOWEST, end)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", number))
            return number


def _first_handed_out() -> int:
    return int(_RANGE.read_text(encoding="ascii").split()[0]) if _RANGE.exists() else USUAL_START


if __name__ == "__main__":
    print(free_port())
