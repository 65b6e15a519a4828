"""Which login names there may be, and which are one."""

from __future__ import annotations

import pytest
from flask import Flask

from app.kernel.actor import Kind
from app.organisations.account_bulk import accounts_problems
from app.organisations.account_service import AccountDraft
from app.organisations.login_names import login_key, login_name, login_name_problem


@pytest.mark.parametrize(
    "name", ["abc", "b330109", "yunze_a", "li.ming-2@mill", "A" * 64, "Ｃｏｕｎｔｙ", " county "]
)
def test_a_plain_name_may_be_taken(name: str) -> None:
    assert login_name_problem(login_name(name)) is None


@pytest.mark.parametrize(
    "name", ["", "ab", "A" * 65, "a b", "<b>", "еnterprise", "甲乙丙", "ab'c", "naïve", "a\nb"]
)
def test_any_other_name_is_refused(name: str) -> None:
    problem = login_name_problem(login_name(name))

    assert problem is not None and problem.field == "username"


def test_width_and_case_do_not_tell_names_apart() -> None:
    assert login_key("ＣＯＵＮＴＹ") == login_key(" County ") == login_key("cou\u200bnty") == "county"


def test_rows_of_a_file_are_held_to_the_same_rule(app: Flask) -> None:
    names = ["ｃｏｕｎｔｙ", "еnterprise", "Yunze_a", "ｙｕｎｚｅ_a"]
    drafts = [
        AccountDraft(name, f"n{place}@enterprise.example", Kind.ENTERPRISE, "云泽")
        for place, name in enumerate(names)
    ]

    found = [[problem.field for problem in problems] for problems in accounts_problems(drafts)]

    assert found == [["username"], ["username"], [], ["username"]]
