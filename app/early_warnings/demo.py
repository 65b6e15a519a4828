"""Warning points of the demonstration: those of one prefecture in 2019, and one with an account."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.early_warnings import points
from app.early_warnings.models import TradeSector, WarningPoint
from app.early_warnings.points import PointDraft
from app.early_warnings.seed import DATA
from app.infra.database import db
from app.kernel.actor import SYSTEM
from app.organisations.demo import invented_name
from app.organisations.models import Account, Region
from app.organisations.seed import read_csv

OWN_POINT = PointDraft(
    name="示范纺织对外贸易预警点",
    level="province",
    host="示范纺织行业协会",
    region_id=0,
    batch=2,
    introduction="跟踪纺织服装出口的关税、技术性贸易措施和贸易救济案件，为会员企业提供预警信息。",
    address="示范路1号",
    phone="0500-30000000",
)
OWN_REGION, OWN_SECTOR, OWN_ACCOUNT = "330109", "textile", "point"


def build_points(now: dt.datetime) -> int:
    """Enter the points of 2019 with invented people, and the point of the demonstration account; how many.

    Their data are as the source gives them: places under their names of that time, doubts in the note.
    """
    sectors = dict(db.session.execute(select(TradeSector.code, TradeSector.id)).all())
    rows = list(read_csv(DATA / "points_2019.csv"))
    for number, row in enumerate(rows, start=1):
        draft = PointDraft(
            name=row["name"],
            level="province",
            host=row["host"],
            region_id=_region(row["region"]),
            sector_id=sectors[row["sector"]],
            note=row["note"],
        )
        _people(points.create_point(SYSTEM, draft, now), number, now)
    own = replace(OWN_POINT, region_id=_region(OWN_REGION), sector_id=sectors[OWN_SECTOR])
    point = points.create_point(SYSTEM, own, now)
    _people(point, len(rows) + 1, now)
    account = select(Account).join(User, Account.user_id == User.id).where(User.username == OWN_ACCOUNT)
    points.bind_account(SYSTEM, point.id, db.session.scalars(account).one(), now)
    return len(rows) + 1


def _region(code: str) -> int:
    return int(db.session.scalars(select(Region.id).where(Region.code == code)).one())


def _people(point: WarningPoint, number: int, now: dt.datetime) -> None:
    """A head and two of the staff, all invented."""
    for position, (duty, title) in enumerate((("head", "秘书长"), ("staff", "专员"), ("staff", "助理"))):
        values = {
            "point": point.id,
            "duty": duty,
            "name": invented_name(f"point {number} {position}"),
            "title": title,
            "phone": f"0500-3{number:03d}{position:04d}",
            "mobile": "",
            "email": f"point{number}.{position}@point.example",
            "position": position,
        }
        points.keep_staff(SYSTEM, None, values, None, now)
