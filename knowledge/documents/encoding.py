"""Bytes of a text file as text, whatever program wrote it."""

from __future__ import annotations

from knowledge.documents.document import Unreadable

_LONGEST_LINE = 200_000


def decoded(raw: bytes) -> str:
    """UTF-8 or UTF-16 as marked, else Windows-1252, which old Office programs write. Raises Unreadable for what is no text."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16", "replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
    if text.count("�") > len(text) / 50 or "\x00" in text:
        raise Unreadable("the file holds no text")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, text.split("\n"))) > _LONGEST_LINE:
        raise Unreadable("a line of it is longer than a document's ever is; it was not read")
    return text
