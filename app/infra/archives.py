"""Files that hold other files: ZIP, the Office formats made of it, and the older OLE container of Office.

They are looked into with limits before anything else reads them: a few kilobytes can unpack to
terabytes, overlap themselves, or carry macros.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from app.kernel.texts import Message

ZIP_START = b"PK\x03\x04"
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

MOST_MEMBERS = 2_000
MOST_UNPACKED = 200 * 1024**2
MOST_RATIO = 200
"""Times that a member may grow when unpacked, beyond its first megabyte; XML of sheets reaches some 60."""

CONTENT_TYPES = "[Content_Types].xml"
MOST_CONTENT_TYPES = 1024**2
_MAIN_PARTS = {
    b"wordprocessingml.document.main+xml": "docx",
    b"spreadsheetml.sheet.main+xml": "xlsx",
    b"presentationml.presentation.main+xml": "pptx",
}
_OLE_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls"}
_OLE_MACROS = ("_VBA_PROJECT", "VBA", "Macros")
SMALLEST_OLE = 3 * 512
"""Bytes: a header, a table of sectors and a directory."""

_BLOCK = 1 << 20

DAMAGED = Message("it is damaged or incomplete. Open it in its program, save it again and send that file.")
TWO_IN_ONE = Message("it holds a second file of another kind. Save it again from its program.")
_MACROS = Message("it holds macros. Save it without macros and send that file.")
_ENCRYPTED = Message("it is protected by a password. Save it without one and send that file.")
_BOMB = Message("unpacked it would be too large. Send its files one by one.")


class Harmful(Exception):
    """Why a file is not taken; the reason goes on after its name."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


def office_kind(content: bytes) -> str | None:
    """docx, xlsx or pptx by the main part that an archive declares; None for any other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            declared = archive.getinfo(CONTENT_TYPES)
            if declared.file_size > MOST_CONTENT_TYPES:
                return None
            types = archive.read(declared)
    except (
        KeyError,
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        NotImplementedError,
        EOFError,
        OSError,
        RuntimeError,
    ):
        return None
    return next((kind for part, kind in _MAIN_PARTS.items() if part in types), None)


def check_office(content: bytes) -> None:
    """Refuse what ``check_zip`` refuses, macros, and parts that are fetched from elsewhere when it is opened.

    :raises Harmful: with the reason.
    """
    names = [name.lower() for name in check_zip(content)]
    if any(name.endswith("vbaproject.bin") or "/activex/" in name for name in names):
        raise Harmful(_MACROS)


def check_zip(content: bytes) -> list[str]:
    """Refuse an archive that is damaged, encrypted, a bomb, or half of two files; gives its members' names.

    Every member is unpacked once, block by block, so that the sizes that it declares are known to be true.

    :raises Harmful: with the reason.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_shape(content, archive, members)
            for member in members:
                _unpack(archive, member)
            return [member.filename for member in members]
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        NotImplementedError,
        EOFError,
        OSError,
        RuntimeError,
    ) as error:
        raise Harmful(DAMAGED) from error


def _refuse_shape(content: bytes, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    if not members:
        raise Harmful(DAMAGED)
    if any(member.flag_bits & 1 for member in members):
        raise Harmful(_ENCRYPTED)
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or _overlap(members, archive.start_dir):
        raise Harmful(_BOMB)
    if any(_grows(member) for member in members):
        raise Harmful(_BOMB)
    if any(_leads_out(member.filename) for member in members):
        raise Harmful(DAMAGED)
    if min(member.header_offset for member in members) != 0 or archive.comment or not _ends(content):
        raise Harmful(TWO_IN_ONE)


def _overlap(members: list[zipfile.ZipInfo], end: int) -> bool:
    """Whether two members share bytes of the archive, which only bombs do."""
    ordered = sorted(members, key=lambda member: member.header_offset)
    limits = [member.header_offset for member in ordered[1:]] + [end]
    return any(
        member.header_offset + 30 + len(member.orig_filename.encode()) + member.compress_size > limit
        for member, limit in zip(ordered, limits, strict=True)
    )


def _grows(member: zipfile.ZipInfo) -> bool:
    return member.file_size > _BLOCK and member.file_size > MOST_RATIO * max(member.compress_size, 1)


def _leads_out(name: str) -> bool:
    """Whether unpacking a member by its name would write outside of the folder, or into a device."""
    parts = name.replace("\\", "/").split("/")
    return (
        ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\x00" in name or len(name) > 300
    )


def _ends(content: bytes) -> bool:
    """Whether nothing stands behind the end record (22 bytes, as there is no comment)."""
    return content[-22:].startswith(b"PK\x05\x06")


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Read a member to its end; its size and checksum are then true, or it raises."""
    with archive.open(member) as handle:
        while handle.read(_BLOCK):
            pass


def is_zip_at_all(content: bytes) -> bool:
    """Whether some program could read an archive out of these bytes, wherever it begins."""
    return zipfile.is_zipfile(io.BytesIO(content))


def ole_kind(content: bytes) -> str | None:
    """Doc or xls by the streams that the container names; None for any other container."""
    return next((kind for name, kind in _OLE_STREAMS.items() if _names(content, name)), None)


def check_ole(content: bytes) -> None:
    """Refuse macros, protection by a password, and an archive behind the document.

    :raises Harmful: with the reason.
    """
    if _names(content, "EncryptedPackage"):
        raise Harmful(_ENCRYPTED)
    if any(_names(content, name) for name in _OLE_MACROS):
        raise Harmful(_MACROS)
    if len(content) < SMALLEST_OLE:
        raise Harmful(DAMAGED)
    if is_zip_at_all(content):
        raise Harmful(TWO_IN_ONE)


def _names(content: bytes, name: str) -> bool:
    """Whether a directory entry of 128 bytes has this name, which it holds in UTF-16 with its length."""
    written = name.encode("utf-16-le") + b"\x00\x00"
    length = len(written).to_bytes(2, "little")
    place = content.find(written)
    while place >= 0:
        if place % 128 == 0 and content[place + 64 : place + 66] == length:
            return True
        place = content.find(written, place + 1)
    return False
