"""What the questionnaires of the demonstration ask."""

from __future__ import annotations

from decimal import Decimal

from app.questionnaires.definition import (
    END,
    Check,
    CheckKind,
    Definition,
    Jump,
    Line,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)

K = QuestionKind


def _w(text: str) -> Wording:
    return Wording.of(text)


def _options(*texts: str, other: bool = False, none: str = "") -> tuple[Option, ...]:
    """Options o1, o2 …; ``other`` adds one that asks for words, ``none`` one that excludes all others."""
    found = [Option(f"o{at}", _w(text)) for at, text in enumerate(texts, 1)]
    if other:
        found.append(Option(f"o{len(found) + 1}", _w("其他"), other=True))
    if none:
        found.append(Option(f"o{len(found) + 1}", _w(none), exclusive=True))
    return tuple(found)


def _lines(prefix: str, *texts: str) -> tuple[Line, ...]:
    return tuple(Line(f"{prefix}{at}", _w(text)) for at, text in enumerate(texts, 1))


MONTHLY = Definition(
    (
        Question(
            "q1",
            K.SINGLE,
            _w("本月新签出口订单金额比上月有何变化？"),
            options=_options("增长", "基本持平", "下降", "本月无出口订单"),
            jumps=(
                Jump(Match.ANY, ("o2",), "q5"),
                Jump(Match.ANY, ("o3",), "q3"),
                Jump(Match.ANY, ("o4",), END),
            ),
        ),
        Question(
            "q2",
            K.MULTIPLE,
            _w("订单增长的主要原因"),
            options=_options("新客户增加", "老客户加单", "新产品投放", "汇率变化", other=True),
            jumps=(Jump(Match.NONE, (), "q5"),),
        ),
        Question(
            "q3",
            K.MULTIPLE,
            _w("订单下降的主要原因"),
            options=_options("市场需求下降", "订单转移", "成本上升", "贸易壁垒", other=True),
        ),
        Question(
            "q4",
            K.MATRIX_SINGLE,
            _w("各市场订单变化情况"),
            required=False,
            rows=_lines("r", "北美", "欧盟", "东盟", "其他市场"),
            columns=_lines("c", "增长", "持平", "下降"),
        ),
        Question(
            "q5",
            K.SINGLE,
            _w("近期是否遇到贸易摩擦？"),
            options=_options("有", "没有"),
            jumps=(Jump(Match.ANY, ("o2",), "q7"),),
        ),
        Question("q6", K.TEXT, _w("摩擦类型、产品及影响")),
        Question(
            "q7",
            K.NUMBER,
            _w("预计下月新签订单"),
            unit=_w("万美元"),
            checks=(Check(CheckKind.RANGE, least=Decimal(0)),),
        ),
    )
)
"""The questionnaire of the design's picture."""

ANONYMOUS = Definition(
    (
        Question("q1", K.RATING, _w("对当地通关便利程度的评价"), hint=_w("1 为很不满意，5 为很满意")),
        Question("q2", K.RATING, _w("对出口退税办理速度的评价")),
        Question(
            "q3",
            K.MULTIPLE,
            _w("最希望改进的方面"),
            options=_options("通关", "退税", "融资", "用工", other=True, none="没有"),
        ),
        Question("q4", K.TEXT, _w("其他意见和建议"), required=False),
    )
)

DRAFT = Definition(
    (
        Question("q1", K.SINGLE, _w("是否投保出口信用保险？"), options=_options("已投保", "未投保")),
        Question(
            "q2",
            K.NUMBER,
            _w("本季度投保金额"),
            unit=_w("万美元"),
            show_if='q1 == "o1"',
        ),
        Question(
            "q3",
            K.RANKING,
            _w("未投保的原因，请按重要程度排序"),
            options=_options("保费偏高", "手续复杂", "不了解政策"),
            show_if='q1 == "o2"',
        ),
        Question("q4", K.LINE, _w("经办人联系方式"), required=False),
    )
)

STOPPED = Definition(
    (
        Question(
            "q1", K.SINGLE, _w("是否有意参加下半年境外展会？"), options=_options("有意", "无意", "未定")
        ),
        Question("q2", K.LINE, _w("意向展会名称"), required=False, show_if='q1 == "o1"'),
    )
)
