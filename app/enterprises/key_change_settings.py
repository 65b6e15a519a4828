"""Settings of changes of key fields, which an administrator changes with a date and a reason."""

from __future__ import annotations

import datetime as dt

from app.enterprises.registration_settings import parted
from app.infra.settings import Setting, SettingGroup, declare, value
from app.kernel.texts import Message

FREEZE_SECONDS = "report.freeze_seconds"
RETURN_REASONS = "enterprise.change_return_reasons"

SETTINGS = (
    Setting(
        FREEZE_SECONDS,
        SettingGroup.REPORTS,
        Message("Wait before the automatic review of changed key fields"),
        Message(
            "After a change of name, credit code or industry the report is frozen for so long; then the "
            "platform decides."
        ),
        "number",
        120,
        minimum=1,
        maximum=86_400,
        unit=Message("seconds"),
    ),
    Setting(
        RETURN_REASONS,
        SettingGroup.ENTERPRISES,
        Message("Usual reasons to return a change of key fields"),
        Message("Offered to the reviewer, parted by a semicolon or a new line."),
        "text",
        "变更内容与营业执照不一致，请核对；企业名称应与登记机关核准的名称一致；所属行业与主营业务不符，请核对",
    ),
)

declare(SETTINGS)


def frozen_until(now: dt.datetime) -> dt.datetime:
    """When the automatic review decides about a change asked for now."""
    return now + dt.timedelta(seconds=int(value(FREEZE_SECONDS, now)))


def return_reasons(now: dt.datetime) -> list[str]:
    """The reasons that a reviewer picks from."""
    return parted(str(value(RETURN_REASONS, now)))
