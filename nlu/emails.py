"""E-mail addresses, typed or spoken: "kevpark88@gmail.com", "maria dot h at gmail dot com", "j guion bajo ruiz arroba yahoo punto com".

A value is lower case and has passed `email-validator` (syntax only, no network). `none` means the person has none, which
is not the same as having none at hand. Words: `lexicons/emails.toml`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from nlu.message import Message
from nlu.numbers import FILLERS, Atom, digits_at
from nlu.parse import Context, Reading
from nlu.repairs import settle, words_pattern
from nlu.spelling import SOUNDS

SLOT = "patient.email"

_LEXICON = tomllib.loads((Path(__file__).parent / "lexicons" / "emails.toml").read_text(encoding="utf-8"))
_WORDS = _LEXICON["words"]
_SIGNS: dict[str, str] = {phrase: sign for sign, phrases in _LEXICON["signs"].items() for phrase in phrases}
_LEADS = frozenset(_WORDS["leads"])
_SILENT = re.compile(r"(?<![\w])" + words_pattern(_WORDS["silent"]) + r"(?![\w])")
_PROVIDERS = frozenset(_WORDS["providers"])
_TLDS = frozenset(_WORDS["tlds"])
_HEARD = [(tuple(said.split()), meant) for said, meant in sorted(_WORDS["heard"].items(), key=lambda pair: -len(pair[0]))]
_TLD_HEARD: dict[str, str] = _WORDS["tld_heard"]
_NONE = re.compile(r"(?<![\w'])" + words_pattern(_LEXICON["none"]["phrases"]) + r"(?![\w'])")
_BARE = re.compile(r"(?<![\w'])" + words_pattern(_LEXICON["none"]["bare"]) + r"(?![\w'])")
_TYPED = re.compile(
    r"(?<![\w.+-])[a-z0-9][\w.+-]{0,63}\s?@\s?[a-z0-9-]{1,63}(?:(?:\.[a-z0-9-]{1,63}){1,4}(?<![.-])|\s?\.\s?(?:com|net|org|edu|gov)\b)"
)
_SQUASHED = re.compile(r"\b([a-z0-9._]{1,40}?)(?:\s+(\d{1,4}))?\s*(gmail|yahoo|hotmail|outlook|icloud|aol)\.?(com|net)\b")
"""What is left of an address once a form has stripped its signs: "praveen 12 gmailcom"."""
_DESCRIBED = re.compile(r"(?:first|last|full|my)\.?name|nombre|apellido")
"""An address told about ("first name dot last name at ...") and not said."""
_ATOM = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+|[@.+_-]|[,;:!?]")
_SIGN_CHARS = frozenset("@._-+")
_REACH = 14
"""Words an address may have on either side of the "at"."""
_TRIES = 12
"""Words "at" looked at in one message: reading time stays bounded."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address found."""

    value: str
    start: int
    end: int
    confidence: float


def read(message: Message, context: Context) -> list[Reading]:
    """At most one reading."""
    found = find(message, context)
    if not found:
        absent = _NONE.search(message.low) or (_BARE.search(message.low) if context.asked == SLOT else None)
        if absent is None:
            return []
        return [Reading(SLOT, "none", message.text[absent.start() : absent.end()], absent.start(), absent.end(), 0.9)]
    settled = settle(found, message.low)
    kept = settled.kept or tuple(found[:1])
    chosen = kept[-1] if settled.corrected else kept[0]
    value: str | tuple[str, ...] = chosen.value
    if settled.alternatives:
        value = tuple(dict.fromkeys(address.value for address in kept))
    raw = message.text[chosen.start : chosen.end]
    return [Reading(SLOT, value, raw, chosen.start, chosen.end, chosen.confidence, tuple(a.value for a in kept if a.value != chosen.value))]


def find(message: Message, context: Context) -> list[Address]:
    """Every address in the message, in order."""
    low = message.low
    found = [
        address
        for match in _TYPED.finditer(low)
        if (address := _valid(re.sub(r"\s", "", match.group()), match.start(), match.end(), 0.98)) is not None
    ]
    if found:
        return found
    found = _spoken(low)
    if not found:
        for match in _SQUASHED.finditer(low):
            local = match[1] + (match[2] or "")
            address = _valid(f"{local}@{match[3]}.{match[4]}", match.start(), match.end(), 0.5)
            if address is not None and match[1] not in _LEADS:
                found.append(address)
    return found


def _valid(text: str, start: int, end: int, confidence: float) -> Address | None:
    try:
        checked = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return Address(checked.normalized.lower(), start, end, confidence)


def _spoken(low: str) -> list[Address]:
    quiet = _SILENT.sub(lambda match: " " * len(match.group()), low)
    parts = [Atom(m.group(), m.start(), m.end()) for m in _ATOM.finditer(quiet)]
    found: list[Address] = []
    floor = tries = 0
    for index, part in enumerate(parts):
        if index <= floor or tries >= _TRIES or _SIGNS.get(part.text, part.text) != "@":
            continue
        tries += 1
        domain, after = _domain(parts, index + 1)
        if domain is None:
            continue
        local, first = _local(parts, index, floor)
        if not local or _DESCRIBED.search(local):
            continue
        address = _valid(f"{local}@{domain}", parts[first].start, parts[after - 1].end, 0.85)
        if address is not None:
            found.append(address)
            floor = after
    return found


def _domain(parts: list[Atom], index: int) -> tuple[str | None, int]:
    """ "gmail dot com", "the clinic dot org", "u c s f dot edu"; a well-known provider alone means `.com`."""
    labels: list[str] = []
    current = ""
    start = index
    while index < len(parts) and index - start < _REACH:
        word = parts[index].text
        if _SIGNS.get(word, word) == ".":
            labels, current = [*labels, current], ""
            index += 1
            continue
        if labels and not current:
            tld, after = _tld(parts, index)
            if tld is not None:
                return ".".join([*labels, tld]), after
        provider, after = _provider(parts, index)
        if provider is not None and not current:
            current, index = provider, after
            if index >= len(parts) or _SIGNS.get(parts[index].text, parts[index].text) != ".":
                return ".".join([*labels, current, "com"]), _skip_tld(parts, index)
            continue
        if not word.isalnum() and word != "-":
            break
        said, after = digits_at(parts, index)
        current += said if said is not None else word
        index = after if said is not None else index + 1
    return None, start


def _skip_tld(parts: list[Atom], index: int) -> int:
    return index + 1 if index < len(parts) and parts[index].text == "com" else index


def _provider(parts: list[Atom], index: int) -> tuple[str | None, int]:
    for said, meant in _HEARD:
        if tuple(part.text for part in parts[index : index + len(said)]) == said:
            return meant, index + len(said)
    return (parts[index].text, index + 1) if parts[index].text in _PROVIDERS else (None, index)


def _tld(parts: list[Atom], index: int) -> tuple[str | None, int]:
    for length in (3, 1):
        said = " ".join(part.text for part in parts[index : index + length])
        if said in _TLD_HEARD:
            return _TLD_HEARD[said], index + length
    word = parts[index].text
    if word not in _TLDS:
        return None, index
    if index + 2 < len(parts) and _SIGNS.get(parts[index + 1].text) == "." and parts[index + 2].text in _TLDS:
        return f"{word}.{parts[index + 2].text}", index + 3
    return word, index + 1


def _local(parts: list[Atom], at: int, floor: int) -> tuple[str, int]:
    """Walk back from "at" to the word that led in, then read forward."""
    first = at
    while first > floor and at - first < _REACH:
        word = parts[first - 1].text
        if word in ",;:!?" or (word in _LEADS and not _is_joined(parts, first - 1, at)):
            break
        if word in _TLDS and first - 2 >= floor and _SIGNS.get(parts[first - 2].text) == "." and _SIGNS.get(parts[first].text) is None:
            break  # the end of another address: "not dot com, bixby at ..."
        first -= 1
    text, index = "", first
    while index < at:
        said, index = _said(parts, index, at)
        text += said
        index = _skip_spelling(parts, index, at, said)
    return text.strip("._-+"), first


def _said(parts: list[Atom], index: int, at: int) -> tuple[str, int]:
    """What one word, sign, number or explained letter contributes, and the index after it."""
    word = parts[index].text
    sign, after = _sign(parts, index, at)
    if sign is not None:
        return sign, after
    said, after = digits_at(parts, index)
    if said is not None and after <= at and not (word == "o" and not _beside_digits(parts, index, at)):
        return said, after
    if word in ("double", "triple") and index + 1 < at and len(parts[index + 1].text) == 1:
        return parts[index + 1].text * (2 if word == "double" else 3), index + 2
    if len(word) == 1 and index + 3 < at and (parts[index + 1].text, parts[index + 2].text) == ("as", "in"):
        return word, index + 4
    if len(word) == 1 and index + 2 < at and parts[index + 1].text in ("for", "like", "de") and parts[index + 2].text[0] == word:
        return word, index + 3
    if parts[at].text == "arroba" and word in SOUNDS and _is_letter_name(parts, index, at):
        return SOUNDS[word], index + 1
    return "" if word in FILLERS else word.replace("'", ""), index + 1


def _is_letter_name(parts: list[Atom], index: int, at: int) -> bool:
    """ "lucia punto be arroba": a Spanish letter's name stands alone between two signs."""
    before = parts[index - 1].text if index else "."
    return _SIGNS.get(before, before) in _SIGN_CHARS and (index + 1 == at or _SIGNS.get(parts[index + 1].text) is not None)


def _beside_digits(parts: list[Atom], index: int, at: int) -> bool:
    neighbours = [i for i in (index - 1, index + 1) if 0 <= i < at and parts[i].text != "o"]
    return any(digits_at(parts, i)[0] is not None for i in neighbours)


def _skip_spelling(parts: list[Atom], index: int, at: int, said: str) -> int:
    """ "mike, m i k e, at": a word spelled right after it was said is one word."""
    end = index + len(said)
    if len(said) > 2 and end <= at and [part.text for part in parts[index:end]] == list(said):
        return end
    return index


def _is_joined(parts: list[Atom], index: int, at: int) -> bool:
    """A lead-in word with a sign on one side ("me dot you") belongs to the address; so does "i" or "me" beside single letters."""
    after = parts[index + 1].text if index + 1 < at else ""
    before = parts[index - 1].text if index else ""
    if _SIGNS.get(after, after) in _SIGN_CHARS - {"@"} or _SIGNS.get(before, before) in _SIGN_CHARS - {"@"}:
        return True
    if parts[index].text == "and" and before not in _LEADS and before.isalpha() and len(parts) - at < _REACH:
        return index == 1 or parts[index - 2].text in _LEADS  # "pat and mike at ..."
    if parts[index].text == "the":
        return before in ("it's", "its", "is", "es")
    return parts[index].text in ("i", "one", "oh") and (
        (len(before) == 1 and before.isalnum())
        or (len(after) == 1 and after.isalnum())
        or before in ("one", "oh")
        or digits_at(parts, index - 1)[0] is not None
        if index
        else False
    )


def _sign(parts: list[Atom], index: int, at: int) -> tuple[str | None, int]:
    for length in (2, 1):
        if index + length <= at:
            phrase = " ".join(part.text for part in parts[index : index + length])
            sign = _SIGNS.get(phrase, phrase if phrase in _SIGN_CHARS else None)
            if sign is not None:
                return sign, index + length
    return None, index
