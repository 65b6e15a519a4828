"""Images that people send, written anew by a child process: nothing but the picture comes out of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from app.infra.archives import DAMAGED, Harmful
from app.kernel.texts import Message

FORMATS = {"jpg": "JPEG", "png": "PNG", "gif": "GIF"}
MAX_SIDE = 4096
"""Longest side in pixels of what is kept: a page of a document at 300 dots per inch fits."""

SECONDS = 20.0
_WORKER = Path(__file__).with_name("image_worker.py")


def rewrite(content: bytes, kind: str, max_pixels: int) -> bytes:
    """The picture as a new file of the same kind: upright, and without whatever else was in the file.

    :raises Harmful: it cannot be decoded, or has more than ``max_pixels``.
    """
    asked = json.dumps({"format": FORMATS[kind], "max_pixels": max_pixels, "max_side": MAX_SIDE}).encode()
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_WORKER)],
            input=asked + b"\n" + content,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Harmful(DAMAGED) from error
    if done.returncode == 0 and done.stdout:
        return done.stdout
    if done.stderr == b"pixels":
        millions = f"{max_pixels / 1_000_000:.0f}"
        raise Harmful(
            Message(
                "the picture has more than {millions} million pixels. Make it smaller.", millions=millions
            )
        )
    raise Harmful(DAMAGED)
