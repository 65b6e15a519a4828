"""Names of files: whatever people, browsers or attackers call them, safe on disk, on pages and in headers."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infra.files.names import MAX_NAME, disposition, suffix_of, tidy_name
from tools.torture import crafted

SIGNS = (
    st.characters()
    | st.sampled_from('./\\:*?"<>|\u202e\u200b\u2028\x00\r\n\t %;=&')
    | st.sampled_from("企业报表")
)
NAMES = st.text(SIGNS, max_size=400) | st.sampled_from(crafted.names())
HEADER = re.compile(r"(attachment|inline); filename=\"([^\"\\%;]*)\"; filename\*=UTF-8''([A-Za-z0-9._~%-]+)")


@given(NAMES)
def test_a_tidy_name_is_short_and_leads_nowhere(name: str) -> None:
    tidy = tidy_name(name)

    assert 0 < len(tidy) <= MAX_NAME
    assert not re.search(r'[\\/:*?"<>|]', tidy)
    assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in tidy)
    assert not tidy.startswith(".") and tidy.strip() == tidy
    assert tidy not in {".", ".."}


@given(NAMES)
def test_to_tidy_twice_changes_nothing(name: str) -> None:
    assert tidy_name(tidy_name(name)) == tidy_name(name)


@given(NAMES, st.booleans())
def test_a_header_says_the_name_and_nothing_else(name: str, inline: bool) -> None:
    found = HEADER.fullmatch(disposition(name, inline=inline))

    assert found is not None
    assert found[1] == ("inline" if inline else "attachment")
    assert found[2].isascii() and found[2].isprintable()
    assert unquote(found[3]) == tidy_name(name)


@given(
    st.text(st.sampled_from("报表2026年 -_()（）"), min_size=1, max_size=300),
    st.sampled_from(["pdf", "XLSX", "jpeg"]),
)
def test_a_chinese_name_keeps_its_suffix_however_long(stem: str, suffix: str) -> None:
    assert suffix_of(f"{stem}.{suffix}") == f".{suffix.lower()}"


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("CON", "_CON"),
        ("nul.png", "_nul.png"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("CONTENT.png", "CONTENT.png"),
        ("企业\u2028报表.pdf", "企业 报表.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\ud800.png", "a.png"),
        (" .pdf", "file.pdf"),
        (".htaccess", "file.htaccess"),
    ],
)
def test_devices_and_directions_are_disarmed(name: str, tidy: str) -> None:
    assert tidy_name(name) == tidy
