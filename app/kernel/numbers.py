"""Numbers as people write them: read from forms, pasted blocks and workbooks, and printed for pages."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from app.kernel.texts import Message

LONGEST = 40
"""Characters a number may take; far beyond what 64 bits hold, and short enough to be harmless."""

MINUS = "−"

# NFKC is not used here: it would read 5² as 52 and ① as 1.
_AS_ASCII = str.maketrans(
    "０１２３４５６７８９．，＋－−﹣–—（）￥\u00a0\u2002\u2003\u2007\u2009\u202f\u3000",
    "0123456789.,+-----()¥       ",
)
_DIGITS = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+)"
_PLAIN = re.compile(rf"(?P<amount>{_DIGITS}(?:\.[0-9]*)?|\.[0-9]+)")
_SIGNED = re.compile(rf"(?:(?P<sign>[+-])? ?¥? ?|¥ ?(?P<inner>[+-]) ?){_PLAIN.pattern}")
_BRACKETED = re.compile(rf"¥? ?\( ?¥? ?{_PLAIN.pattern} ?\)")


class NumberFormatError(ValueError):
    """A text that is no number; ``message`` tells the user how to write it."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def parse_number(text: str) -> Decimal | None:
    """The exact number that a text stands for; None where nothing was written.

    Takes full-width characters, thousand separators in groups of three, a leading sign, the yuan
    sign and accounting brackets for a negative number. Takes no exponent, infinity or NaN.

    :raises NumberFormatError: the text is anything else, or longer than 40 characters.
    """
    written = text.strip()
    if not written:
        return None
    if len(written) > LONGEST:
        raise NumberFormatError(
            Message("This number is too long: write at most {limit} characters.", limit=LONGEST)
        )
    plain = written.translate(_AS_ASCII)
    bracketed = _BRACKETED.fullmatch(plain)
    found = bracketed or _SIGNED.fullmatch(plain)
    if found is None:
        raise NumberFormatError(
            Message("This is not a number: write digits with a decimal point and a sign, such as -1234.5.")
        )
    amount = Decimal(re.sub("[, ]", "", found["amount"]))
    negative = bracketed is not None or "-" in (found["sign"], found["inner"])
    return -amount if negative and amount else amount


def format_number(value: Decimal | int | None, decimals: int | None = None) -> str:
    """The number with thousand separators and a true minus sign; nothing for a missing number.

    ``decimals`` rounds half up for display; None shows the decimals that the number has.
    """
    if value is None:
        return ""
    exact = Decimal(value)
    if decimals is not None:
        exact = _rounded(exact, decimals)
    sign = MINUS if exact < 0 else ""
    return sign + format(exact.copy_abs(), ",f")


def _rounded(value: Decimal, decimals: int) -> Decimal:
    room = Context(prec=max(value.adjusted(), 0) + abs(decimals) + 2, rounding=ROUND_HALF_UP)
    return value.quantize(Decimal(1).scaleb(-decimals), context=room)
