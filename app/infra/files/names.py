"""Names of files: what people called them, made safe to show, to keep and to send."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

MAX_NAME = 200
LONGEST_SUFFIX = 10
NAMELESS = "file"

_UNUSABLE = re.compile(r'[\\/:*?"<>|]+')
_ONLY_SUFFIX = re.compile(r"[ .]*\.([^ .]{1,10})")
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, whatever follows their first dot."""


def tidy_name(name: str) -> str:
    """A name that is safe to show and to send: no path, no control characters, the suffix kept.

    What steers the direction of writing is dropped too: with it ``exe`` can pass for ``gpj``.
    """
    flat = "".join(
        " " if category(sign) in {"Zl", "Zp"} else sign for sign in name if category(sign)[0] != "C"
    )
    flat = _UNUSABLE.sub("_", flat).rstrip(" .")
    bare = _ONLY_SUFFIX.fullmatch(flat)
    flat = f"{NAMELESS}.{bare[1]}" if bare else flat.strip(" .")
    if not flat:
        return NAMELESS
    if _RESERVED.fullmatch(flat):
        flat = f"_{flat}"
    stem, dot, suffix = flat.rpartition(".")
    if not dot or len(suffix) > LONGEST_SUFFIX:
        return flat[:MAX_NAME].rstrip(" .")
    return f"{stem[: MAX_NAME - len(suffix) - 1].rstrip(' .')}.{suffix}"


def category(sign: str) -> str:
    """The Unicode category of a character, such as ``Lo`` or ``Cc``."""
    return unicodedata.category(sign)


def suffix_of(name: str) -> str:
    """The suffix of a tidy name in small letters, such as ``.pdf``; empty where there is none."""
    return PurePosixPath(tidy_name(name)).suffix.lower()


def disposition(name: str, *, inline: bool = False) -> str:
    """The ``Content-Disposition`` of a download (RFC 6266): any name, and a plain one for old browsers."""
    tidy = tidy_name(name)
    suffix = PurePosixPath(tidy).suffix
    plain = tidy if tidy.isascii() else f"download{suffix if suffix.isascii() else ''}"
    plain = plain.replace('"', "_").replace("%", "_").replace(";", "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(tidy, safe='')}"
