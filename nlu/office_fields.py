"""Telephone number, date of birth and member ID of one patient in an office's dense text.

Labels decide ("DOB", "cell", "claim"), then what stands beside the name or the carrier. A fax, the office's own number, a date
of surgery or injury, an authorization or chart number is not the patient's. Words: `lexicons/office.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from nlu import birth_dates, dates, ids, phones
from nlu.gazetteer import PhraseSet, Word, index_at, lexicon, words
from nlu.message import Message
from nlu.numbers import NUMBER_WORDS
from nlu.parse import Context, Reading

_TABLE = lexicon("office")
_PHONES = {name: PhraseSet(phrases) for name, phrases in _TABLE["phones"].items()}
_BIRTHS = {name: PhraseSet(phrases) for name, phrases in _TABLE["births"].items()}
_IDS = {name: PhraseSet(phrases) for name, phrases in _TABLE["ids"].items()}

_CODE = re.compile(r"(?<![\w.])(?:[A-Za-z]{1,4} (?=\d))?(?=[A-Za-z]{0,4}\d)[A-Za-z0-9]{2,}(?:-[A-Za-z0-9]{2,}){0,3}(?: \d{2,5}){0,3}(?![\w/])")
_LOOKALIKES = frozenset({("O", "0"), ("I", "1"), ("0", "O"), ("1", "I"), ("L", "1")})
_ICD = re.compile(r"[A-TV-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?", re.IGNORECASE)
_PLAIN = frozenset(_TABLE["names"]["stop"])
_SPACED = re.compile(r"(\b(?:dob|born|birth ?date|bday|nac)\W{0,3})(\d{1,2} \d{1,2} (?:19|20)?\d\d\b)")
"""A date of birth written with spaces: "dob 12 3 64"."""
_PLAN_LETTERS = frozenset(_TABLE["ids"]["plan_letters"])
_WORD = re.compile(r"[a-z]{2,}")
_LETTERS = re.compile(r"[a-z]+\Z")
_SAID, _NEXT = 90, 6
"""Characters in which a card number is said behind its payer, and within which it begins."""
_BESIDE = re.compile(r"[\s:#-]{1,3}(?:(?:medicaid|medicare|ppo|hmo|epo|plan|advantage|mcd|id|no)\b[\s:#.-]{0,3}){0,2}", re.IGNORECASE)
_SHORTEST, _LONGEST = 6, 16


@dataclass(frozen=True, slots=True)
class Code:
    """A number that could be a member ID."""

    value: str
    start: int
    end: int
    score: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The telephone numbers and dates of a message, found once."""

    numbers: tuple[phones.Phone, ...]
    dated: tuple[dates.DateMention, ...]

    @classmethod
    def of(cls, message: Message, context: Context) -> Figures:
        """Ten digits no exchange has are a member ID, and so are ten behind a letter."""
        numbers = [
            p
            for p in phones.find(message, context)
            if p.confidence >= 0.5 and _stands_free(message, p.start) and _one_run(message.low[p.start : p.end])
        ]
        spoken = bool(_BIRTHS["labels"].find(words(message))) and not re.search(r"\d{3}", message.text)
        low = _SPACED.sub(lambda match: match[1] + re.sub(r"(?<=\d) (?=\d)", "/", match[2]), message.low)
        return cls(tuple(numbers), tuple(dates.find(low, bare=spoken)))

    def without_ids(self, message: Message, payers: Sequence[tuple[int, int]]) -> Figures:
        """Ten figures in one right behind a payer are a card number where another number is there to ring."""
        if len(self.numbers) < 2:
            return self
        plain = [p for p in self.numbers if message.text[p.start : p.end].isdigit()]
        cards = [p for p in plain if any(_BESIDE.fullmatch(message.text, end, p.start) for _, end in payers if end <= p.start)]
        kept = tuple(p for p in self.numbers if p not in cards)
        return Figures(kept or self.numbers, self.dated)

    def within(self, start: int, end: int) -> Figures:
        """Those of one stretch, with offsets in it."""
        return Figures(
            tuple(replace(p, start=p.start - start, end=p.end - start) for p in self.numbers if start <= p.start < end),
            tuple(replace(d, start=d.start - start, end=d.end - start) for d in self.dated if start <= d.start < end),
        )

    def spans(self) -> list[tuple[int, int]]:
        """Where telephone numbers and dates with a year are: what stands behind a patient's name."""
        return [*((p.start, p.end) for p in self.numbers), *((d.start, d.end) for d in self.dated if d.year is not None)]


def _stands_free(message: Message, start: int) -> bool:
    """Letters right before the digits make them a card number, unless they are a label: "cell4155550149"."""
    letters = _LETTERS.search(message.low[max(0, start - 12) : start])
    return letters is None or letters.group() in _PHONES["cell"] or letters.group() in _PHONES["less"] or letters.group() in _PHONES["plain"]


def _one_run(said: str) -> bool:
    """Typed figures and other words in one run are two things that happen to add up to ten digits."""
    return "\n" not in said and (not re.search(r"\d", said) or NUMBER_WORDS.issuperset(_WORD.findall(said)))


def phone(message: Message, figures: Figures) -> Reading | None:
    """The number to call: the mobile before the others, never a fax or the office."""
    found = words(message)
    best: tuple[int, phones.Phone] | None = None
    for number in figures.numbers:
        i = index_at(found, number.start)
        if _labelled(_PHONES["not_patient"], message, found, i) or message.low[number.end : number.end + 6].strip(" (-").startswith("fax"):
            continue
        rank = 2 if _labelled(_PHONES["cell"], message, found, i) else 0 if _labelled(_PHONES["less"], message, found, i) else 1
        if best is None or rank > best[0]:
            best = (rank, number)
    if best is None:
        return None
    number = best[1]
    return Reading(phones.SLOT, number.value, message.text[number.start : number.end], number.start, number.end, number.confidence)


def birth(message: Message, figures: Figures, today: date, after: int) -> Reading | None:
    """The date labelled so, else the first one behind the name (offset `after`) that nothing says is another date."""
    found = words(message)
    best: tuple[int, dates.DateMention, str] | None = None
    for mention in figures.dated:
        day = dates.past(mention, today)
        if day is None or mention.year is None:
            continue
        i = index_at(found, mention.start)
        label = _labelled(_BIRTHS["labels"], message, found, i)
        if not label and (_BIRTHS["not_birth"].ends(found, i) or (today - day).days < 60 or _cornered(message, mention)):
            continue
        rank = 3 if label else 2 if 0 <= mention.start - after <= 30 else 1
        if best is None or rank > best[0]:
            best = (rank, mention, day.isoformat())
    if best is None:
        return None
    rank, mention, value = best
    return Reading(birth_dates.SLOT, value, message.text[mention.start : mention.end], mention.start, mention.end, 0.9 if rank > 1 else 0.7)


def member_id(message: Message, context: Context, carriers: Sequence[tuple[int, int]], carrier: str) -> Reading | None:
    """The best supported number behind a label or a carrier. Telephone numbers and dates must be masked in `message`."""
    found = words(message)
    best: Code | None = None
    for match in _CODE.finditer(message.text):
        code = _code(message, found, match, carriers)
        if code is not None and (best is None or code.score > best.score):
            best = code
    if best is None:
        return _spoken(message, context, carriers)
    fixed, _ = ids.repaired(best.value, carrier)
    typed = all(a == b or (a, b) in _LOOKALIKES for a, b in zip(best.value, fixed, strict=True))
    return Reading(
        ids.SLOT, fixed if typed else best.value, message.text[best.start : best.end], best.start, best.end, 0.9 if best.score > 2 else 0.7
    )


def _spoken(message: Message, context: Context, carriers: Sequence[tuple[int, int]]) -> Reading | None:
    readings = ids.read(message, replace(context, asked=None))
    for _, end in carriers if not readings else ():
        behind = Message.of(message.text[end : end + _SAID])
        found = [r for r in ids.read(behind, replace(context, asked=ids.SLOT)) if r.start <= _NEXT and len(str(r.value)) >= _SHORTEST]
        readings = [replace(r, start=r.start + end, end=r.end + end) for r in found]
    return readings[0] if readings else None


def _code(message: Message, found: Sequence[Word], match: re.Match[str], carriers: Sequence[tuple[int, int]]) -> Code | None:
    start, text = match.start(), match.group()
    first = text.split(" ")[0]
    if first != text and not any(c.isdigit() for c in first) and not _prefix(message, first, start, carriers):
        start, text = start + len(first) + 1, text[len(first) + 1 :]
    value = re.sub(r"[^A-Z0-9]", "", text.upper())
    digits = sum(c.isdigit() for c in value)
    if not _SHORTEST <= len(value) <= _LONGEST or _ICD.fullmatch(text) or (not ids.is_mbi(value) and (digits < 4 or digits * 2 < len(value))):
        return None
    i = index_at(found, start)
    if _labelled(_IDS["not_ids"], message, found, i):
        return None
    score = 3 if _labelled(_IDS["labels"], message, found, i) else 0
    score += 2 if any(0 <= start - end <= 30 and not re.search(r"[\n]", message.text[end:start]) for _, end in carriers) else 0
    score += 4 if ids.is_mbi(value) else 1 if value[0].isalpha() and len(value) >= 8 else 0
    return Code(value, start, start + len(text), score) if score >= 1 else None


def _prefix(message: Message, word: str, start: int, carriers: Sequence[tuple[int, int]]) -> bool:
    """Do letters that stand apart belong to the number ("QRT 310 442 118")? A label, a carrier or a word does not."""
    if word.lower() in _PLAIN or word.lower() in _PLAN_LETTERS or word in _IDS["labels"] or any(a <= start < b for a, b in carriers):
        return False
    return (len(word) == 3 and (word.isupper() or message.text.islower())) or (len(word) < 3 and word.isupper() and not message.text.isupper())


def _labelled(labels: PhraseSet, message: Message, found: Sequence[Word], i: int) -> bool:
    """A label right before word `i`, with nothing but signs between."""
    if not 0 < i <= len(found) or not labels.ends(found, i):
        return False
    end = found[i].start if i < len(found) else len(message.text)
    return re.fullmatch(r"[\s:#=.,(-]*", message.text[found[i - 1].end : end]) is not None


def _cornered(message: Message, mention: dates.DateMention) -> bool:
    """A date in brackets behind an operation, or with a preposition before it: "(2/3/24)", "on 2/3/24"."""
    return message.low[: mention.start].rstrip().endswith((" on", "since", "from", "after", " x"))
