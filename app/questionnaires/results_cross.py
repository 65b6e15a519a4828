"""交叉分析: the answers to a question, told apart by round, place, trade, size or another question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, case, func, literal_column, select, type_coerce

from app.infra.lists import Chart, Column, Filter, ListSpec
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.infra.types import Scaled
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from app.questionnaires.results_groups import ROUND, Group, group_named, group_names
from app.questionnaires.results_selection import Selection, conditions, read_selection, responses
from app.questionnaires.results_subjects import UNIT, Subject, subjects
from app.questionnaires.round_models import NUMBER_SCALE, Response
from app.reports.summary_sql import PLACES, mean, share

CROSS = "questionnaire_cross"
COUNTS, ROW, COLUMN = "counts", "row", "column"
FIGURES = {
    COUNTS: Message("Counts"),
    ROW: Message("Shares of each row (%)"),
    COLUMN: Message("Shares of each column (%)"),
}
MOST_GROUPS = 500


@dataclass(frozen=True, slots=True)
class Crossed:
    """What is crossed by what, and which figures are told of it."""

    selection: Selection
    subjects: Mapping[str, Subject]
    subject: Subject
    by: str
    group: Group
    figures: str


def read_crossed(actor: Actor, args: Args) -> Crossed:
    """What an address asks to be crossed: the first question by round, where it names none.

    :raises NotFound: no questionnaire in sight, nothing in it that can be crossed, or no such question.
    """
    selection = read_selection(actor, args)
    found = subjects(selection)
    if not found:
        raise NotFound
    wanted = args.get("question", "") or next(iter(found))
    by = args.get("by", "") or ROUND
    figures = args.get("figures", "")
    try:
        subject, group = found[wanted], group_named(selection, by, found)
    except KeyError:
        raise NotFound from None
    return Crossed(selection, found, subject, by, group, figures if figures in FIGURES else COUNTS)


def cross_list(actor: Actor, args: Args) -> ListSpec:
    """A line for each group, and a column for each option or for what is measured of numbers.

    :raises NotFound: as ``read_crossed``.
    """
    crossed = read_crossed(actor, args)
    lines = crossed.subject.lines()
    columns = tuple(_columns(crossed))
    key = literal_column("sums.key", crossed.group.kind)
    return ListSpec(
        name=CROSS,
        title=Message("Cross-tabulation of the questionnaire"),
        base=lambda actor, today: _base(crossed, lines, responses(crossed.selection, actor, today)),
        groups=lambda rows: _grouped(crossed, lines, rows),
        key=(key,),
        columns=(
            Column("group", crossed.group.words, key, "choice", words=crossed.group.names, always=True,
                   sortable=True),
            *columns,
        ),
        filters=_filters(crossed),
        default_sort="group",
        size=MOST_GROUPS,
        sizes=(MOST_GROUPS,),
        export_name=Message("{title}, cross-tabulation", title=crossed.selection.questionnaire.title),
        unit=Message("{count} groups"),
        empty=Message("Nobody has answered this question in these rounds."),
        columns_fixed=True,
        total=Message("Total") if crossed.group.splits and not crossed.subject.is_number else "",
        charts=_charts(crossed, [column.key for column in columns if column.key != "answered"]),
    )  # fmt: skip


def _filters(crossed: Crossed) -> tuple[Filter, ...]:
    names = {code: one.words for code, one in crossed.subjects.items()}
    others = {
        code: words
        for code, words in group_names(crossed.selection, crossed.subjects).items()
        if code != crossed.subject.code
    }
    which, *more = conditions(crossed.selection)
    return (
        which,
        Filter(
            "question", Message("Question"), "choice", clause=every_row, words=names, required=True,
            default=crossed.subject.code, combinable=False, stays=True,
        ),
        Filter(
            "by", Message("Crossed by"), "choice", clause=every_row, words=others, required=True,
            default=crossed.by, combinable=False,
        ),
        Filter(
            "figures", Message("Figures"), "choice", clause=every_row, words=FIGURES, required=True,
            default=crossed.figures, combinable=False, tabs=True,
        ),
        *more,
    )  # fmt: skip


def _base(crossed: Crossed, lines: Any, rows: Select[Any]) -> Select[Any]:
    joined = rows.join(lines, lines.response_id == Response.id).where(*crossed.subject.own(lines))
    return crossed.group.joined(joined)


def _grouped(crossed: Crossed, lines: Any, rows: Select[Any]) -> Select[Any]:
    """The groups as plain numbers, a group of its own each, so that all can be sorted by."""
    group, subject = crossed.group, crossed.subject
    option = subject.option(lines)
    several = subject.is_several
    answered = func.count(lines.response_id.distinct()) if several else func.count()
    if subject.is_number:
        number = type_coerce(lines.number, BigInteger)
        whole = number.op("/", return_type=BigInteger())(UNIT)
        told = [
            (func.sum(whole) * UNIT + func.sum(number - whole * UNIT)).label("total"),
            func.min(number).label("least"),
            func.max(number).label("most"),
        ]
    else:
        told = [func.sum(case((option == no, 1), else_=0)).label(f"n{no}") for no in subject.options]
    added = rows.with_only_columns(
        group.key.label("key"), answered.label("answered"), *told, maintain_column_froms=True
    )
    sums = added.group_by(group.key).subquery("sums")
    return select(sums.c.key).group_by(*sums.c)


def _number(name: str) -> Any:
    return literal_column(f"sums.{name}", BigInteger())


def _columns(crossed: Crossed) -> Iterator[Column]:
    answered = _number("answered")
    everybody = func.sum(answered).over()
    adds = crossed.group.splits and not crossed.subject.is_number
    yield Column(
        "answered", Message("Answered"), answered, "number", sortable=True, nullable=False,
        total=everybody if adds else None,
    )  # fmt: skip
    if crossed.subject.is_number:
        yield from _measures(answered)
        return
    for no, words in crossed.subject.options.items():
        chosen = _number(f"n{no}")
        of_all = func.sum(chosen).over()
        value, total, decimals = chosen, of_all, 0
        if crossed.figures == ROW:
            value, total, decimals = share(chosen, answered), share(of_all, everybody), PLACES
        elif crossed.figures == COLUMN:
            value, total, decimals = share(chosen, of_all), share(of_all, of_all), PLACES
        yield Column(
            f"n{no}", words, value, "number", sortable=crossed.figures != COLUMN, decimals=decimals,
            total=total if adds else None,
        )  # fmt: skip


def _measures(answered: Any) -> Iterator[Column]:
    of_group = mean(_number("total"), answered, NUMBER_SCALE)
    yield Column("mean", Message("Mean"), of_group, "number", sortable=True, decimals=PLACES)
    for name, words in (("least", Message("Least")), ("most", Message("Most"))):
        value = type_coerce(_number(name), Scaled(NUMBER_SCALE))
        yield Column(name, words, value, "number", sortable=True, decimals=PLACES)


def _charts(crossed: Crossed, keys: Sequence[str]) -> tuple[Chart, ...]:
    """Over rounds lines, over other groups bars; parts of a whole where each response chose one option."""
    if crossed.subject.is_number:
        measures: tuple[tuple[str, ...], ...] = tuple((key,) for key in keys)
    else:
        measures = (tuple(keys),)
    bars = Chart("bars", Message("Bars"), "bar", "group", measures)
    lines = Chart("lines", Message("Over the rounds"), "line", "group", measures)
    charts = [lines, bars] if crossed.by == ROUND else [bars]
    if not crossed.subject.is_number and not crossed.subject.is_several and len(keys) > 1:
        charts.append(Chart("shares", Message("Shares"), "share", "group", measures))
    return tuple(charts)
