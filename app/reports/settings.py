"""Settings of monthly reports that administrators change in the panel."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from app.infra.settings import Setting, SettingGroup, declare, value
from app.kernel.texts import LocalText, Message
from app.reports.reminder_rules import VARIABLES

APPROVED_LEVEL = "report.approved_level"
TOP, DIRECT = "top", "direct"
COUNTDOWN_DAYS = "reports.countdown_days"
URGENT_DAYS = "reports.urgent_days"
RETURN_WORKDAYS = "reports.return_workdays"
UNFREEZE_DAYS = "reports.unfreeze_days"
REMINDER_DAYS = "reports.reminder_days"
REMINDER_TEXT = "reports.reminder_text"
LOW_RATE = "reports.low_rate"
OUTLIERS = "reports.outliers"
NO_OUTLIERS = "off"

SETTINGS = (
    Setting(
        key=APPROVED_LEVEL,
        group=SettingGroup.REPORTS,
        title=Message("Earlier reports count once accepted by"),
        help=Message(
            "Rules compare with last month's and last year's report only once these are accepted this far."
        ),
        kind="choice",
        default=TOP,
        choices={
            TOP: Message("the top of the review chain"),
            DIRECT: Message("the direct reviewer"),
        },
    ),
    Setting(
        key=COUNTDOWN_DAYS,
        group=SettingGroup.REPORTS,
        title=Message("Days from which the countdown of a report is red"),
        help=Message("While a report is filled in, its page shows the time left; below so many days in red."),
        kind="number",
        default=5,
        minimum=0,
        maximum=31,
        unit=Message("days"),
    ),
    Setting(
        key=URGENT_DAYS,
        group=SettingGroup.REPORTS,
        title=Message("Days from which a report is urgent"),
        help=Message("With fewer days left, the report stands first among the to-dos, and in red."),
        kind="number",
        default=2,
        minimum=0,
        maximum=31,
        unit=Message("days"),
    ),
    Setting(
        key=RETURN_WORKDAYS,
        group=SettingGroup.REPORTS,
        title=Message("Working days for a report returned after its month closed"),
        help=Message(
            "So long the enterprise can correct and submit it, counted from the day after the return."
        ),
        kind="number",
        default=5,
        minimum=1,
        maximum=30,
        unit=Message("working days"),
    ),
    Setting(
        key=UNFREEZE_DAYS,
        group=SettingGroup.REPORTS,
        title=Message("Longest timed unfreeze"),
        help=Message("An unfreeze that is granted ends at most so many days after the day of the grant."),
        kind="number",
        default=30,
        minimum=1,
        maximum=366,
        unit=Message("days"),
    ),
    Setting(
        key=REMINDER_DAYS,
        group=SettingGroup.REPORTS,
        title=Message("Days between two reminders"),
        help=Message(
            "How often an enterprise may be reminded of the same report by the same channel: 1 is once a day."
        ),
        kind="number",
        default=1,
        minimum=1,
        maximum=31,
        unit=Message("days"),
    ),
    Setting(
        key=REMINDER_TEXT,
        group=SettingGroup.REPORTS,
        title=Message("Text of reminders"),
        help=Message(
            "{name}, {month} and {deadline} stand for the enterprise, the month and the last day. Empty: the "
            "words of the platform, in the language of the receiver.",
            **{name: LocalText(f"{{{words.zh}}}", f"{{{words.en}}}") for name, words in VARIABLES.items()},
        ),
        kind="text",
        default="",
        maximum=200,
    ),
    Setting(
        key=LOW_RATE,
        group=SettingGroup.REPORTS,
        title=Message("Filing rate below which a place is marked"),
        help=Message("On the workbench the bar of such a place has another colour."),
        kind="number",
        default=65,
        minimum=0,
        maximum=100,
        unit=Message("%"),
    ),
    Setting(
        key=OUTLIERS,
        group=SettingGroup.REPORTS,
        title=Message("Hints at figures that stand out"),
        help=Message(
            "A figure is hinted at when its change over last month lies so many robust standard deviations "
            "from what is usual for the enterprise or its trade. A hint asks for no explanation."
        ),
        kind="choice",
        default="3.5",
        choices={
            NO_OUTLIERS: Message("No hints"),
            "5": Message("Few: beyond 5"),
            "3.5": Message("Usual: beyond 3.5"),
            "2.5": Message("Many: beyond 2.5"),
        },
    ),
)
declare(SETTINGS)


def approved_level(now: dt.datetime) -> str:
    """Whose acceptance makes an earlier report count: ``TOP`` or ``DIRECT``."""
    return str(value(APPROVED_LEVEL, now))


def outlier_limit(now: dt.datetime) -> Decimal | None:
    """Beyond which score a figure is hinted at; None where hints are switched off."""
    chosen = str(value(OUTLIERS, now))
    return None if chosen == NO_OUTLIERS else Decimal(chosen)
