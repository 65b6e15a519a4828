"""Sample contexts of the wizard; enterprise, figures and names are invented."""

from __future__ import annotations

from typing import Any

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
MONTHS = ("11", "12", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10")
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
        "code": code,
        "name": name,
        "unit": unit,
        "decimals": decimals,
        "signed": code in SIGNED,
        "growth": "pp" if unit == "%" else "pct",
        "growth_text": "",
        "cells": cells.split(),
        "required": required.split(),
        "derive": derive or None,
        "values": values,
        "prefilled": {cell: plain(values[cell]) for cell in ("ly_m", "ly_ytd") if cell in values},
        "unsaved": [],
        "last": {"m": None, "ytd": LAST_YTD.get(code)},
        "history": [
            {"label": label, "value": str(now), "last_year": str(before)}
            for label, now, before in zip(MONTHS, TREND, TREND_BEFORE, strict=True)
        ],
    }


def rules() -> list[Context]:
    """Two hard rules, as the server compiles them for the page."""
    not_negative = [code for code, *_rest in INDICATORS if code not in SIGNED]
    required = [
        (code, cell) for code, _n, _u, _d, _c, needed, *_rest in INDICATORS for cell in needed.split()
    ]
    names = {code: name for code, name, *_rest in INDICATORS}
    return [
        {
            "code": "H01",
            "severity": "hard",
            "expression": ["call", "present", ["name", "cell"]],
            "fields": {f"{code}.{cell}": f"{names[code]}不能为空" for code, cell in required},
        },
        {
            "code": "H02",
            "severity": "hard",
            "expression": [">=", ["name", "cell"], ["number", "0"]],
            "fields": {
                f"{code}.{cell}": f"{names[code]}不能为负数" for code in not_negative for cell in CELLS
            },
        },
    ]


def findings() -> list[Context]:
    """What the server found at the last save."""
    return [
        {
            "key": "H02:electricity.m",
            "code": "H02",
            "severity": "hard",
            "field": "electricity.m",
            "message": "用电量不能为负数",
            "explanation": "",
        },
        {
            "key": "S03:export_delivery.ytd",
            "code": "S03",
            "severity": "soft",
            "field": "export_delivery.ytd",
            "message": "出口交货值 累计 82,880，比应有累计 88,280 少 5,400",
            "explanation": "",
        },
        {
            "key": "P05:total_profit.growth",
            "code": "P05",
            "severity": "soft",
            "field": "total_profit.growth",
            "message": "利润总额同比 −61.29%",
            "explanation": "铜材涨价，新产线折旧增加",
        },
    ]


def report() -> Context:
    """The report's own facts, for the heads of all pages."""
    return {
        "id": 55,
        "title": "2026 年 10 月报表",
        "credit_code": "91990100MA0EXAMPLE",
        "late": False,
        "make_up": False,
        "unsent": "",
        "enterprise_name": "云泽晨帆精密机械有限公司",
        "filler": "李会计",
        "previous": "9 月报表审核通过",
        "state": {"label": "编辑", "style": "edit"},
        "period_label": "2026-10",
        "issued": "2026-11-06",
    }


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
        "report": report(),
        "steps": steps(current),
        "locked": None,
        "window_notes": [],
        "freeze": None,
        "problems": [],
        "form_title": "主要经济指标月报",
        "deadline": {"text": "11月10日 17:00 截止", "left": "还有 4 天 5 小时", "urgent": True},
        "links": [
            {"label": "上报导入", "url": "/import", "icon": "upload"},
            {"label": "打印", "url": "/print", "icon": "printer"},
        ],
        "previous_url": f"/{codes[at - 1]}" if at else None,
        "next_url": f"/{codes[at + 1]}" if at + 1 < len(codes) else None,
        "saved_text": "10:42 已自动保存",
    }


def grid(**changes: Any) -> Context:
    """The step of indicators; ``changes`` replace parts of ``grid``."""
    data = {
        "account": "17",
        "report": "55",
        "section": "main",
        "form_version": "3",
        "version": 7,
        "title": "主要经济指标月报",
        "saved_at": "10:42",
        "save_url": "/indicators/save",
        "login_url": "/login/",
        "locked": False,
        "month": 10,
        "indicators": indicators(),
        "last": {"label": "9 月", "approved": True, "note": "9 月报表尚未审核通过，累计关系暂不核对"},
        "rules": rules(),
        "names": {},
        "findings": findings(),
        "chips": list(CHIPS),
        "glossary_url": "/glossary",
    }
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
        "account": "17",
        "report": "55",
        "section": "products",
        "form_version": "3",
        "version": 7,
        "title": "主要产品产销存",
        "saved_at": "10:42",
        "save_url": "/products/save",
        "login_url": "/login/",
        "locked": False,
        "strict": False,
        "optional": True,
        "max_rows": 8,
        "columns": columns,
        "rows": list(PRODUCTS),
        "names": {},
        "findings": [],
        "chips": [],
        "rules": [
            {
                "code": "H11",
                "severity": "hard",
                "expression": ["call", "present", ["name", "cell"]],
                "columns": required,
            },
            {
                "code": "H12",
                "severity": "hard",
                "expression": [">=", ["name", "cell"], ["number", "0"]],
                "columns": numbers,
            },
        ],
    }
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
        "version": 9,
        "submit_url": "/submit",
        "filler": "李会计",
        "can_submit": True,
        "reviewer": "望潮区商务局 吴管理员",
        "counts": {"hard": 0, "soft": 1},
        "obstacles": [],
        "sections": [
            {"name": "主要经济指标", "text": "13 项中已填 13 项"},
            {"name": "主要产品产销存", "text": "2 行"},
        ],
        "soft": [{"message": "利润总额同比 −61.29%", "explanation": "铜材涨价，新产线折旧增加"}],
    }
    return {**wizard("confirm"), "confirm": {**data, **changes}}
