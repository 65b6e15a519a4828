"""Names: spellings that count as one, and what is kept as typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.names import name_key, normalise_name


@pytest.mark.parametrize(
    "spelling",
    [
        "Ａ公司",
        "A 公司",
        " a公司 ",
        "A\u3000公司",
        "A\u200b公司",
        "\ufeffA公司",
        "A·公司",
        "A•公司",
        "A・公司",
        "A･公司",
        "A\u00ad公司",
        "A\0公司",
        "A\ufe0f公司",
        "A\u3164公司",
    ],
)
def test_spellings_of_one_name_share_a_key(spelling: str) -> None:
    assert name_key(spelling) == name_key("A公司")


@pytest.mark.parametrize(
    ("drawn", "plain"),
    [
        ("АBC公司", "ABC公司"),  # Cyrillic А
        ("abс公司", "ABC公司"),  # Cyrillic с
        ("ΑΒC公司", "abc公司"),  # Greek Α and Β
        ("ＡＢＣ公司", "ABC公司"),
        ("𝐀𝖡Ⓒ公司", "ABC公司"),
        ("ᴀʙᴄ公司", "ABC公司"),
        ("甲〔中国〕公司", "甲（中国）公司"),
        ("甲【中国】公司", "甲(中国)公司"),
        ("甲—乙公司", "甲-乙公司"),
        ("甲－乙公司", "甲–乙公司"),
        ("甲\uf9d8公司", "甲律公司"),  # CJK compatibility
        ("甲\u2f2f公司", "甲工公司"),  # a Kangxi radical
        ("㈱甲", "(株)甲"),
        ("甲○乙公司", "甲〇乙公司"),
        ("甲“乙”公司", '甲"乙"公司'),
    ],
)
def test_look_alikes_are_one_name(drawn: str, plain: str) -> None:
    assert name_key(drawn) == name_key(plain)


@pytest.mark.parametrize(
    ("one", "other"),
    [("甲土公司", "甲士公司"), ("A1公司", "AI公司"), ("甲0公司", "甲O公司"), ("éa公司", "ea公司")],
)
def test_what_is_drawn_differently_stays_apart(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_different_names_keep_different_keys() -> None:
    assert name_key("A公司") != name_key("B公司")
    assert name_key("甲(中国)公司") == name_key("甲（中国）公司")
    assert name_key("甲中国公司") != name_key("甲（中国）公司")


@given(st.text())
def test_the_key_of_a_key_is_itself(text: str) -> None:
    key = name_key(text)

    assert name_key(key) == key


@given(st.text())
def test_tidying_a_name_twice_changes_nothing_and_keeps_its_key(text: str) -> None:
    tidy = normalise_name(text)

    assert normalise_name(tidy) == tidy
    assert name_key(tidy) == name_key(text)


def test_a_name_is_shown_as_typed_but_for_stray_and_invisible_characters() -> None:
    assert normalise_name("  Ａ公司\u200b \t（杭州）\n") == "Ａ公司 （杭州）"
    assert normalise_name("Acme\0  Trading") == "Acme Trading"
    assert normalise_name("\u200b\u3000") == ""
