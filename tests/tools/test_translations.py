"""The check of the catalogues finds what it must."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import translations


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of one file and one template, with an empty catalogue."""
    (tmp_path / "app" / "templates").mkdir(parents=True)
    (tmp_path / "app" / "words.py").write_text('Message("{count} reports", count=1)\n_("Sign in")\n')
    (tmp_path / "app" / "templates" / "page.html").write_text("<p>{{ _('Close') }}</p>")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "CATALOGUES", tmp_path / "app" / "translations")
    return tmp_path


def translate(words: dict[str, str]) -> None:
    catalogue = translations.updated("zh")
    for message in catalogue:
        if message.id in words:
            message.string = words[message.id]
    path = translations.path_of("zh")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(translations.written(catalogue))


COMPLETE = {"{count} reports": "{count} 份报表", "Sign in": "登录", "Close": "关闭"}


def test_a_complete_catalogue_has_no_problems(sources: Path) -> None:
    translate(COMPLETE)

    assert list(translations.problems("zh")) == []


def test_a_missing_catalogue_misses_everything(sources: Path) -> None:
    assert len(list(translations.problems("zh"))) == 3


def test_an_untranslated_word_is_named(sources: Path) -> None:
    translate({**COMPLETE, "Close": ""})

    assert list(translations.problems("zh")) == ["untranslated: 'Close'"]


def test_a_lost_placeholder_is_named(sources: Path) -> None:
    translate({**COMPLETE, "{count} reports": "若干报表"})

    assert list(translations.problems("zh")) == ["other placeholders than the source: '{count} reports'"]


def test_a_word_that_came_and_one_that_went_are_named(sources: Path) -> None:
    translate(COMPLETE)
    (sources / "app" / "words.py").write_text('_("Sign in")\n_("Sign out")\n')

    found = list(translations.problems("zh"))

    assert found == ["not in the catalogue: 'Sign out'", "no longer in the sources: '{count} reports'"]


def test_words_that_nothing_extracts_fail_the_check(
    sources: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    translate(COMPLETE)
    (sources / "app" / "more.py").write_text('words = "Close"\nMessage(words)\n')

    status = translations.check()

    assert status == 1
    assert "more.py:2" in capsys.readouterr().out


def test_updating_twice_changes_nothing(sources: Path) -> None:
    translate(COMPLETE)
    before = translations.path_of("zh").read_bytes()

    translations.update()

    assert translations.path_of("zh").read_bytes() == before
