"""What a file really is: judged by its bytes, never by its name, and refused where it could do harm.

``receive`` is the one door for files that people send. A field says by a ``FileRule`` what it takes; the
answer is the content to keep (an image is written anew) or a refusal that says how to mend it.
"""

from __future__ import annotations

import codecs
import contextlib
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, TypeVar

from app.infra import archives, images
from app.infra.files.names import suffix_of, tidy_name
from app.infra.files.store import readable_size
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message

MEGABYTE = 1024**2
MOST_OBJECTS = 16 * MEGABYTE
"""Bytes that are unpacked of one stream of objects in a PDF."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. ``family`` says what else is looked at: image, pdf, office, ole, zip or text."""

    name: str
    family: str
    media_type: str
    suffixes: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("jpg", "image", "image/jpeg", (".jpg", ".jpeg")),
            Kind("png", "image", "image/png", (".png",)),
            Kind("gif", "image", "image/gif", (".gif",)),
            Kind("pdf", "pdf", "application/pdf", (".pdf",)),
            Kind("docx", "office", f"{_OFFICE}.wordprocessingml.document", (".docx",)),
            Kind("xlsx", "office", f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",)),
            Kind("pptx", "office", f"{_OFFICE}.presentationml.presentation", (".pptx",)),
            Kind("doc", "ole", "application/msword", (".doc",)),
            Kind("xls", "ole", "application/vnd.ms-excel", (".xls",)),
            Kind("zip", "zip", "application/zip", (".zip",)),
            Kind("csv", "text", "text/csv", (".csv",)),
            Kind("txt", "text", "text/plain", (".txt",)),
            Kind("geojson", "text", "application/geo+json", (".geojson", ".json")),
            Kind("json", "text", "application/json", (".json",)),
        )
    }
)
IMAGES = ("jpg", "png", "gif")
DOCUMENTS = ("pdf", "docx", "xlsx", "pptx", "doc", "xls")
INLINE = frozenset(KINDS[name].media_type for name in IMAGES)
"""Media types that a browser may show in place: images only, since those were written anew."""


@dataclass(frozen=True, slots=True)
class FileRule:
    """What a field takes: names of ``KINDS``, the largest file in bytes, and how many files at most."""

    kinds: tuple[str, ...]
    max_bytes: int = 10 * MEGABYTE
    most: int = 1
    max_pixels: int = 40_000_000

    def __post_init__(self) -> None:
        unknown = set(self.kinds) - KINDS.keys()
        if unknown or not self.kinds or self.max_bytes <= 0 or self.most <= 0:
            raise ValueError(f"a rule that no file can meet: {self!r}")

    @property
    def accept(self) -> str:
        """Its suffixes as the ``accept`` of a file input."""
        return ",".join(suffix for name in self.kinds for suffix in KINDS[name].suffixes)

    @property
    def told(self) -> Message:
        """The rule as its field tells it."""
        values = {"kinds": self.kinds_told, "limit": readable_size(self.max_bytes), "most": self.most}
        if self.most > 1:
            return Message("{kinds}; at most {limit} each, {most} files.", **values)
        return Message("{kinds}; at most {limit}.", **values)

    @property
    def kinds_told(self) -> str:
        """Its kinds as people call them, by suffix."""
        return ", ".join(self.kinds)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that may be kept: its tidy name, media type, and content, which may differ from what came."""

    name: str
    media_type: str
    content: bytes


def receive(source: BinaryIO, name: str, rule: FileRule) -> Accepted:
    """Read what somebody sends and judge it; never more than the rule allows is read.

    :raises Invalid: as ``judge``.
    """
    return judge(name, source.read(rule.max_bytes + 1), rule)


def judge(name: str, content: bytes, rule: FileRule) -> Accepted:
    """Take a file that somebody sent, or say why not.

    :param content: the whole file, or its first ``max_bytes`` and one more.
    :raises Invalid: what is wrong with it and how to mend it.
    """
    tidy = tidy_name(name)
    if not content:
        raise _refused(Message("“{name}” is empty. Choose the file again.", name=tidy))
    if len(content) > rule.max_bytes:
        limit = readable_size(rule.max_bytes)
        raise _refused(
            Message("“{name}” is larger than {limit}. Make it smaller or split it.", name=tidy, limit=limit)
        )
    kind = _kind_of(content, tidy, rule)
    if kind.family == "image":
        content = _checked(tidy, lambda: images.rewrite(content, kind.name, rule.max_pixels))
    elif kind.family in CHECKS:
        _checked(tidy, lambda: CHECKS[kind.family](content))
    return Accepted(tidy, kind.media_type, content)


def recognise(content: bytes) -> tuple[str, ...]:
    """The names of the kinds that a file can be by its first bytes and its structure; none if unknown.

    Texts are several kinds at once, since only their name tells a table from a letter.
    """
    for start, name in _STARTS.items():
        if content.startswith(start):
            return (name,)
    if content.startswith(archives.ZIP_START):
        return (archives.office_kind(content) or "zip",)
    if content.startswith(archives.OLE_START):
        found = archives.ole_kind(content)
        return (found,) if found else ()
    if not is_text(content):
        return ()
    return ("geojson", "json", "csv", "txt") if content.lstrip(_BLANK).startswith(b"{") else ("csv", "txt")


_STARTS = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"%PDF-": "pdf",
}

_BLANK = codecs.BOM_UTF8 + b" \t\r\n"
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(
    r"<(!doctype|html|head|body|script|svg|iframe|object|embed|meta|style|\?xml|\?php)", re.IGNORECASE
)
_PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_PDF_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|Movie|Sound|Rendition)"
    rb"(?![A-Za-z0-9])"
)


def is_text(content: bytes) -> bool:
    """Whether these bytes are a text in UTF-8 or GB18030, without characters that no text has."""
    text = decoded(content)
    return text is not None and not _NOT_TEXT.search(text)


def decoded(content: bytes) -> str | None:
    """A text as its author saw it: strictly UTF-8, else strictly GB18030; None if it is neither.

    In this order, since many UTF-8 texts can be read as GB18030 and hardly any the other way round.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return codecs.decode(content, encoding)
        except UnicodeDecodeError:
            continue
    return None


def _kind_of(content: bytes, name: str, rule: FileRule) -> Kind:
    """The kind that both content and name speak of, if the rule takes it."""
    found = recognise(content)
    taken = [kind for kind in found if kind in rule.kinds]
    suffix = suffix_of(name)
    if not found:
        raise _refused(
            Message(
                "The content of “{name}” is none of the kinds taken here. Save it as one of: {kinds}.",
                name=name,
                kinds=rule.kinds_told,
            )
        )
    if not taken:
        raise _refused(
            Message(
                "“{name}” is a file of kind {found}. Save it as one of: {kinds}.",
                name=name,
                found=found[-1],
                kinds=rule.kinds_told,
            )
        )
    for kind in taken:
        if suffix in KINDS[kind].suffixes:
            return KINDS[kind]
    raise _refused(
        Message(
            "By its content “{name}” is a file of kind {found}, but its name does not end in {suffix}."
            " Open it in its program and save it again.",
            name=name,
            found=taken[-1],
            suffix=KINDS[taken[-1]].suffixes[0],
        )
    )


def _checked(name: str, check: Callable[[], Result]) -> Result:
    try:
        return check()
    except archives.Harmful as found:
        raise _refused(
            Message("“{name}” cannot be taken: {reason}", name=name, reason=found.reason)
        ) from found


def _check_pdf(content: bytes) -> None:
    end = content.rstrip(b"\r\n \t\x00")
    if not end.endswith(b"%%EOF") or b"startxref" not in content:
        raise archives.Harmful(archives.DAMAGED)
    if any(_PDF_ACTIVE.search(_plain_names(part)) for part in _pdf_objects(content)):
        raise archives.Harmful(
            Message("it holds scripts, forms or other files. Print it to a new PDF and send that one.")
        )
    if archives.is_zip_at_all(content) or _markup_near_start(content):
        raise archives.Harmful(archives.TWO_IN_ONE)


def _pdf_objects(content: bytes) -> Iterator[bytes]:
    """What a PDF says about itself: everything outside of its streams, and the streams that hold objects."""
    yield _PDF_STREAM.sub(b"stream endstream", content)
    for found in _PDF_STREAM.finditer(content):
        if b"/ObjStm" in content[max(0, found.start() - 300) : found.start()]:
            with contextlib.suppress(zlib.error):  # kept in another way, or damaged: no reader runs that
                yield zlib.decompressobj().decompress(found[1], MOST_OBJECTS)


def _plain_names(part: bytes) -> bytes:
    """Names as they are meant: ``/J#53`` is ``/JS``."""
    return _PDF_NAME.sub(lambda found: bytes([int(found[1], 16)]), part)


def _markup_near_start(content: bytes) -> bool:
    """Old browsers look for HTML in the first kilobyte, whatever the file says that it is."""
    return _MARKUP.search(content[:1024].decode("latin-1")) is not None


def _check_text(content: bytes) -> None:
    if _MARKUP.search(decoded(content) or ""):
        raise archives.Harmful(Message("it is a web page or a program. Send it as a PDF."))


CHECKS: Mapping[str, Callable[[bytes], object]] = MappingProxyType(
    {
        "pdf": _check_pdf,
        "office": archives.check_office,
        "zip": archives.check_zip,
        "ole": archives.check_ole,
        "text": _check_text,
    }
)


def _refused(message: Message) -> Invalid:
    return Invalid([Problem(message)])
