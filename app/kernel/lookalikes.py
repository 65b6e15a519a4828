"""Characters of other scripts that look like a Latin letter or a usual sign in a name: one table, pure.

NFKC already makes full-width letters, ligatures, enclosed and compatibility characters plain. What
stands here it leaves alone: letters of neighbouring alphabets with the same drawing, and the many
brackets, dashes, quotation marks and circles that input methods offer for one sign. Chinese
characters that merely resemble each other (土 and 士) are different words and stay apart.
"""

from __future__ import annotations

from collections.abc import Mapping

_LETTERS = {
    # Cyrillic, by drawing: capitals first, then small letters
    "АВСЕНІЈКМОРԚЅТԜХҮѴԌҺӀ": "ABCEHIJKMOPQSTWXYVGHI",
    "авсеԁһіјкӏмпорԛгѕтуѵԝхүԍн": "abcedhijklmnopqrstyvwxygh",
    # Greek
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳ": "ABEZHIKMNOPTYXCj",
    "αβεικνορτυχϲη": "abeikvoptuxcn",
    # Armenian
    "ԼՕՍՏ": "LOUS",
    "օոսհցզյ": "onuhgqj",
    # Cherokee
    "ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ": "ABCDEHJKLMPRSTVWZ",
    # Latin letters drawn like others: phonetic small capitals, letters without a dot
    "ɑɡɩıȷᴀʙᴄᴅᴇɢʜᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ": "agiijabcdeghjklmnoprstuvwyz",
}

_SIGNS = {
    "[{<〈《「『【〔〖〘〚﴾⟦⟨⟪❨❪❬❮❰❲❴": "(",
    "]}>〉》」』】〕〗〙〛﴿⟧⟩⟫❩❫❭❯❱❳❵": ")",
    "‐‑‒–—―−─﹘⁃➖": "-",
    "‘’‚‛′ʹʻʼʽˈ`´ꞌ": "'",
    "“”„‟″〝〞〟": '"',
    "○◯⭘⚪": "〇",
    "×✕✖⨯": "x",
}


def _table() -> Mapping[int, str]:
    pairs = [pair for drawn, plain in _LETTERS.items() for pair in zip(drawn, plain, strict=True)]
    pairs += [(sign, plain) for signs, plain in _SIGNS.items() for sign in signs]
    return {ord(sign): plain for sign, plain in pairs}


_PLAIN = _table()


def without_lookalikes(text: str) -> str:
    """The text with every look-alike written as the character that it is drawn like."""
    return text.translate(_PLAIN)
