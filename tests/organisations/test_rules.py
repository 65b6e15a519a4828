"""Who reviews, who may stand above whom, which roles exclude each other: pure."""

from __future__ import annotations

import itertools

import pytest

from app.kernel.actor import Kind
from app.organisations.passwords import password_problems
from app.organisations.rules import (
    Candidate,
    lowest_reviewer,
    place_problem,
    rights_problem,
    role_problems,
    superior_problem,
)
from app.organisations.terms import BUREAU_LEVELS


def test_the_lowest_level_reviews_then_the_nearest_region_then_the_lowest_id() -> None:
    candidates = [
        *(Candidate(1, "province", 2), Candidate(2, "prefecture", 1), Candidate(9, "county", 1)),
        *(Candidate(7, "county", 0), Candidate(8, "county", 0)),
    ]

    for order in itertools.permutations(candidates):
        found = lowest_reviewer(order)
        assert found is not None
        assert found.admin_id == 7


def test_a_far_county_admin_comes_before_a_near_prefecture_admin() -> None:
    found = lowest_reviewer([Candidate(1, "prefecture", 0), Candidate(2, "county", 3)])

    assert found == Candidate(2, "county", 3)


def test_nobody_reviews_where_nobody_covers() -> None:
    assert lowest_reviewer([]) is None


@pytest.mark.parametrize("level", BUREAU_LEVELS)
@pytest.mark.parametrize("above", BUREAU_LEVELS)
def test_a_superior_is_always_at_a_higher_level(level: str, above: str) -> None:
    higher = BUREAU_LEVELS.index(above) < BUREAU_LEVELS.index(level)

    assert (superior_problem(level, above) is None) == higher


@pytest.mark.parametrize("level", BUREAU_LEVELS)
def test_any_level_may_be_the_top_of_an_installation(level: str) -> None:
    assert superior_problem(level, None) is None


@pytest.mark.parametrize("level", BUREAU_LEVELS)
def test_only_a_province_is_given_leapfrog_acceptance(level: str) -> None:
    assert (rights_problem(level, {"leapfrog_accept"}) is None) == (level == "province")
    assert rights_problem(level, {"bulk_accept", "batch_import"}) is None


def test_a_bureau_stands_at_a_region_of_its_level_and_the_ministry_at_the_country() -> None:
    assert place_problem("ministry", "country") is None
    assert place_problem("county", "county") is None
    assert place_problem("county", "prefecture") is not None


@pytest.mark.parametrize(
    "pair", list(itertools.combinations(["PlatformAdmin", "SecurityAdmin", "Auditor"], 2))
)
def test_running_granting_and_auditing_exclude_each_other(pair: tuple[str, str]) -> None:
    assert any("exclude" in str(problem.message) for problem in role_problems(Kind.PLATFORM, pair))


def test_a_shipped_role_fits_its_kind_only_and_an_own_role_fits_any() -> None:
    assert role_problems(Kind.ENTERPRISE, ["Enterprise", "our readers"]) == []
    assert len(role_problems(Kind.ENTERPRISE, ["BureauAdmin", "Auditor"])) == 2


@pytest.mark.parametrize(
    "weak", ["short1!A", "alllowercaseletters", "ALLUPPER12", "x" * 129, "My-zhang-2026"]
)
def test_weak_passwords_are_refused(weak: str) -> None:
    assert password_problems(weak, "zhang")


def test_a_good_password_passes() -> None:
    assert password_problems("Demo-2026-Trade", "county") == []
