"""A referring office's dense text: one to several patients in one message, each with whatever was given.

"Ref: Ann Wu DOB 5/6/72 ph 415-555-0102 Aetna HMO W200119283 s/p L ankle ORIF 11/2, eval & tx. Dr B Hale, Elm Ortho" and the
same in lists, capitals, lines and voice-mail notes. A provider, practice or specialty named once belongs to every patient. A patient
named only to be cancelled is left out; an ordinary patient's own message is not an office's. Words: `lexicons/office.toml`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nlu import emails, office_fields, office_names, practices, reasons, specialties, times
from nlu.carriers import CARRIER, CarrierReader
from nlu.gazetteer import PhraseSet, Word, index_at, lexicon, words
from nlu.message import Message
from nlu.name_words import FIRST, LAST, Kind, kind
from nlu.office_fields import Figures
from nlu.office_names import Named
from nlu.parse import Context, Reading
from nlu.providers import PROVIDER, ProviderReader
from nlu.vocabulary import Vocabulary

NAME = "patient.name"
ROLE = "caller.role"
SHARED = (PROVIDER, practices.SLOT, specialties.SLOT)
"""Slots said once for all patients of a message."""

_TABLE = lexicon("office")
_OFFICE, _SELF, _OFFICE_SELF = (PhraseSet(_TABLE["gate"][name]) for name in ("office", "self", "office_self"))
_INTRO = PhraseSet(_TABLE["gate"]["intro"])
_ADMIN = PhraseSet(_TABLE["gate"]["admin"])
_PLAN_BEHIND = re.compile(r"(?:ppo|hmo|epo|medi|health|id\b|ins)")
_CONTACT = re.compile(_TABLE["gate"]["contact_times"])
"""When somebody may be rung up, or a message was left: no wish for a visit."""
_WEAK = frozenset(_TABLE["gate"]["weak"])
_FIGURES = re.compile(r"\b[A-Za-z]{1,4}\d{6,}\b|\b\d[A-Za-z][A-Za-z0-9]\d-?[A-Za-z]")
_CONTACTS = PhraseSet(_TABLE["gate"]["contacts"])
_CANCELLED = PhraseSet(_TABLE["cancelled"]["words"])
_CODE = re.compile(r"\b[A-TV-Z]\d\d\.\d{1,4}[A-Z]?\b", re.IGNORECASE)
_SIDE = re.compile(r"\b[RL]\b(?!\.)|\b(?:rt|lt|bilat|bil)\b", re.IGNORECASE)
_BREAKS = (
    (re.compile(r"\n[-*•\s]*|;|\(?\b(?:\d|[a-e])\)\s?|\s[*•]\s|\s#?\d[.):]\s"), 10_000),
    (re.compile(r"[.!?]\s"), 10_000),
    (re.compile(r"\s(?:and|also|plus|then|y|\+|&)\s", re.IGNORECASE), 14),
    (re.compile(r",\s|\s/\s"), 14),
)
"""What parts two patients, strongest first, and how far before the name it may stand (characters)."""
_COUNTED = re.compile(r"\b(?:[2-9]|two|three|four|five|six|couple|few|several|some|dos|tres|cuatro|list)\b")
"""A header that counts its patients: "3 post-ops from Dr. Hale:"."""
_ALL = re.compile(r"\b(?:both|all|each|ambos|todos)\b")
_HEADER = re.compile(r":\s|\n|;|\(?\b(?:1|a)\)\s?")
_ENOUGH = 3
"""Least weight of what only an office writes."""
_RECORD = 4
"""Least number of facts that make a record of a text without shorthand."""


class OfficeReader:
    """Reads referrals out of an office's text; built once per clinic."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._carriers = CarrierReader(vocabulary)
        self._providers = ProviderReader(vocabulary)

    def read(self, message: Message, context: Context) -> tuple[Mapping[str, Reading], ...]:
        """One mapping of slots per patient; empty when the text is not an office's referral."""
        figures = Figures.of(message, context).without_ids(message, self._carriers.spans(message))
        signs = signs_of(message, context, figures)
        if not signs.possible:
            return ()
        named = self._patients(message, figures, signs.certain)
        if not named or (not signs.certain and signs.items + self._items(message, context) + any(n.labelled for n in named) < signs.needed):
            return ()
        records = _records(message, named)
        alone = len(named) == 1
        rest = _without(message, [(n.start, n.end) for n in named])
        shared = {} if alone else {r.slot: r for r in self._providers.read(rest, context) if r.slot in SHARED}
        payers = {} if alone else self._of_all(message, context)
        out = []
        for name, (start, end) in zip(named, records, strict=True):
            if _cancelled(message, name):
                continue
            slots = self._record(message, context, name, (0, len(message.text)) if alone else (start, end), figures)
            for slot, reading in shared.items():
                slots.setdefault(slot, reading)
            if CARRIER not in slots:
                slots |= payers
            out.append(slots)
        return tuple(_together(message, named, out))

    def _patients(self, message: Message, figures: Figures, certain: bool = False) -> list[Named]:
        found = words(message)
        sources = self._providers.spans(message)
        sources += [(p.start, p.end) for p in practices.find(message) if not _surname(message, (p.start, p.end))]
        payers = [span for span in self._carriers.spans(message) if not _surname(message, span) and not _forename(message, span)]
        trades = [(h.start, h.end) for h in specialties.find(found) if message.text[h.start : h.end] != "Ed"]  # "ED" is a ward, "Ed" a man
        taken = [*sources, *payers, *reasons.spans(found), *trades]
        return office_names.find(message, taken, figures.spans(), sources, certain)

    def _of_all(self, message: Message, context: Context) -> dict[str, Reading]:
        """Cover said of every patient at once: "both Aetna", "Cigna for both"."""
        found = words(message)
        for match in _ALL.finditer(message.low):
            i = index_at(found, match.start())
            first, last = max(0, i - 2), min(len(found), i + 3)
            around = Message.of(message.text[found[first].start : found[last - 1].end])
            readings = self._carriers.in_dense_text(around, context)
            if any(r.slot == CARRIER for r in readings):
                shift = found[first].start
                return {r.slot: replace(r, start=r.start + shift, end=r.end + shift) for r in readings}
        return {}

    def _items(self, message: Message, context: Context) -> int:
        """Kinds of facts a referral holds, beside the name and the figures."""
        found = words(message)
        sources = bool(self._providers.spans(message) or practices.find(message))
        wish = bool(_times(message, context))
        return 1 + wish + bool(self._carriers.spans(message)) + sources + bool(reasons.spans(found)) + bool(_CONTACTS.find(found))

    def _record(self, message: Message, context: Context, name: Named, span: tuple[int, int], all_figures: Figures) -> dict[str, Reading]:
        """Everything one stretch of the message says of its patient."""
        shift = span[0]
        segment = message if span == (0, len(message.text)) else Message.of(message.text[span[0] : span[1]])
        figures = all_figures.within(*span)
        bare = replace(context, asked=None, confirming=False, known={})
        inner = (name.start - shift, name.end - shift)
        slots = {NAME: Reading(NAME, name.name, message.text[name.start : name.end], *inner, 0.9)}
        told = [office_fields.phone(segment, figures), office_fields.birth(segment, figures, context.today, inner[1])]
        found = [*emails.read(segment, bare), *(r for r in told if r is not None)]
        rest = _without(segment, [inner, *((r.start, r.end) for r in found), *figures.spans()])
        payers = self._carriers.in_dense_text(rest, bare)
        spans = self._carriers.spans(rest)
        carrier = next((str(r.value) for r in payers if r.slot == CARRIER), "")
        number = office_fields.member_id(rest, bare, spans, carrier)
        found += [*payers, *([number] if number else []), *(r for r in self._providers.in_dense_text(rest, bare) if r.slot in SHARED)]
        other = _without(rest, [*((r.start, r.end) for r in found if r.slot != specialties.SLOT), *spans])
        found += [*reasons.in_dense_text(other, segment), *_times(other, bare)]
        slots |= {r.slot: r for r in found}
        return {slot: replace(r, raw=segment.text[r.start : r.end], start=r.start + shift, end=r.end + shift) for slot, r in slots.items()}


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells an office's text from a patient's."""

    certain: bool
    """Shorthand, orders and codes outweigh "I" and "my"."""
    possible: bool
    """Certain, or a record without a word in the first person that its facts may prove an office's."""
    items: int
    """Telephone numbers, dates with a year and card numbers (3 at most), and 1 for any shorthand."""
    needed: int
    """Facts that make a record: fewer where there is shorthand."""


def signs_of(message: Message, context: Context, figures: Figures) -> Signs:
    """Weigh shorthand, orders and codes against the first person; what was asked makes a bare answer likelier."""
    role = context.known.get(ROLE)
    if role in ("patient", "caregiver"):
        return Signs(False, False, 0, _RECORD)
    found = words(message)
    office = role == "referring_office"
    signs = {h.entry for h in (*_OFFICE.find(found), *_ADMIN.find(found))} - _WEAK
    clinical = reasons.abbreviations(found)
    own = sum(1 for h in _SELF.find(found) if not _excused(found, h.first) and not _is_age(found, h.first))
    count = min(3, len(figures.spans()) + bool(_FIGURES.search(message.text)))
    weight = len(signs) + len(clinical) + 2 * bool(_CODE.search(message.text)) + bool(_SIDE.search(message.text) and (clinical or signs))
    weight += count + 3 * (office or bool(_INTRO.find(found))) - 2 * min(own, 4) - 2 * (context.asked is not None)
    certain = bool(signs or clinical or office or _INTRO.find(found)) and weight >= _ENOUGH
    told = bool(signs or clinical)
    possible = certain or (not own and (count > 0 or bool(_ADMIN.find(found))) and context.asked is None)
    return Signs(certain, possible, count + told, _RECORD - told)


def _surname(message: Message, span: tuple[int, int]) -> bool:
    """Such as "Rosa Molina 3/4/61": a payer's name that is a family name, behind a first name."""
    before = message.low[: span[0]].rstrip().rpartition(" ")[2]
    behind = message.low[span[1] :].lstrip(" ,(-.")
    name = message.low[span[0] : span[1]]
    return (name in LAST or " " not in name) and before in FIRST and not _PLAN_BEHIND.match(behind)


def _forename(message: Message, span: tuple[int, int]) -> bool:
    """Such as "Oscar Finch 8/8/78": a payer's name that is a given name, before a family name."""
    behind = re.match(r" ([A-Z][a-z'-]+)\b", message.text[span[1] :])
    return behind is not None and message.low[span[0] : span[1]] in FIRST and (behind[1].lower() in LAST or kind(behind[1].lower()) is Kind.UNKNOWN)


def _times(message: Message, context: Context) -> list[Reading]:
    """Wishes for a day or a part of it; a date alone is when something happened."""
    readings = times.read(_without(message, [m.span() for m in _CONTACT.finditer(message.low)]), context)
    return [
        r for r in readings if all(not isinstance(w, str) and w.first is None and (w.days or w.part != "any" or w.after or w.before) for w in r.value)
    ]


def _is_age(found: Sequence[Word], i: int) -> bool:
    """The "yo" of "88 yo"."""
    return found[i].text == "yo" and i > 0 and found[i - 1].text.isdigit()


def _excused(found: Sequence[Word], i: int) -> bool:
    return any(_OFFICE_SELF.starts(found, k) > i - k for k in range(max(0, i - 2), i + 1))


def _records(message: Message, named: Sequence[Named]) -> list[tuple[int, int]]:
    """Which stretch of the message belongs to each patient. What stands before the first is a header, unless it is a complaint."""
    headers = [m.end() for m in _HEADER.finditer(message.text, 0, named[0].start)]
    if headers and not _COUNTED.search(message.low, 0, headers[-1]) and reasons.complains(Message.of(message.text[: headers[-1]])):
        headers = []
    cuts = [headers[-1] if headers else 0]
    for before, name in itertools.pairwise(named):
        cuts.append(_record_start(message, before.end, name.start))
    return list(zip(cuts, [*cuts[1:], len(message.text)], strict=True))


def _record_start(message: Message, low: int, high: int) -> int:
    """The last of the strongest breaks between two names; a conjunction or a comma only right before the name."""
    for pattern, reach in _BREAKS:
        ends = [m.end() for m in pattern.finditer(message.text, low, high) if high - m.end() <= reach]
        if ends:
            return ends[-1]
    return high


def _together(message: Message, named: Sequence[Named], records: list[dict[str, Reading]]) -> list[dict[str, Reading]]:
    """Such as "Mona & Rima Saleh, both ankle sprains": what follows two names is said of both."""
    if len(records) == len(named):
        for k in range(len(records) - 1):
            joined = message.text[named[k].end : named[k + 1].start].strip().lower() in ("&", "and", "y", "+")
            if joined:
                records[k] = records[k + 1] | {NAME: records[k][NAME]}
    return records


def _cancelled(message: Message, name: Named) -> bool:
    """The sentence of the name says that this patient is not coming."""
    start = max((m.end() for m in re.finditer(r"[.;\n]\s", message.text[: name.start])), default=0)
    stop = re.search(r"[.;\n](?:\s|$)", message.text[name.end :])
    end = name.end + stop.start() if stop else len(message.text)
    return bool(_CANCELLED.find(words(Message.of(message.text[start:end]))))


def _without(message: Message, spans: Iterable[tuple[int, int]]) -> Message:
    """The message with spans blanked by a break, offsets unchanged."""
    text = message.text
    for start, end in spans:
        if end > start:
            text = text[:start] + "|" * (end - start) + text[end:]
    return message if text == message.text else Message.of(text)
