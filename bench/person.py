"""A person who talks to the line: listens to the words of its question, and answers as their row says they would."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_TABLE = tomllib.loads(Path(__file__).with_name("questions.toml").read_text(encoding="utf-8"))
_ASKS: Mapping[str, list[str]] = _TABLE["asks"]
_MOMENTS: Mapping[str, list[str]] = _TABLE["moments"]
_SAYS: Mapping[str, Mapping[str, str]] = _TABLE["says"]
_DAYS: Mapping[str, Any] = _TABLE["days"]
_REFERENCE = re.compile(r"\bR\W*L\W*[0-9A-Z](?:\W*[0-9A-Z]){5}\b")
_LABELLED = re.compile(r"(?:^|(?<=[.?!;] ))([A-Z][^:.?!;]{2,30}): (.*?)(?=[.?!;] [A-Z][^:.?!;]{2,30}: |[.?!;]* [^.?!;]*\?|$)")
MOST_PROTESTS = 2
"""Times one thing read back wrong is objected to; after that a person gives up."""


@dataclass(frozen=True, slots=True)
class Move:
    """What the person does next. All empty: they are done."""

    say: str | None = None
    hang_up: bool = False
    """Leaves without a word; by text, just stops answering."""
    returns_by: str | None = None
    """`sms` or `voice` when they come back after hanging up."""
    minutes_later: int = 0


@dataclass(slots=True)
class Person:
    """One row of the personas, and where its conversation stands."""

    row: Mapping[str, Any]
    asked: str | None = None
    """What they think was asked last."""
    answered: set[str] = field(default_factory=set)
    told: Counter[str] = field(default_factory=Counter)
    """How often each slot was answered."""
    protests: Counter[str] = field(default_factory=Counter)
    used: set[int] = field(default_factory=set)
    """Interjections and corrections already made, by their place in the row."""
    waiting: str | None = None
    """What was answered last: what is said after it is due at the next question."""
    spoke_of: str | None = None
    """What they last gave a value for: it may be read back at once."""
    opened: bool = False
    left: bool = False
    puzzled: int = 0
    """Questions they did not recognise."""

    @property
    def language(self) -> str:
        """`en` or `es`."""
        return str(self.row.get("lang") or "en")

    def hears(self, text: str, *, ended: bool) -> Move:
        """Answer what the line just said. `text` is empty before the first text message and when the line stays silent."""
        if not self.opened:
            self.opened = True
            return Move(say=self.row["opening"])
        if ended or not text.strip():
            return Move()
        asked = question(text)
        if asked is None and (_REFERENCE.search(text) or any(re.search(p, fold(text)) for p in _MOMENTS["emergency"])):
            return Move()
        return self._departs(asked) or Move(say=self._words(text, asked))

    def returns(self) -> str:
        """The first words after coming back."""
        return str(self.row["drops"]["return_says"])

    def _departs(self, asked: str | None) -> Move | None:
        drops = self.row["drops"]
        if not drops or self.left:
            return None
        slot = drops["after"]
        if slot in self.answered or (asked == slot and slot not in self.row["answers"]) or (slot in self.row["unknown_slots"] and asked == slot):
            self.left = True
            return Move(hang_up=True, returns_by=drops["returns_by"], minutes_later=drops["minutes_later"] or 0)
        return None

    def _words(self, text: str, asked: str | None) -> str:
        plain = fold(text)
        if asked == "safety":
            return _SAYS["yes" if self.row["expect_status"] == "urgent" else "no"][self.language]
        if (aside := self._aside(asked)) is not None:
            return aside
        if asked == "confirm":
            return self._confirms(text)
        if asked == "missing":
            listed = plain[_first(plain, _MOMENTS["missing"]) :]
            return ". ".join(self._answer(slot) for slot in _ASKS if any(re.search(p, listed) for p in _ASKS[slot]))
        if (wrong := self._misheard(text)) is not None:
            return wrong
        if asked is None:
            self.puzzled += 1
            return self._answer(self.asked) if self.asked else str(self.row["opening"])
        self.asked = asked
        return self._answer(asked)

    def _aside(self, asked: str | None) -> str | None:
        """A correction or an interjection whose moment has come."""
        after, self.waiting = self.waiting, None
        due = {f"after:{after}", f"before:{asked}"} | ({"at_confirm"} if asked == "confirm" else set())
        for place, aside in enumerate((*self.row["corrections"], *self.row["interjections"])):
            late = asked == "confirm" and "sets" in aside  # its slot was never asked for: it is put right when everything is read back
            if place not in self.used and (aside["when"] in due or late):
                self.used.add(place)
                return str(aside["say"])
        return None

    def _answer(self, slot: str) -> str:
        says = self.row["answers"].get(slot)
        if not says:
            unknown = self.row["unknown_says"]
            says = unknown.get(slot) or unknown.get("*") or [_SAYS["no"][self.language]]
        said = says[min(self.told[slot], len(says) - 1)]
        self.told[slot] += 1
        self.answered.add(slot)
        self.waiting = self.spoke_of = slot
        return str(said)

    def _confirms(self, text: str) -> str:
        for label, value in labelled(text):
            slot = heard_slot(label)
            if slot and contradicts(slot, value, self.row) and self.protests[slot] < MOST_PROTESTS:
                self.protests[slot] += 1
                self.asked = slot
                return _SAYS["wrong"][self.language].format(label=fold(label), answer=self._repeat(slot))
        if any(re.search(p, fold(text)) for p in _MOMENTS["change"]) and not list(labelled(text)):
            return str(self.row["confirm_yes"][0])
        said = self.row["confirm_yes"]
        self.told["confirm"] += 1
        return str(said[(self.told["confirm"] - 1) % len(said)])

    def _misheard(self, text: str) -> str | None:
        """Read back at once, and wrong: the telephone number or the e-mail address."""
        for slot, value in (("patient.phone", _telephone(text)), ("patient.email", _address(text))):
            if value and slot == self.spoke_of and contradicts(slot, value, self.row) and self.protests[slot] < MOST_PROTESTS:
                self.protests[slot] += 1
                return f"{_SAYS['no'][self.language]}, {self._repeat(slot)}"
        return None

    def _repeat(self, slot: str) -> str:
        """The right value once more: the correction they have for it, else their clearest answer."""
        for aside in self.row["corrections"]:
            if slot in aside["sets"]:
                return str(aside["say"])
        says = self.row["answers"].get(slot) or [str(self.row["goal"][slot])]
        return str(says[(self.protests[slot] - 1) % len(says)])


def question(text: str) -> str | None:
    """What the line wants: a slot, `confirm`, `safety`, `missing`, or None when nothing we know is asked."""
    plain = fold(text)
    for moment in ("missing", "confirm", "safety"):
        if any(re.search(pattern, plain) for pattern in _MOMENTS[moment]):
            return moment
    sentences = [s for s in re.split(r"(?<=[.?!])\s+", plain) if s]
    asking = next((i for i in range(len(sentences) - 1, -1, -1) if sentences[i].endswith("?")), None)
    order = sentences[::-1] if asking is None else [sentences[asking], *sentences[:asking:-1]]
    return next((slot for sentence in order if (slot := heard_slot(sentence))), None)


def heard_slot(words: str) -> str | None:
    """The slot a sentence or a label is about."""
    plain = fold(words)
    return next((slot for slot, patterns in _ASKS.items() if any(re.search(p, plain) for p in patterns)), None)


def says_goodbye(text: str) -> bool:
    """True when the line takes its leave."""
    return any(re.search(pattern, fold(text)) for pattern in _MOMENTS["over"])


def labelled(text: str) -> Iterator[tuple[str, str]]:
    """`Phone: (415) 555-0120. Insurance: Cigna. Is that right?` as pairs."""
    flat = re.sub(r"\s+", " ", text)
    for found in _LABELLED.finditer(flat):
        yield found.group(1), found.group(2)


def contradicts(slot: str, value: str, row: Mapping[str, Any]) -> bool:
    """Whether a person would object to hearing this value read back. Another wording of the same is no reason to."""
    goal = row["goal"].get(slot)
    if goal is None or goal == "none" or row["expect_status"] != "complete":
        return False
    if slot == "patient.phone":
        digits = re.sub(r"\D", "", value)
        return len(digits) >= 10 and digits[-10:] != goal[-10:]
    if slot == "insurance.member_id":
        return _signs(value) != _signs(goal)
    if slot == "patient.email":
        return _signs(value.replace(" at ", "@").replace(" dot ", ".")) != _signs(goal)
    if slot == "patient.date_of_birth":
        numbers = {int(n) for n in re.findall(r"\d+", value)}
        return bool(numbers) and not {int(goal[:4]), int(goal[8:])} <= numbers
    if slot in ("patient.name", "referral.provider"):
        ours, theirs = (_words(v) - {"dr", "doctor", "np", "pa", "jr", "sr"} for v in (_one(goal), value))
        return not ours <= theirs if slot == "patient.name" else not ours & theirs
    if slot == "preferred_times":
        wanted = {day for window in goal for day in window["days"]}
        heard = days(value)
        return bool(wanted and heard and wanted != heard)
    if slot in ("insurance.carrier", "referral.practice", "insurance.plan", "referral.specialty"):
        changed = any(slot in aside["sets"] for aside in row["corrections"])
        known = _words(" ".join(map(str, [_one(goal), *([] if changed else row["answers"].get(slot, []))])))
        return not any(a == b or (len(a) > 3 and len(b) > 3 and a[:4] == b[:4]) for a in known for b in _words(value))
    return False


def days(text: str) -> set[str]:
    """Days of the week that a time names, `Monday to Thursday` and `weekdays` spelt out."""
    plain = fold(text)
    for group, members in _DAYS["groups"].items():
        plain = re.sub(group, " ".join(members), plain)
    names = [(number // 2 % 7, name) for number, name in enumerate(_DAYS["names"])]
    named = "|".join(name for _, name in names)
    for first, last in re.findall(rf"({named})s? (?:to|through|a) ({named})", plain):
        a, b = (next(number for number, name in names if name == end) for end in (first, last))
        plain += " " + " ".join(_DAYS["names"][number * 2] for number in range(a, b + 1))
    return {_DAYS["codes"][number] for number, name in names if name in plain}


def fold(text: str) -> str:
    """Lower case, no accents, one space."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"\s+", " ", plain).strip()


def _one(goal: object) -> str:
    return " ".join(map(str, goal)) if isinstance(goal, list) else str(goal)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", fold(text)))


def _signs(text: str) -> str:
    return re.sub(r"[^a-z0-9@]", "", fold(text))


def _telephone(text: str) -> str | None:
    found = re.search(r"(?<!\d)(?:\d[\s,.()-]*){10}(?!\d)", text)
    return found.group() if found else None


def _address(text: str) -> str | None:
    found = re.search(r"[\w.+-]+@[\w-]+\.\w[\w.]*\w", text)
    return found.group() if found else None


def _first(plain: str, patterns: list[str]) -> int:
    return min((found.start() for p in patterns if (found := re.search(p, plain))), default=0)
