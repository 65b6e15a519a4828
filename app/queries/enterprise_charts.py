"""The charts of the analysis of an enterprise, from figures that were read already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from app.infra.i18n import say
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.queries.enterprise_figures import NOTHING, Compared, Others, OwnMonth, compared_months
from app.queries.enterprise_question import FIGURES, Question
from app.queries.series import Line, LineChart
from app.queries.spread import LEAST, Spread, growth

Own = Mapping[int, OwnMonth]
Middle = Callable[[Compared], Spread | None]


def charts(question: Question, own: Own, others: Others) -> list[LineChart]:
    """Four pictures: own figures, growth beside that of others, and own figures within trade and region."""
    trade = say(question.subject.trade)
    return [
        _figures(question, own),
        _growth(question, own, others),
        _within(question, own, others.trade, "trade", say(Message("Against its trade: {name}", name=trade))),
        _within(
            question,
            own,
            others.region,
            "region",
            say(Message("Against its region: {name}", name=others.place)),
        ),
    ]


def own_growth(question: Question, month: Month, own: Own) -> Decimal | None:
    """Growth over last year as the report of a month has it."""
    found = own.get(month.key)
    return growth(question.indicator.growth_kind, found.this, found.last) if found else None


def figure_name(question: Question) -> str:
    """The indicator and which figure of it; a stock has one only."""
    name = say(question.indicator.name)
    return name if "m" not in question.indicator.cells else f"{name} {say(FIGURES[question.cell])}"


def growth_unit(question: Question) -> str:
    """Per cent, or percentage points for rates."""
    return say(Message("points")) if question.indicator.growth_kind == "pp" else "%"


def _figures(question: Question, own: Own) -> LineChart:
    lines = (
        Line(say(Message("This year")), "own", _own(question.months, own)),
        Line(say(Message("Last year")), "before", [_last(own, month) for month in question.months]),
    )
    return _chart("figures", figure_name(question), say(question.indicator.unit), question.months, lines)


def _growth(question: Question, own: Own, others: Others) -> LineChart:
    months = compared_months(question)
    lines = (
        Line(say(Message("Own")), "own", [own_growth(question, month, own) for month in months]),
        Line(say(Message("Trade median")), "trade", _middles(months, others.trade, lambda one: one.growth)),
        Line(
            say(Message("Region median")), "region", _middles(months, others.region, lambda one: one.growth)
        ),
    )
    title = say(Message("Growth over last year, beside others"))
    return _chart("growth", title, growth_unit(question), months, lines)


def _within(question: Question, own: Own, others: Mapping[int, Compared], role: str, title: str) -> LineChart:
    months = compared_months(question)
    spreads = [_coarse(others.get(month.key, NOTHING).figure) for month in months]
    lines: tuple[Line, ...] = (
        Line(say(Message("Own")), "own", _own(months, own)),
        Line(say(Message("Upper quartile")), "edge", [one.high if one else None for one in spreads]),
        Line(say(Message("Median")), role, [one.middle if one else None for one in spreads]),
        Line(say(Message("Lower quartile")), "edge", [one.low if one else None for one in spreads]),
    )
    if not any(spreads):
        lines = ()
    return _chart(role, title, say(question.indicator.unit), months, lines)


def _chart(name: str, title: str, unit: str, months: Sequence[Month], lines: Sequence[Line]) -> LineChart:
    labels = [str(month) for month in months]
    told = Message("Chart: {title}, {first} to {last}; the table below has the figures",
                   title=title, first=labels[0], last=labels[-1])  # fmt: skip
    few = Message("Fewer than {least} others reported this figure in each of these months.", least=LEAST)
    nothing = say(few) if name in {"trade", "region"} else ""
    return LineChart(name, title, unit, labels, lines, say(told), nothing)


def _own(months: Sequence[Month], own: Own) -> list[Decimal | None]:
    return [own[month.key].this if month.key in own else None for month in months]


def _last(own: Own, month: Month) -> Decimal | None:
    return own[month.key].last if month.key in own else None


def _middles(months: Sequence[Month], others: Mapping[int, Compared], part: Middle) -> list[Decimal | None]:
    spreads = [_coarse(part(others.get(month.key, NOTHING))) for month in months]
    return [one.middle if one else None for one in spreads]


def _coarse(found: Spread | None) -> Spread | None:
    return found.coarse() if found else None
