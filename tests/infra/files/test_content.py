"""What a file is by its content: good ones pass, crafted ones are refused, images come out clean."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.infra.content import DOCUMENTS, IMAGES, KINDS, Accepted, FileRule, judge, recognise
from app.kernel.errors import Invalid
from tools.torture import crafted
from tools.torture.crafted import SCRIPT, Sent

ANYTHING = FileRule(tuple(KINDS))
ALL = list(crafted.bad(random.Random(7)))
BAD = list({sent.label: sent for sent in ALL}.values())
"""One of each label; `make torture` sends them all."""


def refusal(name: str, content: bytes, rule: FileRule = ANYTHING) -> str:
    with pytest.raises(Invalid) as refused:
        judge(name, content, rule)
    return str(refused.value.problems[0].message)


def outcome(name: str, content: bytes, rule: FileRule) -> tuple[Accepted | None, str]:
    """What was taken, or what was told."""
    try:
        return judge(name, content, rule), ""
    except Invalid as refused:
        return None, str(refused.problems[0].message)


@pytest.mark.parametrize("sent", crafted.good(), ids=lambda sent: sent.label)
def test_a_good_file_of_every_kind_is_taken(sent: Sent) -> None:
    accepted = judge(sent.name, sent.content, ANYTHING)

    assert accepted.name == sent.name
    assert accepted.media_type in {kind.media_type for kind in KINDS.values()}


def test_there_are_hundreds_of_crafted_files() -> None:
    assert len(ALL) > 500


@pytest.mark.parametrize("sent", BAD, ids=lambda sent: sent.label)
def test_a_crafted_file_is_refused_or_comes_out_clean(sent: Sent) -> None:
    accepted, told = outcome(sent.name, sent.content, ANYTHING)

    assert accepted is None or sent.cleaned, sent.label
    assert accepted is not None or "“" in told
    assert accepted is None or (SCRIPT not in accepted.content and b"<?php" not in accepted.content)


def pixels(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_an_image_is_upright_and_tells_nothing_of_its_maker() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Maker of the camera"  # turned by a quarter

    accepted = judge("a.jpg", crafted.picture("JPEG", exif=exif.tobytes()), ANYTHING)

    assert pixels(accepted.content).size == (30, 40)
    assert not pixels(accepted.content).getexif()
    assert b"Maker" not in accepted.content


def test_what_is_transparent_stays_so() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (4, 4), (1, 2, 3, 0)).save(target, "PNG")

    assert pixels(judge("a.png", target.getvalue(), ANYTHING).content).getpixel((0, 0))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_picture_of_a_good_camera_is_made_fit(kind: str) -> None:
    suffix = {"PNG": "png", "JPEG": "jpg", "GIF": "gif"}[kind]

    accepted = judge(f"a.{suffix}", crafted.picture(kind, size=(7000, 5000)), ANYTHING)

    assert max(pixels(accepted.content).size) == 4096


def test_the_largest_picture_that_is_taken_has_memory_enough() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (6300, 6300)).save(target, "PNG")

    assert pixels(judge("a.png", target.getvalue(), ANYTHING).content).size == (4096, 4096)


def test_a_picture_of_too_many_pixels_is_told_the_number() -> None:
    assert "more than 40 million pixels" in refusal("a.png", crafted.png(60_000, 60_000, rows=0))


def test_the_rule_of_the_field_is_told() -> None:
    scans = FileRule(("jpg", "png", "pdf"), max_bytes=1000)

    assert "larger than 1000 B" in refusal("a.pdf", b"%PDF-" + bytes(1000), scans)
    assert "Save it as one of: jpg, png, pdf" in refusal("a.docx", crafted.office("docx"), scans)
    assert "none of the kinds taken here" in refusal("a.pdf", bytes(100), scans)
    assert "does not end in .jpg" in refusal("a.pdf", crafted.picture("JPEG"), scans)
    assert "“a.pdf” is empty" in refusal("a.pdf", b"", scans)
    assert str(scans.told) == "jpg, png, pdf; at most 1000 B."


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (Sent("", "a.docx", crafted.office("docx", {"word/vbaProject.bin": b"x"})), "macros"),
        (Sent("", "a.pdf", crafted.pdf(b"/OpenAction<</S/JavaScript>>")), "Print it to a new PDF"),
        (Sent("", "a.zip", crafted.zipped({"a": bytes(60 * 1024**2)})), "too large"),
        (Sent("", "a.csv", crafted.HTML), "web page"),
        (Sent("", "a.png", crafted.picture("PNG")[:60]), "damaged"),
    ],
)
def test_a_refusal_says_how_to_mend_it(sent: Sent, said: str) -> None:
    assert said in refusal(sent.name, sent.content)


def test_a_compressed_stream_that_spells_a_script_by_chance_is_no_script() -> None:
    stream = b"4 0 obj<</Length 9>>stream\nx/JS(x)yz\nendstream endobj\n"

    assert judge("a.pdf", crafted.pdf().replace(b"trailer", stream + b"trailer"), ANYTHING).content


@pytest.mark.parametrize("given_kinds", [(), ("exe",)])
def test_a_rule_that_no_file_can_meet_is_refused(given_kinds: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no file can meet"):
        FileRule(given_kinds)


@given(st.binary(max_size=400), st.sampled_from([*KINDS, "html", "exe"]))
def test_any_bytes_are_taken_as_text_or_refused_with_words(content: bytes, suffix: str) -> None:
    accepted, told = outcome(f"a.{suffix}", content, FileRule((*DOCUMENTS, "zip", "csv", "txt")))

    assert told if accepted is None else suffix in {"csv", "txt"}


@given(st.sampled_from(IMAGES), st.binary(max_size=60))
def test_a_start_alone_decides_what_is_tried(kind: str, noise: bytes) -> None:
    start = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF87a"}[kind]

    assert recognise(start + noise) == (kind,)
