"""Which rules could not be asked of a report, in words: grouped by reason, for both sides to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.infra.i18n import say
from app.kernel.texts import Message
from app.reports.checking import Reason, Silenced, check, split_name
from app.reports.definitions import CELL_KINDS, VersionDefinition
from app.reports.opening import OpenReport
from app.reports.workflow import APPROVED

NAMED = 4
"""Names that a line spells out; of more it says how many there are."""

_EARLIER = {"last": Message("last month's"), "lastyear": Message("last year's")}


def silence_notes(opened: OpenReport, silenced: Sequence[Silenced] | None = None) -> list[str]:
    """A line for each reason; none for a report that is approved.

    While nothing is saved yet every figure is missing, which needs no telling.

    :param silenced: of a check that was just made; else the rules are asked here.
    """
    if opened.state == APPROVED:
        return []
    found = check(opened.version, opened.case()).silenced if silenced is None else silenced
    if opened.report is None:
        found = [one for one in found if one.reason is not Reason.MISSING]
    groups: dict[tuple[Reason, str], list[Silenced]] = {}
    for one in found:
        groups.setdefault((one.reason, _earlier(one)), []).append(one)
    return [say(_line(opened, reason, report, of)) for (reason, report), of in sorted(groups.items())]


def _earlier(one: Silenced) -> str:
    """The earlier report that a rule waits for, if it does."""
    if one.reason is Reason.MISSING:
        return ""
    reports = [split_name(name, one.indicator)[0] for name in one.operands]
    return next((report for report in reports if report), "")


def _line(opened: OpenReport, reason: Reason, report: str, of: Sequence[Silenced]) -> Message:
    rules = ", ".join(sorted({one.rule for one in of}))
    names = _listed(_name(opened.version, code) for code in dict.fromkeys(one.indicator for one in of))
    month = opened.ref.month
    which = month.last_year() if report == "lastyear" else month.previous()
    given = {"month": which, "names": names, "rules": rules}
    if reason is Reason.NOT_APPROVED:
        return Message("The report of {month} is not approved yet: {names} not compared ({rules})", **given)
    if reason is Reason.NO_REPORT and report == "last" and month.month == 1:
        return Message("January has no earlier month: {names} not compared ({rules})", **given)
    if reason is Reason.NO_REPORT:
        return Message("There is no report of {month}: {names} not compared ({rules})", **given)
    lacking = dict.fromkeys((one.indicator, name) for one in of for name in one.operands)
    figures = _listed(dict.fromkeys(_figure(opened.version, code, name) for code, name in lacking))
    return Message("Not filled in: {figures} ({rules})", figures=figures, rules=rules)


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    shown = say(Message(", ")).join(found[:NAMED])
    if len(found) <= NAMED:
        return shown
    return say(Message("{names} and {count} others", names=shown, count=len(found) - NAMED))


def _name(version: VersionDefinition, code: str) -> str:
    return next((say(found.name) for found in version.indicators if found.code == code), code)


def _figure(version: VersionDefinition, indicator: str, name: str) -> str:
    """An operand in words: which report, which indicator, which cell."""
    report, (code, cell) = split_name(name, indicator)
    place = say(CELL_KINDS[cell].name) if cell in CELL_KINDS else cell
    words = f"{_name(version, code)} {place}"
    return say(Message("{report} {figure}", report=_EARLIER[report], figure=words)) if report else words
