"""Files as people send them, and files that were made to do harm: good ones, and hundreds of bad ones."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

SCRIPT = b"<script>alert(document.domain)</script>"
"""What none of the files that are kept may hold."""

HTML = b"<!DOCTYPE html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
EICAR_LIKE = b"MZ\x90\x00" + b"\x00" * 60 + b"This program cannot be run in DOS mode."
_MAIN = {
    "docx": ("word/document.xml", "wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", "spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", "presentationml.presentation.main+xml"),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file with the name it is sent under. ``cleaned``: it may be kept, but without ``SCRIPT``."""

    label: str
    name: str
    content: bytes
    cleaned: bool = False


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 8, height: int = 8, *, rows: int | None = None, extra: bytes = b"") -> bytes:
    """A grey picture; with fewer ``rows`` than it declares it is cut short."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    line = b"\x00" + b"\x7f" * width
    data = zlib.compress(line * (height if rows is None else rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def picture(kind: str, *, size: tuple[int, int] = (40, 30), exif: bytes = b"") -> bytes:
    """A picture with a corner of its own, made by Pillow; ``kind`` is PNG, JPEG or GIF."""
    from PIL import Image  # noqa: PLC0415 - only who makes pictures needs it

    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((20, 20, 200), (0, 0, size[0] // 2, size[1] // 2))
    target = io.BytesIO()
    image.save(target, kind, **({"exif": exif} if exif else {}))
    return target.getvalue()


def pdf(extra: bytes = b"", stream: bytes = b"") -> bytes:
    """A document of one empty page; ``extra`` stands in its catalogue, ``stream`` in an object of its own."""
    body = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R" + extra + b">>endobj\n"
    body += b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
    if stream:
        packed = zlib.compress(stream)
        head = b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>" % len(packed)
        body += head + b"stream\n" + packed + b"\nendstream endobj\n"
    return body + b"trailer<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of some members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, method)
    return target.getvalue()


def office(kind: str, more: dict[str, bytes] | None = None) -> bytes:
    """A document of Office with the least that it needs."""
    part, media = _MAIN[kind]
    media = f"application/vnd.openxmlformats-officedocument.{media}"
    types = f'<Types><Override PartName="/{part}" ContentType="{media}"/>'
    return zipped({"[Content_Types].xml": f"{types}</Types>".encode(), part: b"<x/>", **(more or {})})


def ole(*streams: str) -> bytes:
    """The container of old Office documents with a directory of some streams."""
    directory = b""
    for stream in ("Root Entry", *streams):
        name = stream.encode("utf-16-le") + b"\x00\x00"
        directory += name.ljust(64, b"\x00") + len(name).to_bytes(2, "little") + b"\x05" + b"\x00" * 61
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\x00") + directory).ljust(4096, b"\x00")


def good() -> list[Sent]:
    """A file of every kind that the platform knows."""
    return [
        Sent("jpg", "营业执照.jpg", picture("JPEG")),
        Sent("jpeg", "现场.JPEG", picture("JPEG")),
        Sent("png", "截图.png", picture("PNG")),
        Sent("gif", "标志.gif", picture("GIF")),
        Sent("pdf", "2018年7月 通知.pdf", pdf()),
        *(Sent(kind, f"汇总.{kind}", office(kind)) for kind in _MAIN),
        Sent("doc", "旧文件.doc", ole("WordDocument", "1Table")),
        Sent("xls", "旧表.xls", ole("Workbook")),
        Sent("zip", "材料.zip", zipped({"说明.txt": "说明".encode()})),
        Sent("csv", "企业.csv", "企业名称,营业收入\n云泽纺织,-12.50\n".encode()),
        Sent("gb18030", "企业.csv", "企业名称,营业收入\n云泽纺织,-12.50\n".encode("gb18030")),
        Sent("txt", "说明.txt", "\ufeff说明 a < b\r\n".encode()),
    ]


def bad(chance: random.Random) -> Iterator[Sent]:
    """Files that must be refused, or cleaned where that is said."""
    yield from _pages()
    yield from _wrong_suffixes()
    yield from _pictures()
    yield from _polyglots()
    yield from _archives()
    yield from _documents()
    yield from _broken(chance)


def names() -> list[str]:
    """Names that would lead out of a folder, into a device, into a header, or deceive whoever reads them."""
    return [
        "\u202egpj.exe.png", "a\x00.exe.png", "a\r\nSet-Cookie: x=1.png", "../../etc/passwd.png",
        "..\\..\\a.png", "/etc/cron.d/a.png", "C:\\windows\\a.png", "CON.png", "nul.png", "LPT1.png",
        "长" * 300 + ".png", "a" * 5000 + ".png", '";alert(1)//.png', "<img src=x onerror=alert(1)>.png",
        "%2e%2e%2fa.png", "a;b=c.png", " .png", "....png", "\u200b.png", "\ufeffa.png", "\u2028a.png",
        "a\tb.png", "\U0001f600.png", "e\u0301.png", "\uff41.png", "a.png.png", "${7*7}.png",
        "{{7*7}}.png", "'; DROP TABLE stored_file; --.png", "|calc.png", "-rf.png",
    ]  # fmt: skip


def _pages() -> Iterator[Sent]:
    for suffix in (
        "png",
        "jpg",
        "gif",
        "pdf",
        "docx",
        "txt",
        "csv",
        "zip",
        "html",
        "svg",
        "xhtml",
        "xml",
        "js",
        "exe",
    ):
        yield Sent("html", f"a.{suffix}", HTML)
        yield Sent("svg", f"a.{suffix}", SVG)
        yield Sent("program", f"a.{suffix}", EICAR_LIKE)
        yield Sent("spaced html", f"a.{suffix}", b" \r\n\t" + HTML)
        yield Sent("html in GB18030", f"a.{suffix}", "说明<script>alert(1)</script>".encode("gb18030"))
        yield Sent("html in UTF-16", f"a.{suffix}", HTML.decode().encode("utf-16"))
        yield Sent("script", f"a.{suffix}", b"#!/bin/sh\nrm -rf /\n\x00")
        yield Sent("empty", f"a.{suffix}", b"")
        yield Sent("zeros", f"a.{suffix}", bytes(1000))


def _wrong_suffixes() -> Iterator[Sent]:
    kinds = {sent.label: sent.content for sent in good() if sent.label not in {"jpeg", "gb18030"}}
    wrong = ("html", "svg", "exe", "php", "js", "htm", "png.html", "pdf ", "ｐｄｆ", "")
    for label, content in kinds.items():
        for suffix in (*wrong, *kinds):
            if suffix.strip() == label or {suffix, label} == {"csv", "txt"}:
                continue
            yield Sent(f"{label} named {suffix!r}", f"a.{suffix}" if suffix else "a", content)


def _pictures() -> Iterator[Sent]:
    for width, height in (
        (60_000, 60_000),
        (2**31 - 1, 2**31 - 1),
        (40_001, 1_000),
        (1, 100_000_000),
        (0, 0),
        (0, 9),
    ):
        yield Sent(
            f"png of {width} × {height}",
            "a.png",
            png(width, height, rows=0) if width > 1 else _hollow(width, height),
        )
    bomb = zlib.compress(bytes(120_000_000), 9)
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    yield Sent(
        "png bomb",
        "a.png",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", bomb) + chunk(b"IEND", b""),
    )
    text = chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(100_000_000), 9))
    yield Sent("png with a text bomb", "a.png", png(extra=text))
    for width, height in ((65_500, 65_500), (65_000, 1_000)):
        yield Sent(
            f"gif of {width} × {height}",
            "a.gif",
            b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + b";",
        )
    start, size = b"\xff\xd8\xff\xc0\x00\x0b\x08", struct.pack(">HH", 65_500, 65_500)
    yield Sent("jpeg of 65500 × 65500", "a.jpg", start + size + b"\x01\x01\x11\x00\xff\xd9")
    yield Sent("png of too few rows", "a.png", png(500, 500, rows=3), cleaned=True)
    yield Sent("png with a wrong checksum", "a.png", png()[:-20] + b"\x00" * 8 + png()[-12:])


def _hollow(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


def _polyglots() -> Iterator[Sent]:
    archive = zipped({"a.html": HTML})
    for kind, suffix in (("PNG", "png"), ("JPEG", "jpg"), ("GIF", "gif")):
        image = picture(kind)
        for label, tail in (
            ("html", HTML),
            ("php", b"<?php system($_GET[0]);" + SCRIPT),
            ("zip", archive),
            ("pdf", pdf() + SCRIPT),
        ):
            yield Sent(f"{suffix} with {label} behind", f"a.{suffix}", image + tail, cleaned=True)
        for label, head in (("html", HTML), ("pdf", pdf()), ("zip", archive)):
            yield Sent(f"{suffix} with {label} before", f"a.{suffix}", head + image)
            yield Sent(f"{suffix} named {label} with it before", f"a.{label}", head + image)
    yield Sent(
        "png with a script in a comment",
        "a.png",
        png(extra=chunk(b"tEXt", b"Comment\x00" + SCRIPT)),
        cleaned=True,
    )
    yield Sent("jpeg with a script in a comment", "a.jpg", _commented(picture("JPEG")), cleaned=True)
    yield Sent("gif and script", "a.gif", b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;" + SCRIPT, cleaned=True)
    yield Sent("pdf and zip", "a.pdf", pdf()[:-6] + archive + b"\n%%EOF\n")
    yield Sent("pdf and html", "a.pdf", b"%PDF-1.4\n" + HTML + pdf()[9:])
    yield Sent("pdf after html", "a.pdf", HTML + pdf())
    for kind in _MAIN:
        yield Sent(f"{kind} behind html", f"a.{kind}", HTML + office(kind))
        yield Sent(f"{kind} before html", f"a.{kind}", office(kind) + HTML)
    yield Sent("zip behind html", "a.zip", HTML + archive)
    yield Sent("doc and zip", "a.doc", ole("WordDocument") + archive)


def _commented(jpeg: bytes) -> bytes:
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT + jpeg[2:]


def _archives() -> Iterator[Sent]:
    zeros = bytes(60 * 1024**2)
    yield Sent("zip bomb", "a.zip", zipped({"a": zeros}))
    yield Sent(
        "zip bomb of many", "a.zip", zipped({f"{number}": zeros[: 8 * 1024**2] for number in range(40)})
    )
    for kind in _MAIN:
        yield Sent(f"{kind} bomb", f"a.{kind}", office(kind, {"media/a.xml": zeros}))
        yield Sent(f"{kind} with macros", f"a.{kind}", office(kind, {"word/vbaProject.bin": b"x"}))
        yield Sent(f"{kind} with ActiveX", f"a.{kind}", office(kind, {"word/activeX/a.xml": b"x"}))
        yield Sent(f"{kind} that lies about its size", f"a.{kind}", _lying(office(kind, {"a": bytes(5000)})))
        yield Sent(f"{kind} that leads out", f"a.{kind}", office(kind, {"../../a": b"x"}))
        yield Sent(f"{kind} with a password", f"a.{kind}", _encrypted(office(kind)))
        yield Sent(f"{kind} cut short", f"a.{kind}", office(kind)[:-30])
    yield Sent("zip of many names", "a.zip", zipped({f"{number}": b"" for number in range(3000)}))
    for name in ("../../etc/passwd", "/etc/passwd", "..\\a", "C:\\a", "a/../../b", "x" * 400):
        yield Sent(f"zip that leads to {name[:20]}", "a.zip", zipped({name: b"x"}))
    yield Sent("zip with a password", "a.zip", _encrypted(zipped({"a": b"x"})))
    yield Sent("zip without members", "a.zip", zipped({}))
    yield Sent("zip that overlaps itself", "a.zip", _overlapping())
    yield Sent("zip with a comment", "a.zip", _with_comment(zipped({"a": b"x"})))


def _lying(archive: bytes) -> bytes:
    """Every declared size in the directory as 1."""
    place = archive.find(b"PK\x01\x02")
    changed = bytearray(archive)
    while place >= 0:
        changed[place + 24 : place + 28] = struct.pack("<I", 1)
        place = archive.find(b"PK\x01\x02", place + 4)
    return bytes(changed)


def _encrypted(archive: bytes) -> bytes:
    changed = bytearray(archive)
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        found = archive.find(mark)
        while found >= 0:
            changed[found + place] |= 1
            found = archive.find(mark, found + 4)
    return bytes(changed)


def _overlapping() -> bytes:
    """Two entries of the directory for the bytes of one member."""
    archive = zipped({"a": b"x" * 100, "b": b"x" * 100}, method=zipfile.ZIP_STORED)
    second = archive.rfind(b"PK\x01\x02")
    return archive[: second + 42] + struct.pack("<I", 0) + archive[second + 46 :]


def _with_comment(archive: bytes) -> bytes:
    return archive[:-2] + struct.pack("<H", len(SCRIPT)) + SCRIPT


def _documents() -> Iterator[Sent]:
    action = b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"
    for label, extra in (
        ("script", action),
        ("script with a masked name", action.replace(b"/JavaScript/JS", b"/J#61vaScript/J#53")),
        ("launcher", b"/OpenAction<</S/Launch/F(cmd.exe)>>"),
        ("file within", b"/Names<</EmbeddedFiles 9 0 R>>"),
        ("form that sends", b"/AA<</O<</S/SubmitForm>>>>"),
        ("XFA form", b"/AcroForm<</XFA 9 0 R>>"),
        ("film", b"/AA<</O<</S/RichMedia>>>>"),
    ):
        yield Sent(f"pdf with a {label}", "a.pdf", pdf(extra))
        yield Sent(f"pdf with a {label}, packed", "a.pdf", pdf(stream=b"5 0 " + extra))
    yield Sent("pdf cut short", "a.pdf", pdf()[:-20])
    for streams, suffix in (
        (("WordDocument", "Macros"), "doc"),
        (("Workbook", "_VBA_PROJECT"), "xls"),
        (("Workbook", "VBA"), "xls"),
    ):
        yield Sent(f"{suffix} with macros", f"a.{suffix}", ole(*streams))
    yield Sent("document with a password", "a.doc", ole("WordDocument", "EncryptedPackage"))
    yield Sent("installer", "a.doc", ole("SummaryInformation"))
    yield Sent("doc cut short", "a.doc", ole("WordDocument")[:1024])


def _broken(chance: random.Random) -> Iterator[Sent]:
    """Good files cut short, and pictures whose first bytes are followed by noise."""
    for sent in good():
        if sent.label in {"txt", "csv", "gb18030"}:
            continue
        for part in (0.1, 0.3, 0.6, 0.9):
            cut = int(len(sent.content) * part)
            if sent.label not in {"gif", "doc", "xls"} or part < 0.3:
                yield Sent(f"{sent.label} cut at {part}", sent.name, sent.content[:cut])
    for head, suffix in (
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF89a", "gif"),
        (b"PK\x03\x04", "zip"),
    ):
        for _ in range(10):
            yield Sent(
                f"noise as {suffix}", f"a.{suffix}", head + chance.randbytes(chance.randrange(10, 3000))
            )
