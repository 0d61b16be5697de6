"""Payer rows out of tables and lists, whatever their columns are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.documents.document import Rows
from knowledge.drafting.cells import columns, exactly, meaning, plain, words
from knowledge.drafting.draft import Unread
from knowledge.payers import PayerRow, Rule, Status

_HEADER_ROWS = 3
_MOST_WORDS = 7
_MOST_ROWS = 3000
_FEWEST_LISTED = 3
_OF_NETWORKS = frozenset(("network", "participating", "participation", "par"))
_BRACKET = re.compile(r"\s*\(([^)]*)\)")
_SENTENCE = re.compile(r"\b(?:we|you|your|please|is|are|call|will|most|some|many|all|other|others|more)\b", re.IGNORECASE)
_ALSO = re.compile(r"\b(?:formerly|aka|a\.k\.a\.|also|or)\b|/", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """What a table or list gave."""

    rows: dict[str, PayerRow] = field(default_factory=dict)
    """By id in lower case."""
    unread: list[Unread] = field(default_factory=list)

    @property
    def payers(self) -> list[PayerRow]:
        """In the order of the table."""
        return list(self.rows.values())


def from_table(rows: Rows, source: str, page: int) -> Found | None:
    """Payer rows of a table; None when it is no payer table."""
    for place, header in enumerate(rows[:_HEADER_ROWS]):
        by = columns(header, "payer_columns", "payer_hints")
        if "payer" not in by and "plan_type" in by:
            # "Plan" alone names the payer with its plan.
            by["payer"] = by.pop("plan_type")
        if "payer" in by and "status" not in by and "plan_type" in by and by["payer"] > by["plan_type"]:
            by["payer"], by["plan_type"] = by["plan_type"], by["payer"]
        if "payer" in by and ("status" in by or {"referral_required", "authorization_required"} <= by.keys()) and len(by) >= 2:
            return _rows(rows[place:], by, source, page)
        kinds = [spot for spot, cell in enumerate(header) if plain(cell) in words("plan_types")["names"]]
        if len(kinds) >= 2 and 0 not in kinds and "payer" in by:
            return _matrix(rows[place:], by["payer"], kinds, source, page)
    return None


def _rows(rows: Rows, by: dict[str, int], source: str, page: int) -> Found:
    found, before = Found(), ""
    strange = [name for place, name in enumerate(rows[0]) if name and place not in by.values() and any(row[place] for row in rows[1:])]
    if strange:
        found.unread.append(Unread(page, ", ".join(strange), "columns of the payer table that are not known; nothing in them was used"))
    for number, row in enumerate(rows[1:], start=1):
        if row == rows[0]:
            continue
        cells = {name: row[place] for name, place in by.items()}
        cells["status_header"] = rows[0][by["status"]] if "status" in by else ""
        if len(found.rows) >= _MOST_ROWS:
            found.unread.append(Unread(page, " | ".join(row)[:200], "the table has more payers than a clinic works with; bring it in parts"))
            return found
        filled = sum(map(bool, row))
        if filled == 1 and len(row) > 2:
            # A line across the table that names the company, or a remark beneath it.
            before = next(cell for cell in row if cell) if cells["payer"] and len(cells["payer"].split()) <= _MOST_WORDS else before
            continue
        name = cells["payer"] or before
        if not name:
            found.unread.append(Unread(page, " | ".join(row), "a row of the payer table without a payer"))
            continue
        before = name
        _add(found, _row(name, cells, source, page, number, found), page)
    return found


def _row(name: str, cells: dict[str, str], source: str, page: int, number: int, found: Found) -> PayerRow:
    where = f"{source}, page {page}" if page else f"{source}, row {number}"
    said = cells.get("status", "")
    status = meaning(said, "status") if "status" in cells else "verify"
    if status is None:
        found.unread.append(Unread(page, f"{name}: {said}", "this status is not known; taken as verify"))
    if status == "not_accepted" and exactly(said, "plain_no") and set(plain(cells["status_header"]).replace("?", " ").split()) & _OF_NETWORKS:
        # "In network? No" says no more than that it is out of network.
        status = "out_of_network"
    referral, asked = _rule(cells.get("referral_required", ""), "Referral")
    authorization, wanted = _rule(cells.get("authorization_required", ""), "Authorization")
    payer, aliases, kind = _named(name)
    kind = cells.get("plan_type", "") or kind
    kind = "" if exactly(kind, "every_plan") else kind
    aliases += tuple(alias.strip().lower() for alias in re.split(r"[;,]", cells.get("aliases", "")) if alias.strip())
    notes = ". ".join(note.rstrip(". ") for note in (cells.get("notes", ""), asked, wanted) if note)
    return PayerRow(payer, tuple(dict.fromkeys(aliases)), kind, Status(status or "verify"), referral, authorization, notes, where)


def _rule(told: str, name: str) -> tuple[Rule, str]:
    """What a cell says of a referral or an authorization, and its own words where they say more than yes or no."""
    rule = meaning(told, "rule")
    if rule is None:
        # "After 12 visits" or "PCP": something is wanted.
        rule = "no" if plain(told).startswith(("not ", "no ")) else "yes"
    more = rule == "yes" and not exactly(told, "rule")
    return Rule(rule), f"{name}: {told}" if more else ""


def _named(name: str) -> tuple[str, tuple[str, ...], str]:
    """ "Blue Cross Blue Shield (BCBS)" is a name and an alias; "Aetna (HMO)" a name and a plan."""
    aliases: list[str] = []
    kind = ""
    for inside in _BRACKET.findall(name):
        if plain(inside) in words("plan_types")["names"]:
            kind = inside.strip()
        else:
            aliases += [piece.strip().lower() for piece in _ALSO.split(inside) if piece.strip()]
    bare = _BRACKET.sub("", name).strip(" *†:") or name
    parts = [part.strip() for part in re.split(r"\s+/\s+|\s+aka\s+", bare) if part.strip()]
    return parts[0], (*aliases, *(part.lower() for part in parts[1:])), kind


def _matrix(rows: Rows, payer: int, kinds: Sequence[int], source: str, page: int) -> Found:
    """A column for each kind of plan, and whether it is taken in each cell."""
    found = Found()
    for number, row in enumerate(rows[1:], start=1):
        for place in kinds:
            status = meaning(row[place], "status")
            if row[payer] and status is not None:
                cells = {"status": row[place], "plan_type": rows[0][place], "status_header": ""}
                made = _row(row[payer], cells, source, page, number, found)
                _add(found, PayerRow(made.payer, made.aliases, made.plan_type, made.status, Rule.UNKNOWN, Rule.UNKNOWN, "", made.source), page)
    return found


def _add(found: Found, row: PayerRow, page: int) -> None:
    same = found.rows.setdefault(row.id.lower(), row)
    if same is row:
        return
    if (same.status, same.referral, same.authorization) != (row.status, row.referral, row.authorization):
        found.unread.append(Unread(page, f"{row.payer} {row.plan_type}".strip(), "listed twice with different rules; the first is kept"))


def from_list(heading: str, items: Sequence[tuple[str, int]], source: str) -> list[PayerRow]:
    """Payer rows of a list under a heading such as "Insurance plans we accept"; none when it is no such list, or says more than names.

    `items`: text and page.
    """
    head = f" {plain(heading)} "
    if not any(f" {word} " in head for word in words("lists")["about"]):
        return []
    status = next((kind for name, kind in _LISTS if any(cue in head for cue in words("lists")[name])), None)
    names = [name for text, page in items for name in _listed(text, page)]
    told = sum(bool(list(_listed(text, page))) for text, page in items)
    if status is None or told < _FEWEST_LISTED or 3 * (len(items) - told) > len(items):
        return []
    rows: dict[str, PayerRow] = {}
    for name, kind, page in names:
        payer, aliases, inside = _named(name)
        where = f"{source}, page {page}" if page else source
        row = PayerRow(payer, aliases, kind or inside, status, Rule.UNKNOWN, Rule.UNKNOWN, "", where)
        rows.setdefault(row.id.lower(), row)
    return list(rows.values())


_LISTS = (("out", Status.OUT_OF_NETWORK), ("refused", Status.NOT_ACCEPTED), ("accepted", Status.IN_NETWORK))


def _listed(text: str, page: int) -> Iterator[tuple[str, str, int]]:
    """The payer of an item with each kind of plan named after it; nothing for an item that is a sentence."""
    text = text.strip(" .;")
    if len(text.split()) > _MOST_WORDS or _SENTENCE.search(text):
        return
    bracket = _BRACKET.search(text)
    told = re.split(r"\s*(?:,|/|&|\band\b)\s*", bracket[1]) if bracket else []
    kinds = [kind for kind in told if plain(kind) in words("plan_types")["names"]]
    if kinds:
        yield from ((_BRACKET.sub("", text).strip(), kind, page) for kind in kinds)
        return
    tail = next((name for name in sorted(words("plan_types")["names"], key=len, reverse=True) if plain(text).endswith(f" {name}")), "")
    bare = text[: len(text) - len(tail)].strip(" -–:,") if tail else text
    yield (bare, text[len(text) - len(tail) :], page) if tail and bare else (text, "", page)
