"""What a file is, by its first bytes: a name or a header says what somebody wants it taken for.

Nothing here decodes a picture; whoever opens one does so on their own machine. Signatures: https://en.wikipedia.org/wiki/List_of_file_signatures,
and ISO/IEC 14496-12 for HEIC, whose brand stands after a box length.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is kept."""

    media_type: str
    suffix: str
    """Of the name it is saved under."""
    voice: bool = False


_WAV = FileKind("audio/wav", ".wav", voice=True)
_JPEG = FileKind("image/jpeg", ".jpg")
_PNG = FileKind("image/png", ".png")
_GIF = FileKind("image/gif", ".gif")
_WEBP = FileKind("image/webp", ".webp")
_HEIC = FileKind("image/heic", ".heic")
_PDF = FileKind("application/pdf", ".pdf")

_STARTS = ((b"\xff\xd8\xff", _JPEG), (b"\x89PNG\r\n\x1a\n", _PNG), (b"GIF87a", _GIF), (b"GIF89a", _GIF), (b"%PDF-", _PDF))
_RIFF = {b"WAVE": _WAV, b"WEBP": _WEBP}
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_BY_TYPE = {kind.media_type: kind for kind in (_WAV, _JPEG, _PNG, _GIF, _WEBP, _HEIC, _PDF)}
_PICTURES = frozenset({*(name for name, kind in _BY_TYPE.items() if not kind.voice), "image/jpg", "image/heif", "application/octet-stream", ""})


def recognised(content: bytes) -> FileKind | None:
    """The kind of these bytes; None for every other kind."""
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF":
        return _RIFF.get(content[8:12])
    return _HEIC if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS else None


def promises_a_picture(media_type: str) -> bool:
    """Whether what is declared may be a picture or document. An empty or meaningless declaration may be anything."""
    return media_type.partition(";")[0].strip().lower() in _PICTURES


def suffix(media_type: str | None) -> str:
    """What a file of this kind is called by."""
    kind = _BY_TYPE.get(media_type or "")
    return kind.suffix if kind else ".bin"
