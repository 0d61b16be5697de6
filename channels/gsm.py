"""What a text costs and how it is cut: the GSM-7 alphabet, segments, look-alikes, and bodies of a safe length.

A text in the GSM 03.38 alphabet carries 160 characters (153 a part when it needs several); one character outside it
turns the whole message into UCS-2 with 70 (67). The API refuses bodies over 1600 characters (Twilio error 21617) and
asks for 320 at most.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

LONGEST = 1600
"""Characters of one body; the API refuses more."""
COMFORTABLE = 320
"""Characters of one body we aim for: longer ones are filtered and read less."""
MOST_BODIES = 5
"""Bodies of one reply before they are packed tighter: every body is a separate charge, and they may arrive out of order."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""GSM 03.38 default alphabet: one septet each."""
EXTENDED = frozenset("\f^{}\\[~]|€")
"""GSM 03.38 extension table: an escape and the character, two septets that may not be parted."""

_LOOK_ALIKES = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "…": "...", "•": "-", "·": "-", "‣": "-",
        "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\t": " ", "\u200b": "", "\ufeff": "", "\u00ad": "",
        "×": "x", "º": "o", "ª": "a", "°": " degrees", "½": "1/2", "¼": "1/4", "¾": "3/4", "®": "(R)", "©": "(C)", "™": "(TM)", "≤": "<=", "≥": ">=",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Segments:
    """What one body takes on the air."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    """Septets, or UTF-16 code units."""
    count: int
    """Parts it is sent in, and is charged for; 0 for an empty body."""


def is_gsm(text: str) -> bool:
    """Whether the whole text fits the GSM-7 alphabet."""
    return all(char in BASIC or char in EXTENDED for char in text)


def segments(text: str) -> Segments:
    """Count the parts of a body as carriers do: an extended character or an emoji is never parted in two."""
    if is_gsm(text):
        return _packed("GSM-7", [2 if char in EXTENDED else 1 for char in text], single=160, part=153)
    return _packed("UCS-2", [2 if ord(char) > 0xFFFF else 1 for char in text], single=70, part=67)


def fold(text: str) -> str:
    """Bring a text into GSM-7 as far as the reader loses nothing by it: curly quotes, dashes, the accents it lacks.

    What has no plain twin (an emoji, another script) stays, and the body is then sent as UCS-2.
    """
    straight = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    return "".join(char if char in BASIC or char in EXTENDED else _plain(char) for char in straight)


def bodies(text: str) -> list[str]:
    """Cut a reply into bodies: at most 320 characters each, or up to 1600 where that would take more than five.

    Nothing is dropped below 8000 characters; no reply of ours comes near that.
    """
    text = text.strip()
    comfortable = _cut(text, COMFORTABLE)
    return comfortable if len(comfortable) <= MOST_BODIES else _cut(text, LONGEST)[:MOST_BODIES]


def _packed(encoding: Literal["GSM-7", "UCS-2"], sizes: list[int], single: int, part: int) -> Segments:
    units = sum(sizes)
    if units <= single:
        return Segments(encoding, units, 1 if units else 0)
    count, room = 1, part
    for size in sizes:
        if size > room:
            count, room = count + 1, part
        room -= size
    return Segments(encoding, units, count)


def _plain(char: str) -> str:
    letters = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    return letters if letters and is_gsm(letters) else char


_SEAMS = (re.compile(r"\n+"), re.compile(r"(?<=[.!?;])(?<!Dr\.)(?<!Ms\.)(?<!Mr\.)(?<!Mrs\.)(?<!St\.)(?<!\b[A-Z]\.)\s+"), re.compile(r"\s+"))
"""Where a text may be cut, best first: between lines, sentences (no "Dr." ends one) and items, words."""


def _cut(text: str, longest: int) -> list[str]:
    if len(text) <= longest:
        return [text] if text else []
    window = text[: longest + 1]
    for seam in _SEAMS:
        places = [match for match in seam.finditer(window) if 0 < match.start() <= longest]
        if places:
            return [text[: places[-1].start()], *_cut(text[places[-1].end() :].lstrip(), longest)]
    return [text[:longest], *_cut(text[longest:].lstrip(), longest)]
