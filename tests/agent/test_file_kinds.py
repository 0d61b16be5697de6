from __future__ import annotations

import pytest

from agent import file_kinds


@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [
        (b"\xff\xd8\xff\xe1Exif", "image/jpeg", ".jpg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png", ".png"),
        (b"GIF89a..", "image/gif", ".gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", ".webp"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic", ".heic"),
        (b"%PDF-1.4\n", "application/pdf", ".pdf"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", ".wav"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(content: bytes, media_type: str, suffix: str) -> None:
    """A25."""
    kind = file_kinds.recognised(content)
    assert kind is not None
    assert (kind.media_type, kind.suffix, file_kinds.suffix(media_type)) == (media_type, suffix, suffix)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8",
        b"<svg onload=alert(1)>",
        b"<html>",
        b"PK\x03\x04",
        b"MZ\x90",
        b"#!/bin/sh",
        b"\x00\x00\x00\x18ftypmp42",
        b"RIFF\x24\x00\x00\x00AVI ",
        b"BEGIN:VCARD",
        b" %PDF-1.4",
        b"\x1f\x8b\x08",
    ],
)
def test_everything_else_is_nothing_we_keep(content: bytes) -> None:
    """A25: no script, no archive, no film, nothing packed, whatever it calls itself."""
    assert file_kinds.recognised(content) is None


def test_a_declaration_decides_only_what_is_plainly_no_picture() -> None:
    hopeful = ["image/jpeg", "IMAGE/PNG", "image/heic; charset=x", "application/pdf", "application/octet-stream", ""]
    hopeless = ["audio/amr", "video/3gpp", "text/vcard", "text/html", "image/svg+xml", "application/zip"]
    assert [one for one in (*hopeful, *hopeless) if file_kinds.promises_a_picture(one)] == hopeful
    assert file_kinds.suffix(None) == ".bin"
