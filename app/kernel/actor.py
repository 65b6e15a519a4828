"""Who acts: one value for pages, the API, jobs and the command line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """What an account is, of which scope and shell are decided; exactly one for each account."""

    ANONYMOUS = "anonymous"
    PLATFORM = "platform"  # 平台管理员: users, roles, dictionaries, jobs; no business decisions
    AUDITOR = "auditor"  # 审计员: the audit trail, read only
    BUREAU = "bureau"  # 部/省/市/县管理员
    ENTERPRISE = "enterprise"  # 企业
    POINT = "point"  # 预警点
    CENTRE = "centre"  # 预警中心
    PROVIDER = "provider"  # 第三方服务商
    SYSTEM = "system"  # the program itself: due dates, migrations


class Source(StrEnum):
    """Through which door the action came."""

    PAGE = "page"
    API = "api"
    JOB = "job"
    CLI = "cli"


@dataclass(frozen=True, slots=True)
class Actor:
    """An account as it acts now. Built by ``app.organisations.accounts``, never by hand in a view.

    ``region_ids`` are the roots of the regions that a bureau admin manages; what lies below
    them is asked of the closure table. ``rights`` are the special permissions of an admin
    (bulk_accept, leapfrog_accept, batch_import, unfreeze_reports). ``level`` is ministry, province,
    prefecture or county.
    """

    kind: Kind
    name: str
    account_id: int | None = None
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    admin_id: int | None = None
    level: str | None = None
    bureau_id: int | None = None
    bureau_name: str = ""
    region_ids: frozenset[int] = frozenset()
    enterprise_id: int | None = None
    language: str = "zh"
    source: Source = Source.PAGE
    address: str = ""
    request_id: str = field(default="", compare=False)

    @property
    def is_signed_in(self) -> bool:
        """Whether this is somebody's account, not the program or a visitor."""
        return self.account_id is not None

    def through(self, source: Source) -> Actor:
        """The same account coming through another door."""
        return replace(self, source=source)


ANONYMOUS = Actor(kind=Kind.ANONYMOUS, name="")
SYSTEM = Actor(kind=Kind.SYSTEM, name="system", source=Source.JOB)
