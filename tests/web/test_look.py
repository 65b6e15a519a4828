"""The look: every page of Flask-AppBuilder is ours, nothing is inline, input is never lost."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import flask_appbuilder
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.infra.look import asset, icon
from app.infra.widgets import control
from tests.web.look_app import PASSWORD, EveryField, build
from tools import assets

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "app" / "templates"
STOCK = Path(flask_appbuilder.__file__).parent / "templates" / "appbuilder"
PAGES = sorted(TEMPLATES.rglob("*.html"))

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # FAB's forms, in the words of WTForms 3.3
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning"),  # FAB asks by Query.get
]

STOCK_PAGES = (
    "/users/list/",
    "/users/add",
    "/users/show/1",
    "/users/edit/1",
    "/users/userinfo/",
    "/userinfoeditview/form",
    "/resetmypassword/form",
    "/resetpassword/form?pk=1",
    "/roles/list/",
    "/roles/show/1",
    "/roles/add",
    "/groups/list/",
    "/permissions/list/",
    "/permissionviews/list/",
    "/viewmenus/list/",
    "/userstatschartview/chart/",
    "/userchart/chart/",
    "/fields/form",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return build(tmp_path_factory.mktemp("look"))


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as found:
        found.post(
            "/login/", data={"username": "user1", "password": PASSWORD, "csrf_token": token(found, "/login/")}
        )
        yield found


def token(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(address).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", sorted(STOCK.rglob("*.html")), ids=lambda path: str(path.relative_to(STOCK)))
def test_each_template_of_flask_appbuilder_has_one_of_ours_before_it(path: Path) -> None:
    assert (TEMPLATES / "appbuilder" / path.relative_to(STOCK)).is_file()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_has_anything_inline_or_of_the_stock_look(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    inline_scripts = [
        tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and "json" not in tag
    ]

    assert inline_scripts == []
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*[\"']|javascript:", text)
    assert not re.search(
        r"bootstrap|jquery|glyphicon|select2|\bfa-|btn-primary|appbuilder\.static", text, re.IGNORECASE
    )
    assert not re.search(r"(src|href)=\"(https?:)?//", text)


@pytest.mark.parametrize("address", STOCK_PAGES)
def test_a_stock_page_is_drawn_in_the_frame_with_a_way_out(client: FlaskClient, address: str) -> None:
    page = client.get(address)

    assert page.status_code == 200
    assert 'class="qj-top"' in page.text and 'href="/logout/"' in page.text
    assert "/static/appbuilder/" not in page.text
    assert not re.search(r'class="[^"]*\b(form-control|btn-default|table-bordered|panel)\b', page.text)


def test_the_sign_in_page_has_its_three_fields_and_tells_the_demonstration_password(
    visitor: FlaskClient,
) -> None:
    page = visitor.get("/login/").text

    for name in ("username", "password", "csrf_token"):
        assert f'name="{name}"' in page
    assert f"<code>{PASSWORD}</code>" in page


def test_a_refused_form_comes_back_as_typed_with_a_summary_that_leads_to_each_field(
    client: FlaskClient,
) -> None:
    typed = {
        "name": "",
        "staff": "十二人",
        "revenue": "1,2x",
        "note": "<b>出口</b>",
        "csrf_token": token(client, "/fields/form"),
    }

    page = client.post("/fields/form", data=typed).text

    summary = page[page.index("qj-summary") : page.index('<form class="qj-form"')]
    assert 'href="#name"' in summary and "请填写企业名称。" in summary
    assert 'href="#staff"' in summary and 'href="#revenue"' in summary
    assert 'value="十二人"' in page and 'value="1,2x"' in page and "&lt;b&gt;出口&lt;/b&gt;" in page
    assert re.search(r'id="name"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*id="name"', page)
    assert 'id="name-error"' in page


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("name", ('class="qj-in"', 'type="text"', 'maxlength="40"', 'aria-describedby="name-help"')),
        ("staff", ('inputmode="numeric"', 'class="qj-in num"', 'type="text"')),
        ("revenue", ('inputmode="decimal"',)),
        ("opened", ('type="date"',)),
        ("month", ('type="month"',)),
        ("listed", ('type="checkbox"', 'class="qj-check"')),
        ("size", ('role="radiogroup"', 'type="radio"')),
        ("control_type", ("<select", 'class="qj-select"')),
        ("trade", ("data-search-select",)),
        ("marks", ("multiple", "data-search-select")),
        ("secret", ('type="password"',)),
        ("note", ("<textarea", 'class="qj-area"')),
    ],
)
def test_a_field_is_drawn_as_its_kind_asks(app: Flask, name: str, wanted: tuple[str, ...]) -> None:
    with app.test_request_context():
        form = EveryField(MultiDict(), meta={"csrf": False})

        drawn = control(form[name])

    assert all(part in drawn for part in wanted)


def test_a_short_list_stays_the_browsers_own(app: Flask) -> None:
    with app.test_request_context():
        drawn = control(EveryField(meta={"csrf": False})["control_type"])

    assert "data-search-select" not in drawn


def test_flask_appbuilders_widgets_are_drawn_anew_whatever_they_were_given(client: FlaskClient) -> None:
    page = client.get("/users/add").text

    assert re.search(
        r"<select[^>]*class=\"qj-select\"[^>]*name=\"roles\"|name=\"roles\"[^>]*class=\"qj-select\"", page
    )
    assert "my_select2" not in page


def test_a_delete_is_a_post_that_asks_first(client: FlaskClient) -> None:
    page = client.get("/users/list/").text

    assert re.search(r'type="submit" form="rows-\w+" formaction="/users/delete/1" data-confirm="', page)
    assert 'href="/users/delete' not in page


def test_a_chart_has_its_figures_in_a_table_and_in_a_data_block(client: FlaskClient) -> None:
    page = client.get("/userchart/chart/").text

    block = re.search(r'<script type="application/json" id="chart-UserChart">(.+?)</script>', page, re.DOTALL)

    assert block is not None and len(json.loads(block[1])["data"]["rows"]) == 30
    assert 'data-chart="chart-UserChart"' in page and '<th scope="row">user1</th>' in page
    assert "dist/echarts.min.js" in page


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422, 429])
def test_a_refusal_says_what_happened_what_to_do_and_its_number(client: FlaskClient, status: int) -> None:
    page = client.get(f"/refused/{status}").text

    assert (
        "<h1>" in page and 'class="next"' in page and "<b>A1B2C3</b>" in page and "下级仍有未办事项。" in page
    )


@pytest.mark.parametrize("name", ["500", "503", "browser"])
def test_a_page_for_bad_times_asks_nothing_of_the_shell(app: Flask, visitor: FlaskClient, name: str) -> None:
    class Broken:
        def __getattr__(self, name: str) -> None:
            raise AssertionError(f"asked the shell for {name}")

    whole, app.jinja_env.globals["shell"] = app.jinja_env.globals["shell"], Broken()
    try:
        page = visitor.get(f"/broken/{name}")
    finally:
        app.jinja_env.globals["shell"] = whole

    assert page.status_code == 200 and "<h1>" in page.text


def test_entries_of_a_stale_form_can_be_sent_again(client: FlaskClient) -> None:
    page = client.get("/resend").text

    assert 'name="name" value="&lt;甲&gt;"' in page and 'name="csrf_token"' in page


def test_the_text_size_chosen_is_on_the_next_page(client: FlaskClient) -> None:
    client.post("/text-size", data={"size": "larger", "next": "/home", "csrf_token": token(client, "/home")})

    assert 'data-size="xl"' in client.get("/home").text


def test_a_static_file_is_named_by_its_content(app: Flask) -> None:
    with app.test_request_context():
        assert re.fullmatch(r"/static/css/app\.css\?v=[0-9a-f]{12}", asset("css/app.css"))
        assert asset("css/none.css") == "/static/css/none.css"


def test_an_icon_is_hidden_from_readers(app: Flask) -> None:
    with app.test_request_context():
        drawn = icon("bell", "qj-i-18")

    assert 'class="qj-i qj-i-18"' in drawn and 'aria-hidden="true"' in drawn and "#bell" in drawn


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert packages and not [name for name, package in packages.items() if "resolved" in package]
    assert all("integrity" in package for name, package in packages.items() if name)


def test_icons_are_found_in_calls_settings_and_choices(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "{{ icon('bell') }} {{ icon({'up': 'arrow-up'}.get(way, 'arrows-sort')) }}"
    )
    (tmp_path / "menu.py").write_text(
        'Area("x", icon="folder")\nArea("y",\n  Message("Y"),\n  "sitemap",\n)\naction("z", icon="fa-copy")'
    )

    named, possible = assets.icon_names(tmp_path)

    assert set(named) == {"bell", "folder", "sitemap"}
    assert {"arrow-up", "arrows-sort"} <= possible


def test_an_icon_that_does_not_exist_is_refused_with_the_file_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = ROOT / "app" / "templates" / "base.html"

    with pytest.raises(assets.AssetError, match=r"no-such-icon \(app/templates/base.html\)"):
        assets.sprite({"no-such-icon": page})


def test_an_old_node_is_not_used(tmp_path: Path) -> None:
    for name, answer in (("node", "echo v16.20.0"), ("npm", "true")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{answer}\n")
        program.chmod(0o755)

    assert assets._usable_npm(str(tmp_path)) is None
