"""Workbooks that no spreadsheet program writes, each made to hurt whoever reads it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping

TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.{main}+xml"/></Types>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ROOT_RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{OFFICE}/sharedStrings" '
    f'Target="sharedStrings.xml"/><Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/>'
    "</Relationships>"
)
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>"
)
STRINGS = f'<sst xmlns="{MAIN}" count="1" uniqueCount="1"><si><t>a</t></si></sst>'
ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
LAUGHS = "".join(
    f'<!ENTITY l{n} "{"".join(f"&l{n - 1};" for _ in range(10))}">' if n else '<!ENTITY l0 "ha">'
    for n in range(10)
)
Parts = dict[str, str | bytes]


def sheet_of(rows: str, before: str = "", after: str = "") -> str:
    """A sheet with these rows."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts(**changes: str | bytes | None) -> Parts:
    """The parts of a small sound workbook, some of them replaced (``sheet``, ``strings`` …) or left out."""
    usual: dict[str, tuple[str, str | bytes]] = {
        "types": ("[Content_Types].xml", TYPES.format(main="sheet.main")),
        "root": ("_rels/.rels", ROOT_RELATIONS),
        "workbook": ("xl/workbook.xml", WORKBOOK),
        "relations": ("xl/_rels/workbook.xml.rels", RELATIONS),
        "sheet": ("xl/worksheets/sheet1.xml", sheet_of(ROW)),
        "strings": ("xl/sharedStrings.xml", STRINGS),
        "styles": ("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"/>'),
    }
    found: Parts = {}
    for key, (name, content) in usual.items():
        given = changes.get(key, content)
        if given is not None:
            found[name] = given
    return found


def zipped(members: Parts) -> bytes:
    """A ZIP of the parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def workbook(**changes: str | bytes | None) -> bytes:
    """A small workbook with some parts replaced."""
    return zipped(parts(**changes))


def with_part(name: str, content: str | bytes = b"x") -> bytes:
    """A sound workbook with one part more."""
    return zipped({**parts(), name: content})


def many_rows(count: int, *, alike: bool = True) -> bytes:
    """A sheet of so many rows of one cell; such that differ do not shrink to nothing."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in parts(sheet=None).items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            head, foot = sheet_of("|").split("|")
            sheet.write(head.encode())
            for block in range(count // 10_000):
                first = 0 if alike else block * 10_000
                sheet.write(b"".join(b"<row><c><v>%d</v></c></row>" % (first + row) for row in range(10_000)))
            sheet.write(foot.encode())
    return target.getvalue()


def overlapping() -> bytes:
    """Many entries of the directory that share the bytes of one part."""
    whole = zipped({**parts(), "xl/bomb.xml": b"<a>" + b" " * 5_000_000 + b"</a>"})
    start = whole.rindex(b"PK\x05\x06")
    directory_at = struct.unpack("<I", whole[start + 16 : start + 20])[0]
    directory = whole[directory_at:start]
    last = directory[directory.rindex(b"PK\x01\x02") :]
    copies = b"".join(last.replace(b"xl/bomb.xml", b"xl/bo%02d.xml" % number) for number in range(60))
    count = len(parts()) + 1 + 60
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory + copies), directory_at, 0)
    return whole[:directory_at] + directory + copies + end


def encrypted() -> bytes:
    """A ZIP whose entries say that they are encrypted."""
    whole = bytearray(workbook())
    at = 0
    while (at := whole.find(b"PK\x01\x02", at)) >= 0:
        whole[at + 8] |= 1
        at += 4
    return bytes(whole)


def lying() -> bytes:
    """A ZIP whose directory says that a part of 300 MB has ten bytes."""
    whole = bytearray(workbook(sheet=b"<a>" + b" " * 300_000_000))
    at = whole.find(b"PK\x01\x02")
    while at >= 0:
        if whole[at + 46 : at + 70] == b"xl/worksheets/sheet1.xml":
            whole[at + 24 : at + 28] = struct.pack("<I", 10)
        at = whole.find(b"PK\x01\x02", at + 4)
    return bytes(whole)


def compound(word: str = "") -> bytes:
    """The container of .xls files and of encrypted workbooks."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + word.encode("utf-16-le") + b"\0" * 512


def _cell(reference: str, value: str = "1", kind: str = "") -> str:
    mark = f' t="{kind}"' if kind else ""
    return f'<c r="{reference}"{mark}><v>{value}</v></c>'


def _doctype(content: str, declarations: str, root: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE {root} [{declarations}]>{content}'


CRAFTED: Mapping[str, Callable[[], bytes]] = {
    "a sheet of 16,384 × 1,048,576 in 1.4 KB": lambda: workbook(
        sheet=sheet_of(ROW + f'<row r="1048576">{_cell("XFD1048576")}</row>')
    ),
    "a sheet that says it is so large": lambda: workbook(
        sheet=sheet_of(f'<row r="9">{_cell("XFD9")}</row>', '<dimension ref="A1:XFD1048576"/>')
    ),
    "ten million rows": lambda: many_rows(10_000_000),
    "two million rows that the guard lets through": lambda: many_rows(2_000_000, alike=False),
    "a bomb of one part": lambda: workbook(sheet=b"<a>" + b" " * 250_000_000 + b"</a>"),
    "a bomb below the limit of size": lambda: workbook(sheet=b"<a>" + b" " * 100_000_000 + b"</a>"),
    "a bomb of overlapping parts": overlapping,
    "a part that hides its size": lying,
    "a thousand million laughs": lambda: workbook(
        sheet=_doctype(
            sheet_of('<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'), LAUGHS, "worksheet"
        )
    ),
    "laughs in the texts": lambda: workbook(
        strings=_doctype(STRINGS.replace(">a<", ">&l9;<"), LAUGHS, "sst")
    ),
    "an entity from a file": lambda: workbook(
        strings=_doctype(STRINGS.replace(">a<", ">&x;<"), '<!ENTITY x SYSTEM "file:///etc/hostname">', "sst")
    ),
    "a document type in UTF-16": lambda: workbook(
        sheet=_doctype(sheet_of(ROW), LAUGHS, "worksheet")
        .replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
        .encode("utf-16")
    ),
    "a document type behind a long comment": lambda: workbook(
        sheet=f"<!--{'x' * 100_000}-->" + _doctype(sheet_of(ROW), LAUGHS, "worksheet")[21:]
    ),
    "broken XML": lambda: workbook(sheet=sheet_of(ROW)[:-40]),
    "XML that ends in the heading": lambda: workbook(workbook="<workbook"),
    "a text of 120 MB": lambda: workbook(strings=STRINGS.replace(">a<", f">{'ab' * 60_000_000}<")),
    "a text of 18 MB": lambda: workbook(
        strings=STRINGS.replace(">a<", f">{'ab' * 9_000_000}<"),
        sheet=sheet_of(f'<row r="1">{_cell("A1", "0", "s")}</row>'),
    ),
    "encrypted entries": encrypted,
    "an encrypted container": lambda: compound("EncryptedPackage"),
    "an old workbook": compound,
    "macros": lambda: with_part("xl/vbaProject.bin"),
    "a type with macros": lambda: workbook(types=TYPES.format(main="sheet.macroEnabled.main")),
    "old macros": lambda: with_part("xl/macrosheets/sheet1.xml", "<a/>"),
    "a binary workbook": lambda: zipped({"[Content_Types].xml": TYPES, "xl/workbook.bin": b"x"}),
    "an OpenDocument table": lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
    "a text document": lambda: zipped({"[Content_Types].xml": TYPES, "word/document.xml": "<a/>"}),
    "a type of another kind": lambda: workbook(types=TYPES.format(main="presentation.main")),
    "no workbook part": lambda: workbook(workbook=None),
    "no sheet part": lambda: workbook(sheet=None),
    "links to other files": lambda: with_part("xl/externalLinks/externalLink1.xml", "<a/>"),
    "connections": lambda: with_part("xl/connections.xml", "<a/>"),
    "embedded objects": lambda: with_part("xl/embeddings/oleObject1.bin"),
    "two parts of one name": lambda: with_part("xl/Worksheets/sheet1.xml", sheet_of(ROW)),
    "five thousand parts": lambda: zipped(
        {**parts(), **{f"xl/{number}.xml": "<a/>" for number in range(5_000)}}
    ),
    "a negative index of a text": lambda: workbook(
        sheet=sheet_of(f'<row r="1">{_cell("A1", "-1", "s")}</row>')
    ),
    "an index beyond the texts": lambda: workbook(
        sheet=sheet_of(f'<row r="1">{_cell("A1", "99999999999", "s")}</row>')
    ),
    "a row of no number": lambda: workbook(sheet=sheet_of(f'<row r="-5">{_cell("A-5")}</row>')),
    "a column beyond the last": lambda: workbook(sheet=sheet_of(f'<row r="1">{_cell("ZZZZZZZ1")}</row>')),
    "elements a million deep": lambda: workbook(workbook="<a>" * 1_000_000),
    "a truncated file": lambda: workbook()[:-60],
    "a head and noise": lambda: b"PK\x03\x04" + bytes(range(256)) * 40,
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "nothing": lambda: b"",
    "eleven megabytes": lambda: b"a,b\n" * 2_900_000,
    "texts in UTF-16": lambda: "名称,代码\n".encode("utf-16"),
    "texts in no encoding": lambda: b"\xff\xfe\xfd,\x80\x81\xff\n" * 100,
    "a quotation mark left open": lambda: b'a,b\n"c,d\n' * 3,
    "texts with NUL": lambda: b"a,b\n" + b"x" * 2_000 + b"\0\n",
}
"""What it is → how it is made."""
