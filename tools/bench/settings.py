"""What every part of the bench agrees on."""

from __future__ import annotations

import datetime as dt

from app.kernel.periods import Month

PASSWORD = "Bench-2026-Trade"  # noqa: S105 - of a database that is dropped afterwards
BIRTH = dt.datetime(2023, 1, 9, 2, 0, tzinfo=dt.UTC)
NOON = dt.datetime(2026, 12, 4, 4, 0, tzinfo=dt.UTC)
"""Friday noon in Shanghai, when the report of November is filled: a month that asks for every indicator."""
LAST_MONTH = Month(2026, 11)
FORM = "sme_monthly"
SECTION = "main"
PRODUCTS = "products"
INDICATORS = 18
"""Of the grid in that month, for an industrial enterprise: the most that there are."""
OPEN_GRID = f"open the grid of {INDICATORS} indicators"
OPEN_ENTERPRISE = "enterprise"
"""Login name of the enterprise that fills in its grid."""
PREFECTURE_ADMIN = "prefecture"
PROVINCE_ADMIN = "province"
PREFECTURE = "330100"
COLUMNS = "enterprise,uscc,region,industry,size,revenue,filler,submitted,reviewer,screening,state,late"
"""The twelve columns of the compared list."""
