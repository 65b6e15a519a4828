"""Writes an image anew, as a program of its own: what a decoder does with a crafted file stays in here.

It is run by its path, imports nothing of the platform, and starts in a tenth of a second. A line of JSON
comes in (``format``, ``max_pixels``, ``max_side``), then the image; the new image goes out. Exit code 3 is a
refusal, its reason one word on the error stream.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

MEMORY = 640 * 1024**2
"""Bytes of address space: room for 40 million pixels of 4 bytes, twice, and the libraries."""

SECONDS = 10
QUALITY = 88
REFUSED = 3


def main() -> int:
    """Read, write anew, and say what became of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        written = rewritten(sys.stdin.buffer.read(), **asked)
    except MemoryError:
        sys.stderr.write("pixels")
        return REFUSED
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        ArithmeticError,
        LookupError,
        AttributeError,
    ) as error:
        # what the decoders of Pillow raise for broken files; PIL's own errors are of these classes
        sys.stderr.write("pixels" if "pixels" in str(error) else "damaged")
        return REFUSED
    sys.stdout.buffer.write(written)
    return 0


def rewritten(data: bytes, format: str, max_pixels: int, max_side: int) -> bytes:  # noqa: A002 - Pillow's word
    """The picture alone: upright, at most so large, without metadata and without what was appended.

    An animation keeps its first picture.

    :param format: PNG, JPEG or GIF, the only decoder that is tried.
    :raises ValueError: more than ``max_pixels``. Broken files raise many things; see ``main``.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415 - after the limits are set

    Image.MAX_IMAGE_PIXELS = None  # the check below is ours, and comes before anything is decoded
    with Image.open(io.BytesIO(data), formats=[format]) as probe:
        if probe.width * probe.height > max_pixels:
            raise ValueError("too many pixels")
        probe.verify()
    with Image.open(io.BytesIO(data), formats=[format]) as image:
        if format == "JPEG":
            image.draft("RGB", (max_side, max_side))  # decodes a large photograph at a half or a quarter
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        plain = _in_plain_mode(image, format)
        plain.thumbnail((max_side, max_side))
        plain.info = {}
        target = io.BytesIO()
        options: dict[str, Any] = {"quality": QUALITY} if format == "JPEG" else {"optimize": False}
        plain.save(target, format, **options)
        return target.getvalue()


def _in_plain_mode(image: Any, kind: str) -> Any:
    """Eight bits for each colour; transparency kept where the format has it."""
    if image.mode.startswith("I") or image.mode == "F":
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"L", "RGB"} or (image.mode == "RGBA" and kind != "JPEG"):
        return image
    clear = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    return image.convert("RGBA" if clear and kind != "JPEG" else "RGB")


if __name__ == "__main__":
    sys.exit(main())
