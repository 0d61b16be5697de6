"""Documents made for tests, good and hostile, without any file of anybody's."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import docx

Run = tuple[float, float, str, float, bool]
"""x and y from the top left in points, text, size, bold."""


def pdf(path: Path, pages: Sequence[Sequence[Run]], rules: Sequence[Sequence[tuple[float, float, float, float]]] = ()) -> Path:
    """A PDF with text at places, and ruled boxes (x, y, width, height) per page."""
    bodies = []
    for number, runs in enumerate(pages):
        drawn = [f"{x} {842 - y - height} {width} {height} re S" for x, y, width, height in (rules[number] if number < len(rules) else ())]
        said = [f"BT /{'F2' if bold else 'F1'} {size} Tf {x} {842 - y} Td ({_escaped(text)}) Tj ET" for x, y, text, size, bold in runs]
        bodies.append("\n".join([*drawn, *said]))
    path.write_bytes(_assembled(bodies))
    return path


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(bodies: Sequence[str]) -> bytes:
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(bodies)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(bodies)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    ]
    for number, body in enumerate(bodies):
        fonts = "<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources {fonts} /Contents {6 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(body.encode('latin-1'))} >>\nstream\n{body}\nendstream")
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, text in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1"))
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010d} 00000 n \n" for place in places).encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def many_pages(path: Path, count: int) -> Path:
    """A PDF of that many pages."""
    return pdf(path, [[(72, 72, "page", 10, False)]] * count)


def much_drawn(path: Path, boxes: int = 120_000) -> Path:
    """A PDF whose one page has that many boxes drawn on it."""
    return pdf(path, [[(72, 72, "page", 10, False)]], [[(number % 500, number % 800, 3, 3) for number in range(boxes)]])


def lying_pdf(path: Path) -> Path:
    """Says it has two pages and has three thousand."""
    many_pages(path, 3000)
    path.write_bytes(path.read_bytes().replace(b"/Count 3000", b"/Count 2   "))
    return path


def word(path: Path, blocks: Sequence[tuple[str, str]], table: Sequence[Sequence[str]] = ()) -> Path:
    """A Word file of (style, text) paragraphs and a table."""
    made = docx.Document()
    for style, text in blocks:
        made.add_paragraph(text, style=style)
    if table:
        grid = made.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    made.save(str(path))
    return path


def zip_bomb(path: Path, megabytes: int = 80) -> Path:
    """A Word file whose text unpacks to that much."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package, package.open("word/document.xml", "w") as inside:
        for _ in range(megabytes):
            inside.write(b" " * 1_000_000)
    return path


def flood(path: Path, side: int = 10_000) -> Path:
    """A PNG of side x side pixels in a few kilobytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 100_000)) + chunk(b"IEND", b""))
    return path


def deflated_pdf(path: Path, megabytes: int = 400) -> Path:
    """A PDF whose page unpacks to that much."""
    squeezer = zlib.compressobj(9)
    packed = b"".join(squeezer.compress(b"BT ET " * 170_000) for _ in range(megabytes)) + squeezer.flush()
    plain = _assembled(["x"]).replace(b"<< /Length 1 >>\nstream\nx\nendstream", b"@@")
    path.write_bytes(plain.replace(b"@@", b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)))
    return path
