"""Pages of notices, to-dos and the board: what was typed is kept, files, counts that open what they count."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.notifications import notices
from app.notifications.models import Notice
from app.organisations.models import Region
from tests.notifications.conftest import Write
from tools.torture import crafted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
FORM = {
    "title": "关于填报的通知",
    "body": "第一段。\r\n\r\n第二段。",
    "kinds": ["enterprise"],
    "must_read": "y",
}


def soup(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def only_notice() -> Notice:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Notice)).one()


def test_a_notice_is_written_published_read_confirmed_and_withdrawn(app: Flask, sign_in: SignIn) -> None:
    author, reader = sign_in("county"), sign_in("enterprise")

    assert author.post("/notices/add", data=FORM).status_code == 302
    notice = only_notice()
    assert (notice.state, notice.body) == ("draft", "第一段。\n\n第二段。")
    assert [str(region) for region in notice.regions] == ["浙江省杭州市萧山区"]
    assert reader.get(f"/board/{notice.id}").status_code == 404

    author.post(f"/notices/publish/{notice.id}")
    shown = soup(reader.get(f"/board/{notice.id}"))
    assert [part.text for part in shown.select(".qm-notice .text p")] == ["第一段。", "第二段。"]
    assert "萧山区" in shown.select_one(".about").text
    assert "必" in reader.get("/").text or "待确认" in reader.get("/").text

    reader.post(f"/board/{notice.id}/confirm", data={"edition": "1"})
    assert "确认阅读" in soup(reader.get(f"/board/{notice.id}")).select_one(".qm-confirm").text
    counted = soup(author.get(f"/notices/show/{notice.id}")).select(".qm-counts dd")
    assert [one.text for one in counted][1:] == ["1", "1"]

    refused = author.post(f"/notices/withdraw/{notice.id}", data={"comment": ""})
    assert refused.status_code == 422 and soup(refused).select_one("#comment-error")
    assert author.post(f"/notices/withdraw/{notice.id}", data={"comment": "更正"}).status_code == 302
    assert reader.get(f"/board/{notice.id}").status_code == 404
    assert "更正" in soup(author.get(f"/notices/show/{notice.id}")).select_one(".qj-timeline").text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"body": ""}, "body"),
        ({"body": "长" * 20_001}, "body"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["auditor"]}, "kinds"),
        ({"regions": ["999999999"]}, "regions"),
        ({"title": "a\x00b"}, "title"),
    ],
)
def test_a_wrong_entry_is_told_at_its_field_and_the_rest_is_kept(
    sign_in: SignIn, changes: dict[str, Any], field: str
) -> None:
    answer = sign_in("county").post("/notices/add", data={**FORM, **changes})

    page = soup(answer)
    assert answer.status_code == 422
    assert page.select_one(f"#{field}-error") is not None
    assert page.select_one(".qj-summary a[href='#" + field + "']") is not None
    if field != "body":
        assert page.select_one("textarea[name=body]").text.strip().startswith("第一段。")
    assert db.session.scalars(select(Notice)).first() is None


def test_regions_of_others_cannot_be_addressed(sign_in: SignIn) -> None:
    foreign = db.session.scalars(select(Region.id).where(Region.code == "330212")).one()

    answer = sign_in("county").post("/notices/add", data={**FORM, "regions": [str(foreign)]})

    assert answer.status_code == 422 and soup(answer).select_one("#regions-error")


def test_two_authors_at_once_and_the_second_is_told(sign_in: SignIn, write: Write) -> None:
    notice = write("county", publish=False)
    author = sign_in("county")
    version = str(notice.version)

    first = author.post(f"/notices/edit/{notice.id}", data={**FORM, "version": version})
    second = author.post(f"/notices/edit/{notice.id}", data={**FORM, "title": "另一稿", "version": version})

    assert (first.status_code, second.status_code) == (302, 422)
    assert only_notice().title == FORM["title"]


def test_a_file_comes_with_the_form_is_for_the_readers_of_a_published_notice_and_is_removed_by_a_tick(
    sign_in: SignIn,
) -> None:
    author, content = sign_in("county"), crafted.pdf()
    sent = {"files": (io.BytesIO(content), "填报说明 一.pdf", "text/html")}

    assert author.post("/notices/add", data={**FORM, **sent}).status_code == 302
    notice = only_notice()
    (attachment,) = notice.files
    address = f"/files/{attachment.id}"
    names = ("enterprise", "enterprise2", "prefecture2", "point", "auditor", "province")

    def answers() -> list[int]:
        return [sign_in(name).get(address).status_code for name in names]

    assert answers() == [404, 404, 404, 404, 404, 200]
    author.post(f"/notices/publish/{notice.id}")
    assert answers() == [200, 404, 404, 404, 404, 200]
    assert address in sign_in("enterprise").get(f"/board/{notice.id}").text
    answer = sign_in("enterprise").get(address)
    assert (answer.data, answer.mimetype) == (content, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    author.post(f"/notices/withdraw/{notice.id}", data={"comment": "更正"})
    assert answers() == [404, 404, 404, 404, 404, 200]
    assert author.get(address).status_code == 200 and address in author.get(f"/notices/show/{notice.id}").text

    form = soup(author.get(f"/notices/edit/{notice.id}"))
    token = form.select_one("input[name=files-kept]")["value"]
    kept = {**FORM, "version": form.select_one("input[name=version]")["value"], "files-kept": token}
    assert author.post(f"/notices/edit/{notice.id}", data={**kept, "files-remove": token}).status_code == 302
    assert only_notice().files == []
    assert author.get(address).status_code == 404


def test_a_file_outlives_the_errors_of_its_form(sign_in: SignIn) -> None:
    author = sign_in("county")
    sent = {"files": (io.BytesIO(crafted.pdf()), "说明.pdf")}

    refused = author.post("/notices/add", data={**FORM, "title": "", **sent})
    token = soup(refused).select_one("input[name=files-kept]")["value"]

    assert refused.status_code == 422
    assert author.post("/notices/add", data={**FORM, "files-kept": token}).status_code == 302
    assert [one.file.name for one in only_notice().files] == ["说明.pdf"]


@pytest.mark.parametrize(
    "sent",
    [
        {"files": (io.BytesIO(crafted.HTML), "说明.pdf")},
        {"files": (io.BytesIO(b""), "说明.pdf")},
        {"files-kept": "nonsense"},
    ],
    ids=["a page under another name", "empty", "forged"],
)
def test_what_is_no_file_of_a_kind_that_is_taken_is_refused_at_its_field(
    sign_in: SignIn, sent: dict[str, Any]
) -> None:
    answer = sign_in("county").post("/notices/add", data={**FORM, **sent})

    assert answer.status_code == 422 and soup(answer).select_one("#files-error")
    assert db.session.scalars(select(Notice)).first() is None


def test_a_text_is_never_html(sign_in: SignIn, write: Write) -> None:
    notice = write("county", title="<b>粗</b>", body="<script>alert(1)</script>")

    page = sign_in("enterprise").get(f"/board/{notice.id}").text

    assert "<script>alert" not in page and "&lt;script&gt;alert" in page and "<b>粗" not in page


def test_a_draft_is_deleted_and_a_published_notice_is_not(sign_in: SignIn, write: Write) -> None:
    draft, published = write("county", publish=False), write("county")
    author = sign_in("county")

    assert author.post(f"/notices/delete/{draft.id}").status_code == 302
    assert author.post(f"/notices/delete/{published.id}").status_code == 409

    assert only_notice().id == published.id


def test_who_has_not_confirmed_is_listed_and_exported(
    sign_in: SignIn, write: Write, actor: ActorOf, now: dt.datetime
) -> None:
    notice = write("county", kinds=["enterprise"], must_read=True)
    with unit_of_work():
        notices.acknowledge(actor("enterprise"), notice.id, 1, now)
    author = sign_in("county")

    def names(query: str) -> list[str]:
        page = soup(author.get(f"/notice-readers/list/?notice={notice.id}{query}&psize=100"))
        return [row.select_one("td.head").text for row in page.select("tbody tr")]

    everybody, missing, done = names(""), names("&acknowledged=0"), names("&acknowledged=1")
    assert done == [actor("enterprise").name]
    assert sorted(missing + done) == sorted(everybody)
    form = {"format": "csv", "columns": "all", "all": "1", "notice": str(notice.id), "acknowledged": "1"}
    lines = author.post("/notice-readers/list/", data=form).get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and actor("enterprise").name in lines[1]


def test_a_to_do_counts_what_its_link_shows(
    sign_in: SignIn, write: Write, actor: ActorOf, now: dt.datetime
) -> None:
    done, *_due = [write("county", must_read=True, title=f"公告{number}") for number in range(3)]
    write("county", title="不必确认")
    with unit_of_work():
        notices.acknowledge(actor("enterprise"), done.id, 1, now)
    reader = sign_in("enterprise")

    page = soup(reader.get("/todos/"))
    (waiting,) = [item for item in page.select(".qj-todo li") if "公告" in item.text]
    listed = soup(reader.get(waiting.select_one("a")["href"]))

    assert waiting.select_one(".count").text == "2" == str(len(listed.select("tbody tr")))
    assert page.select_one("a[href='/todos/'] .qj-dotn").text == str(
        sum(int(item.text) for item in page.select(".qj-todo .count"))
    )


def test_without_to_dos_the_page_says_so(sign_in: SignIn) -> None:
    assert soup(sign_in("auditor").get("/todos/")).select_one(".qj-empty") is not None


def test_the_home_page_shows_first_what_must_be_confirmed_then_what_is_on_top(
    sign_in: SignIn, write: Write
) -> None:
    write("county", title="最早，须确认", must_read=True)
    write("county", title="置顶的", on_top=True)
    write("county", title="最新的")
    write("admin", title="平台的", kinds=["enterprise"])

    page = soup(sign_in("enterprise").get("/"))

    titles = [
        link.text.split(" ")[0].strip()
        for link in page.select("#panel-notices-bureau")[0].parent.parent.select("li a")
    ]
    assert titles == ["最早，须确认", "置顶的", "最新的"]
    assert page.select_one("#panel-notices-platform") is not None


def test_the_board_keeps_on_top_what_is_to_be_on_top(sign_in: SignIn, write: Write) -> None:
    write("county", title="置顶的", on_top=True)
    write("county", title="另一篇")

    page = soup(sign_in("enterprise").get("/board/"))

    assert ["置顶的" in link.text for link in page.select(".qm-tops a")] == [True]
    assert len(page.select("tbody tr")) == 2


@pytest.mark.parametrize("address", ["/inbox/", "/board/", "/todos/", "/"])
def test_a_page_costs_as_many_statements_with_many_rows_as_with_few(
    sign_in: SignIn, write: Write, count: Callable[[], Any], address: str
) -> None:
    reader = sign_in("enterprise")
    write("county", title="一")
    reader.get(address)
    with count() as few:
        reader.get(address)
    for number in range(8):
        write("county", title=f"公告 {number}", must_read=True, on_top=True)
    with count() as many:
        reader.get(address)

    selects = [len([one for one in statements if "SELECT" in one]) for statements in (few, many)]
    assert selects[0] == selects[1] <= 14


def test_the_frame_of_a_page_asks_for_to_dos_once(
    app: Flask, sign_in: SignIn, count: Callable[[], Any]
) -> None:
    reader = sign_in("enterprise")
    reader.get("/")

    with count() as statements:
        reader.get("/")

    assert len([one for one in statements if "FROM report_form" in one]) <= 2  # to-dos and panel, once each


def test_charts_count_what_the_author_administers(sign_in: SignIn, write: Write) -> None:
    write("county")
    write("county2")

    for group in (0, 1):
        page = soup(sign_in("prefecture").get(f"/notice-charts/chart/{group}"))
        assert [cell.text for cell in page.select("tbody td.num")] == ["1"]
