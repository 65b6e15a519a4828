"""Search: Chinese by pairs, width and case alike, every term must be there, the heading counts more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.help.manuals import Chapter
from app.help.search import EXCERPT, MOST_HITS, Index, excerpt, terms
from app.help.sections import Section


def section(heading: str, text: str, manual: str = "start") -> Section:
    return Section(Chapter(manual, "x", "章", ""), 1, heading, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("退回原因", ["退回", "回原", "原因"]),
        ("退", ["退"]),
        ("ＣＳＶ 导出", ["csv", "导出"]),
        ("Export, export!", ["export"]),
        ("", []),
        ("！？", []),
    ],
)
def test_terms_of_a_text(text: str, found: list[str]) -> None:
    assert terms(text) == found


def test_every_term_must_be_there_and_the_heading_counts_more() -> None:
    index = Index.of(
        [
            section("其他", "导出文件，导出两次"),
            section("导出", "文件"),
            section("导出", "没有别的"),
        ]
    )

    hits = index.find("导出 文件", {"start"})

    assert [hit.section.heading for hit in hits] == ["导出", "其他"]


def test_only_the_manuals_of_the_reader_are_searched() -> None:
    index = Index.of([section("导出", "文件", "bureau")])

    assert index.find("导出", {"start"}) == []


def test_there_are_only_so_many_hits() -> None:
    index = Index.of([section("导出", str(number)) for number in range(100)])

    assert len(index.find("导出", {"start"})) == MOST_HITS


def test_an_excerpt_shows_the_place() -> None:
    text = "甲" * 200 + "退回原因" + "乙" * 200

    found = excerpt(text, ["退回"])

    assert "退回原因" in found and found.startswith("…") and found.endswith("…")
    assert len(found) <= EXCERPT + 2


@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_is_typed_finds_or_finds_not(query: str, text: str) -> None:
    hits = Index.of([section("节", text)]).find(query, {"start"})

    assert len(hits) <= 1
