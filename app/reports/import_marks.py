"""What a template says of itself on its hidden sheet: one of another month is told from the right one."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.definitions import VersionDefinition

IMPORT, FORM, VERSION, MONTH = "import", "form", "version", "month"
ENTERPRISE, SAVED = "enterprise", "saved"


def marks_of(name: str, version: VersionDefinition, month: Month, enterprise: str = "") -> dict[str, str]:
    """The marks of a template: import, form, version and month; and whose it is, if it is one's own."""
    marks = {IMPORT: name, FORM: version.form_code, VERSION: str(version.number), MONTH: str(month)}
    return marks | ({ENTERPRISE: enterprise} if enterprise else {})


def misfit(found: Mapping[str, str], wanted: Mapping[str, str]) -> Message | None:
    """Why a file is not the one that is wanted, or None. A file without marks is taken by its headings."""
    differing = [key for key in wanted if key in found and found[key] != wanted[key]]
    if not differing:
        return None
    values = {"found": found[differing[0]], "wanted": wanted[differing[0]]}
    return Message(_WORDS[differing[0]].msgid, **values)


def unmarked(month: Month) -> Message:
    """What is told of a file without marks."""
    return Message("The file does not say of which month it is; it is taken for {month}.", month=month)


_WORDS = {
    IMPORT: Message("This file is the template of another import. Download the template of this page."),
    FORM: Message("This template is of the form {found}; this page imports {wanted}."),
    MONTH: Message(
        "This template is of {found}, but {wanted} was chosen. Download the template of {wanted}."
    ),
    VERSION: Message(
        "This template was made for version {found} of the form, but version {wanted} holds. "
        "Download the template again."
    ),
    ENTERPRISE: Message("This template was made for another enterprise. Download your own."),
}
