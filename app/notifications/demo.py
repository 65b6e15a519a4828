"""Notices of the demonstration: one to be confirmed, one of the platform, one draft."""

from __future__ import annotations

import datetime as dt

from app.infra import context
from app.kernel.actor import Actor, Kind
from app.notifications import notices
from app.notifications.notices import NoticeInput
from app.notifications.reach import AUDIENCE

TO_CONFIRM = NoticeInput(
    title="关于按时报送外贸企业运行监测月报的通知",
    body="各企业、各级主管部门：\n\n请于每月 15 日前完成上月月报填报，并在线确认已阅读本通知。\n\n"
    "填报中遇到问题，请联系所在地主管部门经办人。",
    kinds=(Kind.BUREAU.value, Kind.ENTERPRISE.value),
    on_top=True,
    must_read=True,
)
DRAFT = NoticeInput(
    title="关于开展下季度外贸形势座谈的通知（征求意见稿）",
    body="拟于下季度初召开外贸形势座谈会，时间、地点另行通知。",
    kinds=(Kind.ENTERPRISE.value,),
)
OF_PLATFORM = NoticeInput(
    title="平台维护公告",
    body="平台定于每月最后一个周六 20:00 至 22:00 例行维护，届时请勿填报。",
    kinds=tuple(AUDIENCE),
)


def build_notices(bureau: Actor, platform: Actor, now: dt.datetime) -> None:
    """Write them in the names of a bureau and of the platform, within the caller's unit of work."""
    for author, given, published in (
        (bureau, TO_CONFIRM, True),
        (bureau, DRAFT, False),
        (platform, OF_PLATFORM, True),
    ):
        with context.acting_as(author):
            notice = notices.create_notice(author, given, now)
            if published:
                notices.take_step(author, notice.id, "publish", "", now)
