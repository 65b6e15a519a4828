"""Unified social credit codes: every vector, both check characters, and codes that are made."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from app.enterprises.credit_codes import (
    code_status,
    complete_credit_code,
    credit_code_problem,
    normalise_credit_code,
    organisation_check,
    organisation_code,
)
from app.organisations.seed import read_csv

VECTORS = list(read_csv(Path(__file__).parent / "credit_codes.csv"))
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["entered"] for vector in VECTORS])
def test_every_vector_is_kept_and_judged_as_listed(vector: dict[str, str]) -> None:
    kept = normalise_credit_code(vector["entered"])

    assert kept == vector["kept"]
    assert (credit_code_problem(kept) is None) == (vector["valid"] == "1")


def test_width_case_spaces_and_hyphens_are_no_difference() -> None:
    assert normalise_credit_code(" ９１３３-0100 799655058b ") == "91330100799655058B"


@given(st.text(ALPHABET, min_size=8, max_size=8), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_mistyped_character_never_passes(body: str, place: int, typed: str) -> None:
    code = complete_credit_code("91", "330100", body)

    mistyped = code[:place] + typed + code[place + 1 :]

    assert credit_code_problem(code) is None
    assert mistyped == code or credit_code_problem(mistyped) is not None


def test_a_code_whose_inner_check_character_is_wrong_is_refused_though_the_outer_one_fits() -> None:
    inner = "91330100" + "00001234" + "0"
    code = inner + uscc.calc_check_digit(inner)

    assert organisation_check("00001234") != "0"
    assert credit_code_problem(code) is not None


@given(st.text(max_size=30))
def test_anything_at_all_is_judged_without_breaking(text: str) -> None:
    credit_code_problem(normalise_credit_code(text))


@pytest.mark.parametrize(
    "sign", ["-", "－", "‐", "–", "—", "−", " ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\t"]
)
def test_signs_between_the_characters_are_dropped(sign: str) -> None:
    assert normalise_credit_code(f"91330100{sign}799655058B") == "91330100799655058B"


@pytest.mark.parametrize(
    "code", ["", "0" * 18, "0" * 15, "1" * 18, "Z" * 18, "91330100O99655058B", "1" * 200]
)
def test_what_cannot_be_a_code_is_refused(code: str) -> None:
    assert credit_code_problem(code) is not None
    assert organisation_code(code) == ""


def test_the_organisation_code_is_the_ninth_to_the_seventeenth_character() -> None:
    assert organisation_code("91330100799655058B") == "799655058"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("91330100799655058B", "valid"),
        ("33010000000012" + mod_11_10.calc_check_digit("33010000000012"), "old"),
        ("330100000000125", "test"),  # a business registration number with a wrong check digit
        ("799655058", "old"),  # an organisation code
        ("330100799655058", "old"),  # a tax number
        ("799655059", "test"),
        ("202012030000000002", "test"),
        ("111222333444555666", "test"),
        ("000000000000000000", "test"),
        ("", "test"),
    ],
)
def test_a_code_is_valid_of_an_older_register_or_none(code: str, status: str) -> None:
    assert code_status(code) == status
