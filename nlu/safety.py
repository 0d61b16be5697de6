"""Red flags in one message: how fast a person must act, why, and what is only history.

Findings and what takes them back are data (`lexicons/safety*.toml`). A finding stands unless it is denied, long past, supposed, part of a chart, or
another sense of the words; what was taken back is kept as history for the coordinator. In doubt it stands: the line then asks one question.
A second opinion (`nlu/opinion.py`) raises what no rule foresaw, as a question, and takes back what a rule found where it is sure there is nothing.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Iterable

import numpy as np

from nlu.message import Message
from nlu.opinion import Opinion, features_of
from nlu.parse import Context, Safety, SafetyLevel
from nlu.phrasebook import Match, Phrasebook, Scan, Span
from nlu.wording import LEXICONS, SENTENCE, Words

_BOOK = Phrasebook.load("safety")
VERSION = _BOOK.version
"""Version of the rules, stored with what they found."""

_OPINION = Opinion.load("danger")
_KINDS = tuple(question for question in _OPINION.questions if question != "danger")

RAISED = 0.85
"""How sure the second opinion must be of what no rule found: the line then asks about it."""
RAISED_AFTER_ALL = 0.97
"""How sure of what a rule found and took back as denied or long past, and of a message with few words to judge by."""
SHORT = 4
"""Words of a message that is most often the answer to a question."""
LONG = 40
"""Words from which one sentence of danger is lost to the model in all the rest: nothing is taken back then, and never a word of suicide."""
DOUBTED = 0.05
"""How little sure it must be to take back what a rule found: that is kept as history."""

DENIAL_REACH = 10
"""Words a denial covers ahead: "no redness no drainage and no fever over a hundred"."""
ANOTHERS_REACH = 8
"""Words behind "my aunt had" that are still about the aunt."""
CLEARED_REACH = 3
"""Words behind a finding that may take it back: "dvt was ruled out"."""

_RANK = {SafetyLevel.NONE: 0, SafetyLevel.URGENT: 1, SafetyLevel.EMERGENCY: 2, SafetyLevel.CRISIS: 3}
_STATEMENTS = tomllib.loads((LEXICONS / "safety_marks.toml").read_text("utf-8"))["statements"]
_SPEAKERS = frozenset(_STATEMENTS["speakers"].split())
_PAIRS = frozenset(tuple(pair.split()) for pair in _STATEMENTS["pairs"])
_LINKS = frozenset(_STATEMENTS["links"].split())
_OWNERS = frozenset(_STATEMENTS["owners"].split())
_SUBJECTS = frozenset(_STATEMENTS["subjects"].split())
_AUXILIARIES = frozenset(_STATEMENTS["auxiliaries"].split())
_TOPICS = frozenset(_STATEMENTS["topics"].split())
_JOINS = frozenset(_STATEMENTS["joins"].split())

_LAUGHED_AWAY = frozenset({"breathing", "abuse", "cardiac", "general", "stroke"})
"""Groups of which people joke ("i can't breathe in this mask haha"). Self-harm is none: people who mean it laugh it off."""


def read(message: Message, context: Context) -> Safety:
    """The worst red flag that stands, with the groups that were only history.

    `certain` is False where a finding stands beside words that may place it in the past or in a chart.
    """
    words = Words.of(message)
    scan = _BOOK.scan(words)
    matches = _BOOK.match(scan)
    by_rule = _by_rule(words, scan, matches) if any("level" in m.rule.tags for m in matches) else Safety()
    return _with_second_opinion(by_rule, features_of(scan, matches), len(words.low))


def _by_rule(words: Words, scan: Scan, matches: list[Match]) -> Safety:
    surroundings = _Surroundings(words, matches)
    if surroundings.other_sense:
        matches = _BOOK.match(scan.without(surroundings.other_sense))
    findings = [m for m in matches if "level" in m.rule.tags]
    best, best_rank, history = Safety(), 0.0, dict[str, None]()
    for match in findings:
        verdict = surroundings.verdict(match)
        group, level = str(match.rule.tags["group"]), SafetyLevel(match.rule.tags["level"])
        if verdict in ("history", "chart"):
            history[group] = None
        rank = float(match.rule.tags.get("rank", _RANK[level]))
        if verdict in ("stands", "unsure") and (rank > best_rank or (rank == best_rank and verdict == "stands" and not best.certain)):
            best, best_rank = Safety(level, group, match.rule.id, certain=verdict == "stands"), rank
    return Safety(best.level, best.group, best.rule, best.certain, tuple(g for g in history if g != best.group))


def _with_second_opinion(found: Safety, features: np.ndarray, length: int) -> Safety:
    """The rules' finding, taken back where the model is sure it is none; where they found nothing and the model is sure, its own, asked about."""
    sure = _OPINION.on("danger", features)
    if found.level is not SafetyLevel.NONE:
        if sure >= DOUBTED or found.level is SafetyLevel.CRISIS or length > LONG:
            return found
        return Safety(history=tuple(dict.fromkeys((*found.history, str(found.group)))))
    if sure < (RAISED_AFTER_ALL if found.history or length <= SHORT else RAISED):
        return found
    level, group = _OPINION.likeliest(_KINDS, features).split()
    return Safety(SafetyLevel(level), group, f"opinion.{group}", certain=False, history=tuple(g for g in found.history if g != group))


def features(message: Message) -> np.ndarray:
    """What the second opinion looks at: for training it."""
    scan = _BOOK.scan(Words.of(message))
    return features_of(scan, _BOOK.match(scan))


class _Surroundings:
    """What stands around the findings of one message."""

    def __init__(self, words: Words, matches: Iterable[Match]) -> None:
        self.words = words
        self.marks: dict[str, list[Span]] = {}
        for match in matches:
            if "mark" in match.rule.tags:
                self.marks.setdefault(str(match.rule.tags["mark"]), []).append((match.start, match.end))
        self.opens, self.turns = _statements(words, {s for s, _ in self.marks.get("turn", ())} | {e - 1 for _, e in self.marks.get("turn_last", ())})
        other = frozenset(i for start, end in self.marks.get("other_sense", ()) for i in range(start, end))
        self.other_sense = other
        """Words of idioms and other senses: no part of a finding."""
        spared = {i for start, end in self.marks.get("not_denial", ()) for i in range(start, end)}
        self.denials = [start for start, _ in self.marks.get("denied", ()) if start not in spared and start not in other]
        weak = {start for start, _ in self.marks.get("chart_weak", ())}
        own = "own_voice" in self.marks
        strong = len({start for start, _ in self.marks.get("chart", ())})
        self.chart = bool(strong and (not own or strong >= 2 or len(weak) >= 2)) or (len(weak) >= 2 and not own)

    def verdict(self, match: Match) -> str:
        """`stands`, `unsure`, `history` (denied or past), `chart`, or `nothing` (supposed, laughed away)."""
        if self._denied(match) or self._cleared(match):
            return "history"
        statements = {self._statement(start) for start, _ in match.spans}
        supposed = self._in("service", statements) or (self._in("supposed", statements) and match.rule.tags.get("supposable", True))
        if supposed and not self._in("current", statements):
            return "nothing"
        if "joking" in self.marks and match.rule.tags["group"] in _LAUGHED_AWAY and not self._in("current", statements):
            return "nothing"
        if self.chart:
            return "unsure" if "office_now" in self.marks else "chart"
        if match.rule.tags.get("past") != "counts" and (self._past(match, statements) or self._anothers(match, statements)):
            return "history"
        return "stands" if match.rule.tags.get("certain", True) else "unsure"

    def _denied(self, match: Match) -> bool:
        """A denial ahead of a part in its statement, or skipped inside it ("my chest does not hurt")."""
        if any(d in match.skipped for d in self.denials):
            return True
        own = {i for start, end in match.spans for i in range(start, end)} - match.skipped
        for start, end in match.spans:
            at = self._statement(start)
            if any(d < end and d not in own and start <= d + DENIAL_REACH and self._statement(d) == at for d in self.denials):
                return True
        return False

    def _cleared(self, match: Match) -> bool:
        at = self._statement(match.end - 1)
        return any(match.end <= s <= match.end + CLEARED_REACH and self._statement(s) == at for s, _ in self.marks.get("cleared", ()))

    def _past(self, match: Match, statements: set[int]) -> bool:
        ago = [s for s, _ in self.marks.get("long_ago", ())]
        if not ago:
            return False
        first, last = self.words.sentence(match.start)
        if any(first <= s for s, _ in self.marks.get("returned", ())):
            return False
        if any(first <= s < last for s, _ in self.marks.get("resolved", ())) and any(first <= s < last for s in ago):
            return True
        if self._in("current", statements):
            return False
        present = self._in("present", statements)
        return any(self._statement(s) in statements or (not present and self._beside(self._statement(s), of)) for s in ago for of in statements)

    def _anothers(self, match: Match, statements: set[int]) -> bool:
        """What befell somebody else once: told ahead of the finding in its sentence, and nothing there says it is now."""
        if self._in("current", statements) or match.rule.tags["group"] == "overdose":
            return False
        first, _ = self.words.sentence(match.start)
        return any(first <= start <= match.start < end + ANOTHERS_REACH for start, end in self.marks.get("others_past", ()))

    def _beside(self, one: int, other: int) -> bool:
        """The same statement, or neighbours with no "but" and no full stop between them."""
        return one == other or (abs(one - other) == 1 and max(one, other) not in self.turns)

    def _in(self, mark: str, statements: set[int]) -> bool:
        return any(self._statement(s) in statements for s, _ in self.marks.get(mark, ()))

    def _statement(self, word: int) -> int:
        return bisect_right(self.opens, word)


def _statements(words: Words, turning: set[int]) -> tuple[list[int], set[int]]:
    """Where each statement after the first opens, and the numbers of those that open with a turn ("but") or a new sentence."""
    opens: list[int] = []
    hard: set[int] = set()
    for i in range(1, len(words.low)):
        strong = i in turning or words.breaks[i] >= SENTENCE
        speaks = words.low[i] in _SPEAKERS and words.low[i - 1] not in _LINKS and words.low[i - 1 : i + 1] not in _PAIRS
        goes_on = words.low[i] in _TOPICS and words.low[i - 1] in _JOINS
        if strong or goes_on or (speaks and not _is_object(words, i)):
            opens.append(i)
            if strong:
                hard.add(len(opens))
    return opens, hard


def _is_object(words: Words, at: int) -> bool:
    """Whether the owner at `at` ("my") opens the object of a verb: "i did not hit my head" is one statement, "no fever my back hurts" two."""
    if words.low[at] not in _OWNERS:
        return False
    j = at - 2
    while j >= 0 and words.low[j] in _AUXILIARIES:
        j -= 1
    opened = j < at - 2 and (j < 0 or words.breaks[j + 1] > 0)
    return opened or (j >= 0 and words.low[j] in _SUBJECTS)
