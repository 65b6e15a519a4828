"""The settings of the platform itself; each domain declares its own beside the rules that read them."""

from __future__ import annotations

from app.infra.settings.registry import Setting, SettingGroup, declare
from app.kernel.texts import Message

HOTLINE = "service.hotline"
SERVICE_HOURS = "service.hours"
SERVICE_GROUPS = "service.groups"
RESULT_DAYS = "files.result_days"

declare(
    [
        Setting(
            key=RESULT_DAYS,
            group=SettingGroup.FILES,
            title=Message("Days that results of jobs are kept"),
            help=Message("Files made by exports and other jobs can be downloaded so long, then they go."),
            kind="number",
            default=7,
            minimum=1,
            maximum=90,
            unit=Message("days"),
        ),
        Setting(
            key=HOTLINE,
            group=SettingGroup.SERVICE,
            title=Message("Service hotline"),
            help=Message("Stands at the foot of every page. Empty shows none."),
            kind="text",
            default="",
            maximum=40,
            configured="HOTLINE",
        ),
        Setting(
            key=SERVICE_HOURS,
            group=SettingGroup.SERVICE,
            title=Message("Service hours"),
            help=Message("Stands beside the hotline, such as 8:30–17:30."),
            kind="text",
            default="",
            maximum=60,
            configured="SERVICE_HOURS",
        ),
        Setting(
            key=SERVICE_GROUPS,
            group=SettingGroup.SERVICE,
            title=Message("User groups"),
            help=Message("Stands on the home page of enterprises, such as the numbers of chat groups."),
            kind="text",
            default="",
            demo_default="QQ 000000000",
            maximum=120,
        ),
    ]
)
