"""The guard: what an .xlsx file must be before a reader gets it; of each part only the start is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from xml.parsers import expat

from app.infra.sheets import refusals
from app.infra.sheets.limits import Limits
from app.kernel.texts import Message

ZIP = b"PK\x03\x04"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The head of .xls files, and of the containers that password-protected .xlsx files become."""

WORKBOOK = "xl/workbook.xml"
TYPES = "[Content_Types].xml"
MAIN_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
PROLOG = 64 * 1024
"""Bytes in which a part must come to its first element."""

_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_XML = (".xml", ".rels", ".vml")
_UNWANTED: tuple[tuple[str, Message], ...] = (
    ("xl/vbaproject", refusals.MACROS),
    ("xl/macrosheets/", refusals.MACROS),
    ("xl/externallinks/", refusals.LINKED),
    ("xl/connections.xml", refusals.LINKED),
    ("xl/embeddings/", refusals.EMBEDDED),
    ("xl/activex/", refusals.EMBEDDED),
    ("xl/workbook.bin", refusals.BINARY),
    ("encryptedpackage", refusals.PROTECTED),
)


def compound_problem(content: bytes) -> Message:
    """What a file with the head of the old format is: names in its directory are UTF-16."""
    protected = "EncryptedPackage".encode("utf-16-le")
    return refusals.PROTECTED if protected in content else refusals.OLD


def archive_problem(content: bytes, limits: Limits) -> Message | None:
    """Why a ZIP is no workbook that may be read; None when it is one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            return (
                _members_problem(members, len(content), limits)
                or _names_problem(members)
                or _type_problem(archive)
                or _parts_problem(archive, members)
            )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, NotImplementedError):
        return refusals.DAMAGED


def _members_problem(members: Sequence[zipfile.ZipInfo], size: int, limits: Limits) -> Message | None:
    if len(members) > limits.members:
        return refusals.BOMB
    if any(member.flag_bits & _ENCRYPTED for member in members):
        return refusals.PROTECTED
    if any(member.compress_type not in _METHODS for member in members):
        return refusals.DAMAGED
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > limits.unpacked or packed > size:  # parts that share their bytes: a bomb of overlaps
        return refusals.BOMB
    if unpacked > limits.ratio_from and unpacked > limits.ratio * max(packed, 1):
        return refusals.BOMB
    return None


def _names_problem(members: Sequence[zipfile.ZipInfo]) -> Message | None:
    names = [member.filename.lower() for member in members]
    if len(set(names)) != len(names):
        return refusals.DAMAGED
    for start, problem in _UNWANTED:
        if any(name.startswith(start) for name in names):
            return problem
    if "mimetype" in names and WORKBOOK not in names:
        return refusals.OPEN_DOCUMENT
    if WORKBOOK not in names or TYPES.lower() not in names:
        return refusals.NOT_A_TABLE
    return None


def _type_problem(archive: zipfile.ZipFile) -> Message | None:
    with archive.open(TYPES) as part:
        declared = part.read(PROLOG * 16)
    if b"macroEnabled" in declared:
        return refusals.MACROS
    return None if MAIN_TYPE in declared else refusals.DAMAGED


def _parts_problem(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> Message | None:
    for member in members:
        if member.filename.lower().endswith(_XML):
            with archive.open(member) as part:
                problem = prolog_problem(part.read(PROLOG))
            if problem is not None:
                return problem
    return None


def prolog_problem(start: bytes) -> Message | None:
    """Why the beginning of an XML part is not acceptable: a document type, or no element at all.

    Entities can only be declared in a document type, and that must stand before the first element.
    """
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_declaration: seen.append("doctype")
    parser.StartElementHandler = lambda *_element: seen.append("element")
    for at in range(0, len(start), 512):
        try:
            parser.Parse(start[at : at + 512], False)
        except expat.ExpatError:
            seen.append("broken")
        if seen:
            break
    if not seen or seen[0] == "broken":
        return refusals.DAMAGED
    return refusals.DECLARATIONS if seen[0] == "doctype" else None
