"""TwiML that Twilio can always read: built with Twilio's own builder, from text made inert first.

The builder escapes `<`, `>` and `&` but lets control characters through, and one of those makes the whole document
unreadable (error 12100): the call drops and the caller hears a canned fault.
"""

from __future__ import annotations

import re

from flask import Response
from twilio.twiml import TwiML

LONGEST_SAY = 4096
"""Characters Twilio reads from one <Say>."""
LONGEST_SPEECH = 8000
"""Characters said in one response: nine minutes, and below the 64 KB limit with every character escaped."""

_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SEAMS = (re.compile(r"(?<=[.!?])\s+"), re.compile(r"\s+"))


def inert(text: str) -> str:
    """The text without what XML forbids (C0, C1, lone surrogates, noncharacters) and without direction overrides."""
    return _BIDI.sub("", _NOT_XML.sub(" ", text))


def say_chunks(text: str) -> list[str]:
    """The text in pieces one <Say> may hold, cut between sentences or words."""
    rest, chunks = inert(text).strip()[:LONGEST_SPEECH], []
    while len(rest) > LONGEST_SAY:
        at = next((places[-1] for seam in _SEAMS if (places := [m.end() for m in seam.finditer(rest[:LONGEST_SAY])])), LONGEST_SAY)
        chunks.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [chunk for chunk in (*chunks, rest) if chunk]


def answer(document: TwiML) -> Response:
    """The document as Twilio wants it. Always status 200: any other makes Twilio say a canned fault instead."""
    return Response(str(document), content_type="text/xml; charset=utf-8")
