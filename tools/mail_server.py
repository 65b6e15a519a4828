"""A mail server for tests: takes every letter and notes it in a file; may be killed at any time."""

from __future__ import annotations

import argparse
import asyncio
import email
import os
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

ANSWERS = {"refuse": "550 5.1.1 no such mailbox", "later": "451 4.3.0 come back later"}
"""What is said to an address that begins with the word."""


class Notes:
    """Notes each letter before it is acknowledged, so that what a sender calls sent is in the file."""

    def __init__(self, notes: Path, pause: float) -> None:
        self._notes = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._pause = pause

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an address, or answer as it asks for."""
        answer = ANSWERS.get(address.partition("@")[0].partition("-")[0])
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Note a letter: its Message-ID and its receiver."""
        content = envelope.content
        letter = email.message_from_bytes(content if isinstance(content, bytes) else str(content).encode())
        line = f"{letter['Message-ID']} {envelope.rcpt_tos[0]}\n"
        await asyncio.to_thread(os.write, self._notes, line.encode())
        await asyncio.sleep(self._pause)  # the moment in which a sender may die
        return "250 Message accepted"


async def serve(port: int, notes: Path, pause: float) -> None:
    """Serve until the process ends."""
    handler = Notes(notes, pause)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="mail.example"), "127.0.0.1", port
    )
    async with server:
        await server.serve_forever()


def received(notes: Path) -> list[tuple[str, str]]:
    """(Message-ID, receiver) of each letter that was taken, in order."""
    if not notes.exists():
        return []
    lines = notes.read_text(encoding="utf-8").splitlines()
    return [(name, receiver) for name, _space, receiver in (line.partition(" ") for line in lines)]


def main() -> None:
    """Serve on the port and into the file of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.mail_server", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("notes", type=Path)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between noting and the yes")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.notes, options.pause))


if __name__ == "__main__":
    main()
