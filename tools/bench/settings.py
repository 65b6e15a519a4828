"""What every part of the bench agrees on."""

from __future__ import annotations

import datetime as dt

from app.kernel.periods import Month

PASSWORD = "Bench-2026-Trade"  # noqa: S105 - of a database that is dropped afterwards
BIRTH = dt.datetime(2023, 1, 9, 2, 0, tzinfo=dt.UTC)
NOON = dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC)
"""Friday noon in Shanghai, when the report of October is filled."""
LAST_MONTH = Month(2026, 10)
FORM = "sme_monthly"
SECTION = "main"
OPEN_ENTERPRISE = "enterprise"
"""Login name of the enterprise that fills in its grid."""
PREFECTURE_ADMIN = "prefecture"
PREFECTURE = "330100"
COLUMNS = "enterprise,uscc,region,industry,size,revenue,filler,submitted,reviewer,screening,state,late"
"""The twelve columns of the compared list."""
