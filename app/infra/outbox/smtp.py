"""E-mail by SMTP: one connection for a row of messages, a Message-ID that never changes."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.infra.outbox.adapters import Parcel, Send
from app.infra.outbox.rules import Refused, TryLater, Unreachable

SERVICE_CLOSING = 421
PERMANENT = 500
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]{1,64}@[^\s@,;:<>()\[\]\"\\]{1,255}")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How to reach the mail server: ``security`` is none, starttls or ssl; ``timeout`` in seconds."""

    host: str
    port: int
    security: str
    user: str
    password: str
    sender: str
    timeout: float


@dataclass(frozen=True, slots=True)
class SmtpAdapter:
    """Carries e-mail."""

    settings: MailSettings
    name: str = "smtp"

    @contextlib.contextmanager
    def opened(self) -> Iterator[Send]:
        """A signed-in connection; closed afterwards without waiting for the server's good-bye.

        :raises Unreachable: no connection, no encryption, or the server does not know us.
        """
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_words(error)) from error
        try:
            yield lambda parcel: self._send(connection, parcel)
        finally:
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        mail = self.settings
        if mail.security == "ssl":
            context = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.host, mail.port, timeout=mail.timeout, context=context
            )
        else:
            connection = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout)
        try:
            if mail.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if mail.user:
                connection.login(mail.user, mail.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _send(self, connection: smtplib.SMTP, parcel: Parcel) -> None:
        letter = letter_of(parcel, self.settings.sender)
        try:
            connection.sendmail(self.settings.sender, [parcel.recipient], letter.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refusal(code, words) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            # A refused sender or a lost connection concerns every message.
            raise Unreachable(_words(error)) from error


def letter_of(parcel: Parcel, sender: str) -> EmailMessage:
    """The letter: UTF-8 text under a Message-ID made of the message's own name.

    :raises Refused: what stands for the address is none, or more than one.
    """
    if not (_ADDRESS.fullmatch(parcel.recipient) and parcel.recipient.isascii()):
        raise Refused("the address of the receiver is not a mail address")
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = parcel.recipient
    letter["Subject"] = " ".join(_printable(parcel.subject).split())
    letter["Date"] = format_datetime(parcel.created_at)
    letter["Message-ID"] = f"<{parcel.public_id}@{sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(parcel.body, charset="utf-8", cte="base64")
    return letter


def _printable(text: str) -> str:
    """The text with line breaks and other control characters turned into spaces: no header can be added."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _refusal(code: int, words: bytes | str) -> Exception:
    reason = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if code == SERVICE_CLOSING:
        return Unreachable(reason)
    return Refused(reason) if code >= PERMANENT else TryLater(reason)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return f"{type(error).__name__}: {error}"
