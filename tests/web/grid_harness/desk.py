"""Sample contexts of a report's page and of the review desk; enterprises, figures and names are invented."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from app.infra.lists.page import ListPage
from tests.web.grid_harness import samples


def section_views() -> list[samples.Context]:
    """The sections of a report as they are read."""
    lines = [
        {
            "name": line["name"],
            "unit": line["unit"],
            "growth": "+7.25%",
            "cells": {cell: line["values"].get(cell) for cell in samples.CELLS},
        }
        for line in samples.indicators()
    ]
    columns = [{"name": name, "kind": kind} for _code, name, kind, *_rest in samples.COLUMNS]
    return [
        {"code": "main", "kind": "grid", "title": "主要经济指标", "indicators": lines, "lines": len(lines)},
        {
            "code": "products",
            "kind": "rows",
            "title": "主要产品产销存",
            "columns": columns,
            "rows": [[line[code] or "—" for code, *_rest in samples.COLUMNS] for line in samples.PRODUCTS],
            "lines": len(samples.PRODUCTS),
        },
    ]


def products() -> list[samples.Context]:
    """The rows of two months side by side."""
    lines = [
        {"name": "电钻 台", "kind": "", "stands_out": False, "cells": [("1,200", "1,000"), ("1,150", "990")]},
        {"name": "角磨机 台", "kind": "new", "stands_out": True, "cells": [("300", "—"), ("280", "—")]},
    ]
    return [{"code": "products", "title": "主要产品产销存", "numbers": ["生产量", "销售量"], "lines": lines}]


def since() -> samples.Context:
    """What changed since the report was returned."""
    lines = [
        {"what": "营业收入，本年本月", "before": "12,000", "now": "12,860"},
        {"what": "主要产品产销存：角磨机", "before": "—", "now": "生产量 300"},
    ]
    return {"when": "2026-11-03 16:20", "who": "吴管理员", "reason": "请核对用电量累计数", "lines": lines}


def history() -> list[samples.Context]:
    """The steps that a report took, the newest first."""
    return [
        {
            "at": "2026-11-05 08:31",
            "who": "吴管理员",
            "unit": "望潮区商务局",
            "label": "接收",
            "source": "审核中",
            "target": "审核中",
            "style": "wait",
            "comment": "",
            "next": "周科长",
        },
        {
            "at": "2026-11-04 09:12",
            "who": "李会计",
            "unit": "",
            "label": "上报",
            "source": "退回",
            "target": "审核中",
            "style": "wait",
            "comment": "",
            "next": "吴管理员",
        },
        {
            "at": "2026-11-03 16:20",
            "who": "吴管理员",
            "unit": "望潮区商务局",
            "label": "退回",
            "source": "审核中",
            "target": "退回",
            "style": "back",
            "comment": "请核对用电量累计数",
            "next": "",
        },
    ]


def report_page(**changes: Any) -> samples.Context:
    """The page of one report."""
    return {
        "report": {**samples.report(), "state": {"label": "审核中", "style": "wait"}},
        "version": 9,
        "deadline": None,
        "form_title": "主要经济指标月报",
        "facts": samples.facts(),
        "freeze": None,
        "unfreezes": [],
        "sections": section_views(),
        "findings": samples.findings()[1:],
        "steps": history(),
        "waits_at": "在云泽市商务局 周科长处，其上还有 1 级",
        "since": since(),
        "who_returns": "",
        "return_reason": "",
        "actions": [
            {"verb": "withdraw", "label": "撤销", "url": "/withdraw", "style": "", "comment_required": False}
        ],
        "export_url": "/workbook",
        "back_url": "/",
        **changes,
    }


COMPARED = (
    ("工业总产值", "千元", "13,420", "19,860", "−32.4%", "22,340", "−39.9%", True),
    ("出口交货值", "千元", "6,180", "12,450", "−50.4%", "14,020", "−55.9%", True),
    ("用电量", "度", "182,400", "196,300", "−7.1%", "205,100", "−11.1%", False),
    ("营业收入", "千元", "12,860", "19,540", "−34.2%", "22,110", "−41.8%", True),
    ("营业成本", "千元", "11,030", "16,210", "−32.0%", "18,470", "−40.3%", False),
    ("利润总额", "千元", "−318", "642", "由盈转亏", "905", "由盈转亏", True),
    ("从业人员", "人", "168", "171", "−1.8%", "183", "−8.2%", False),
)
QUEUE = (
    "望潮海川电动工具有限公司",
    "云泽锦禾纺织股份有限公司",
    "石渡青藤家居用品有限公司",
    "云泽晨帆精密机械有限公司",
)


def comparison() -> list[samples.Context]:
    """This month beside last month and last year."""
    names = ("name", "unit", "now", "last", "over_last", "last_year", "over_last_year", "stands_out")
    lines = [{**dict(zip(names, line, strict=True)), "changed": False, "was": ""} for line in COMPARED]
    lines[3].update(changed=True, was="原 12,000")
    return lines


def review(at: int = 0, **changes: Any) -> samples.Context:
    """The review desk with one report open; ``changes`` replace parts of ``detail``."""
    around = [f"/review?report={i}" if 0 <= i < len(QUEUE) else "" for i in (at - 1, at + 1)]
    actions = [
        {
            "verb": "accept",
            "label": "接收",
            "url": f"/review/{at}/accept",
            "style": "pri",
            "comment_required": False,
        },
        {
            "verb": "return",
            "label": "退回",
            "url": f"/review/{at}/return",
            "style": "danger",
            "comment_required": True,
        },
    ]
    detail = {
        **report_page(actions=actions),
        "comparison": comparison(),
        "position": at + 1,
        "of": len(QUEUE),
        "previous_url": around[0],
        "next_url": around[1],
        "report_url": f"/reports/{at}",
        "reasons": ["请核对累计数", "单位应为千元"],
        "reasons_url": "/return-reasons/list/",
        "months": {"now": "10 月", "last": "9 月", "last_year": "2025 年 10 月"},
        "last": {
            "title": "2026 年 9 月月报",
            "state": {"label": "审核通过", "style": "pass"},
            "sections": section_views(),
        },
        "facts": [
            {**fact, "last": fact["value"], "changed": at == 1, "was": ""}
            for at, fact in enumerate(samples.facts())
        ],
        "products": products(),
    }
    detail["report"] = {**detail["report"], "id": at, "enterprise_name": QUEUE[at]}
    queue = {"waiting": len(QUEUE), "problems": [], "comment": "", "bulk_url": "", "leapfrog_url": ""}
    return {**_queue(), **queue, "detail": {**detail, **changes}}


def _queue() -> samples.Context:
    """What the declared lists give a template, as far as the desk's partials read it."""
    spec = SimpleNamespace(
        name="review", title="企业上报审核", columns=("one",), exportable=False, empty="", empty_next=None
    )
    labels = ("企业名称", "营业收入（千元）", "比上月", "比上年", "系统筛查")
    headings = [
        SimpleNamespace(label=label, css="num" if 0 < i < 4 else "", aria="", sort="")
        for i, label in enumerate(labels)
    ]
    figures = ("12,860", "−34.2%", "−41.8%", Markup('<span class="qj-st back">2 项未过</span>'))
    rows = [
        SimpleNamespace(
            key=str(i),
            name=name,
            cells=[
                (Markup('<td class="head">'), Markup('<a href="/review?report={}">{}</a>').format(i, name))
            ]
            + [
                (Markup(f'<td class="{"num" if at < 3 else ""}" data-label="{labels[at + 1]}">'), text)
                for at, text in enumerate(figures)
            ],
        )
        for i, name in enumerate(QUEUE)
    ]
    actions = [
        SimpleNamespace(name="return", label="批量退回", primary=False),
        SimpleNamespace(name="accept", label="批量接收", primary=True),
    ]
    page = SimpleNamespace(
        problems=[],
        asked=SimpleNamespace(notices=[], size=25, columns=(), is_filtered=False),
        cleared="/review",
        url="/review",
        fields=[],
        rows=rows,
        headings=headings,
        actions=actions,
        hidden=[],
        kept=[],
        total="共 4 户",
        totals=[],
        bands=[],
        first="",
        previous="",
        next="",
        sizes=[],
        further_in_force=False,
        where=SimpleNamespace(offered=[]),
        views=SimpleNamespace(manage=""),
        charts=SimpleNamespace(switch=[], drawn=None),
        takes_forms=True,
    )
    page.body = partial(ListPage.body, page)
    return {"spec": spec, "page": page}
