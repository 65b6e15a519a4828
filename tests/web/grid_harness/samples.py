"""Sample contexts of the report pages; enterprise, figures and names are invented."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

Context = dict[str, Any]

INDICATORS: tuple[tuple[str, str, str, int, str, str, str, str], ...] = (
    # code, name, unit, decimals, cells taken, required cells, derived cell, values of m, ytd, ly_m, ly_ytd
    (
        "industrial_output",
        "工业总产值",
        "千元",
        0,
        "m ytd ly_m ly_ytd",
        "m ytd ly_m ly_ytd",
        "ytd",
        "18,640 169,910 17,215 158,430",
    ),
    ("export_delivery", "出口交货值", "千元", 0, "m ytd ly_m ly_ytd", "", "ytd", "9,820 82,880 9,105 81,936"),
    (
        "electricity",
        "用电量",
        "度",
        0,
        "m ytd ly_m ly_ytd",
        "m ytd ly_m ly_ytd",
        "ytd",
        "−386,200 3,798,800 371,500 3,598,400",
    ),
    (
        "capacity_utilization",
        "生产能力（设备）利用率",
        "%",
        1,
        "m ytd ly_m ly_ytd",
        "",
        "",
        "81.5 79.8 78.6 77.9",
    ),
    (
        "revenue",
        "营业收入",
        "千元",
        0,
        "m ytd ly_m ly_ytd",
        "ytd ly_ytd",
        "m",
        "17,460 166,380 16,240 154,870",
    ),
    ("cost", "营业成本", "千元", 0, "m ytd ly_m ly_ytd", "ytd ly_ytd", "m", "14,980 142,610 13,350 128,940"),
    ("loan_balance", "期末借款余额", "千元", 0, "ytd ly_ytd", "", "", "- 42,000 - 38,500"),
    ("finance_expense", "财务费用", "千元", 0, "m ytd ly_m ly_ytd", "", "m", "168 1,702 155 1,588"),
    ("receivables", "应收账款", "千元", 0, "ytd ly_ytd", "ytd ly_ytd", "", "- 36,940 - 33,180"),
    ("finished_goods", "产成品", "千元", 0, "ytd ly_ytd", "", "", "- 12,460 - 11,720"),
    ("total_profit", "利润总额", "千元", 0, "m ytd ly_m ly_ytd", "ytd ly_ytd", "m", "486 5,210 1,372 13,460"),
    ("taxes_payable", "应交税费", "千元", 0, "m ytd ly_m ly_ytd", "", "m", "392 3,870 418 4,105"),
    ("employees", "从业人员", "人", 0, "ytd ly_ytd", "ytd ly_ytd", "", "- 246 - 251"),
)
CELLS = ("m", "ytd", "ly_m", "ly_ytd")
SIGNED = {"finance_expense", "total_profit", "taxes_payable", "finished_goods"}
MONTHS = "11 12 1 2 3 4 5 6 7 8 9 10".split()
TREND = (8900, 9420, 8360, 7180, 8980, 8870, 9090, 9230, 8960, 9310, 9750, 9820)
TREND_BEFORE = (8310, 8760, 8660, 6720, 8420, 8530, 8560, 8710, 8650, 8910, 9040, 9105)
LAST_YTD = {
    "export_delivery": "78460",
    "industrial_output": "151270",
    "electricity": "3412600",
    "revenue": "148920",
    "cost": "127630",
}
CHIPS = ("更正以前月份数据", "退货冲减", "口径调整")


def plain(text: str) -> str:
    """What travels for a figure as it is shown."""
    return text.replace(",", "").replace("−", "-")


def indicators() -> list[Context]:
    """The rows of the grid."""
    return [_indicator(*given) for given in INDICATORS]


def _indicator(
    code: str, name: str, unit: str, decimals: int, cells: str, required: str, derive: str, figures: str
) -> Context:
    values = {cell: text for cell, text in zip(CELLS, figures.split(), strict=True) if text != "-"}
    return {
        "code": code, "name": name, "unit": unit, "decimals": decimals, "signed": code in SIGNED,
        "growth": "pp" if unit == "%" else "pct", "growth_text": "", "cells": cells.split(),
        "required": required.split(), "derive": derive or None, "values": values,
        "prefilled": {cell: plain(values[cell]) for cell in ("ly_m", "ly_ytd") if cell in values},
        "unsaved": [],
        "last": {"m": None, "ytd": LAST_YTD.get(code)},
        "history": [
            {"label": label, "value": str(now), "last_year": str(before)}
            for label, now, before in zip(MONTHS, TREND, TREND_BEFORE, strict=True)
        ],
    }  # fmt: skip


def rules() -> list[Context]:
    """Two hard rules, as the server compiles them for the page."""
    not_negative = [code for code, *_rest in INDICATORS if code not in SIGNED]
    required = [
        (code, cell) for code, _n, _u, _d, _c, needed, *_rest in INDICATORS for cell in needed.split()
    ]
    names = {code: name for code, name, *_rest in INDICATORS}
    return [
        {
            "code": "H01", "severity": "hard", "expression": ["call", "present", ["name", "cell"]],
            "fields": {f"{code}.{cell}": f"{names[code]}不能为空" for code, cell in required},
        },
        {
            "code": "H02", "severity": "hard", "expression": [">=", ["name", "cell"], ["number", "0"]],
            "fields": {f"{code}.{cell}": f"{names[code]}不能为负数" for code in not_negative for cell in CELLS},
        },
    ]  # fmt: skip


def findings() -> list[Context]:
    """What the server found at the last save."""
    return [
        {
            "key": "H02:electricity.m", "code": "H02", "severity": "hard", "field": "electricity.m",
            "message": "用电量不能为负数", "explanation": "",
        },
        {
            "key": "S03:export_delivery.ytd", "code": "S03", "severity": "soft", "field": "export_delivery.ytd",
            "message": "出口交货值 累计 82,880，比应有累计 88,280 少 5,400", "explanation": "",
        },
        {
            "key": "P05:total_profit.growth", "code": "P05", "severity": "soft", "field": "total_profit.growth",
            "message": "利润总额同比 −61.29%", "explanation": "铜材涨价，新产线折旧增加",
        },
    ]  # fmt: skip


def report() -> Context:
    """The report's own facts, for the heads of all pages."""
    return {
        "id": 55, "title": "2026 年 10 月报表", "credit_code": "91990100MA0EXAMPLE", "late": False,
        "enterprise_name": "云泽晨帆精密机械有限公司", "filler": "李会计", "previous": "9 月报表审核通过",
        "state": {"label": "编辑", "style": "edit"}, "period_label": "2026-10", "issued": "2026-11-06",
    }  # fmt: skip


def steps(current: str) -> list[Context]:
    """The step bar as it stands at one of the steps."""
    order = [
        ("enterprise", "企业基本信息", ""),
        ("indicators", "主要经济指标", ""),
        ("products", "主要产品产销存", "选填"),
        ("confirm", "上报", ""),
    ]
    at = [code for code, *_rest in order].index(current)
    return [
        {
            "code": code,
            "label": label,
            "url": f"/{code}",
            "note": note,
            "state": "ok" if i < at else "on" if i == at else "todo",
        }
        for i, (code, label, note) in enumerate(order)
    ]


def wizard(current: str) -> Context:
    """What every step gets."""
    codes = ["enterprise", "indicators", "products", "confirm"]
    at = codes.index(current)
    return {
        "report": report(), "steps": steps(current), "locked": None, "problems": [], "form_title": "主要经济指标月报",
        "deadline": {"text": "11月10日 17:00 截止", "left": "还有 4 天 5 小时", "urgent": True},
        "links": [{"label": "上报导入", "url": "/import", "icon": "upload"}, {"label": "打印", "url": "/print", "icon": "printer"}],
        "previous_url": f"/{codes[at - 1]}" if at else None,
        "next_url": f"/{codes[at + 1]}" if at + 1 < len(codes) else None, "saved_text": "10:42 已自动保存",
    }  # fmt: skip


def grid(**changes: Any) -> Context:
    """The step of indicators; ``changes`` replace parts of ``grid``."""
    data = {
        "account": "17", "report": "55", "section": "main", "form_version": "3", "version": 7, "title": "主要经济指标月报",
        "saved_at": "10:42", "save_url": "/indicators/save", "login_url": "/login/", "locked": False, "month": 10,
        "indicators": indicators(), "last": {"label": "9 月", "approved": True, "note": "9 月报表尚未审核通过，累计关系暂不核对"},
        "rules": rules(), "names": {}, "findings": findings(), "chips": list(CHIPS), "glossary_url": "/glossary",
    }  # fmt: skip
    return {**wizard("indicators"), "grid": {**data, **changes}}


COLUMNS: tuple[tuple[str, str, str, int, bool], ...] = (
    ("code", "产品代码", "text", 0, False),
    ("name", "产品名称", "text", 0, True),
    ("unit", "计量单位", "text", 0, True),
    ("output", "生产量", "number", 2, True),
    ("sales", "销售量", "number", 2, True),
    ("stock", "期末库存量", "number", 2, True),
)
PRODUCTS = (
    {
        "code": "3466001",
        "name": "手持式电动冲击钻",
        "unit": "台",
        "output": "12,600",
        "sales": "11,840",
        "stock": "3,120",
    },
    {
        "code": "",
        "name": "充电式角磨机",
        "unit": "台",
        "output": "8,450.5",
        "sales": "8,900",
        "stock": "1,260",
    },
)


def rows(**changes: Any) -> Context:
    """The step of products; ``changes`` replace parts of ``rows``."""
    columns = [
        {
            "code": code,
            "name": name,
            "kind": kind,
            "decimals": decimals,
            "max_length": 60,
            "required": required,
        }
        for code, name, kind, decimals, required in COLUMNS
    ]
    required = {code: f"{name}不能为空" for code, name, _kind, _decimals, needed in COLUMNS if needed}
    numbers = {code: f"{name}不能为负数" for code, name, kind, *_rest in COLUMNS if kind == "number"}
    data = {
        "account": "17", "report": "55", "section": "products", "form_version": "3", "version": 7,
        "title": "主要产品产销存", "saved_at": "10:42", "save_url": "/products/save", "login_url": "/login/",
        "locked": False, "strict": False, "optional": True, "max_rows": 8, "columns": columns,
        "rows": list(PRODUCTS), "names": {}, "findings": [], "chips": [],
        "rules": [
            {"code": "H11", "severity": "hard", "expression": ["call", "present", ["name", "cell"]], "columns": required},
            {"code": "H12", "severity": "hard", "expression": [">=", ["name", "cell"], ["number", "0"]], "columns": numbers},
        ],
    }  # fmt: skip
    return {**wizard("products"), "rows": {**data, **changes}}


FACTS = (
    ("name", "企业名称", "云泽晨帆精密机械有限公司", True),
    ("uscc", "统一社会信用代码", "91990100MA0EXAMPLE", True),
    ("industry", "所属行业", "3466 风动和电动工具制造", True),
    ("region", "所在地区", "澜江省云泽市望潮区", False),
    ("size", "企业规模", "小型", False),
    ("stock_code", "股票代码", "", False),
)


def facts() -> list[Context]:
    """What a report is filed with."""
    return [{"code": code, "label": label, "value": value, "key": key} for code, label, value, key in FACTS]


def enterprise() -> Context:
    """The step of enterprise information."""
    return {**wizard("enterprise"), "facts": facts()}


def confirm(**changes: Any) -> Context:
    """The last step; ``changes`` replace parts of ``confirm``."""
    data = {
        "version": 9, "submit_url": "/submit", "filler": "李会计", "can_submit": True, "reviewer": "望潮区商务局 吴管理员",
        "counts": {"hard": 0, "soft": 1}, "obstacles": [],
        "sections": [{"name": "主要经济指标", "text": "13 项中已填 13 项"}, {"name": "主要产品产销存", "text": "2 行"}],
        "soft": [{"message": "利润总额同比 −61.29%", "explanation": "铜材涨价，新产线折旧增加"}],
    }  # fmt: skip
    return {**wizard("confirm"), "confirm": {**data, **changes}}


def section_views() -> list[Context]:
    """The sections of a report as they are read."""
    lines = [
        {
            "name": line["name"], "unit": line["unit"], "growth": "+7.25%",
            "cells": {cell: line["values"].get(cell) for cell in CELLS},
        }
        for line in indicators()
    ]  # fmt: skip
    columns = [{"name": name, "kind": kind} for _code, name, kind, *_rest in COLUMNS]
    return [
        {"code": "main", "kind": "grid", "title": "主要经济指标", "indicators": lines},
        {"code": "products", "kind": "rows", "title": "主要产品产销存", "columns": columns,
         "rows": [[line[code] or "—" for code, *_rest in COLUMNS] for line in PRODUCTS]},
    ]  # fmt: skip


def history() -> list[Context]:
    """The steps that a report took, the newest first."""
    return [
        {"at": "2026-11-05 08:31", "who": "吴管理员", "unit": "望潮区商务局", "label": "接收", "source": "审核中",
         "target": "审核中", "style": "wait", "comment": "", "next": "周科长"},
        {"at": "2026-11-04 09:12", "who": "李会计", "unit": "", "label": "上报", "source": "退回", "target": "审核中",
         "style": "wait", "comment": "", "next": "吴管理员"},
        {"at": "2026-11-03 16:20", "who": "吴管理员", "unit": "望潮区商务局", "label": "退回", "source": "审核中",
         "target": "退回", "style": "back", "comment": "请核对用电量累计数", "next": ""},
    ]  # fmt: skip


def report_page(**changes: Any) -> Context:
    """The page of one report."""
    return {
        "report": {**report(), "state": {"label": "审核中", "style": "wait"}}, "version": 9, "deadline": None,
        "form_title": "主要经济指标月报", "facts": facts(), "sections": section_views(), "findings": findings()[1:],
        "steps": history(), "waits_at": "在云泽市商务局 周科长处，其上还有 1 级", "return_reason": "",
        "actions": [{"verb": "withdraw", "label": "撤销", "url": "/withdraw", "style": "", "comment_required": False}],
        "export_url": "/workbook", "back_url": "/", **changes,
    }  # fmt: skip


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


def comparison() -> list[Context]:
    """This month beside last month and last year."""
    names = ("name", "unit", "now", "last", "over_last", "last_year", "over_last_year", "stands_out")
    return [dict(zip(names, line, strict=True)) for line in COMPARED]


def review(at: int = 0, **changes: Any) -> Context:
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
        **report_page(actions=actions), "comparison": comparison(), "position": at + 1, "of": len(QUEUE),
        "previous_url": around[0], "next_url": around[1], "report_url": f"/reports/{at}", "opinions": ["请核对累计数", "单位应为千元"],
    }  # fmt: skip
    detail["report"] = {**detail["report"], "id": at, "enterprise_name": QUEUE[at]}
    return {**_queue(), "detail": {**detail, **changes}, "waiting": len(QUEUE), "problems": [], "comment": ""}


def _queue() -> Context:
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
            key=str(i), name=name,
            cells=[(Markup('<td class="head">'), Markup('<a href="/review?report={}">{}</a>').format(i, name))]
            + [(Markup(f'<td class="{"num" if at < 3 else ""}" data-label="{labels[at + 1]}">'), text) for at, text in enumerate(figures)],
        )
        for i, name in enumerate(QUEUE)
    ]  # fmt: skip
    actions = [
        SimpleNamespace(name="return", label="批量退回", primary=False),
        SimpleNamespace(name="accept", label="批量接收", primary=True),
    ]
    page = SimpleNamespace(
        problems=[], asked=SimpleNamespace(notices=[], size=25, columns=(), is_filtered=False), owner="7", url="/review", fields=[], rows=rows,
        headings=headings, actions=actions, hidden=[], kept=[], total="共 4 户", first="", previous="", next="", sizes=[],
        further_in_force=False, usual_columns="",
    )  # fmt: skip
    return {"spec": spec, "page": page}
