"""LibreOffice itself, as a user's spreadsheet program: opens a workbook and saves it again."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PACKAGE = "libreoffice-calc"
PATIENCE = 180
"""Seconds that a first start may take on a loaded machine."""


def resaved(content: bytes, folder: Path) -> bytes:
    """A workbook as LibreOffice saves it.

    :raises RuntimeError: it is not installed, or saved nothing.
    """
    program = shutil.which("soffice")
    if program is None:
        raise RuntimeError(f"these tests need LibreOffice: apt-get install {PACKAGE}")
    source, target = folder / "in" / "book.xlsx", folder / "out"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_bytes(content)
    command = [program, f"-env:UserInstallation=file://{folder / 'profile'}", "--headless", "--norestore"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    saved = target / source.name
    if done.returncode or not saved.exists():
        raise RuntimeError(f"LibreOffice saved nothing: {done.stderr.decode(errors='replace')}")
    found = saved.read_bytes()
    saved.unlink()
    return found
