"""How an answer is worded: for a screen and for the ear, in English and in Spanish."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge.answer import Part
from knowledge.articles import Article
from knowledge.availability import LeadTime, Opening
from knowledge.payers import PayerRow, Rule, Status
from nlu.parse import Channel, Language

SPOKEN_LIMIT = 260
"""Characters of an article read aloud in one go, about 15 seconds; what is longer is offered as a text."""
TEXT_LIMIT = 320
"""Characters of an answer that quotes two articles: two text segments."""
NOTE_LIMIT = 90
"""Characters of a payer row's note that is said with it; longer ones are for staff. Notes are in the clinic's language, English."""
_STATUSES = (Status.IN_NETWORK, Status.OUT_OF_NETWORK, Status.VERIFY, Status.NOT_ACCEPTED)
_RULES = (Rule.YES, Rule.NO, Rule.UNKNOWN)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9¿¡])")
_PHONE = re.compile(r"\b(?:1-)?(\d{3})[-.](\d{3})[-.](\d{4})\b")


@dataclass(frozen=True, slots=True)
class Worded:
    """One answer in both forms."""

    text: str
    spoken: str


@cache
def _language(language: Language) -> Mapping[str, Any]:
    return tomllib.loads(files("knowledge").joinpath("wording", f"{language}.toml").read_text(encoding="utf-8"))


class Phrasing:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        words = _language(language)
        self._notes = language == "en"
        self._screen: Mapping[str, str] = words["payer"]
        self._ear: Mapping[str, str] = {**words["payer"], **words["payer_spoken"]}
        self._availability: Mapping[str, Any] = words["availability"]
        self._article: Mapping[str, str] = words["article"]
        self._unanswered: Mapping[str, str] = words["unanswered"]
        self._and: str = words["joining"]["and"]

    def payer(self, row: PayerRow) -> Worded:
        """One plan: network status, referral and authorization rule, and never a promise."""
        return Worded(self._plan(row, self._screen), self._plan(row, self._ear))

    def split(self, rows: Sequence[PayerRow], asked: frozenset[str]) -> Worded:
        """Several plans of one payer, none named: the split, and which one is it. `asked`: of status, referral, authorization."""
        return Worded(self._split(rows, asked, self._screen), self._split(rows, asked, self._ear))

    def articles(self, articles: Sequence[Article]) -> Worded:
        """The clinic's own words. Twins (hours of two clinics) are given together where they fit; for the ear only the first, cut at a sentence."""
        lead = self._article["lead_in"]
        text = " ".join(article.answer for article in articles)
        if len(text) > TEXT_LIMIT:
            text = articles[0].answer
        return Worded(lead + text, lead + self._aloud(articles[0].answer, more=len(articles) > 1))

    def lead_time(self, lead: LeadTime) -> Worded:
        """ "Within two business days"."""
        key = "range" if lead.days_most and lead.days_most != lead.days else "day" if lead.days <= 1 else "days"
        text = self._availability[key].format(days=lead.days, most=lead.days_most, where=self._where(lead.location, lead.specialty))
        return Worded(text, text)

    def openings(self, openings: Sequence[Opening]) -> Worded:
        """The next free appointments."""
        words = self._availability
        alike = len({(opening.location, opening.specialty) for opening in openings}) == 1
        said = ", ".join(self._date(opening) + ("" if alike else self._where(opening.location, opening.specialty)) for opening in openings)
        text = words["opening"].format(openings=said, where=self._where(openings[0].location, openings[0].specialty) if alike else "")
        return Worded(text, text)

    def stale(self) -> Worded:
        """No date: the coordinator confirms."""
        return Worded(self._availability["stale"], self._availability["stale"])

    def unanswered(self, question: str, alone: bool) -> str:
        """What is said for a part nobody can answer now."""
        return self._unanswered["one"] if alone else self._unanswered["more"].format(question=question.strip(" ?.!,"))

    def _date(self, opening: Opening) -> str:
        words = self._availability
        weekday, month = words["weekdays"][opening.day.weekday()], words["months"][opening.day.month - 1]
        form: str = words["date" if opening.time else "day_only"]
        return form.format(weekday=weekday, month=month, day=opening.day.day, time=_clock(opening.time) if opening.time else "")

    def _plan(self, row: PayerRow, words: Mapping[str, str]) -> str:
        plan = plan_name(row)
        pieces = [words[str(row.status)].format(plan=plan)]
        if row.status in (Status.IN_NETWORK, Status.VERIFY) or Rule.YES in (row.referral, row.authorization):
            pieces.append(self._rules(row.referral, row.authorization, words))
        if words is self._screen and self._notes and 0 < len(row.notes) <= NOTE_LIMIT:
            pieces.append(_sentence(row.notes))
        else:
            pieces.append(words["tail" if row.status in (Status.IN_NETWORK, Status.VERIFY) else "out_tail"])
        return " ".join(piece for piece in pieces if piece)

    @staticmethod
    def _rules(referral: Rule, authorization: Rule, words: Mapping[str, str]) -> str:
        said = {"referral": words[f"referral_{referral}"], "authorization": words[f"authorization_{authorization}"]}
        key = _RULE_WORDING.get((referral, authorization), "rule_mixed")
        text = words[key].format(**said)
        return text[0].upper() + text[1:]

    def _split(self, rows: Sequence[PayerRow], asked: frozenset[str], words: Mapping[str, str]) -> str:
        payer = rows[0].payer
        if asked == {"referral"} or asked == {"authorization"}:
            (field,) = asked
            groups = [
                words[f"{field}_split_{rule}"].format(plans=self._join([row.plan_type for row in rows if getattr(row, field) is rule]))
                for rule in _RULES
                if any(getattr(row, field) is rule for row in rows)
            ]
            return _capital(words[f"{field}_split"].format(payer=payer, groups="; ".join(groups)))
        groups = [
            words[f"split_{status}"].format(plans=self._join([self._brief(row, asked, words) for row in rows if row.status is status]))
            for status in _STATUSES
            if any(row.status is status for row in rows)
        ]
        return _capital(words["split"].format(payer=payer, groups="; ".join(groups)))

    @staticmethod
    def _brief(row: PayerRow, asked: frozenset[str], words: Mapping[str, str]) -> str:
        needed = [words[f"{field}_{rule}"] for field, rule in (("referral", row.referral), ("authorization", row.authorization)) if field in asked]
        return f"{row.plan_type} ({', '.join(needed)})" if needed else row.plan_type

    def _join(self, names: Sequence[str]) -> str:
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {self._and} {names[-1]}"

    def _where(self, location: str, specialty: str) -> str:
        names = [name for name in (specialty, location) if name]
        return self._availability["where"].format(names=", ".join(names)) if names else ""

    def _aloud(self, text: str, more: bool = False) -> str:
        said = ""
        for sentence in _SENTENCE.split(text):
            if said and len(said) + len(sentence) > SPOKEN_LIMIT:
                said += " " + self._article["rest"]
                break
            said = f"{said} {sentence}".strip()
        else:
            said = f"{said} {self._article['rest']}" if more else said
        return spoken_numbers(said)


_RULE_WORDING = {
    (Rule.YES, Rule.YES): "rule_both",
    (Rule.NO, Rule.NO): "rule_neither",
    (Rule.UNKNOWN, Rule.UNKNOWN): "rule_none_known",
    (Rule.YES, Rule.NO): "rule_referral",
    (Rule.YES, Rule.UNKNOWN): "rule_referral",
    (Rule.NO, Rule.YES): "rule_authorization",
    (Rule.UNKNOWN, Rule.YES): "rule_authorization",
}


def plan_name(row: PayerRow) -> str:
    """`Aetna HMO`; the plan type is left out where the payer's name already says it."""
    said = row.payer.lower()
    return row.payer if not row.plan_type or row.plan_type.lower() in said or len(row.plan_type) <= 2 else f"{row.payer} {row.plan_type}"


def spoken_numbers(text: str) -> str:
    """Telephone numbers digit by digit in groups, street numbers left as they are."""
    return _PHONE.sub(lambda found: ", ".join(" ".join(group) for group in found.groups()), text)


def reply(parts: Sequence[Part], phrasing: Phrasing, channel: Channel) -> str:
    """What the line says to a whole message: the answers, then who answers the rest."""
    said = [part.answer.spoken if channel == "voice" else part.answer.text for part in parts if part.answer]
    left = [part for part in parts if part.answer is None and not part.small_talk]
    said += [phrasing.unanswered(part.question, alone=not said and len(left) == 1) for part in left]
    return " ".join(text.strip() for text in said)


def _sentence(note: str) -> str:
    return note if not note or note.endswith((".", "!", "?")) else f"{note}."


def _capital(text: str) -> str:
    pieces = re.split(r"(?<=[.;] )", text)
    return "".join(piece[:1].upper() + piece[1:] if index and pieces[index - 1].endswith(". ") else piece for index, piece in enumerate(pieces))


def _clock(time: str) -> str:
    hour, minute = (int(piece) for piece in time.split(":"))
    return f"{(hour - 1) % 12 + 1}:{minute:02} {'AM' if hour < 12 else 'PM'}"
