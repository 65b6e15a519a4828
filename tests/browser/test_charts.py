"""Charts of lists in a browser: drawn, read by keyboard, kept as files, on a desk and a phone."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from app.kernel.actor import Actor
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.factories.reports import approved
from tests.organisations.test_geojson import feature, file

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
PNG = b"\x89PNG\r\n\x1a\n"
BLOCK = re.compile(r'(id="ql-chart-block">).*?(</script>)', re.DOTALL)
KINDS = ("bars", "ranking", "tiles", "map")


def shown(page: Page) -> None:
    expect(page.locator(".qc-box[data-drawn] canvas")).to_be_visible()
    assert page.evaluate(
        """() => {
          const canvas = document.querySelector('.qc-box canvas');
          const dots = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          return new Set(dots.filter((_dot, place) => place % 4 === 2)).size > 8;
        }"""
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_charts_of_the_summary_are_drawn_over_their_table(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int]
) -> None:
    approved(actor("enterprise"), now)
    bureau = visit("province", size)

    for kind in KINDS:
        page = bureau.go(f"/summaries/?asked=1&show=chart:{kind}")

        shown(page)
        expect(page.locator("tfoot")).to_contain_text("合计")
        assert bureau.axe() == []
        assert not bureau.overflows()


def test_a_chart_is_chosen_by_hand_and_stays_with_the_conditions(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    approved(actor("enterprise"), now)
    page = visit("province").go("/summaries/")

    page.get_by_role("link", name="排名", exact=True).click()
    page.locator(".qc-bar summary").click()
    page.get_by_role("link", name="企业数", exact=True).first.click()
    page.get_by_role("button", name="查询", exact=True).click()

    expect(page).to_have_url(re.compile(r"show=chart%3Aranking\.enterprises"))
    shown(page)
    page.get_by_role("link", name="表格", exact=True).click()
    expect(page.locator(".qc-box")).to_have_count(0)


def test_a_chart_is_read_and_opened_by_keyboard(visit: Visit, actor: ActorOf, now: dt.datetime) -> None:
    report = approved(actor("enterprise"), now)
    page = visit("province").go("/summaries/?asked=1&show=chart:ranking.enterprises")
    shown(page)

    box = page.locator(".qc-box")
    box.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-chart-said]")).to_have_text(re.compile("企业数: 1$"))
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/summaries/reports"))
    page.locator("tbody td.head a").first.click()
    expect(page).to_have_url(re.compile(f"/reports/{report.id}$"))


def test_a_bar_opens_the_reports_that_it_counts(visit: Visit, actor: ActorOf, now: dt.datetime) -> None:
    approved(actor("enterprise"), now)
    page = visit("province").go("/summaries/?asked=1&by=all&show=chart:bars.enterprises")
    shown(page)

    at = page.evaluate(
        """() => window.echarts.getInstanceByDom(document.querySelector('.qc-box > div'))
          .convertToPixel({xAxisIndex: 0, yAxisIndex: 0}, [0, 0.5])"""
    )
    page.locator(".qc-box canvas").click(position={"x": at[0], "y": at[1]})

    expect(page).to_have_url(re.compile("/summaries/reports"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("kind", ["bars", "tiles"])
def test_a_chart_is_kept_as_picture_and_as_drawing(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int], kind: str
) -> None:
    approved(actor("enterprise"), now)
    page = visit("province", size).go(f"/summaries/?asked=1&show=chart:{kind}")
    shown(page)

    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG").click()
    with page.expect_download() as drawing:
        page.get_by_role("button", name="SVG").click()

    assert re.fullmatch(r"经济指标月报汇总_.+_\d{4}-\d\d-\d\d\.png", picture.value.suggested_filename)
    assert Path(picture.value.path()).read_bytes().startswith(PNG)
    text = Path(drawing.value.path()).read_text(encoding="utf-8")
    assert drawing.value.suggested_filename.endswith(".svg")
    assert text.startswith("<svg")
    assert "经济指标月报汇总" in text
    assert "杭州市" in text


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_chart_of_counts_is_read_opened_and_kept_as_well(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int]
) -> None:
    approved(actor("enterprise"), now)
    bureau = visit("province", size)
    page = bureau.go("/report-charts/chart/0")
    shown(page)
    assert bureau.axe() == []
    assert not bureau.overflows()

    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG").click()
    page.locator(".qc-box").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-chart-said]")).to_have_text("审核通过, 报表份数: 1")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/reports/.*state=approved"))
    assert picture.value.suggested_filename == "企业报表统计图_按状态_2026-11-06.png"


def test_a_chart_is_printed_within_the_sheet(visit: Visit, actor: ActorOf, now: dt.datetime) -> None:
    approved(actor("enterprise"), now)
    page = visit("province").go("/summaries/?asked=1&show=chart:bars")
    shown(page)

    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})

    room = page.locator(".qc-box canvas").bounding_box()
    assert room is not None
    assert room["x"] + room["width"] <= 720
    expect(page.locator(".qc-bar")).to_be_hidden()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/queries/year-counts/?asked=1&show=chart:lines", ("杭州市 1", "10月")),
        ("/summaries/?asked=1&by=size&show=chart:shares", ("100.0%", "本年1-本月")),
        ("/queries/analysis/?asked=1&by=size&show=chart:shares", ("100.0%", "上月已报")),
        ("/queries/ranking/?asked=1&show=chart:shares", ("未报送", "杭州市")),
    ],
)
def test_lines_over_months_and_shares_of_groups_are_drawn_and_kept(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int], address: str, words: tuple[str, str]
) -> None:
    approved(actor("enterprise"), now)
    bureau = visit("province", size)

    page = bureau.go(address)

    shown(page)
    assert bureau.axe() == []
    assert not bureau.overflows()
    with page.expect_download() as drawing:
        page.get_by_role("button", name="SVG").click()
    text = Path(drawing.value.path()).read_text(encoding="utf-8")
    assert all(word in text for word in words)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("kind", ["line", "share"])
def test_lines_and_shares_are_drawn_with_gaps_and_kept(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int], kind: str
) -> None:
    approved(actor("enterprise"), now)
    browser = visit("province", size)
    series = [
        {
            "name": "甲",
            "values": [1, None, 3, 2],
            "texts": ["1", "", "3", "2"],
            "urls": ["", "", "/summaries/", ""],
        },
        {"name": "乙", "values": [2, 1, -1, 4], "texts": ["2", "1", "−1", "4"], "urls": ["", "", "", ""]},
    ]
    block = {
        "kind": kind, "title": "走势", "measure": "户数", "day": "2026-11-06", "file": "走势",
        "missing": "无数据", "labels": ["7月", "8月", "9月", "10月"], "series": series,
    }  # fmt: skip

    def with_block(route: Route) -> None:
        answer = route.fetch()
        drawn = BLOCK.sub(lambda found: f"{found[1]}{json.dumps(block)}{found[2]}", answer.text())
        route.fulfill(response=answer, body=drawn)

    browser.page.route("**/summaries/?asked=1*", with_block)
    page = browser.go("/summaries/?asked=1&show=chart:bars")

    shown(page)
    page.locator(".qc-box").focus()
    page.keyboard.press("End")
    expect(page.locator("[data-chart-said]")).to_have_text("10月, 乙: 4")
    with page.expect_download() as drawing:
        page.get_by_role("button", name="SVG").click()
    assert "10月" in Path(drawing.value.path()).read_text(encoding="utf-8")
    assert not browser.overflows()


def test_a_map_is_drawn_from_what_an_administrator_imported(
    visit: Visit, actor: ActorOf, now: dt.datetime, tmp_path: Path
) -> None:
    approved(actor("enterprise"), now)
    outlines = tmp_path / "地图.geojson"
    outlines.write_bytes(file(feature({"name": "杭州市"}), feature({"name": "某岛"})))
    administrator = visit("admin")
    page = administrator.go("/region-maps/list/")
    page.get_by_role("link", name="新增").click()
    page.fill("[name=title]", "示意图")
    page.fill("[name=approval_number]", "示意，非正式地图")
    page.set_input_files("[name=shapes]", outlines)
    page.click("main form [type=submit]")
    expect(page.locator("main")).to_contain_text("某岛")
    shown(page)
    expect(page.locator("figcaption")).to_contain_text("尚未使用")
    expect(page.locator("[data-chart-said]")).to_have_text("")
    assert administrator.axe() == []
    page.get_by_role("link", name="编辑").click()
    page.check("[name=in_use]")
    page.click("main form [type=submit]")

    bureau = visit("province", PHONE)
    chart = bureau.go("/summaries/?asked=1&show=chart:map")

    shown(chart)
    expect(chart.locator("figcaption")).to_contain_text("审图号 示意，非正式地图")
    assert bureau.axe() == []
    assert not bureau.overflows()
