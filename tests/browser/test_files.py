"""Files in a real browser: kept while a form is mended, refused before they are sent, on a phone too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.browser.conftest import PHONE
from tests.infra.files.pages import files_app, page_app
from tools.torture import crafted
from tools.torture.files_page import ADDRESS

__all__ = ["files_app", "page_app"]

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]
CHOOSE, SAVE = "[name=files]", "form.qj-form button.pri"


@pytest.fixture
def served(page_app: Flask) -> Iterator[str]:
    """The product with the page that takes files."""
    page_app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, page_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=10)
    page_app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def papers(tmp_path: Path) -> dict[str, str]:
    """Files to choose from: a good one, a picture, one that lies, one that is too large."""
    contents = {
        "营业执照.pdf": crafted.pdf(),
        "门头.png": crafted.picture("PNG"),
        "假.pdf": crafted.HTML,
        "大.pdf": crafted.pdf() + bytes(11 * 1024**2),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: str(tmp_path / name) for name in contents}


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_a_file_stays_while_the_form_is_mended(visit: Visit, papers: dict[str, str], size: Any) -> None:
    visitor = visit("enterprise", size)
    page = visitor.go(ADDRESS)

    page.set_input_files(CHOOSE, [papers["营业执照.pdf"], papers["假.pdf"]])
    page.click(SAVE)

    expect(page.locator(".qj-files .nm")).to_have_text(["营业执照.pdf"])
    expect(page.locator("#files-error")).to_contain_text("假.pdf")
    expect(page.locator(".qj-summary")).to_be_focused()
    assert visitor.axe() == []
    assert not visitor.overflows()
    page.fill("[name=name]", "云泽")
    page.click(SAVE)
    expect(page.locator(".qj-files a")).to_have_text(["营业执照.pdf"])
    with page.expect_download() as waiting:
        page.click(".qj-files a")
    assert waiting.value.suggested_filename == "营业执照.pdf"


def test_a_file_is_removed_by_keyboard(visit: Visit, papers: dict[str, str]) -> None:
    page = visit("enterprise").go(ADDRESS)
    page.fill("[name=name]", "云泽")
    page.set_input_files(CHOOSE, [papers["营业执照.pdf"], papers["门头.png"]])
    page.click(SAVE)
    page.fill("[name=name]", "云泽")

    page.get_by_role("checkbox", name="移除 营业执照.pdf").focus()
    page.keyboard.press("Space")
    page.click(SAVE)

    expect(page.locator(".qj-files .nm")).to_have_text(["门头.png"])


def test_what_is_too_large_is_told_before_it_is_sent(visit: Visit, papers: dict[str, str]) -> None:
    page = visit("enterprise").go(ADDRESS)

    page.set_input_files(CHOOSE, papers["大.pdf"])
    expect(page.locator("#files-size")).to_contain_text("过大")
    expect(page.locator(CHOOSE)).to_have_value("")

    page.set_input_files(CHOOSE, papers["营业执照.pdf"])
    expect(page.locator("#files-size")).to_have_text("")
