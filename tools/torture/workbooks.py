"""Crafted workbooks: each is refused in words, and nobody who reads one needs more than 768 MB."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from app.infra.sheets import read_table
from app.infra.sheets.limits import USUAL
from app.kernel.errors import Invalid
from tools.torture.crafted_workbooks import CRAFTED
from tools.torture.instance import ROOT, Instance, peak_memory
from tools.torture.verdict import Verdict

SLOWEST = USUAL.patience


def attack_with_workbooks(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Every crafted workbook, whatever the share: each is another attack."""
    verdict = Verdict("crafted workbooks", len(CRAFTED))
    started = time.monotonic()
    largest = 0
    with tempfile.TemporaryDirectory(prefix="crafted-") as folder:
        path = Path(folder) / "file"
        for name, make in CRAFTED.items():
            path.write_bytes(make())
            found = _read_apart(path)
            largest = max(largest, found.memory)
            if not found.refused or found.memory > USUAL.memory or found.seconds > SLOWEST:
                verdict.fault(f"{name}: {found}")
            else:
                verdict.counted += 1
    verdict.notes.append(f"at most {largest / 1024**2:.0f} MB")
    verdict.seconds = time.monotonic() - started
    return [verdict]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a file: the refusal, the memory (bytes) and the time (seconds) that it took at most."""

    refused: str = ""
    memory: int = 0
    seconds: float = 0.0


def _read_apart(path: Path) -> Found:
    """Read a file in a process of its own, as small as a job worker without work."""
    command = [sys.executable, "-m", "tools.torture.workbooks", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return Found(**json.loads(done.stdout)) if done.returncode == 0 else Found()


def main(path: str) -> None:
    """Print what became of a file, and the memory (bytes) that this process or its reader took at most."""
    started = time.monotonic()
    refused = ""
    try:
        for _row in read_table(Path(path).read_bytes()).rows:
            continue
    except Invalid as refusal:
        refused = str(refusal.message)
    peak = max(peak_memory(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
    print(json.dumps(asdict(Found(refused, peak, time.monotonic() - started))))


if __name__ == "__main__":
    main(sys.argv[1])
