"""Resemblance of texts: what counts as the same, that alike texts meet in a band and unlike ones do not."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.early_warnings.resemblance import (
    BANDS,
    NEAR,
    PLACES,
    bands,
    groups,
    likeness,
    normalise,
    resemblance,
    signature,
)

SIGNS = [chr(code) for code in range(0x4E00, 0x4E00 + 1500)]


def _text(length: int, seed: int) -> str:
    return "".join(random.Random(seed).choices(SIGNS, k=length))


def _edited(text: str, share: float, seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice(SIGNS) if chance.random() < share else sign for sign in text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("欧盟 对 钢铁 保障措施", "欧盟对钢铁保障措施"),
        ("ＥＵ Steel", "eu steel"),
        ("“钢铁”，保障措施。", "钢铁保障措施"),
        ("第１２３号", "第123号"),
    ],
)
def test_looks_do_not_make_another_text(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)
    assert resemblance(groups(one), groups(other)) == 1.0


def test_an_empty_text_resembles_nothing() -> None:
    assert groups(" ，。") == frozenset()
    assert signature(groups("")) == () and bands(()) == ()
    assert resemblance(groups(""), groups("")) == 0.0 and likeness((), ()) == 0.0


@pytest.mark.parametrize("text", ["税", "关税", "反倾销"])
def test_a_text_shorter_than_a_group_is_one_group(text: str) -> None:
    assert groups(text) == {text}


@given(st.text(max_size=200), st.text(max_size=200))
def test_resemblance_is_mutual_and_lies_between_none_and_all(one: str, other: str) -> None:
    first, second = groups(one), groups(other)

    assert resemblance(first, second) == resemblance(second, first)
    assert 0 <= resemblance(first, second) <= 1


@given(st.text(min_size=1, max_size=200))
def test_equal_texts_have_equal_signatures_of_full_length(text: str) -> None:
    found = groups(text)

    assert signature(found) == signature(sorted(found))
    assert len(signature(found)) in {0, PLACES} and len(bands(signature(found))) in {0, BANDS}


def test_a_signature_tells_the_resemblance() -> None:
    for seed in range(20):
        text = _text(600, seed)
        changed = _edited(text, 0.08, seed + 100)
        exact = resemblance(groups(text), groups(changed))
        assert abs(likeness(signature(groups(text)), signature(groups(changed))) - exact) < 0.25


def test_nearly_the_same_texts_meet_in_a_band() -> None:
    met = 0
    for seed in range(50):
        text = _text(400, seed)
        changed = _edited(text, 0.05, seed + 1000)
        assert resemblance(groups(text), groups(changed)) >= NEAR
        met += bool({*bands(signature(groups(text)))} & {*bands(signature(groups(changed)))})
    assert met == 50


def test_unlike_texts_do_not_meet() -> None:
    met = 0
    for seed in range(200):
        one, other = (
            bands(signature(groups(_text(300, seed)))),
            bands(signature(groups(_text(300, seed + 5000)))),
        )
        met += bool({*one} & {*other})
    assert met == 0


def test_a_band_number_fits_a_signed_column_of_64_bits() -> None:
    found = bands(signature(groups(_text(300, 1))))

    assert all(-(2**63) <= number < 2**63 for number in found)
    assert len({*found}) == BANDS
