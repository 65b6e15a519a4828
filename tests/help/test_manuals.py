"""The manuals: complete in both languages, every link and picture resolves, every menu entry is explained."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.help import views
from app.help.documents import word_document
from app.help.manuals import MANUALS, Chapter, chapters, chapters_of, own_manual, readable
from app.help.rendering import BrokenLink, address, render
from app.help.sections import plain, sections
from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.texts import LANGUAGES

STATIC = Path(__file__).resolve().parents[2] / "app" / "static"
LARGEST_PICTURE = 150_000
SignIn = Callable[[str], FlaskClient]
ActorOf = Callable[[str], Actor]


@pytest.fixture
def page(app: Flask) -> object:
    with app.test_request_context("/"):
        yield


def test_both_languages_have_the_same_chapters_with_the_same_sections() -> None:
    chinese, english = chapters("zh"), chapters("en")

    assert list(chinese) == list(english)
    for path, chapter in chinese.items():
        assert len(sections(chapter)) == len(sections(english[path])), path
    assert {chapter.manual for chapter in chinese.values()} == set(MANUALS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_and_picture_of_every_chapter_is_there(page: object, language: str) -> None:
    for chapter in chapters(language).values():
        body = BeautifulSoup(render(chapter, language), "html.parser")
        for image in body.select("img"):
            file = STATIC / re.sub(r"^/static/|\?.*$", "", str(image["src"]))
            assert file.is_file(), f"{chapter.path}: {file}"
            assert 0 < file.stat().st_size < LARGEST_PICTURE, file
            assert image["alt"], chapter.path
        assert all(str(link["href"]).startswith("/") for link in body.select("a")), chapter.path


@pytest.mark.parametrize("href", ["nowhere/at-all", "page:NoView.list", "https://enterprise.example/"])
def test_a_link_that_leads_nowhere_is_found(page: object, href: str) -> None:
    with pytest.raises(BrokenLink):
        address(href, "zh")


def test_a_page_that_the_reader_may_not_open_is_named_and_no_link(sign_in: SignIn) -> None:
    for who, is_link in (("enterprise", True), ("security", False)):
        text = BeautifulSoup(sign_in(who).get("/help/enterprise/information").data, "html.parser")
        article = text.select_one("article")
        assert article is not None and "企业基本信息" in article.text
        assert bool(article.select('a[href="/enterprises/own/"]')) == is_link, who


def test_raw_html_is_shown_and_not_run(page: object) -> None:
    chapter = Chapter("start", "x", "X", "<script>alert(1)</script>\n\n[x](javascript:alert(1))")

    body = BeautifulSoup(render(chapter, "zh"), "html.parser")

    assert body.select("script, a") == []
    assert "<script>" in body.text


@pytest.mark.parametrize(
    "who", ["province", "county", "enterprise", "admin", "security", "auditor", "point", "provider"]
)
def test_every_entry_of_the_menu_has_a_chapter_for_who_sees_it(sign_in: SignIn, who: str) -> None:
    client = sign_in(who)
    menu = BeautifulSoup(client.get("/site-map/").data, "html.parser").select("#qj-side a[href]")

    unexplained = []
    for entry in menu:
        page = BeautifulSoup(client.get(str(entry["href"]), follow_redirects=True).data, "html.parser")
        link = page.select_one(".qj-helplink")
        if link is None or link["href"] == "/help/" or client.get(str(link["href"])).status_code != 200:
            unexplained.append(entry["href"])

    assert menu and unexplained == []


def test_every_chapter_that_a_page_leads_to_exists(app: Flask) -> None:
    known = chapters("zh")

    assert [path for paths in views.chapters_of_pages().values() for path in paths if path not in known] == []


@pytest.mark.parametrize(
    ("who", "view", "chapter"),
    [
        ("county", "ReviewView", "bureau/review"),
        ("county", "EnterpriseView", "bureau/enterprises"),
        ("enterprise", "EnterpriseView", "enterprise/information"),
        ("enterprise", "JobView", "common/exports"),
        ("admin", "JobView", "platform/jobs"),
        ("admin", "SettingView", "platform/settings"),
        ("security", "SettingView", "security/settings"),
        ("auditor", "AuditView", "auditor/trail"),
        ("provider", "HomeView", "provider/overview"),
        ("point", "HomeView", "point/overview"),
        ("enterprise", "NoView", None),
    ],
)
def test_help_for_a_page_opens_the_chapter_of_one_s_own_manual(
    actor: ActorOf, who: str, view: str, chapter: str | None
) -> None:
    assert views.chapter_for(view, actor(who)) == chapter


@pytest.mark.parametrize(
    ("who", "manuals"),
    [
        ("enterprise", {"start", "common", "enterprise"}),
        ("county", {"start", "common", "enterprise", "bureau"}),
        ("auditor", {"start", "common", "auditor"}),
        ("provider", {"start", "common", "provider"}),
        ("point", {"start", "common", "point"}),
        ("security", set(MANUALS) - {"auditor"}),
    ],
)
def test_each_role_reads_its_own_manuals_the_own_one_first(
    actor: ActorOf, who: str, manuals: set[str]
) -> None:
    found = readable(actor(who))

    assert set(found) == manuals
    assert found[0] == own_manual(actor(who))
    assert readable(ANONYMOUS) == ["start"]


def test_without_an_account_only_registration_and_sign_in_are_read(client: FlaskClient) -> None:
    listed = client.get("/help/")

    assert client.get("/help/start/register").status_code == 200
    assert "/help/start/sign-in" in listed.text and "/help/bureau" not in listed.text
    for path in (
        "/help/bureau/review",
        "/help/common/exports",
        "/help/bureau/print",
        "/help/bureau/download",
    ):
        assert client.get(path).status_code == 302, path
    assert client.get("/help/start/nothing").status_code == 404
    assert client.get("/help/nothing/print").status_code == 404
    assert "退回" not in client.get("/help/?q=批量接收").text.split("<main")[1].split("site-map")[0]


def test_search_leads_to_the_section(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("county").get("/help/?q=变更审核员").data, "html.parser")

    hits = [str(link["href"]) for link in page.select(".help-hits a")]
    assert "/help/bureau/enterprises#s3" in hits
    chapter = BeautifulSoup(sign_in("county").get("/help/bureau/enterprises").data, "html.parser")
    assert chapter.select_one("#s3").text == "变更审核员"  # type: ignore[union-attr]


def test_a_whole_manual_is_one_page_for_the_printer(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("enterprise").get("/help/enterprise/print").data, "html.parser")

    titles = [head.text for head in page.select("h2.chapter")]
    assert titles == [chapter.title for chapter in chapters_of("enterprise", "zh")]
    ids = [str(found["id"]) for found in page.select("[id]")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("manual", MANUALS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_manual_is_a_word_document_with_its_tables_and_pictures(
    page: object, manual: str, language: str
) -> None:
    parts = chapters_of(manual, language)

    document = docx.Document(io.BytesIO(word_document("手册", parts, language)))

    headings = [line.text for line in document.paragraphs if line.style.name == "Heading 1"]  # type: ignore[union-attr]
    assert headings == [part.title for part in parts]
    source = "\n".join(part.text for part in parts)
    assert len(document.inline_shapes) == source.count("![")
    assert len(document.tables) == len(re.findall(r"^\|[-|]+\|$", source, re.MULTILINE))


def test_manual_and_indicators_are_downloaded_under_their_names(sign_in: SignIn) -> None:
    client = sign_in("enterprise")

    manual = client.get("/help/enterprise/download")
    workbook = client.get("/help/indicators/download")

    assert "filename*=UTF-8''%E4%BC%81%E4%B8%9A" in manual.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("表", "指标名称", "计算单位")
    assert len(rows) == 19
    page = client.get("/help/indicators").text
    assert "营业收入" in page and "千元" in page
    # what a rule says names the indicator in question
    assert "营业收入不能为负数" in page and "{name}" not in page + "".join(str(cell) for cell in rows)


def test_signs_of_markdown_are_no_words_of_the_search() -> None:
    assert plain("1. **甲** [乙](start/sign-in)\n| 丙 | `丁` |\n|---|---|") == "甲 乙 丙 丁"
