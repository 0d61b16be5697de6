"""Consent to be texted: keywords as the whole message, and revocation in free words (47 CFR 64.1200(a)(10): any reasonable means)."""

from __future__ import annotations

import tomllib
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.message import Message
from nlu.parse import OptOut
from nlu.phrasebook import Phrasebook
from nlu.wording import LEXICONS, Words, spell_out

_BOOK = Phrasebook.load("opt_out")
_TABLE = tomllib.loads((LEXICONS / "opt_out.toml").read_text("utf-8"))
_FORGIVEN = [phrase for phrase in _TABLE["keywords"]["stop"] if len(phrase) >= 4 and " " not in phrase and phrase not in _TABLE["unforgiven"]]
_KEYWORDS = {spell_out(phrase): OptOut(verdict) for verdict, phrases in _TABLE["keywords"].items() for phrase in phrases}


def read(message: Message) -> OptOut:
    """What the message says about being texted at all.

    A keyword counts only when nothing but courtesy stands around it: "stop by at 5" and "cancel my appointment" are none. YES is none:
    in a conversation it is an answer.
    """
    return _read(message.low)


@lru_cache(maxsize=16)
def _read(low: str) -> OptOut:
    words = Words.folded(low)
    scan = _BOOK.scan(words)
    keyword = _keyword(_without_courtesy(words.low, scan.starts.get("<courtesy>", {})))
    if keyword is not None:
        return keyword
    said = {str(m.rule.tags["says"]) for m in _BOOK.match(scan)}
    if "stop" in said and "keep" not in said:
        return OptOut.STOP
    if "start" in said and "never" not in said:
        return OptOut.START
    return OptOut.HELP if "help" in said and not said & {"stop", "start"} else OptOut.NONE


def _keyword(said: tuple[str, ...]) -> OptOut | None:
    """The verdict of a keyword said alone, repeated ("stop stop"), or with one slip of the thumb ("sotp")."""
    if len(set(said)) == 1:
        said = said[:1]
    exact = _KEYWORDS.get(said)
    if exact is not None or len(said) != 1 or len(said[0]) < 4:
        return exact
    near = process.extractOne(said[0], _FORGIVEN, scorer=OSA.distance, score_cutoff=1)
    return OptOut.STOP if near and said[0] not in _TABLE["near_misses"] else None


def _without_courtesy(low: tuple[str, ...], courtesy: dict[int, list[int]]) -> tuple[str, ...]:
    first, last = 0, len(low)
    ends = {end: start for start, many in courtesy.items() for end in many}
    while first in courtesy and max(courtesy[first]) < last:
        first = max(courtesy[first])
    while last in ends and ends[last] > first:
        last = ends[last]
    return low[first:last] if last - first <= 3 else low
