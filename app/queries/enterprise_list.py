"""The months of an enterprise as a declared list: what its analysis shows, to sort and to export."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.lists import Column, Filter, ListSpec, Remote
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.infra.lists.spec import Key
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.queries.enterprise_charts import figure_name, growth_unit
from app.queries.enterprise_figures import NOTHING, Compared, Others, others, shown_figure
from app.queries.enterprise_question import FIGURES, SPANS, Question, read_question
from app.reports.history import months_between
from app.reports.models import Report
from app.reports.summary_sql import PLACES, growth, points
from app.reports.workflow import NOT_FILLED, STATE_LABELS, STATE_MARKS

Reader = Callable[[Compared], Any]


def figures_list(actor: Actor, args: Args) -> ListSpec:
    """The months of one enterprise and one indicator; months without a report stand there too.

    :raises NotFound: no enterprise is named, or the actor does not see it.
    """
    wanted = args.get("enterprise") or actor.enterprise_id or ""
    question = read_question(actor, wanted, args, context.now())
    months = months_between(question.months[0], question.months[-1])
    return ListSpec(
        name="enterprise_figures",
        title=Message("Figures of the enterprise month by month"),
        base=lambda actor, today: _base(question, months, actor, today),
        key=(months.c.period,),
        columns=(
            Column(
                "period", Message("Report month"), months.c.period, "month", sortable=True, always=True,
                nullable=False, link="/reports/{}", link_from=Report.id,
            ),
            Column(
                "state", Message("State"), func.coalesce(Report.state, NOT_FILLED), "state",
                words=STATE_LABELS, marks=STATE_MARKS,
            ),
            *_own_columns(question),
            *_other_columns(question),
        ),
        filters=_filters(question),
        default_sort="-period",
        size=max(SPANS),
        sizes=(max(SPANS),),
        export_name=_file_name(question),
        unit=Message("{count} months"),
        bounded_by="months",
    )  # fmt: skip


def _file_name(question: Question) -> Message:
    return Message("{name}, {figure}", name=question.subject.enterprise.name, figure=figure_name(question))


def _base(question: Question, months: Any, actor: Actor, today: dt.date) -> Select[Any]:
    own = and_(
        Report.period == months.c.period,
        Report.form_id == question.form.id,
        Report.enterprise_id == question.subject.enterprise.id,
        scope_of(Report)(actor, today),
    )
    table = question.table
    here = and_(table.c.period == months.c.period, table.c.enterprise_id == question.subject.enterprise.id)
    return select(months.c.period).select_from(months).outerjoin(Report, own).outerjoin(table, here)


def _own_columns(question: Question) -> tuple[Column, ...]:
    indicator, shown = question.indicator, shown_figure(question)
    this, last = case((shown, question.this)), case((shown, question.last))
    columns = (
        _number("this", Message("This year ({unit})", unit=indicator.unit), this, decimals(question)),
        _number("last", Message("Last year ({unit})", unit=indicator.unit), last, decimals(question)),
    )
    if indicator.growth_kind == "none":
        return columns
    grown = points(this, last, indicator.scale) if indicator.growth_kind == "pp" else growth(this, last)
    label = Message("Growth ({unit})", unit=growth_unit(question))
    return *columns, _number("growth", label, grown, PLACES)


def decimals(question: Question) -> int:
    """How many decimals a page shows of the figure: amounts are whole, rates are not."""
    return PLACES if question.indicator.growth_kind == "pp" else 0


def _number(key: str, label: Message, expression: Any, places: int) -> Column:
    return Column(key, label, expression, "number", sortable=True, decimals=places)


def _other_columns(question: Question) -> list[Column]:
    """Median and quartiles of others, read once for all columns of a page."""
    beside, places = functools.cache(lambda: others(question)), decimals(question)
    parts: tuple[tuple[str, Message, int, Reader], ...] = (
        ("count", Message("others"), 0, lambda one: one.figure.count if one.figure else None),
        ("low", Message("lower quartile"), places, _part("figure", "low")),
        ("middle", Message("median"), places, _part("figure", "middle")),
        ("high", Message("upper quartile"), places, _part("figure", "high")),
        ("growth", Message("median of growth"), PLACES, _part("growth", "middle")),
    )
    groups = (("trade", Message("Its trade")), ("region", Message("Its region")))
    return [
        Column(
            f"{group}_{name}", Message("{group}: {part}", group=words, part=label), kind="number",
            decimals=shown, each=_of(beside, group, read), band=(words, label),
        )
        for group, words in groups
        for name, label, shown, read in parts
    ]  # fmt: skip


def _part(spread: str, name: str) -> Reader:
    """A part of how others lie, with the digits that are told of it."""

    def read(one: Compared) -> Any:
        found = getattr(one, spread)
        return None if found is None else getattr(found.coarse(), name)

    return read


def _of(beside: Callable[[], Others], group: str, read: Reader) -> Any:
    def values(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, Any]:
        found: Mapping[int, Compared] = getattr(beside(), group)
        return {key: read(found.get(key[0], NOTHING)) for key in keys}

    return values


def _filters(question: Question) -> tuple[Filter, ...]:
    """What was read already and cuts no row a second time."""
    figures = {code: words for code, words in FIGURES.items() if code in question.indicator.cells}
    return (
        Filter(
            "enterprise", Message("Enterprise"), "remote", Enterprise.id, clause=every_row, required=True,
            default=str(question.subject.enterprise.id), remote=Remote(_enterprises, (Enterprise.name,)),
            stays=True,
        ),
        Filter(
            "indicator", Message("Indicator"), "choice", clause=every_row, required=True,
            default=question.indicator.code, words={one.code: one.name for one in question.offered},
        ),
        Filter(
            "figure", Message("Figure"), "choice", clause=every_row, required=True, default=question.cell,
            words=figures,
        ),
        Filter(
            "months", Message("Period"), "choice", clause=every_row, required=True,
            default=str(len(question.months)),
            words={str(span): Message("{count} months", count=span) for span in SPANS},
        ),
    )  # fmt: skip


def _enterprises(actor: Actor, today: dt.date) -> Any:
    return select(Enterprise.id, Enterprise.name).where(scope_of(Enterprise)(actor, today))
