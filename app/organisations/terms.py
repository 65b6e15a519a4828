"""The closed lists of words that rules, tables and forms share."""

from __future__ import annotations

from app.kernel.actor import Kind
from app.kernel.texts import Message

REGION_LEVELS = ("country", "province", "prefecture", "county")
REGION_KINDS = ("admin", "functional_zone", "statistical", "placeholder", "alias")
BUREAU_LEVELS = ("ministry", "province", "prefecture", "county")
CONTACT_DUTIES = ("leader", "handler")
STATES = ("active", "disabled")
ACCOUNT_KINDS = tuple(kind.value for kind in Kind if kind not in (Kind.ANONYMOUS, Kind.SYSTEM))
RIGHTS = ("bulk_accept", "leapfrog_accept", "batch_import", "unfreeze_reports")
TEXT_SIZES = ("normal", "large", "larger")
DOCUMENT_KINDS = ("identity_front", "identity_back", "licence", "legal_person")

COUNTRY_CODE = "000000"
"""The root of the territory, which a ministry manages; GB/T 2260 itself has no code for it."""

RANKS = {level: rank for rank, level in enumerate(BUREAU_LEVELS)}
"""0 is the ministry; a larger rank is lower in the chain."""

LEVEL_NAMES = {
    "ministry": Message("Ministry"),
    "province": Message("Province"),
    "prefecture": Message("Prefecture"),
    "county": Message("County"),
}
REGION_LEVEL_NAMES = {
    "country": Message("Country"),
    "province": Message("Province"),
    "prefecture": Message("Prefecture"),
    "county": Message("County"),
}
REGION_KIND_NAMES = {
    "admin": Message("Administrative division"),
    "functional_zone": Message("Development zone"),
    "statistical": Message("Statistical area"),
    "placeholder": Message("Statistical placeholder"),
    "alias": Message("Other name in use"),
}
REGION_LEVEL_OF = {
    "ministry": "country",
    "province": "province",
    "prefecture": "prefecture",
    "county": "county",
}
"""The level of the region at which a bureau of a level stands."""

STATE_NAMES = {"active": Message("Active"), "disabled": Message("Disabled")}
RIGHT_NAMES = {
    "bulk_accept": Message("Bulk accept"),
    "leapfrog_accept": Message("Leapfrog accept"),
    "batch_import": Message("Batch import"),
    "unfreeze_reports": Message("Timed unfreeze"),
}
KIND_NAMES = {
    Kind.PLATFORM.value: Message("Platform admin"),
    Kind.AUDITOR.value: Message("Auditor"),
    Kind.BUREAU.value: Message("Bureau admin"),
    Kind.ENTERPRISE.value: Message("Enterprise account"),
    Kind.POINT.value: Message("Warning point"),
    Kind.CENTRE.value: Message("Warning centre"),
    Kind.PROVIDER.value: Message("Service provider"),
}
ROLE_NAMES = {
    "PlatformAdmin": Message("Platform administrator"),
    "SecurityAdmin": Message("Security administrator"),
    "Auditor": Message("Auditor"),
    "BureauAdmin": Message("Bureau admin"),
    "Enterprise": Message("Enterprise account"),
    "Point": Message("Warning point"),
    "Centre": Message("Warning centre"),
    "Provider": Message("Service provider"),
    "Public": Message("Public"),
}
"""What the shipped roles are called; one that an administrator made keeps the name it was given."""

LANGUAGE_NAMES = {"zh": Message("Chinese"), "en": Message("English")}

DOCUMENT_NAMES = {
    "identity_front": Message("Identity card, side with the portrait"),
    "identity_back": Message("Identity card, side with the emblem"),
    "licence": Message("Business licence"),
    "legal_person": Message("Identity card of the legal representative"),
}
"""Scans of 实名认证: the first two for a person, the others for a company."""
