"""How large an uploaded table may be, as measured: what is above is refused, whoever sends it."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024**2


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds.

    A legitimate workbook of 20,000 × 30 has 4 to 6 MB, unpacks to some 40 MB and is read at 130 MB.
    ``ratio`` counts from ``ratio_from`` on: a small part of spaces may well shrink to nothing.
    ``memory`` and ``processor_time`` bind the reader itself; ``patience`` is how long its answers
    are waited for altogether.
    """

    size: int = 10 * MEGABYTE
    members: int = 1_000
    unpacked: int = 200 * MEGABYTE
    ratio: int = 100
    ratio_from: int = 20 * MEGABYTE
    memory: int = 768 * MEGABYTE
    processor_time: int = 20
    patience: float = 60.0
    rows: int = 20_100  # 20,000 and the headings above them
    columns: int = 200
    text: int = 64 * MEGABYTE
    cell: int = 32_767


USUAL = Limits()
