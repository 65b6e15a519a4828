"""How much two texts resemble each other, and how the like of a text is found among many: pure.

A text is the set of its groups of characters; resemblance is the share that two sets have in common
(Jaccard). A signature of 60 smallest hashes stands for a set: two texts agree in each place with the
probability of their resemblance. Twenty bands of three places are looked up by equality, so that any
database finds candidates from an index: of texts that share seven tenths 9,998 in 10,000 meet in a band,
of texts that share three hundredths 1 in 2,000.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from collections.abc import Iterable

GROUP = 3
"""Characters of a group: two say little in Chinese trade texts, four miss rewording."""
BANDS, ROWS = 20, 3
PLACES = BANDS * ROWS
NEAR = 0.6
"""From here on a text is told as similar."""

_PER_HASH = 15
_HASHES = PLACES // _PER_HASH
_SHAPE = struct.Struct(f">{_PER_HASH}I")
_KEPT = {"L", "N"}


def normalise(text: str) -> str:
    """The letters and digits of a text in one width and case: what its looks do not change."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in plain if unicodedata.category(character)[0] in _KEPT)


def groups(text: str) -> frozenset[str]:
    """The groups of neighbouring characters of a normalised text; a shorter text is one group."""
    plain = normalise(text)
    if len(plain) <= GROUP:
        return frozenset({plain} if plain else ())
    return frozenset(plain[at : at + GROUP] for at in range(len(plain) - GROUP + 1))


def resemblance(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of all groups that both have, from 0 to 1; two empty texts resemble nothing."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def signature(found: Iterable[str]) -> tuple[int, ...]:
    """The smallest of ``PLACES`` hashes over all groups; empty for an empty text."""
    rows = [_hashes(group) for group in found]
    return tuple(map(min, zip(*rows, strict=True))) if rows else ()


def _hashes(group: str) -> tuple[int, ...]:
    data, numbers = group.encode(), ()
    for salt in range(_HASHES):
        digest = hashlib.blake2b(data, digest_size=_SHAPE.size, salt=bytes([salt])).digest()
        numbers += _SHAPE.unpack(digest)
    return numbers


def bands(of: tuple[int, ...]) -> tuple[int, ...]:
    """What is looked up: for each band one signed 64-bit number made of its place and its hashes."""
    if not of:
        return ()
    return tuple(_band(at, of[at * ROWS : (at + 1) * ROWS]) for at in range(BANDS))


def _band(at: int, part: tuple[int, ...]) -> int:
    data = struct.pack(f">B{ROWS}I", at, *part)
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


def likeness(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The resemblance that two signatures let one expect."""
    if not one or not other:
        return 0.0
    return sum(a == b for a, b in zip(one, other, strict=True)) / PLACES
