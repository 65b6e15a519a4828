"""Why a file is not read, in words that say what to do instead."""

from __future__ import annotations

from app.infra.sheets.limits import Limits
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message

FIELD = "file"


def refused(message: Message) -> Invalid:
    """The refusal of a file, at the field that took it."""
    return Invalid([Problem(message, FIELD)], message)


EMPTY = Message("This file is empty.")
DAMAGED = Message(
    "This workbook is damaged, or another program gave it this name. Open it in a spreadsheet program, "
    "save it as .xlsx and upload it again."
)
OLD = Message("Workbooks of the old kind (.xls) are not read. Save it as .xlsx and upload it again.")
BINARY = Message("Binary workbooks (.xlsb) are not read. Save it as .xlsx and upload it again.")
OPEN_DOCUMENT = Message("OpenDocument tables (.ods) are not read. Save it as .xlsx and upload it again.")
PROTECTED = Message(
    "This workbook is protected by a password. Save it without a password and upload it again."
)
MACROS = Message("This workbook contains macros. Save it as .xlsx without macros and upload it again.")
LINKED = Message(
    "This workbook refers to other files or databases. Break these links, or copy the values into the "
    "template."
)
EMBEDDED = Message("This workbook contains embedded objects. Remove them and upload it again.")
DECLARATIONS = Message(
    "This workbook contains declarations that no spreadsheet program writes. Copy the values into the "
    "template."
)
BOMB = Message(
    "This workbook unpacks to far more than it should. Copy the rows into the template and upload that."
)
EXHAUSTED = Message(
    "This workbook could not be read within the limits of memory and time: it is damaged, or far larger than "
    "what can be seen of it. Copy the rows into the template and upload that."
)
ENCODING = Message("The encoding of this file is not known. Save it as CSV in UTF-8, or as .xlsx.")
QUOTES = Message("This CSV file cannot be read: a quotation mark is not closed. Save it as .xlsx instead.")
NOT_A_TABLE = Message("This is neither a workbook (.xlsx) nor a CSV file.")


def too_large(limits: Limits) -> Message:
    """More bytes than are taken."""
    return Message("The file is larger than {limit}.", limit=f"{limits.size / 1024**2:.0f} MB")


def too_many_rows(limits: Limits) -> Message:
    """More rows than are taken at once."""
    return Message(
        "The file has more than {count} rows. Divide it and upload the parts one after the other.",
        count=f"{limits.rows:,}",
    )


def too_many_columns(limits: Limits) -> Message:
    """More columns than any template has."""
    return Message("A sheet of this file has more than {count} columns.", count=limits.columns)


TOO_MUCH_TEXT = Message("The cells of this file hold too much text. Divide it and upload the parts.")
