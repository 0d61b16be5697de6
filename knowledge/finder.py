"""The finder: splits a message into the things it asks and answers each from what the clinic has stated, or abstains."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from knowledge.answer import Answer, Asker, Finder, Part
from knowledge.articles import Article
from knowledge.availability import Availability
from knowledge.payers import PayerRow
from knowledge.phrasing import Phrasing

_SPLIT = re.compile(r"\?|[.;]\s|,\s*and\s|\sand\s(?=(?:do|does|can|is|are|when|how|what|where|who)\b)", re.IGNORECASE)
_ASKS = re.compile(r"\b(?:do|does|can|could|is|are|when|how|what|where|who|will|cuanto|donde|aceptan)\b", re.IGNORECASE)
_SOON = re.compile(r"\b(?:get in|how soon|seen|next opening)\b", re.IGNORECASE)
_THRESHOLD = 72.0


def build(articles: Sequence[Article], payers: Sequence[PayerRow], availability: Availability | None = None) -> Finder:
    """A finder over one clinic's knowledge."""
    return _Plain(tuple(articles), tuple(payers), availability or Availability())


class _Plain:
    def __init__(self, articles: tuple[Article, ...], payers: tuple[PayerRow, ...], availability: Availability) -> None:
        self._articles = articles
        self._payers = payers
        self._availability = availability

    def find(self, text: str, asker: Asker) -> tuple[Part, ...]:
        """Never raises."""
        pieces = [piece.strip() for piece in _SPLIT.split(text) if piece.strip()]
        return tuple(Part(piece, self._answer(piece, asker)) for piece in pieces if _ASKS.search(piece))

    def _answer(self, question: str, asker: Asker) -> Answer | None:
        low = question.lower()
        phrasing = Phrasing(asker.language)
        named = [(len(alias), row) for row in self._payers for alias in (row.payer.lower(), *row.aliases) if re.search(rf"\b{re.escape(alias)}\b", low)]
        if named:
            row = max(named, key=lambda found: found[0])[1]
            worded = phrasing.payer(row)
            return Answer(row.id, worded.text, worded.spoken, row.source, None, 0.9)
        if _SOON.search(low) and self._availability.stated:
            lead = self._availability.lead_time(frozenset(low.split()))
            if lead and self._availability.fresh(asker.today):
                worded = phrasing.lead_time(lead)
                return Answer("availability", worded.text, worded.spoken, "clinic profile", self._availability.as_of, 0.9)
        scored = [(fuzz.token_set_ratio(low, article.question.lower()), article) for article in self._articles if article.current(asker.today)]
        score, best = max(scored, key=lambda found: found[0], default=(0.0, None))
        if best is None or score < _THRESHOLD:
            return None
        worded = phrasing.article(best)
        return Answer(f"article:{best.id}", worded.text, worded.spoken, best.source, best.effective, score / 100)
