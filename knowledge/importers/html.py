"""Web pages: what a visitor reads, without navigation, banners, forms, scripts and what is hidden."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.element import Comment, NavigableString, PageElement, Tag

from knowledge.documents.document import Block, Document, Unreadable, table
from knowledge.documents.formats import Progress

FORMAT = "html"
SUFFIXES = (".html", ".htm", ".xhtml")
TYPES = ("text/html", "application/xhtml+xml")
LARGEST = 4_000_000
_NEVER = frozenset(
    "script style noscript template iframe object embed svg canvas nav aside form button input select textarea dialog head audio video "
    "blockquote".split()
)
_AROUND = frozenset(("header", "footer"))
"""Furniture of the page, unless they stand within an article."""
_ROLES = frozenset("navigation banner contentinfo search complementary dialog alertdialog menu menubar".split())
_MARKED = re.compile(
    r"(?:^|[-_ ])(?:site-header|masthead|branding|cookie|consent|gdpr|"
    r"breadcrumbs?|nav(?:bar|igation|list)?|menu|sidebar|footer|share|sharing|social|newsletter|"
    r"subscribe|popup|modal|skip(?:link)?|testimonials?|reviews?|related|comments?|pagination|sr-only|visually-hidden|advert(?:isement)?)(?:$|[-_ ])",
    re.IGNORECASE,
)
_FOLDED = re.compile(r"accordion|collaps|toggle|faq|panel|tab-?content|details|expand|answer", re.IGNORECASE)
"""Parts that open when a visitor asks for them: hidden in a saved page, and still what it says."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = {f"h{level}": level for level in range(1, 7)} | {"summary": 7, "dt": 7, "legend": 7, "caption": 7}
_CLOSED = {"details": 7, "dl": 7, "fieldset": 7, "section": 6, "article": 6}
"""What is under a heading within these ends where they end: down to this level."""
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code data del dfn em font i img ins kbd label mark q s samp small span strong sub sup time tt u var "
    "wbr".split()
)
_BOLD = frozenset(("b", "strong"))
_LONGEST_LEAD = 90


_NESTING = re.compile(rb"<(/?)(?:div|span|section|article|table|ul|ol|dl|blockquote|b|i|u|em|strong|font|center)\b", re.IGNORECASE)
_DEEPEST = 400
"""Elements within each other, of those a browser does not close by itself; a page builder's reach forty. Deeper is made to keep a parser busy."""


def read(path: Path, progress: Progress) -> Document:
    """The readable part. Raises Unreadable when there is none, or when it is nested deeper than a page ever is."""
    progress(0, 0)
    _shallow_enough(path.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(path.read_bytes(), "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    body = soup.body or soup
    furniture = tuple(part.get_text(" ", strip=True)[:400] for part in body.find_all(_is_footer))
    _strip(body)
    main = body.find("main") or body.find(role="main")
    root = main if isinstance(main, Tag) and main.get_text(strip=True) else body
    blocks = tuple(_merged(_walk(root)))
    if all(block.kind == "heading" for block in blocks):
        raise Unreadable("the page holds nothing to read but navigation and scripts; bring the page as a PDF, or its text")
    return Document(blocks, furniture=tuple(filter(None, (title, *furniture))))


def _shallow_enough(raw: bytes) -> None:
    """Before anything is parsed: the parser goes down into each."""
    open_ = 0
    for tag in _NESTING.finditer(raw):
        open_ = max(0, open_ - 1) if tag[1] else open_ + 1
        if open_ > _DEEPEST:
            raise Unreadable("its elements are nested too deeply, far deeper than a page's ever are; bring the page as a PDF, or its text")


def _strip(body: Tag) -> None:
    for node in list(body.find_all(string=lambda text: isinstance(text, Comment))):
        node.extract()
    for tag in list(body.find_all(True)):
        if not tag.decomposed and _unwanted(tag):
            tag.decompose()


def _is_footer(tag: Tag) -> bool:
    return tag.name == "footer" or bool(re.search(r"(?:^|[-_ ])(?:footer|colophon)(?:$|[-_ ])", _marks(tag), re.IGNORECASE))


def _marks(tag: Tag) -> str:
    return " ".join([*(tag.get_attribute_list("class") or []), str(tag.get("id") or "")])


def _unwanted(tag: Tag) -> bool:
    if tag.name in _NEVER or tag.has_attr("hidden") or tag.get("aria-hidden") == "true":
        return True
    if tag.name in _AROUND:
        return tag.find_parent(("main", "article", "section")) is None
    if str(tag.get("role", "")).lower() in _ROLES:
        return True
    if _HIDDEN.search(str(tag.get("style", ""))) and not any(_FOLDED.search(_marks(one)) for one in (tag, *tag.parents)):
        return True
    if tag.name in ("main", "article", "body", "html"):
        return False
    return bool(_MARKED.search(_marks(tag)))


def _walk(tag: Tag) -> Iterator[Block]:
    """Blocks in document order; text between them is text."""
    loose: list[PageElement] = []
    for child in list(tag.children):
        if isinstance(child, NavigableString) or (isinstance(child, Tag) and child.name in _INLINE and not _holds_blocks(child)):
            loose.append(child)
            continue
        yield from _prose(loose)
        loose = []
        if isinstance(child, Tag):
            yield from _block(child)
    yield from _prose(loose)


def _holds_blocks(tag: Tag) -> bool:
    return any(inner.name not in _INLINE for inner in tag.find_all(True))


def _block(tag: Tag) -> Iterator[Block]:
    if tag.name in _HEADINGS:
        text = _text([tag])
        if text:
            yield Block("heading", text, level=_HEADINGS[tag.name])
    elif tag.name == "table":
        yield from _table(tag)
    elif tag.name == "li":
        inner = list(_walk(tag))
        yield from (Block("item", block.text, lead=block.lead) if block.kind == "text" else block for block in inner)
    elif tag.name in _CLOSED:
        yield from _walk(tag)
        yield Block("heading", "", level=_CLOSED[tag.name])
    else:
        yield from _closing(list(_walk(tag)))


def _closing(inside: list[Block]) -> Iterator[Block]:
    """A part of the page that begins with its own heading: what comes after it is not under that heading."""
    yield from inside
    first = inside[0] if inside else None
    if first and first.kind == "heading" and first.text and first.level > 1 and any(block.kind != "heading" for block in inside):
        yield Block("heading", "", level=first.level)


def _table(tag: Tag) -> Iterator[Block]:
    rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
    cells = [[cell for cell in row.find_all(("td", "th")) if cell.find_parent("tr") is row] for row in rows]
    if max((len(row) for row in cells), default=0) < 2:
        # A table that only places things on the page.
        for row in cells:
            for cell in row:
                yield from _walk(cell)
        return
    caption = tag.find("caption")
    if isinstance(caption, Tag) and (text := _text([caption])):
        yield Block("heading", text, level=_HEADINGS["caption"])
    made = table([_spread(row) for row in cells])
    if made is not None:
        yield made


def _spread(row: list[Tag]) -> list[str]:
    """A cell over several columns stands in each."""
    out: list[str] = []
    for cell in row:
        span = str(cell.get("colspan", "1"))
        out += [_text([cell])] * (min(int(span), 20) if span.isdigit() else 1)
    return out


def _prose(loose: list[PageElement]) -> Iterator[Block]:
    """Inline content as one paragraph, or several where two line breaks part them."""
    pieces: list[list[PageElement]] = [[]]
    breaks = 0
    for node in loose:
        if isinstance(node, Tag) and node.name == "br":
            breaks += 1
            if breaks == 2:
                pieces.append([])
            continue
        if _text([node]):
            breaks = 0
        pieces[-1].append(node)
    for piece in pieces:
        text = _text(piece)
        if not text:
            continue
        first = next(node for node in piece if _text([node]))
        lead = _text([first]) if isinstance(first, Tag) and first.name in _BOLD else ""
        if lead and lead != text and len(lead) <= _LONGEST_LEAD:
            yield Block("text", text[len(lead) :].strip(), lead=lead)
        elif lead == text and len(text) <= _LONGEST_LEAD and text[-1] not in ".;,":
            yield Block("heading", text, level=7)
        else:
            yield Block("text", text)


def _text(nodes: list[PageElement]) -> str:
    said = ["\n" if isinstance(node, Tag) and node.name == "br" else node.get_text() if isinstance(node, Tag) else str(node) for node in nodes]
    return " ".join("".join(said).split())


def _merged(blocks: Iterator[Block]) -> Iterator[Block]:
    """Without stray marks that stand alone."""
    return (block for block in blocks if block.rows or block.kind == "heading" or re.search(r"\w", block.text + block.lead))
