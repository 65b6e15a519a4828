"""Settings of registrations, which an administrator changes with a date and a reason."""

from __future__ import annotations

import datetime as dt

from app.infra.settings import Setting, SettingGroup, declare, value
from app.kernel.texts import Message

DRAFT_DAYS = "registration.draft_days"
RETURN_REASONS = "registration.return_reasons"

SETTINGS = (
    Setting(
        DRAFT_DAYS,
        SettingGroup.ENTERPRISES,
        Message("Life of a registration that is never submitted"),
        Message(
            "So many days after it was last saved or signed in to, its login name is free for others again."
        ),
        "number",
        30,
        minimum=7,
        maximum=365,
        unit=Message("days"),
    ),
    Setting(
        RETURN_REASONS,
        SettingGroup.ENTERPRISES,
        Message("Usual reasons to return a registration"),
        Message("Offered to the reviewer, parted by a semicolon or a new line."),
        "text",
        "企业名称与营业执照不一致，请核对后重新提交；统一社会信用代码与营业执照不一致，请核对；"
        "所属行业请选到小类；上年末数据请按千元填报；联系电话无法接通，请更正",
    ),
)

declare(SETTINGS)


def return_reasons(now: dt.datetime) -> list[str]:
    """The reasons that a reviewer picks from."""
    return parted(str(value(RETURN_REASONS, now)))


def parted(text: str) -> list[str]:
    """Sentences that a setting keeps in one text, parted by semicolons or new lines."""
    even = text.replace("\r", "\n").replace(";", "；").replace("\n", "；")
    return [sentence.strip() for sentence in even.split("；") if sentence.strip()]
