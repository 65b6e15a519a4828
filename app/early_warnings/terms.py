"""Words of warning points: levels, duties, states."""

from __future__ import annotations

from app.kernel.texts import Message

LEVELS = {
    "national": Message("National"),
    "province": Message("Provincial"),
    "prefecture": Message("Prefectural"),
}
"""类型: who recognised a point."""

DUTIES = {"head": Message("Head of the point"), "staff": Message("Staff of the point")}
"""预警负责人 and 工作人员."""

BATCHES = 99
"""The highest number of a batch 批次 in which points are recognised."""

COUNTRY_KINDS = {"country": Message("Country or area"), "bloc": Message("Bloc of countries")}
