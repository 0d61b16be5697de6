"""Markdown (CommonMark with tables). HTML within it is not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents.document import Block, Document, Unreadable, table
from knowledge.documents.encoding import decoded
from knowledge.documents.formats import Progress

FORMAT = "markdown"
SUFFIXES = (".md", ".markdown")
TYPES = ("text/markdown",)
LARGEST = 1_000_000
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_LONGEST_LEAD = 90


def read(path: Path, progress: Progress) -> Document:
    """The whole text. Raises Unreadable when it is none, or empty."""
    progress(0, 0)
    text = decoded(path.read_bytes())
    front = _FRONT.match(text)
    furniture = tuple(line.strip() for line in front[1].splitlines()) if front else ()
    tokens = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table").parse(text[front.end() :] if front else text)
    blocks = tuple(_blocks(tokens))
    if not blocks:
        raise Unreadable("the file holds no text")
    return Document(blocks, furniture=furniture)


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    """One block per inline token, by what is open around it."""
    open_: list[str] = []
    rows: list[list[str]] = []
    fresh = False
    for token in tokens:
        kind = token.type
        if kind == "tr_open":
            rows.append([])
        elif kind == "table_close":
            made = table(rows)
            rows = []
            if made is not None:
                yield made
        elif kind in ("fence", "code_block"):
            yield Block("text", " ".join(token.content.split()))
        elif kind == "inline" and rows:
            rows[-1].append(_plain(token.children or ()))
        elif kind == "inline":
            fresh, listed = False, fresh
            yield from _inline(token, open_, listed)
        if token.nesting > 0:
            open_.append(token.tag)
            fresh = fresh or kind == "list_item_open"
        elif token.nesting < 0:
            open_.pop()


def _inline(token: Token, open_: Sequence[str], listed: bool) -> Iterator[Block]:
    text = _plain(token.children or ())
    if not text:
        return
    heading = next((tag for tag in open_ if re.fullmatch(r"h[1-6]", tag)), None)
    if heading:
        yield Block("heading", text, level=int(heading[1]))
        return
    lead = _lead(token.children or ())
    if lead == text and len(text) <= _LONGEST_LEAD and text[-1] not in ".;,":
        yield Block("heading", text, level=7)
    elif lead and lead != text and len(lead) <= _LONGEST_LEAD:
        yield Block("item" if listed else "text", text[len(lead) :].strip(), lead=lead)
    else:
        yield Block("item" if listed else "text", text)


def _plain(children: Sequence[Token]) -> str:
    said = ["\n" if child.type in ("softbreak", "hardbreak") else child.content for child in children if child.type not in ("image", "html_inline")]
    return " ".join("".join(said).split())


def _lead(children: Sequence[Token]) -> str:
    """The bold words it begins with."""
    inside = [child for child in children if child.content or child.type in ("strong_open", "strong_close")]
    if not inside or inside[0].type != "strong_open":
        return ""
    end = next(place for place, child in enumerate(inside) if child.type == "strong_close")
    return _plain(inside[1:end])
