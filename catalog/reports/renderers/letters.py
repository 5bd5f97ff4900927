"""Letters of the PDF: which font has a character, and how wide a text is.

The fonts are files of this package and are embedded, so a page looks alike everywhere. `fonts/README.md` says what they
have; what none of them has is spelled by its number.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

from catalog.reports.renderers.pages import spelled

FOLDER = Path(__file__).parent / "fonts"
PLAIN, STRONG, EAST = "HeadwaterSans", "HeadwaterSans-Bold", "HeadwaterEast"
NARROWEST = 4.0
"""So many of the narrowest letters at most are as wide as the letters are high."""
_LONG = re.compile(r"\S{7,}")
_FILES = {PLAIN: "DejaVuSans.ttf", STRONG: "DejaVuSans-Bold.ttf", EAST: "DroidSansFallback.ttf"}


@cache
def font(name: str) -> frozenset[int]:
    """Load a font; the characters that it has."""
    loaded = TTFont(name, str(FOLDER / _FILES[name]))
    registerFont(loaded)
    return frozenset(loaded.face.charToGlyph)


def runs(text: str, name: str = PLAIN) -> list[tuple[str, str]]:
    """The text as (font, part), what no font has spelled out."""
    text = spelled(text.replace("\t", " "))
    if text.isascii():
        font(name)
        return [(name, text)]
    parts: list[tuple[str, str]] = []
    for char in text:
        if ord(char) < 128 or char == "\n" or ord(char) in font(name):
            parts.append((name, char))
        elif ord(char) in font(EAST):
            parts.append((EAST, char))
        elif not 0xFE00 <= ord(char) <= 0xFE0F:  # a variation of the sign before, not a sign
            parts.append((name, f"[U+{ord(char):04X}]"))
    return [(used, "".join(part for _, part in group)) for used, group in groupby(parts, key=lambda part: part[0])]


def markup(text: str, name: str = PLAIN) -> str:
    """The text for a paragraph set in a font, which reads XML."""
    told = [
        escape(part) if used == name else f'<font name="{used}">{escape(part)}</font>'
        for used, part in runs(text, name)
    ]
    return "".join(told).replace("\n", "<br/>")


def broken(text: str, room: float, size: float) -> str:
    """The text with line breaks in words that are wider than a column: behind a sign in them, where that helps."""
    return _LONG.sub(lambda word: "\n".join(_pieces(word[0], room, size)), text)


def _pieces(word: str, room: float, size: float) -> list[str]:
    pieces: list[str] = []
    most = max(2, int(room / size * NARROWEST))
    while len(word) > 1 and (len(word) > most or width(word, size) > room):
        fit = next((n for n in range(min(most, len(word)), 1, -1) if width(word[:n], size) <= room), 1)
        soft = max(word.rfind(sign, 0, fit) + 1 for sign in "./_-:@,;=&")
        at = soft if soft * 3 >= fit else fit
        pieces.append(word[:at])
        word = word[at:]
    return [*pieces, word]


def width(text: str, size: float, name: str = PLAIN) -> float:
    """In points."""
    return float(sum(stringWidth(part, used, size) for used, part in runs(text, name)))
